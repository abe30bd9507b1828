package dev.rowmill.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.options.BoundingBox;
import dev.rowmill.testing.RowmillApi;
import dev.rowmill.testing.WorkTable;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Tests the pages of chains, and the form that starts one. */
@ExtendWith(Browsing.class)
class ChainsIT {

  /** Names a chain with two first steps and a last one. */
  static final String NAME = "move stock";

  private static final Pattern CHINESE = Pattern.compile("[\\u4e00-\\u9fff]");

  /**
   * Starts a chain of {@code count} and {@code mark}, both slow, and {@code close}, which needs
   * them.
   */
  static JsonNode start(Site site, String project) throws Exception {
    ObjectNode chain = Site.object("{\"name\": \"" + NAME + "\"}");
    ArrayNode steps = chain.putArray("steps");
    for (String name : List.of("count", "mark")) {
      ObjectNode step = step(steps, name, project + "-" + name, site.rig().table(8_000));
      step.putObject("limits").put("rowsPerSecond", 50);
      step.putObject("chunk").put("rows", Site.CHUNK_ROWS);
    }
    ObjectNode last = step(steps, "close", project + "-close", site.rig().table(10));
    last.putArray("needs").add("count").add("mark");
    return start(site, chain);
  }

  private static ObjectNode step(ArrayNode steps, String name, String project, WorkTable table) {
    return steps
        .addObject()
        .put("name", name)
        .put("project", project)
        .put("wholeTable", true)
        .put("sql", Site.change(table));
  }

  static JsonNode start(Site site, ObjectNode chain) {
    RowmillApi.Reply reply = site.api().post("/chains", chain);
    Assertions.assertEquals(202, reply.status(), reply::toString);
    return reply.body();
  }

  private static long batch(JsonNode chain, String step) {
    for (JsonNode one : chain.path("steps")) {
      if (one.path("name").asText().equals(step)) {
        return one.path("batch").asLong();
      }
    }
    throw new AssertionError(step);
  }

  private static Locator node(Dashboard dashboard, String step) {
    return dashboard.page().locator("[data-testid=graph-step][data-step=\"" + step + "\"]");
  }

  private static void shows(Dashboard dashboard, String step, String status) {
    assertThat(node(dashboard, step)).hasAttribute("data-status", status);
  }

  /** Returns the fields of a step in the form. */
  private static Locator fields(Dashboard dashboard, String step) {
    return dashboard.page().locator("[data-testid=step-fields][data-name=\"" + step + "\"]");
  }

  private static void fill(
      Dashboard dashboard, String step, String name, String project, String sql) {
    Locator fields = fields(dashboard, step);
    fields.getByTestId("start-project").fill(project);
    fields.getByTestId("start-sql").fill(sql);
    fields.getByTestId("step-name").fill(name);
  }

  @Test
  void a_chain_is_started_by_clicking(Sites sites, Tabs tabs) throws Exception {
    Site site = sites.start(Map.of("rowmill.guard.require-where", "true"));
    WorkTable first = site.rig().table(100);
    WorkTable second = site.rig().table(100);
    Dashboard dashboard = tabs.open(site.address()).overview();
    dashboard.page().locator("[data-page=chains]").click();
    assertThat(dashboard.at("no-chains")).containsText("A chain runs several batches in order");
    SchedulesIT.picture(dashboard, "chains-empty");
    dashboard.press("chain-new");
    assertThat(dashboard.at("graph-step")).hasCount(2);
    dashboard.press("chain-plan");
    assertThat(fields(dashboard, "step-1").getByTestId("field-error").first())
        .containsText("Enter the project");
    assertThat(node(dashboard, "step-2")).containsText("to correct: 2");

    dashboard.at("chain-name").fill("clear out");
    fill(dashboard, "step-1", "raise", "stock", Site.change(first) + " WHERE id > :after");
    fields(dashboard, "raise").getByTestId("start-param").fill("40");
    fill(dashboard, "step-2", "lower", "stock", Site.change(second) + " WHERE id <= 30");
    dashboard.press("step-add");
    assertThat(fields(dashboard, "step-3").getByTestId("start-project")).hasValue("stock");
    fill(dashboard, "step-3", "again", "shelves", Site.change(second) + " WHERE id <= 20");
    Locator needs = fields(dashboard, "again").getByTestId("step-need");
    assertThat(needs).hasCount(2);
    assertThat(needs.nth(1)).isChecked();
    assertThat(fields(dashboard, "raise").getByTestId("step-need").first()).isDisabled();
    assertThat(dashboard.at("graph-line")).hasCount(2);
    needs.nth(0).check();
    assertThat(dashboard.at("graph-line")).hasCount(3);

    dashboard.press("chain-plan");
    assertThat(dashboard.at("step-plan")).hasCount(3);
    assertThat(dashboard.at("step-plan").first()).containsText("60 matching rows");
    dashboard.at("step-plan").first().locator("summary").first().click();
    assertThat(dashboard.at("sample").first()).isVisible();
    SchedulesIT.picture(dashboard, "chain-form");
    dashboard.press("chain-start");

    dashboard.page().waitForURL(url -> url.matches(".*#/chains/\\d+$"));
    assertThat(dashboard.at("chain-status")).hasAttribute("data-status", "succeeded");
    for (String step : List.of("raise", "lower", "again")) {
      shows(dashboard, step, "succeeded");
    }
    assertEquals(60, first.rowsWith(1));
    assertEquals(20, second.rowsWith(2));
    long id = Long.parseLong(dashboard.page().url().replaceFirst(".*/", ""));
    JsonNode stored = site.api().get("/chains/" + id).body();
    assertEquals("clear out", stored.path("name").asText());
    assertEquals(Site.object("{\"needs\":[\"raise\",\"lower\"]}").path("needs"), needs(stored, 2));

    dashboard.press("chain-copy");
    assertThat(dashboard.at("chain-name")).hasValue("clear out");
    fields(dashboard, "raise").getByTestId("step-toggle").click();
    assertThat(fields(dashboard, "raise").getByTestId("start-param")).hasValue("40");
    assertThat(dashboard.at("graph-line")).hasCount(3);
    fields(dashboard, "lower").getByTestId("step-remove").click();
    assertThat(dashboard.at("graph-step")).hasCount(2);
    assertThat(dashboard.at("graph-line")).hasCount(1);
  }

  private static JsonNode needs(JsonNode chain, int step) {
    return chain.path("steps").path(step).path("needs");
  }

  @Test
  void the_graph_follows_the_steps(Site site, Tabs tabs) throws Exception {
    JsonNode chain = start(site, "follow");
    Dashboard dashboard = tabs.open(site.address()).go("#/chains");
    Locator row =
        dashboard.page().locator("[data-testid=chain-row]").filter(withText(NAME)).first();
    assertThat(row).containsText("running");
    assertThat(row).containsText("1 waiting");
    SchedulesIT.picture(dashboard, "chains");
    row.getByText(NAME).click();
    shows(dashboard, "count", "running");
    shows(dashboard, "close", "waiting");
    Locator last = dashboard.page().locator("[data-testid=chain-step-row][data-step=close]");
    assertThat(last).containsText("waits for count, mark");
    assertThat(node(dashboard, "count")).containsText("%");
    SchedulesIT.picture(dashboard, "chain");
    assertTrue(
        box(node(dashboard, "close")).x > box(node(dashboard, "count")).x + 150,
        "a later layer is to the right");

    dashboard.press("chain-pause");
    assertThat(dashboard.at("chain-status")).hasAttribute("data-status", "paused");
    shows(dashboard, "mark", "paused");
    dashboard.press("chain-resume");
    shows(dashboard, "mark", "running");
    site.let(batch(chain, "count"));
    shows(dashboard, "count", "succeeded");
    assertThat(last).containsText("waits for mark");
    assertThat(dashboard.at("chain-status")).hasAttribute("data-status", "running");
    site.let(batch(chain, "mark"));
    shows(dashboard, "close", "succeeded");
    assertThat(dashboard.at("chain-status")).hasAttribute("data-status", "succeeded");
    assertThat(dashboard.at("chain-pause")).hasCount(0);
    assertThat(dashboard.at("chain-cancel")).hasCount(0);
    assertThat(dashboard.at("chain-retry")).hasCount(0);

    node(dashboard, "mark").click();
    assertEquals(batch(chain, "mark"), dashboard.shownBatch());
    assertThat(dashboard.page().locator("main")).containsText("Step mark of the chain");
    assertThat(dashboard.at("chain-link")).containsText(NAME);
  }

  @Test
  void a_waiting_step_names_what_it_waits_for(Site site, Tabs tabs) throws Exception {
    JsonNode chain = start(site, "wait");
    Dashboard dashboard = tabs.open(site.address()).batch(batch(chain, "close"));
    dashboard.shows("waiting");
    assertThat(dashboard.at("after")).containsText("count to succeed mark to succeed");
    dashboard.press("chain-link");
    assertThat(dashboard.at("graph-step")).hasCount(3);
    dashboard.press("chain-cancel");
    dashboard.press("confirm-cancel");
    assertThat(dashboard.at("chain-status")).hasAttribute("data-status", "cancelled");
  }

  @Test
  void a_chain_with_a_failed_step_is_retried(Site site, Tabs tabs) throws Exception {
    WorkTable table = site.rig().table(100);
    ObjectNode chain = Site.object("{}");
    ArrayNode steps = chain.putArray("steps");
    step(steps, "first", "retry-first", site.rig().table(10));
    step(steps, "second", "retry-second", table)
        .put("sql", "UPDATE " + table.name() + " SET n = IF(id = 51 AND n = 0, 99999999999, 1)")
        .putArray("needs")
        .add("first");
    step(steps, "third", "retry-third", site.rig().table(10)).putArray("needs").add("second");
    long id = start(site, chain).path("id").asLong();
    Dashboard dashboard = tabs.open(site.address()).go("#/chains/" + id);
    assertThat(dashboard.at("chain-status")).hasAttribute("data-status", "failed");
    shows(dashboard, "third", "cancelled");
    assertThat(dashboard.at("chain-failure")).hasCount(1);
    assertThat(dashboard.at("chain-failure")).containsText("second failed");
    assertThat(dashboard.at("chain-failure")).containsText("Out of range value for column 'n'");
    SchedulesIT.picture(dashboard, "chain-failed");

    dashboard.watch().announce("status of 409");
    site.rig().execute("ALTER TABLE " + table.name() + " ADD COLUMN more INT");
    dashboard.press("chain-retry");
    assertThat(dashboard.at("problem")).hasAttribute("data-type", "definition-changed");
    assertThat(dashboard.at("problem")).containsText("Step: second");
    site.rig().execute("ALTER TABLE " + table.name() + " DROP COLUMN more");
    site.rig().execute("UPDATE " + table.name() + " SET n = 7 WHERE id = 51");
    dashboard.press("chain-retry");
    assertThat(dashboard.at("problem")).hasCount(0);
    assertThat(dashboard.at("chain-status")).hasAttribute("data-status", "succeeded");
    shows(dashboard, "third", "succeeded");
    assertThat(dashboard.at("chain-failure")).hasCount(0);
    assertEquals(100, table.rowsWith(1));
  }

  @Test
  void a_chain_is_undone(Site site, Tabs tabs) throws Exception {
    WorkTable table = site.rig().table(20);
    ObjectNode chain = Site.object("{\"name\": \"mark twice\"}");
    ArrayNode steps = chain.putArray("steps");
    step(steps, "once", "undo-once", table);
    step(steps, "twice", "undo-twice", table).putArray("needs").add("once");
    long id = start(site, chain).path("id").asLong();
    Dashboard dashboard = tabs.open(site.address()).go("#/chains/" + id);
    assertThat(dashboard.at("chain-status")).hasAttribute("data-status", "succeeded");
    assertEquals(20, table.rowsWith(2));
    dashboard.press("chain-undo");
    assertThat(dashboard.page().locator("dialog")).containsText("Undo mark twice?");
    dashboard.press("confirm-undo");
    dashboard.page().waitForURL(url -> !url.endsWith("/chains/" + id));
    assertThat(dashboard.at("chain-status")).hasAttribute("data-status", "succeeded");
    assertEquals(20, table.rowsWith(0));
    assertThat(dashboard.at("undoes")).containsText("#" + id);
    assertThat(dashboard.at("chain-undo")).isVisible();
    assertThat(dashboard.at("chain-copy")).hasCount(0);
    assertTrue(
        box(node(dashboard, "once")).x > box(node(dashboard, "twice")).x + 150,
        "the last step is undone first");
    SchedulesIT.picture(dashboard, "chain-undo");
  }

  @Test
  void problems_are_shown_at_their_steps(Site site, Tabs tabs) throws Exception {
    WorkTable table = site.rig().table(10);
    Dashboard dashboard = tabs.open(site.address()).go("#/chain-form");
    dashboard.watch().announce("status of 4(00|22)");
    fill(dashboard, "step-1", "good", "problems", Site.change(table) + " WHERE id = 1");
    fill(dashboard, "step-2", "good.but", "problems", "UPDATE shop.nothing SET n = 1 RETURNING n");
    dashboard.press("chain-plan");
    assertThat(fields(dashboard, "good.but").getByTestId("step-problem")).containsText("RETURNING");
    assertThat(fields(dashboard, "good").getByTestId("step-problem")).hasCount(0);
    assertThat(node(dashboard, "good.but")).containsText("to correct: 1");
    assertThat(node(dashboard, "good")).containsText("problems");
    assertThat(dashboard.at("chain-start")).hasCount(0);

    fields(dashboard, "good.but").getByTestId("start-sql").fill(Site.change(table) + " WHERE id=2");
    assertThat(dashboard.at("step-problem")).hasCount(0);
    fields(dashboard, "good.but").getByTestId("start-more").click();
    fields(dashboard, "good.but").getByTestId("start-lanes").fill("99");
    fields(dashboard, "good.but").getByTestId("step-toggle").click();
    dashboard.press("chain-plan");
    Locator lanes = fields(dashboard, "good.but").getByTestId("start-lanes");
    assertThat(lanes).hasAttribute("aria-invalid", "true");
    assertThat(lanes).isFocused();
    assertThat(fields(dashboard, "good").getByTestId("field-error")).hasCount(0);
    assertThat(dashboard.at("chain-problems")).containsText("good.but: to correct: 1");
    SchedulesIT.picture(dashboard, "chain-form-problems");

    fields(dashboard, "good.but").getByTestId("step-name").fill("good");
    assertThat(dashboard.page().getByText("Another step has this name").first()).isVisible();
  }

  @Test
  void a_form_that_is_left_is_kept_until_it_is_cleared(Site site, Tabs tabs) throws Exception {
    Dashboard dashboard = tabs.open(site.address()).go("#/chain-form");
    fill(dashboard, "step-1", "kept", "keeping", Site.change(site.rig().table(10)));
    dashboard.changeAndLeave(fields(dashboard, "kept").getByTestId("start-project"), "changed");
    dashboard.go("#/chain-form");
    assertThat(fields(dashboard, "kept").getByTestId("start-project")).hasValue("changed");
    dashboard.press("chain-clear");
    assertThat(fields(dashboard, "step-1").getByTestId("start-project")).hasValue("");
  }

  @Test
  void a_phone_shows_the_graph_from_top_to_bottom(Site site, Tabs tabs) throws Exception {
    JsonNode chain = start(site, "phone");
    Dashboard phone = tabs.open(site.address(), Look.PHONE);
    phone.go("#/chains/" + chain.path("id").asLong());
    shows(phone, "count", "running");
    assertTrue(
        box(node(phone, "close")).y > box(node(phone, "count")).y + 60, "a later layer is below");
    assertEquals(List.of(), phone.stickingOut());
    SchedulesIT.picture(phone, "chain-phone");
    phone.go("#/chains");
    assertThat(phone.at("chain-row").first()).isVisible();
    assertEquals(List.of(), phone.stickingOut());
    phone.go("#/chain-form");
    fill(phone, "step-1", "mugs", "phone", Site.change(site.rig().table(10)) + " WHERE id = 1");
    fill(phone, "step-2", "cups", "phone", Site.change(site.rig().table(10)) + " WHERE id = 1");
    phone.press("chain-plan");
    phone.at("plan").waitFor();
    assertEquals(List.of(), phone.stickingOut());
    SchedulesIT.picture(phone, "chain-form-phone");
  }

  @Test
  void a_hundred_steps_are_drawn_side_by_side(Site site, Tabs tabs) throws Exception {
    WorkTable table = site.rig().table(1);
    ObjectNode chain = Site.object("{}");
    ArrayNode steps = chain.putArray("steps");
    for (int i = 0; i < 100; i++) {
      ArrayNode needs = step(steps, "s" + i, "hundred-" + i % 10, table).putArray("needs");
      if (i >= 10) {
        needs.add("s" + (i - 10));
      }
    }
    long id = start(site, chain).path("id").asLong();
    Dashboard dashboard = tabs.open(site.address()).go("#/chains/" + id);
    assertThat(dashboard.at("graph-step")).hasCount(100);
    assertThat(dashboard.at("graph-line")).hasCount(90);
    assertEquals(0, overlaps(dashboard));
    assertEquals(List.of(), dashboard.stickingOut());
    assertThat(dashboard.at("chain-status")).hasAttribute("data-status", "succeeded");
    SchedulesIT.picture(dashboard, "chain-hundred");
  }

  /** Returns how many pairs of nodes overlap. */
  private static int overlaps(Dashboard dashboard) {
    return (int)
        dashboard
            .page()
            .evaluate(
                """
                () => {
                  const boxes = [...document.querySelectorAll('[data-testid=graph-step]')]
                    .map(one => one.getBoundingClientRect());
                  return boxes.flatMap((a, i) => boxes.slice(i + 1).filter(b => a.left < b.right
                    && b.left < a.right && a.top < b.bottom && b.top < a.bottom)).length;
                }""");
  }

  @Test
  void a_chain_is_made_with_the_keyboard_in_chinese(Site site, Tabs tabs) throws Exception {
    WorkTable table = site.rig().table(10);
    Dashboard dashboard = tabs.open(site.address(), Look.CHINESE).go("#/chain-form");
    for (String step : List.of("1", "2")) {
      dashboard.tabTo("step-name");
      dashboard.tabTo("start-project");
      dashboard.page().keyboard().type("keys-" + step);
      dashboard.tabTo("start-sql");
      dashboard.page().keyboard().type(Site.change(table) + " WHERE id = " + step);
    }
    dashboard.tabTo("chain-plan");
    dashboard.page().keyboard().press("Enter");
    dashboard.at("plan").waitFor();
    SchedulesIT.picture(dashboard, "chain-form-zh");
    dashboard.tabTo("chain-start");
    dashboard.page().keyboard().press("Enter");
    assertThat(dashboard.at("chain-status")).hasAttribute("data-status", "succeeded");
    assertThat(dashboard.at("chain-counts")).containsText(CHINESE);
    assertThat(dashboard.page().locator("main")).containsText("步骤顺序");
    dashboard.tabTo("graph-step");
    dashboard.page().keyboard().press("Enter");
    dashboard.shows("succeeded");
    assertEquals(2, table.rowsWith(1));
  }

  private static Locator.FilterOptions withText(String text) {
    return new Locator.FilterOptions().setHasText(text);
  }

  private static BoundingBox box(Locator locator) {
    return locator.boundingBox();
  }
}
