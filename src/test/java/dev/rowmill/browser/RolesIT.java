package dev.rowmill.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.microsoft.playwright.Download;
import com.microsoft.playwright.Locator;
import dev.rowmill.testing.RowmillApi;
import dev.rowmill.testing.WorkTable;
import java.nio.file.Files;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Tests that the pages offer only the actions that the role permits. */
@ExtendWith(Browsing.class)
class RolesIT {

  private static final String REFUSED = "status of 401";

  private static final String[] CONTROLS = {"action-pause", "action-cancel", "chunk-save"};

  private static final String WHOLE = "{\"wholeTable\": true}";

  /** Holds a secret parameter value with the prefix of the tests' secrets. */
  private static final String SECRET = "hush-of-a-browser";

  @Test
  void a_viewer_can_only_read(@WithTokens Site site, Tabs tabs) throws Exception {
    WorkTable table = site.rig().table(8_000);
    long batch = site.slow("looked-at", table, 50, WHOLE);
    Dashboard dashboard = signedIn(site, tabs, site.token("viewer", "*"));
    dashboard.showsProject("looked-at", "running");
    Locator start = dashboard.page().locator("a[href^=\"#/start\"]:visible");
    assertThat(start).hasCount(0);

    dashboard.batch(batch).shows("running");
    dashboard.awaitBarPast(0);
    for (String control : CONTROLS) {
      assertThat(dashboard.at(control)).hasCount(0);
    }
    site.let(batch);
    dashboard.shows("succeeded");
    assertThat(dashboard.at("action-undo")).hasCount(0);
    assertThat(start).hasCount(0);

    dashboard.startForm();
    assertThat(dashboard.at("nothing-to-start")).isVisible();
    assertThat(dashboard.at("start-project")).hasCount(0);
  }

  @Test
  void an_author_downloads_what_a_batch_has_changed(@WithTokens Site site, Tabs tabs)
      throws Exception {
    WorkTable table = site.rig().table(2);
    long batch = site.slow("downloaded", table, 50, WHOLE);
    Dashboard operator = signedIn(site, tabs, site.token("operator", "*")).batch(batch);
    operator.shows("succeeded");
    assertThat(operator.at("changes-csv")).hasCount(0);

    Dashboard author = signedIn(site, tabs, site.token("author", "*")).batch(batch);
    Download csv = author.page().waitForDownload(() -> author.press("changes-csv"));
    assertEquals("batch-" + batch + "-changes.csv", csv.suggestedFilename());
    String text = Files.readString(csv.path());
    assertTrue(text.startsWith("range,change,key.id,before.n,after.n,unknown\r\n"), text);
    Download undo = author.page().waitForDownload(() -> author.press("changes-undo"));
    assertEquals("batch-" + batch + "-undo.sql", undo.suggestedFilename());
  }

  @Test
  void an_operator_starts_saved_statements(@WithTokens Site site, Tabs tabs) throws Exception {
    WorkTable table = site.rig().table(100);
    String name = "set-number-" + table.name();
    save(
        site,
        name,
        """
        {"sql": "UPDATE %s SET n = :n WHERE id <= :last AND CHAR_LENGTH(:pass) > 0",
         "description": "Sets the number of the first rows",
         "parameters": {
           "n": {"type": "integer", "minimum": 1, "maximum": 5},
           "last": {"type": "integer", "allowed": [10, 20]},
           "pass": {"type": "text", "secret": true}},
         "projects": ["saved-*"], "maxRows": 50}"""
            .formatted(table.name()));
    Site.Token operator = site.token("operator", "*");
    Dashboard dashboard = signedIn(site, tabs, operator).startForm();
    dashboard.at("start-statement").waitFor();
    assertThat(dashboard.at("start-sql")).hasCount(0);
    assertThat(dashboard.at("start-check")).hasCount(0);

    dashboard.at("start-project").fill("saved-one");
    dashboard.choose("start-statement", name);
    assertThat(dashboard.at("saved-sql")).containsText("UPDATE " + table.name());
    assertThat(dashboard.parameter("pass")).hasAttribute("type", "password");
    dashboard.parameter("n").fill("7");
    dashboard.parameter("last").selectOption("20");
    dashboard.parameter("pass").fill(SECRET);
    dashboard.watch().announce("status of 400");
    dashboard.press("start-preview");
    assertThat(dashboard.at("problem")).containsText("parameters.n");

    dashboard.parameter("n").fill("3");
    dashboard.preview();
    assertThat(dashboard.at("plan")).containsText("20");
    Object kept = dashboard.page().evaluate("JSON.stringify(sessionStorage)");
    assertFalse(kept.toString().contains(SECRET), "a secret is stored in the tab");
    dashboard.press("start-submit");
    dashboard.shows("succeeded");
    assertEquals(20, table.rowsWith(3));
    for (String shown : List.of(name, operator.name(), "******")) {
      assertThat(dashboard.page().locator("main")).containsText(shown);
    }
    assertFalse(dashboard.page().content().contains(SECRET), "a secret is shown");

    dashboard.page().locator("a[href^=\"#/start?from=\"]").click();
    assertThat(dashboard.at("start-statement")).hasValue(name);
    assertThat(dashboard.parameter("n")).hasValue("3");
    assertThat(dashboard.parameter("last")).hasValue("20");
    assertThat(dashboard.parameter("pass")).hasValue("");
    assertEquals(List.of(), dashboard.graveViolations());
  }

  @Test
  void an_operator_controls_batches_of_others(@WithTokens Site site, Tabs tabs) throws Exception {
    long batch = site.slow("controlled", site.rig().table(8_000), 50, WHOLE);
    Dashboard dashboard = signedIn(site, tabs, site.token("operator", "*")).batch(batch);
    dashboard.press("action-pause");
    dashboard.shows("paused");
    assertThat(dashboard.at("chunk-save")).isVisible();
    dashboard.press("action-cancel");
    dashboard.press("confirm-cancel");
    dashboard.shows("cancelled");
    // The SQL belongs to another author.
    assertThat(dashboard.page().locator("a[href^=\"#/start?from=\"]")).hasCount(0);
  }

  @Test
  void only_authors_change_schedules(@WithTokens Site site, Tabs tabs) throws Exception {
    site.api()
        .json(
            Map.of(
                "project", "roles",
                "cron", "0 3 29 2 *",
                "sql", Site.change(site.rig().table(10)) + " WHERE id = 1"))
        .put("/schedules/of-authors");
    Dashboard operator = signedIn(site, tabs, site.token("operator", "*"));
    operator.go("#/schedules");
    assertThat(operator.at("schedule-row")).hasCount(1);
    assertThat(operator.at("schedule-pause")).isVisible();
    assertThat(operator.at("schedule-new")).hasCount(0);
    operator.go("#/schedules/of-authors");
    assertThat(operator.at("schedule-run")).isVisible();
    for (String control : List.of("schedule-edit", "schedule-copy", "schedule-delete")) {
      assertThat(operator.at(control)).hasCount(0);
    }
    operator.go("#/schedule-form");
    assertThat(operator.at("nothing-to-schedule")).isVisible();
    assertThat(operator.at("schedule-name")).hasCount(0);

    Dashboard author = signedIn(site, tabs, site.token("author", "*"));
    author.go("#/schedules/of-authors");
    assertThat(author.at("schedule-edit")).isVisible();
    SchedulesIT.delete(site, author, "of-authors");
  }

  @Test
  void operators_control_chains_and_viewers_watch_them(@WithTokens Site site, Tabs tabs)
      throws Exception {
    long chain = ChainsIT.start(site, "chained").path("id").asLong();
    Dashboard viewer = signedIn(site, tabs, site.token("viewer", "*"));
    viewer.go("#/chains");
    assertThat(viewer.at("chain-row")).hasCount(1);
    assertThat(viewer.at("chain-new")).hasCount(0);
    viewer.go("#/chains/" + chain);
    assertThat(viewer.at("graph-step")).hasCount(3);
    assertThat(viewer.at("chain-pause")).hasCount(0);
    assertThat(viewer.at("chain-cancel")).hasCount(0);
    viewer.go("#/chain-form");
    assertThat(viewer.at("nothing-to-start")).isVisible();

    Dashboard operator = signedIn(site, tabs, site.token("operator", "*"));
    operator.go("#/chains/" + chain);
    operator.press("chain-pause");
    assertThat(operator.at("chain-status")).hasAttribute("data-status", "paused");
    operator.press("chain-cancel");
    operator.press("confirm-cancel");
    assertThat(operator.at("chain-status")).hasAttribute("data-status", "cancelled");
    assertThat(operator.at("chain-retry")).isVisible();
    // The SQL may be written by authors only.
    assertThat(operator.at("chain-copy")).hasCount(0);
    operator.go("#/chain-form");
    assertThat(operator.at("step-name").first()).isVisible();
    assertThat(operator.at("start-sql")).hasCount(0);

    Dashboard others = signedIn(site, tabs, site.token("operator", "others-*")).go("#/chains");
    assertThat(others.at("no-chains")).isVisible();
  }

  @Test
  void an_author_confirms_the_whole_table(@WithTokens Site site, Tabs tabs) throws Exception {
    WorkTable table = site.rig().table(100);
    Dashboard dashboard = signedIn(site, tabs, site.token("author", "*")).startForm();
    dashboard.fill("whole", Site.change(table) + " WHERE id > 0", Map.of());
    assertThat(dashboard.at("start-whole-table")).hasCount(0);
    dashboard.preview();
    dashboard.at("start-sql").fill(Site.change(table));
    assertThat(dashboard.at("start-whole-table")).not().isChecked();
    dashboard.watch().announce("status of 422");
    dashboard.press("start-preview");
    assertThat(dashboard.at("problem")).hasAttribute("data-type", "whole-table");

    dashboard.at("start-whole-table").check();
    dashboard.preview();
    dashboard.press("start-submit");
    dashboard.shows("succeeded");
    assertEquals(100, table.rowsWith(1));
  }

  @Test
  void an_author_confirms_ignore(@WithTokens Site site, Tabs tabs) throws Exception {
    WorkTable table = site.rig().table(100);
    Dashboard dashboard = signedIn(site, tabs, site.token("author", "*")).startForm();
    String sql = Site.change(table) + " WHERE id > 0";
    dashboard.fill("ignored", sql.replace("UPDATE", "UPDATE IGNORE"), Map.of());
    assertThat(dashboard.at("start-ignore")).not().isChecked();
    dashboard.watch().announce("status of 422");
    dashboard.press("start-preview");
    assertThat(dashboard.at("problem")).containsText("\"ignore\": true");

    dashboard.at("start-ignore").check();
    dashboard.preview();
    dashboard.press("start-submit");
    dashboard.shows("succeeded");
    assertEquals(100, table.rowsWith(1));
  }

  @Test
  void projects_of_others_are_hidden(@WithTokens Site site, Tabs tabs) throws Exception {
    long others = site.slow("theirs", site.rig().table(8_000), 50, WHOLE);
    site.slow("ours-1", site.rig().table(8_000), 50, WHOLE);
    Dashboard dashboard = signedIn(site, tabs, site.token("operator", "ours-*"));
    dashboard.showsProject("ours-1", "running");
    assertThat(dashboard.project("theirs")).hasCount(0);
    Locator threads = dashboard.at("tile");
    assertThat(threads.filter(new Locator.FilterOptions().setHasText("ours-1"))).hasCount(1);
    assertThat(threads.filter(new Locator.FilterOptions().setHasText("another project")))
        .hasCount(1);

    dashboard.watch().announce("status of 404");
    dashboard.batch(others);
    assertThat(dashboard.at("problem")).hasAttribute("data-type", "not-found");
  }

  @Test
  void another_author_approves_a_large_batch(Sites sites, Tabs tabs) throws Exception {
    Map<String, String> config = new HashMap<>(Site.withTokens());
    config.put("rowmill.approval.rows", "50");
    Site site = sites.start(config);
    WorkTable table = site.rig().table(100);
    Site.Token requester = site.token("author", "*");
    Dashboard own = signedIn(site, tabs, requester).startForm();
    own.fill("large", Site.change(table) + " WHERE id > 0", Map.of());
    own.preview();
    own.press("start-submit");
    long batch = own.shownBatch();
    own.shows("waiting");
    assertThat(own.at("approval")).containsText("100 rows");
    assertThat(own.at("approval")).containsText(requester.name());
    assertThat(own.at("action-cancel")).isVisible();
    assertThat(own.at("action-approve")).hasCount(0);

    Dashboard operator = signedIn(site, tabs, site.token("operator", "*")).batch(batch);
    assertThat(operator.at("action-cancel")).isVisible();
    assertThat(operator.at("action-approve")).hasCount(0);

    Site.Token approver = site.token("author", "*");
    Dashboard other = signedIn(site, tabs, approver);
    assertThat(other.at("awaited")).containsText("#" + batch);
    other.press("awaited");
    assertThat(other.at("approval")).isVisible();
    assertEquals(List.of(), other.graveViolations());
    other.press("action-approve");
    other.shows("succeeded");
    own.shows("succeeded");
    assertThat(own.at("approval")).hasCount(0);
    other.page().reload();
    assertThat(other.page().locator("main")).containsText(approver.name());
    assertEquals(100, table.rowsWith(1));
  }

  @Test
  void another_author_approves_a_schedule(Sites sites, Tabs tabs) throws Exception {
    Map<String, String> config = new HashMap<>(Site.withTokens());
    config.put("rowmill.approval.rows", "50");
    Site site = sites.start(config);
    WorkTable table = site.rig().table(100);
    Site.Token approver = site.token("author", "*");
    site.api()
        .json(
            Map.of(
                "project",
                "ours-1",
                "cron",
                "0 3 29 2 *",
                "sql",
                Site.change(table) + " WHERE id > 0",
                "labels",
                Map.of("ticket", "OPS-7")))
        .put("/schedules/large")
        .statusCode(201);
    Dashboard dashboard = signedIn(site, tabs, approver).go("#/schedules?label=ticket:OPS-7");
    assertThat(dashboard.at("schedule-row")).containsText("ticket:OPS-7");
    dashboard.go("#/schedules?label=ticket:none");
    assertThat(dashboard.at("schedule-filter")).containsText("ticket:none");
    assertThat(dashboard.at("schedule-row")).hasCount(0);
    dashboard.go("#/schedules/large");
    assertThat(dashboard.at("schedule-approval")).hasAttribute("data-state", "none");
    dashboard.press("schedule-approve");
    assertThat(dashboard.at("schedule-approval")).hasAttribute("data-state", "valid");
    assertThat(dashboard.at("schedule-approval")).containsText(approver.name());
    assertEquals(List.of(), dashboard.graveViolations());
    SchedulesIT.picture(dashboard, "schedule-approved");
    long batch = site.api().post("/schedules/large/run").statusCode(202).id();
    assertEquals("succeeded", site.api().ended(batch).path("status").asText());
    assertThat(dashboard.at("schedule-run-rows")).hasText("100");

    Dashboard operator = signedIn(site, tabs, site.token("operator", "*")).go("#/schedules/large");
    assertThat(operator.at("schedule-approval")).hasAttribute("data-state", "valid");
    assertThat(operator.at("schedule-approve")).hasCount(0);
  }

  private static Dashboard signedIn(Site site, Tabs tabs, Site.Token token) {
    Dashboard dashboard = tabs.openAlone(site.address());
    dashboard.watch().announce(REFUSED);
    return dashboard.overview().signIn(token);
  }

  private static void save(Site site, String name, String body) {
    RowmillApi.Reply reply = site.api().put("/statements/" + name, Site.object(body));
    assertEquals(201, reply.status(), reply::toString);
  }
}
