package dev.rowmill.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import dev.rowmill.testing.WorkTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Checks that axe-core finds no serious violation on any page, in light and dark. */
@ExtendWith(Browsing.class)
class AccessibilityIT {

  private static final int ROWS = 8_000;

  /** Lists the violations, each with its page, colour scheme and description. */
  private final List<String> found = new ArrayList<>();

  @Test
  void an_empty_overview_is_accessible(Sites sites, Tabs tabs) throws Exception {
    Site site = sites.start(Map.of());
    Dashboard dashboard = tabs.open(site.address()).overview();
    assertThat(dashboard.at("tile").first()).isVisible();
    check(dashboard, "empty overview");
    assertEquals(List.of(), found);
  }

  @Test
  void pages_with_running_batches_are_accessible(Site site, Tabs tabs) throws Exception {
    WorkTable table = site.rig().table(ROWS);
    long succeeded = site.run("kitchen", site.rig().table(10));
    long failed = FollowIT.failed(site, site.rig().table(100));
    String serial = "{\"mode\": \"serial\", \"reason\": \"summer sale\"}";
    long running = site.slow("bath", table, 50, serial);
    site.slow("lighting", site.rig().table(ROWS), 50, serial);
    long paused = site.slow("travel", site.rig().table(ROWS), 50);
    site.pause(paused);

    Dashboard dashboard = tabs.open(site.address()).overview();
    dashboard.showsProject("bath", "running");
    dashboard.showsProject("travel", "paused");
    check(dashboard, "busy overview");

    dashboard.batch(running);
    dashboard.awaitBarPast(0);
    dashboard.awaitPlotted("plot-rate", 1);
    check(dashboard, "running batch");
    dashboard.press("action-cancel");
    assertThat(dashboard.at("confirm-cancel")).isVisible();
    check(dashboard, "question");
    dashboard.page().keyboard().press("Escape");

    dashboard.batch(paused).shows("paused");
    check(dashboard, "paused batch");
    dashboard.batch(failed).shows("failed");
    check(dashboard, "failed batch");
    dashboard.batch(succeeded).shows("succeeded");
    check(dashboard, "succeeded batch");

    dashboard.startForm();
    check(dashboard, "empty form");
    dashboard.fill("mugs", Site.change(table) + " WHERE id > :after", Map.of("after", "0"));
    dashboard.preview();
    check(dashboard, "plan");

    dashboard.go("#/history");
    assertThat(dashboard.at("history-row").first()).isVisible();
    check(dashboard, "history");

    SchedulesIT.store(site, site.rig().table(10));
    dashboard.go("#/schedules");
    assertThat(dashboard.at("schedule-row").first()).isVisible();
    check(dashboard, "schedules");
    dashboard.go("#/schedules/" + SchedulesIT.NAME);
    assertThat(dashboard.at("schedule-next")).isVisible();
    check(dashboard, "schedule");

    long chain = ChainsIT.start(site, "accessible").path("id").asLong();
    dashboard.go("#/chains");
    assertThat(dashboard.at("chain-row").first()).isVisible();
    check(dashboard, "chains");
    dashboard.go("#/chains/" + chain);
    assertThat(dashboard.at("graph-step").first()).isVisible();
    check(dashboard, "chain");
    dashboard.go("#/chain-form");
    dashboard.press("chain-plan");
    assertThat(dashboard.at("field-error").first()).isVisible();
    check(dashboard, "form of a chain");
    assertEquals(List.of(), found);
  }

  @Test
  void accessibility_violations_would_be_found(Site site, Tabs tabs) {
    Dashboard dashboard = tabs.open(site.address()).overview();
    assertThat(dashboard.at("tile").first()).isVisible();
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
    check(dashboard, "spoilt overview");
    assertEquals(
        List.of("light: color-contrast", "light: image-alt", "dark: color-contrast"),
        found.stream().map(it -> it.replaceFirst(".*?, (\\w+: [\\w-]+).*", "$1")).toList());
  }

  private void check(Dashboard dashboard, String where) {
    dashboard.graveViolations().forEach(it -> found.add(where + ", light: " + it));
    Page page = dashboard.page();
    page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(ColorScheme.DARK));
    // The dark scheme differs only in colours.
    dashboard.graveViolationsOfColour().forEach(it -> found.add(where + ", dark: " + it));
    page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(ColorScheme.LIGHT));
  }
}
