package dev.rowmill.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.microsoft.playwright.Locator;
import dev.rowmill.testing.WorkTable;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Tests a change from the form to its end. */
@ExtendWith(Browsing.class)
class StartIT {

  private static final int ROWS = 20_000;

  @Test
  void a_form_that_is_left_is_kept(Site site, Tabs tabs) {
    Dashboard dashboard = tabs.open(site.address()).startForm();
    dashboard.at("start-project").fill("kept");
    dashboard.changeAndLeave(dashboard.at("start-project"), "changed");
    assertThat(dashboard.startForm().at("start-project")).hasValue("changed");
  }

  @Test
  void a_change_is_previewed_started_paused_resumed_and_finished(Site site, Tabs tabs)
      throws Exception {
    WorkTable table = site.rig().table(ROWS);
    site.brake(table);
    Dashboard dashboard = tabs.open(site.address()).startForm();
    assertThat(dashboard.at("start-submit")).hasCount(0);
    dashboard.fill(
        "spring-sale",
        "UPDATE " + table.name() + " SET n = n + :step WHERE id > :after",
        Map.of("step", "70", "after", "0"));

    dashboard.preview();
    assertThat(dashboard.at("plan")).containsText("PRIMARY");
    assertThat(dashboard.at("warning").filter(containing(table.nameInSchema() + "_brake")))
        .hasCount(1);
    assertThat(dashboard.at("sample").locator("tbody tr").first()).isVisible();
    assertThat(dashboard.at("sample").locator("td").filter(containing("^0\\D+70$")).first())
        .isVisible();

    dashboard.press("start-submit");
    long batch = dashboard.shownBatch();
    dashboard.shows("running");
    double seen = dashboard.awaitBarPast(0);
    seen = dashboard.awaitBarPast(seen);

    dashboard.press("action-pause");
    dashboard.shows("paused");
    assertThat(dashboard.at("action-pause")).hasCount(0);
    double stopped = dashboard.bar();
    assertTrue(stopped >= seen && stopped < 100, "paused at " + stopped);
    assertEquals(0, dashboard.moves(Duration.ofSeconds(1)));
    assertEquals(stopped, dashboard.bar());
    assertEquals(
        table.rowsWith(70) * 100.0 / ROWS, stopped, 1, "the shown statement, and the executed one");

    dashboard.press("action-resume");
    dashboard.shows("running");
    dashboard.awaitBarPast(stopped);
    site.unbrake(table);
    dashboard.shows("succeeded");
    assertThat(dashboard.at("bar")).hasAttribute("aria-valuenow", "100");
    assertThat(dashboard.at("action-pause")).hasCount(0);
    assertThat(dashboard.at("action-cancel")).hasCount(0);
    assertEquals(ROWS, table.rowsWith(70));
    assertEquals("succeeded", site.status(batch));
  }

  @Test
  void a_change_may_skip_rows_that_fail(Site site, Tabs tabs) throws Exception {
    WorkTable table = site.rig().table(100);
    Dashboard dashboard = tabs.open(site.address()).startForm();
    dashboard.fill(
        "tolerant",
        "UPDATE " + table.name() + " SET n = IF(id = 51, 99999999999, 1) WHERE id > 0",
        Map.of());
    dashboard.at("start-more").click();
    dashboard.at("start-max-skipped").fill("1%");
    dashboard.preview();
    dashboard.press("start-submit");
    long batch = dashboard.shownBatch();
    dashboard.shows("succeeded");
    assertThat(dashboard.at("with-skipped")).containsText("1");
    assertEquals(1, site.api().batch(batch).path("skipped").asInt());
    assertEquals("1%", site.api().batch(batch).path("onError").path("maxSkipped").asText());
    assertEquals(99, table.rowsWith(1));
  }

  @Test
  void a_task_is_started_with_its_parameters(Site site, Tabs tabs) throws Exception {
    site.rig().execute("DROP DATABASE IF EXISTS shop");
    site.rig().execute("CREATE DATABASE shop");
    site.rig().grant("shop");
    site.rig()
        .execute(
            "CREATE TABLE shop.item (id BIGINT NOT NULL PRIMARY KEY, project VARCHAR(64) NOT NULL,"
                + " price DECIMAL(10, 2) NOT NULL, updated_at DATETIME(3) NULL)");
    site.rig().execute("INSERT INTO shop.item VALUES (1, 'tags', 12.34, NULL)");
    Dashboard dashboard = tabs.open(site.address()).startForm();
    dashboard.at("start-project").fill("tags");
    dashboard.choose("start-statement", "task:round-prices");
    assertThat(dashboard.at("start-sql")).hasCount(0);
    assertThat(dashboard.page().locator("main")).containsText("Rounds the prices of the project");
    assertThat(dashboard.page().locator("main")).containsText("0 to 0.99");
    dashboard.press("start-preview");
    assertThat(dashboard.page().getByText("Enter a value of the right type")).isVisible();
    dashboard.watch().announce("status of 400");
    dashboard.parameter("ending").fill("2");
    dashboard.press("start-preview");
    assertThat(dashboard.at("problem")).containsText("parameters.ending");
    dashboard.parameter("ending").fill("0.99");
    dashboard.preview();
    dashboard.press("start-submit");
    dashboard.shows("succeeded");
    JsonNode batch = site.api().batch(dashboard.shownBatch());
    assertEquals("round-prices", batch.path("task").asText());
    assertEquals(0.99, batch.at("/parameters/ending").asDouble());
    assertThat(dashboard.at("statement")).containsText("round-prices");
    site.rig().execute("DROP DATABASE shop");
  }

  @ParameterizedTest
  @EnumSource(names = {"LIGHT", "PHONE"})
  void an_http_task_is_started_with_its_query(Look look, Site site, Tabs tabs) throws Exception {
    WorkTable table = site.rig().table(20);
    String task = "geocode-" + look.name().toLowerCase(Locale.ROOT);
    site.api()
        .json(
            """
            {"description": "Finds the place of each address",
             "parameters": {"type": "object", "required": ["country"],
                            "properties": {"country": {"type": "string", "maxLength": 2}}}}""")
        .put("/tasks/" + task)
        .statusCode(201);
    Dashboard dashboard = tabs.open(site.address(), look).startForm();
    dashboard.at("start-project").fill(task);
    dashboard.choose("start-statement", "task:" + task);
    assertThat(dashboard.at("start-sql")).hasCount(0);
    assertThat(dashboard.page().locator("main")).containsText("Finds the place of each address");
    dashboard.parameter("country").fill("NZ");
    dashboard.press("start-preview");
    assertThat(dashboard.at("plan")).hasCount(0);
    dashboard.at("start-select").fill("SELECT id, n FROM " + table.name() + " WHERE id > 0");
    dashboard.at("start-batch-rows").fill("10");
    dashboard.preview();
    assertThat(dashboard.at("sample").locator("tbody tr").first()).isVisible();
    assertEquals(List.of(), dashboard.stickingOut());
    dashboard.press("start-submit");
    long batch = dashboard.shownBatch();
    dashboard.shows("running");
    assertThat(dashboard.at("statement")).containsText(task);
    assertThat(dashboard.page().locator("main")).containsText("wait for a worker");
    assertEquals(List.of(), dashboard.stickingOut());
    for (int i = 0; i < 2; i++) {
      JsonNode lease = site.api().post("/tasks/" + task + "/lease?wait=60").statusCode(200).body();
      assertEquals("NZ", lease.at("/request/parameters/country").asText());
      assertEquals(10, lease.at("/request/rows").size());
      site.api()
          .json(Map.of("lease", lease.get("lease")))
          .post("/tasks/" + task + "/complete")
          .statusCode(204);
    }
    dashboard.shows("succeeded");
    assertEquals("succeeded", site.status(batch));
  }

  @Test
  void a_plan_disappears_when_the_form_changes(Site site, Tabs tabs) throws Exception {
    WorkTable table = site.rig().table(100);
    Dashboard dashboard = tabs.open(site.address()).startForm();
    dashboard.fill(
        "winter-stock",
        "UPDATE " + table.name() + " SET n = LENGTH(':not \":nor\"') WHERE `id` > 0",
        Map.of());
    assertThat(dashboard.at("start-param")).hasCount(0);
    dashboard.at("start-sql").fill("UPDATE " + table.name() + " SET n = :n WHERE id < 50");
    dashboard.parameter("n").fill("7");

    dashboard.preview();
    assertThat(dashboard.at("start-submit")).isVisible();
    dashboard.parameter("n").fill("8");
    dashboard.awaitGone("plan");
    assertThat(dashboard.at("start-submit")).hasCount(0);

    dashboard.preview();
    dashboard.press("start-submit");
    dashboard.shows("succeeded");
    assertEquals(49, table.rowsWith(8));
  }

  @Test
  void rejections_show_their_reasons(Site site, Tabs tabs) {
    Dashboard dashboard = tabs.open(site.address()).startForm();
    dashboard.watch().announce("status of 422");
    dashboard.fill("spring-sale", "UPDATE shop.nothing SET n = 1 RETURNING n", Map.of());
    dashboard.press("start-preview");
    assertThat(dashboard.at("problem")).containsText("RETURNING");
    assertThat(dashboard.at("start-submit")).hasCount(0);
  }

  @Test
  void a_busy_project_shows_its_batch_and_offers_the_queue(Site site, Tabs tabs) throws Exception {
    WorkTable table = site.rig().table(2_000);
    long holder = site.slow("outlet", table, 20);
    Dashboard dashboard = tabs.open(site.address()).startForm();
    dashboard.watch().announce("status of 409");
    dashboard.fill("outlet", Site.change(table), Map.of());
    dashboard.preview();
    assertThat(dashboard.at("start-queue")).hasCount(0);

    dashboard.press("start-submit");
    assertThat(dashboard.at("problem")).containsText("A batch task is being processed");
    assertThat(dashboard.at("problem").locator("a[href=\"#/batches/" + holder + "\"]")).isVisible();

    dashboard.press("start-queue");
    long waiting = dashboard.shownBatch();
    assertTrue(waiting > holder, waiting + " after " + holder);
    dashboard.shows("waiting");
    site.let(holder);
    dashboard.shows("succeeded");
    assertEquals(2_000, table.rowsWith(2));
  }

  private static Locator.FilterOptions containing(String pattern) {
    return new Locator.FilterOptions().setHasText(Pattern.compile(pattern));
  }
}
