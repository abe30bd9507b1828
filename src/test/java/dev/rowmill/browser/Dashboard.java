package dev.rowmill.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.deque.html.axecore.playwright.AxeBuilder;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.WaitForSelectorState;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** Drives a tab that shows the dashboard. Not thread-safe. */
final class Dashboard {

  private static final Set<String> GRAVE = Set.of("serious", "critical");

  /** Limits the presses of Tab; exceeds the number of focusable elements. */
  private static final int MOST_TABS = 150;

  private final Page page;
  private final URI service;
  private final Watch watch;

  Dashboard(Page page, URI service, Watch watch) {
    this.page = page;
    this.service = service;
    this.watch = watch;
  }

  Page page() {
    return page;
  }

  Watch watch() {
    return watch;
  }

  /**
   * Loads a view of the dashboard by its link.
   *
   * @param route the link from the hash on, such as {@code #/history}
   */
  Dashboard go(String route) {
    page.navigate(service + "/" + route);
    return this;
  }

  /** Changes a field and leaves the page before the browser draws the next frame. */
  void changeAndLeave(Locator field, String text) {
    field.evaluate(
        """
        async (field, text) => {
          field.value = text;
          field.dispatchEvent(new Event('input', { bubbles: true }));
          // Preact renders the change in a microtask.
          for (let i = 0; i < 10; i++) await null;
          history.replaceState(null, '', '#/history');
          dispatchEvent(new HashChangeEvent('hashchange'));
        }
        """,
        text);
  }

  Dashboard overview() {
    return go("#/");
  }

  Dashboard batch(long id) {
    return go("#/batches/" + id);
  }

  Dashboard startForm() {
    return go("#/start");
  }

  /** Returns the element with a test id. */
  Locator at(String testId) {
    return page.getByTestId(testId);
  }

  /** Returns a project's row of the overview. */
  Locator project(String name) {
    return page.locator("[data-testid=project][data-project=\"%s\"]".formatted(name));
  }

  void showsProject(String name, String status) {
    assertThat(project(name)).hasAttribute("data-status", status);
  }

  /** Checks that the page shows the batch in a status. */
  void shows(String status) {
    assertThat(at("batch-status")).hasAttribute("data-status", status);
  }

  void press(String testId) {
    at(testId).click();
  }

  /** Returns the id of the batch on the page. */
  long shownBatch() {
    page.waitForURL(url -> url.matches(".*#/batches/\\d+$"));
    return Long.parseLong(page.url().replaceFirst(".*/", ""));
  }

  /** Returns the percentage of the batch's progress bar; -1 if unknown. */
  double bar() {
    String now = at("bar").getAttribute("aria-valuenow");
    return now == null ? -1 : Double.parseDouble(now);
  }

  /** Waits until the bar has passed a percentage, and returns its value. */
  double awaitBarPast(double percent) {
    return awaitBarPast("[data-testid=bar]", percent);
  }

  /**
   * Waits until a bar has passed a percentage, and returns its value.
   *
   * @param selector CSS selector of the bar
   */
  double awaitBarPast(String selector, double percent) {
    return awaitNumber(
        """
        ([selector, least]) => {
          const bar = document.querySelector(selector);
          const now = bar ? parseFloat(bar.getAttribute('aria-valuenow')) : NaN;
          return now > least ? now : null;
        }""",
        List.of(selector, percent));
  }

  /** Waits until a plot has a minimum number of points, and returns their number. */
  int awaitPlotted(String testId, int least) {
    return (int)
        awaitNumber(
            """
            ([testId, least]) => {
              const plot = document.querySelector(`[data-testid=${testId}]`);
              const points = plot && plot.querySelector('canvas') ? +plot.dataset.points : 0;
              return points >= least ? points : null;
            }""",
            List.of(testId, least));
  }

  double awaitNumber(String expression, Object argument) {
    return ((Number) page.waitForFunction(expression, argument).jsonValue()).doubleValue();
  }

  /** Selects a value in a list. */
  void choose(String testId, String value) {
    at(testId).selectOption(value);
  }

  /** Returns how often the bar moves within a period. */
  int moves(Duration time) {
    return ((Number)
            page.evaluate(
                """
                millis => new Promise(resolve => {
                  let moves = 0;
                  const bar = document.querySelector('[data-testid=bar]');
                  const observer = new MutationObserver(list => { moves += list.length; });
                  observer.observe(bar, {attributes: true, attributeFilter: ['aria-valuenow']});
                  setTimeout(() => { observer.disconnect(); resolve(moves); }, millis);
                })""",
                (double) time.toMillis()))
        .intValue();
  }

  /** Signs in on the page's form. */
  Dashboard signIn(Site.Token token) {
    at("token").fill(token.secret());
    press("sign-in-submit");
    at("sign-out").waitFor();
    return this;
  }

  /** Fills in the start form. */
  void fill(String project, String sql, Map<String, String> parameters) {
    at("start-project").fill(project);
    at("start-sql").fill(sql);
    parameters.forEach((name, value) -> parameter(name).fill(value));
  }

  Locator parameter(String name) {
    return page.locator("[data-testid=start-param][data-name=\"%s\"]".formatted(name));
  }

  /** Requests the plan of the form's statement, and waits for it. */
  void preview() {
    press("start-preview");
    at("plan").waitFor();
  }

  /** Presses Tab until an element has the focus, and checks that the focus is visible. */
  void tabTo(String testId) {
    for (int i = 0; i < MOST_TABS; i++) {
      page.keyboard().press("Tab");
      if (Boolean.TRUE.equals(
          page.evaluate("id => document.activeElement.dataset.testid === id", testId))) {
        assertThat(page.locator(":focus"))
            .hasCSS("outline-style", Pattern.compile("solid|auto|double|dashed"));
        return;
      }
    }
    throw new AssertionError("the Tab key does not lead to " + testId);
  }

  void awaitGone(String testId) {
    at(testId).waitFor(new Locator.WaitForOptions().setState(WaitForSelectorState.HIDDEN));
  }

  /** Returns the elements that make the page wider than its window. */
  List<String> stickingOut() {
    return ((List<?>)
            page.evaluate(
                """
                () => {
                  const width = document.documentElement.clientWidth;
                  if (document.documentElement.scrollWidth <= width) {
                    return [];
                  }
                  return [...document.querySelectorAll('body *')]
                    .filter(one => one.getBoundingClientRect().right > width)
                    .map(one => `${one.cloneNode().outerHTML} up to ${one.getBoundingClientRect().right}`);
                }"""))
        .stream().map(String::valueOf).toList();
  }

  /** Returns the serious and critical violations that axe finds: rule, help and the elements. */
  List<String> graveViolations() {
    return graveViolations(builder());
  }

  /** Returns such violations of the rules that depend on colours. */
  List<String> graveViolationsOfColour() {
    return graveViolations(builder().withRules(List.of("color-contrast", "link-in-text-block")));
  }

  /**
   * Creates the builder in legacy mode. Otherwise axe opens another page to merge the results of
   * frames, and this page has none.
   */
  private AxeBuilder builder() {
    return new AxeBuilder(page).setLegacyMode(true);
  }

  private static List<String> graveViolations(AxeBuilder axe) {
    return axe.analyze().getViolations().stream()
        .filter(it -> GRAVE.contains(it.getImpact()))
        .map(
            it ->
                it.getId()
                    + ": "
                    + it.getHelp()
                    + " "
                    + it.getNodes().stream().map(node -> node.getHtml()).limit(5).toList())
        .toList();
  }
}
