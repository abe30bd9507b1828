package dev.rowmill.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.microsoft.playwright.Locator;
import dev.rowmill.testing.WorkTable;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests that past batches can be found, and that every state of the page has a link. */
@ExtendWith(Browsing.class)
class HistoryIT {

  private static final int BATCHES = 240;
  private static final String PROJECT = "archive-0000";

  @BeforeEach
  void write(Site site) throws Exception {
    if (site.rig().batchesThat("project = '" + PROJECT + "'") == 0) {
      Past.write(site.rig(), "archive-", 2, BATCHES);
    }
  }

  @Test
  void filters_and_pages_have_links(Site site, Tabs tabs) {
    Dashboard dashboard = tabs.open(site.address()).go("#/history");
    assertThat(dashboard.at("history-row").first()).isVisible();
    dashboard.at("history-project").fill(PROJECT);
    dashboard.page().keyboard().press("Enter");
    dashboard.page().waitForURL(url -> url.contains("project=" + PROJECT));
    assertThat(dashboard.at("history-row").filter(text("archive-0001"))).hasCount(0);
    List<String> first = batches(dashboard);
    sameInAnotherTab(site, tabs, dashboard, first);

    dashboard.press("history-next");
    dashboard.page().waitForURL(url -> url.contains("before="));
    dashboard.page().waitForCondition(() -> !batches(dashboard).contains(first.get(0)));
    List<String> second = batches(dashboard);
    long last = Long.parseLong(first.get(first.size() - 1));
    assertEquals(last - 2, Long.parseLong(second.get(0)), "each second batch is the project's");
    sameInAnotherTab(site, tabs, dashboard, second);

    dashboard.page().goBack();
    dashboard.page().waitForCondition(() -> batches(dashboard).equals(first));
  }

  @Test
  void batches_are_found_by_status_and_mode(Site site, Tabs tabs) {
    Dashboard dashboard =
        tabs.open(site.address()).go("#/history?project=" + PROJECT + "&status=failed");
    assertThat(dashboard.at("history-row")).hasCount(BATCHES / 10);
    assertThat(dashboard.at("history-status")).hasValue("failed");
    assertThat(dashboard.at("history-next")).hasCount(0);
    dashboard.choose("history-mode", "parallel");
    assertThat(dashboard.at("history-row")).hasCount(0);
    dashboard.choose("history-mode", "serial");
    assertThat(dashboard.at("history-row")).hasCount(BATCHES / 10);
    sameInAnotherTab(site, tabs, dashboard, batches(dashboard));
  }

  @Test
  void a_row_leads_to_its_batch(Site site, Tabs tabs) {
    Dashboard dashboard = tabs.open(site.address()).go("#/history?project=" + PROJECT);
    Locator row = dashboard.at("history-row").first();
    String batch = row.getAttribute("data-batch");
    row.locator("a[href=\"#/batches/" + batch + "\"]").first().click();
    assertEquals(Long.parseLong(batch), dashboard.shownBatch());
    assertThat(dashboard.at("statement")).containsText("shop.item");
  }

  @ParameterizedTest
  @CsvSource({
    "#/history, history-label, ticket:OPS-7, label=ticket",
    "#/history, history-project, ticket, project=ticket",
    "#/, filter-project, ticket, project=ticket"
  })
  void what_is_typed_as_soon_as_a_page_is_there_is_kept(
      String page, String field, String typed, String found, Site site, Tabs tabs) {
    Dashboard dashboard = tabs.open(site.address()).go("#/nodes");
    assertThat(dashboard.page().locator("h1")).isVisible();
    // Before the first frame of the new page.
    dashboard
        .page()
        .evaluate(
            """
            ([page, field, typed]) => {
              new MutationObserver((any, observer) => {
                const input = document.querySelector(`[data-testid=${field}]`);
                if (!input) return;
                observer.disconnect();
                input.value = typed;
                input.dispatchEvent(new Event('input', { bubbles: true }));
                setTimeout(() => input.dispatchEvent(new Event('change', { bubbles: true })), 500);
              }).observe(document.body, { childList: true, subtree: true });
              location.hash = page;
            }
            """,
            List.of(page, field, typed));
    dashboard.page().waitForURL(url -> url.contains(found));
    assertThat(dashboard.at(field)).hasValue(typed);
  }

  @Test
  void batches_are_found_by_label_and_show_what_they_wait_for(Site site, Tabs tabs)
      throws Exception {
    WorkTable table = site.rig().table(30_000);
    site.brake(table);
    Dashboard blocker = tabs.open(site.address()).startForm();
    blocker.fill("labelled-first", "UPDATE " + table.name() + " SET n = 1 WHERE id > 0", Map.of());
    blocker.at("start-more").click();
    blocker.at("start-labels").fill("ticket:OPS-7, team:stock");
    blocker.preview();
    blocker.press("start-submit");
    long first = blocker.shownBatch();
    assertThat(blocker.at("labels")).hasText("team:stockticket:OPS-7");
    blocker.press("action-pause");
    blocker.shows("paused");

    Dashboard form = tabs.open(site.address()).startForm();
    form.fill("labelled-second", "UPDATE " + table.name() + " SET n = 2 WHERE id > 0", Map.of());
    form.at("start-more").click();
    form.at("start-labels").fill("ticket:OPS-7");
    form.at("start-after").fill("#" + first);
    form.choose("start-after-on", "ended");
    form.preview();
    form.press("start-submit");
    long second = form.shownBatch();
    form.shows("waiting");
    assertThat(form.at("after")).containsText("#" + first + " to end");

    Dashboard history = tabs.open(site.address()).go("#/history");
    history.at("history-label").fill("ticket:OPS-7");
    history.page().keyboard().press("Enter");
    history.page().waitForURL(url -> url.contains("label="));
    assertThat(history.at("history-row")).hasCount(2);
    assertEquals(List.of("" + second, "" + first), batches(history));
    history.at("history-label").fill("ticket:OPS-7, team:stock");
    history.page().keyboard().press("Enter");
    assertThat(history.at("history-row")).hasCount(1);

    site.unbrake(table);
    blocker.press("action-resume");
    form.shows("succeeded");
    assertThat(form.at("after")).containsText("done");
    assertEquals(30_000, table.rowsWith(2));
  }

  private static void sameInAnotherTab(
      Site site, Tabs tabs, Dashboard dashboard, List<String> batches) {
    Dashboard other = tabs.open(site.address());
    other.page().navigate(dashboard.page().url());
    other.at("history-row").first().waitFor();
    assertEquals(batches, batches(other));
  }

  private static List<String> batches(Dashboard dashboard) {
    return dashboard.at("history-row").all().stream()
        .map(it -> it.getAttribute("data-batch"))
        .toList();
  }

  private static Locator.FilterOptions text(String text) {
    return new Locator.FilterOptions().setHasText(text);
  }
}
