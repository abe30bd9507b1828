package dev.rowmill.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.microsoft.playwright.options.AriaRole;
import dev.rowmill.testing.WorkTable;
import java.sql.Connection;
import java.sql.Statement;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Tests that pages update without reloading, and control running batches. */
@ExtendWith(Browsing.class)
class FollowIT {

  private static final int ROWS = 8_000;

  @Test
  void the_overview_follows_running_batches(Site site, Tabs tabs) throws Exception {
    WorkTable table = site.rig().table(ROWS);
    Dashboard dashboard = tabs.open(site.address()).overview();
    assertThat(dashboard.at("tile")).hasCount(20);
    assertThat(dashboard.project("tents")).hasCount(0);

    long batch = site.slow("tents", table, 50);
    dashboard.showsProject("tents", "running");
    assertThat(dashboard.page().locator("[data-testid=tile][data-batch=\"" + batch + "\"]"))
        .containsText("tents");
    String bar = "[data-project=tents] [role=progressbar]";
    double seen = dashboard.awaitBarPast(bar, 0);
    dashboard.awaitBarPast(bar, seen);

    site.let(batch);
    dashboard.showsProject("tents", "idle");
    assertThat(dashboard.page().locator("[data-testid=tile][data-batch]")).hasCount(0);
  }

  @Test
  void projects_are_found_by_name_and_status(Site site, Tabs tabs) throws Exception {
    site.run("lamps-north", site.rig().table(10));
    site.slow("lamps-south", site.rig().table(ROWS), 50);
    Dashboard dashboard = tabs.open(site.address()).overview();
    assertThat(dashboard.project("lamps-north")).isVisible();

    dashboard.at("filter-project").fill("lamps-");
    assertThat(dashboard.at("project")).hasCount(2);
    dashboard.choose("filter-status", "running");
    assertThat(dashboard.at("project")).hasCount(1);
    assertThat(dashboard.project("lamps-south")).isVisible();

    // What is typed becomes part of the link after a moment.
    dashboard.page().waitForURL(url -> url.contains("project=lamps-") && url.contains("status="));
    Dashboard other = tabs.open(site.address());
    other.page().navigate(dashboard.page().url());
    assertThat(other.at("project")).hasCount(1);
    assertThat(other.at("filter-project")).hasValue("lamps-");
  }

  @Test
  void the_serial_queue_is_shown_in_its_order(Site site, Tabs tabs) throws Exception {
    Dashboard dashboard = tabs.open(site.address()).overview();
    String serial = "{\"mode\": \"serial\"}";
    long first = site.slow("serial-first", site.rig().table(ROWS), 50, serial);
    long second = site.slow("serial-second", site.rig().table(ROWS), 50, serial);
    site.slow("serial-third", site.rig().table(ROWS), 50, serial);

    assertThat(dashboard.at("serial-holder")).containsText("serial-first");
    assertThat(dashboard.at("serial-waiting"))
        .containsText(new String[] {"serial-second", "serial-third"});

    site.let(first);
    assertThat(dashboard.at("serial-holder")).containsText("serial-second");
    assertThat(dashboard.at("serial-waiting")).containsText(new String[] {"serial-third"});

    site.let(second);
    assertThat(dashboard.at("serial-holder")).containsText("serial-third");
    assertThat(dashboard.at("serial-waiting")).hasCount(0);
  }

  @Test
  void a_batch_is_cancelled_and_undone(Site site, Tabs tabs) throws Exception {
    WorkTable table = site.rig().table(ROWS);
    long batch = site.slow("wholesale", table, 50);
    Dashboard dashboard = tabs.open(site.address()).batch(batch);
    dashboard.awaitBarPast(0);
    assertThat(dashboard.at("action-undo")).hasCount(0);

    dashboard.press("action-cancel");
    assertThat(dashboard.at("confirm-cancel")).isVisible();
    dashboard.page().keyboard().press("Escape");
    assertThat(dashboard.at("confirm-cancel")).not().isVisible();
    assertEquals("running", site.status(batch));

    dashboard.press("action-cancel");
    dashboard.press("confirm-cancel");
    dashboard.shows("cancelled");
    assertThat(dashboard.at("action-cancel")).hasCount(0);
    long changed = table.rowsWith(1);
    assertTrue(changed > 0 && changed < ROWS, "changed " + changed);

    dashboard.press("action-undo");
    dashboard.press("confirm-undo");
    dashboard.page().waitForURL(url -> !url.endsWith("/" + batch));
    long undo = dashboard.shownBatch();
    dashboard.shows("succeeded");
    assertEquals(ROWS, table.rowsWith(0));
    assertEquals(batch, site.api().batch(undo).path("undoes").asLong());
    assertThat(dashboard.page().locator("a[href=\"#/batches/" + batch + "\"]").first()).isVisible();
  }

  @Test
  void a_failed_batch_is_retried_and_followed(Site site, Tabs tabs) throws Exception {
    WorkTable table = site.rig().table(ROWS);
    String bad = "UPDATE " + table.name() + " SET n = %d WHERE id = 31";
    site.rig().execute(bad.formatted(Integer.MAX_VALUE));
    long batch = site.slow("retail", table, 50);
    Dashboard dashboard = tabs.open(site.address()).batch(batch);
    dashboard.shows("failed");
    site.rig().execute(bad.formatted(0));

    dashboard.press("action-retry");
    dashboard.shows("running");
    assertThat(dashboard.at("action-retry")).hasCount(0);
    dashboard.awaitBarPast(dashboard.bar());
    site.let(batch);
    dashboard.shows("succeeded");
    assertThat(dashboard.at("action-retry")).hasCount(0);
    assertEquals(ROWS, table.rowsWith(1));
  }

  @Test
  void skipped_rows_are_retried_with_secret_values(Site site, Tabs tabs) throws Exception {
    WorkTable table = site.rig().table(ROWS);
    String bad = "UPDATE " + table.name() + " SET n = %d WHERE id IN (31, 32)";
    site.rig().execute(bad.formatted(Integer.MAX_VALUE));
    site.api()
        .json(
            Map.of(
                "sql",
                "UPDATE " + table.name() + " SET n = n + :add WHERE id > 0",
                "parameters",
                Map.of("add", Map.of("type", "integer", "secret", true))))
        .put("/statements/add-secretly")
        .statusCode(201);
    long batch =
        site.api()
            .start("retail")
            .with("statement", "add-secretly")
            .with("parameters", Map.of("add", 1))
            .with("onError", Map.of("mode", "skip"))
            .accepted();
    Dashboard dashboard = tabs.open(site.address()).batch(batch);
    dashboard.shows("succeeded");
    site.rig().execute(bad.formatted(0));

    dashboard.press("action-retrySkipped");
    dashboard.at("start-param").fill("1");
    dashboard.press("confirm-retry");
    dashboard.page().waitForURL(url -> !url.endsWith("/" + batch));
    dashboard.shows("succeeded");
    assertThat(dashboard.at("skipped-of")).hasText("#" + batch);
    assertEquals(ROWS, table.rowsWith(1));
    dashboard.at("skipped-of").click();
    assertThat(dashboard.at("skipped-retry")).isVisible();
  }

  @Test
  void a_reload_during_a_run_shows_the_same(Site site, Tabs tabs) throws Exception {
    WorkTable table = site.rig().table(ROWS);
    long batch = site.slow("marketplace", table, 50, "{\"reason\": \"new price list\"}");
    Dashboard dashboard = tabs.open(site.address()).batch(batch);
    double before = dashboard.awaitBarPast(1);
    int plotted = dashboard.awaitPlotted("plot-rate", 10);
    assertThat(dashboard.at("plot-rate")).hasAttribute("data-waits", Pattern.compile("[1-9]\\d*"));
    assertThat(dashboard.page().locator("main")).containsText("new price list");

    dashboard.page().reload();
    int plottedAgain = dashboard.awaitPlotted("plot-rate", 1);
    assertTrue(plottedAgain >= plotted - 2, plottedAgain + " points after " + plotted);
    assertTrue(dashboard.bar() >= before, dashboard.bar() + " after " + before);
    dashboard.shows("running");
    assertThat(dashboard.page().locator("main")).containsText("new price list");
    dashboard.awaitBarPast(dashboard.bar());
    dashboard.awaitPlotted("plot-rate", plottedAgain + 2);
    dashboard.awaitPlotted("plot-chunk", plottedAgain + 2);
  }

  @Test
  void two_tabs_show_the_same(Site site, Tabs tabs) throws Exception {
    WorkTable table = site.rig().table(ROWS);
    long batch = site.slow("clothing", table, 50);
    Dashboard one = tabs.open(site.address()).batch(batch);
    Dashboard two = tabs.open(site.address()).batch(batch);
    Dashboard overview = tabs.open(site.address()).overview();
    one.awaitBarPast(0);
    two.awaitBarPast(0);
    overview.showsProject("clothing", "running");

    one.press("action-pause");
    two.shows("paused");
    assertThat(two.at("waits").getByRole(AriaRole.ROW).first()).isVisible();
    overview.showsProject("clothing", "paused");
    two.press("action-resume");
    one.shows("running");
    overview.showsProject("clothing", "running");
    double seen = one.bar();
    one.awaitBarPast(seen);
    two.awaitBarPast(seen);
  }

  @Test
  void a_pending_pause_is_shown_until_the_chunk_ends(Site site, Tabs tabs) throws Exception {
    WorkTable table = site.rig().table(100);
    site.rig()
        .execute(
            "CREATE TRIGGER %1$s_wait BEFORE UPDATE ON %1$s FOR EACH ROW DO GET_LOCK('chunk', 60), RELEASE_LOCK('chunk')"
                .formatted(table.name()));
    try (Connection holder = site.rig().connect();
        Statement lock = holder.createStatement()) {
      lock.execute("SELECT GET_LOCK('chunk', 0)");
      long batch = site.api().start("tents").sql(Site.change(table)).chunkRows(60).accepted();
      Dashboard page = tabs.open(site.address()).batch(batch);
      page.shows("running");
      Dashboard overview = tabs.open(site.address()).overview();
      overview.showsProject("tents", "running");

      page.press("action-pause");
      assertThat(page.at("batch-status")).hasAttribute("data-pending", "pausing");
      assertThat(overview.project("tents").locator("[data-pending=pausing]")).hasText("pausing");

      lock.execute("SELECT RELEASE_LOCK('chunk')");
      page.shows("paused");
      overview.showsProject("tents", "paused");
      assertThat(page.page().locator("[data-pending]")).hasCount(0);
      assertThat(overview.page().locator("[data-pending]")).hasCount(0);
    }
  }

  @Test
  void the_size_of_chunks_is_changed(Site site, Tabs tabs) throws Exception {
    WorkTable table = site.rig().table(ROWS);
    long batch = site.slow("garden", table, 50);
    Dashboard dashboard = tabs.open(site.address()).batch(batch);
    dashboard.shows("running");
    dashboard.watch().announce("status of 400");
    dashboard.at("chunk-rows").fill("1");
    dashboard.press("chunk-save");
    assertThat(dashboard.at("problem")).containsText("10");

    dashboard.at("chunk-rows").fill("25");
    dashboard.press("chunk-save");
    dashboard.awaitGone("problem");
    dashboard.page().waitForCondition(() -> chunkRows(site, batch) == 25);
  }

  @Test
  void the_number_of_lanes_is_set_and_made_automatic_again(Site site, Tabs tabs) throws Exception {
    WorkTable table = site.rig().table(ROWS);
    long batch = site.slow("meadow", table, 50);
    assertTrue(site.api().batch(batch).path("automaticLanes").asBoolean());
    Dashboard dashboard = tabs.open(site.address()).batch(batch);
    dashboard.shows("running");
    assertThat(dashboard.at("chunk-lanes-automatic")).hasCount(0);
    dashboard.at("chunk-lanes").fill("3");
    dashboard.press("chunk-save");
    dashboard.page().waitForCondition(() -> lanes(site, batch) == 3);

    dashboard.at("chunk-lanes-automatic").check();
    assertThat(dashboard.at("chunk-lanes")).isDisabled();
    dashboard.press("chunk-save");
    dashboard.awaitGone("chunk-lanes-automatic");
    assertTrue(site.api().batch(batch).path("automaticLanes").asBoolean());
    assertThat(dashboard.at("plot-rate")).hasAttribute("aria-label", Pattern.compile("3 lanes"));
  }

  /** Returns the fixed number of lanes of a batch; 0 when it is automatic. */
  private static int lanes(Site site, long batch) {
    JsonNode found = site.api().batch(batch);
    return found.path("automaticLanes").asBoolean() ? 0 : found.path("lanes").asInt();
  }

  @Test
  void a_failed_batch_shows_its_range_and_error(Site site, Tabs tabs) throws Exception {
    WorkTable table = site.rig().table(100);
    long batch = failed(site, table);
    Dashboard dashboard = tabs.open(site.address()).batch(batch);
    dashboard.shows("failed");
    assertThat(dashboard.at("error")).containsText("Out of range");
    assertThat(dashboard.at("error")).containsText("51");
    assertThat(dashboard.at("statement")).containsText("UPDATE");
  }

  /** Runs a batch that fails at row 51. */
  static long failed(Site site, WorkTable table) {
    long batch =
        site.api()
            .start("camping")
            .sql("UPDATE " + table.name() + " SET n = IF(id = 51, 99999999999, 1)")
            .chunkRows(Site.CHUNK_ROWS)
            .accepted();
    assertEquals("failed", site.api().ended(batch).path("status").asText());
    return batch;
  }

  private static int chunkRows(Site site, long batch) {
    JsonNode found = site.api().batch(batch);
    return found.path("chunk").path("rows").asInt();
  }
}
