package dev.rowmill.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.rowmill.testing.WorkTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** axe-core finds nothing serious, on any page, in light and dark. */
@ExtendWith(Browsing.class)
class AccessibilityIT {

  private static final int ROWS = 4_000;

  /** Where, in which look, and what. */
  private final List<String> found = new ArrayList<>();

  @Test
  void an_empty_overview_is_accessible(Sites sites, Tabs tabs) throws Exception {
    Site site = sites.start(Map.of());
    for (Look look : List.of(Look.LIGHT, Look.DARK)) {
      Dashboard dashboard = tabs.open(site.address(), look).overview();
      assertThat(dashboard.at("tile").first()).isVisible();
      check(dashboard, "empty overview", look);
    }
    assertEquals(List.of(), found);
  }

  @Test
  void pages_at_work_are_accessible(Site site, Tabs tabs) throws Exception {
    WorkTable table = site.rig().table(ROWS);
    long succeeded = site.run("kitchen", site.rig().table(10));
    long failed = FollowIT.failed(site, site.rig().table(100));
    String serial = "{\"mode\": \"serial\", \"reason\": \"summer sale\"}";
    long running = site.slow("bath", table, 50, serial);
    site.slow("lighting", site.rig().table(ROWS), 50, serial);
    long paused = site.slow("travel", site.rig().table(ROWS), 50);
    site.pause(paused);
    for (Look look : List.of(Look.LIGHT, Look.DARK)) {
      Dashboard dashboard = tabs.open(site.address(), look).overview();
      dashboard.showsProject("bath", "running");
      dashboard.showsProject("travel", "paused");
      check(dashboard, "busy overview", look);

      dashboard.batch(running);
      dashboard.awaitBarPast(0);
      dashboard.awaitPlotted("plot-rate", 1);
      check(dashboard, "running batch", look);
      dashboard.press("action-cancel");
      assertThat(dashboard.at("confirm-cancel")).isVisible();
      check(dashboard, "question", look);
      dashboard.page().keyboard().press("Escape");

      dashboard.batch(paused).shows("paused");
      check(dashboard, "paused batch", look);
      dashboard.batch(failed).shows("failed");
      check(dashboard, "failed batch", look);
      dashboard.batch(succeeded).shows("succeeded");
      check(dashboard, "succeeded batch", look);

      dashboard.startForm();
      check(dashboard, "empty form", look);
      dashboard.fill("mugs", Site.change(table) + " WHERE id > :after", Map.of("after", "0"));
      dashboard.preview();
      check(dashboard, "plan", look);

      dashboard.go("#/history");
      assertThat(dashboard.at("history-row").first()).isVisible();
      check(dashboard, "history", look);
    }
    assertEquals(List.of(), found);
  }

  @Test
  void what_is_not_accessible_would_be_found(Site site, Tabs tabs) {
    for (Look look : List.of(Look.LIGHT, Look.DARK)) {
      Dashboard dashboard = tabs.open(site.address(), look).overview();
      dashboard
          .page()
          .evaluate(
              """
              () => {
                const text = document.createElement('p');
                text.textContent = 'Hardly to be read';
                text.style.color = 'rgb(130, 130, 130)';
                text.style.background = 'rgb(100, 100, 100)';
                document.querySelector('main').append(text);
                const image = document.createElement('img');
                image.src = '/dashboard/icon.svg';
                document.querySelector('main').append(image);
              }""");
      check(dashboard, "spoilt overview", look);
    }
    assertEquals(
        List.of("LIGHT: color-contrast", "LIGHT: image-alt", "DARK: color-contrast"),
        found.stream().map(it -> it.replaceFirst(".*?, (\\w+: [\\w-]+).*", "$1")).toList());
  }

  /** In the dark only the colours are others. */
  private void check(Dashboard dashboard, String where, Look look) {
    List<String> violations =
        look == Look.DARK ? dashboard.graveViolationsOfColour() : dashboard.graveViolations();
    violations.forEach(it -> found.add(where + ", " + look + ": " + it));
  }
}
