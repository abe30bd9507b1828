package dev.rowmill.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.microsoft.playwright.Page;
import dev.rowmill.testing.WorkTable;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Tests the pages of schedules, and the start at a later time. */
@ExtendWith(Browsing.class)
class SchedulesIT {

  static final String NAME = "recount-shelves";

  /** Stores a schedule that does not fire during the test. */
  static void store(Site site, WorkTable table) {
    site.api()
        .json(
            Map.of(
                "project", "shelves",
                "cron", "0 3 29 2 *",
                "zone", "Europe/Berlin",
                "sql", "UPDATE " + table.name() + " SET n = n + 1 WHERE id < :below",
                "parameters", Map.of("below", 5),
                "reason", "recount"))
        .put("/schedules/" + NAME);
  }

  @Test
  void a_schedule_is_paused_resumed_and_run(Site site, Tabs tabs) throws Exception {
    store(site, site.rig().table(10));
    Dashboard dashboard = tabs.open(site.address()).go("#/schedules");
    assertThat(dashboard.at("schedule-row").first()).containsText("0 3 29 2 *");
    dashboard.press("schedule-pause");
    assertThat(dashboard.at("schedule-state")).hasAttribute("data-enabled", "false");
    dashboard.press("schedule-resume");
    assertThat(dashboard.at("schedule-state")).hasAttribute("data-enabled", "true");
    picture(dashboard, "schedules");
    dashboard.press("schedule-run");
    dashboard.shows("succeeded");
    long batch = dashboard.shownBatch();
    assertEquals(NAME, site.api().batch(batch).path("schedule").asText());

    dashboard.go("#/schedules/" + NAME);
    assertThat(dashboard.at("schedule-run-row")).hasAttribute("data-outcome", "started");
    assertThat(dashboard.at("schedule-run-row")).containsText("#" + batch);
    assertThat(dashboard.at("schedule-next").locator("li")).hasCount(5);
    assertThat(dashboard.at("statement")).containsText("WHERE id < :below");
    picture(dashboard, "schedule");
  }

  static void picture(Dashboard dashboard, String name) {
    dashboard
        .page()
        .screenshot(
            new Page.ScreenshotOptions()
                .setFullPage(true)
                .setPath(Path.of("target/pictures/" + name + ".png")));
  }

  @Test
  void a_batch_is_started_at_a_later_time_and_cancelled(Site site, Tabs tabs) throws Exception {
    WorkTable table = site.rig().table(10);
    Dashboard dashboard = tabs.open(site.address()).startForm();
    dashboard.fill("later-mugs", Site.change(table) + " WHERE id > :after", Map.of("after", "0"));
    dashboard.at("start-more").click();
    dashboard
        .at("start-start-at")
        .fill(LocalDateTime.now().plusDays(2).truncatedTo(ChronoUnit.MINUTES).toString());
    dashboard.preview();
    dashboard.press("start-submit");
    dashboard.shows("scheduled");
    picture(dashboard, "scheduled-batch");
    dashboard.press("action-cancel");
    dashboard.press("confirm-cancel");
    dashboard.shows("cancelled");
    assertThat(dashboard.at("batch-status")).hasText(Pattern.compile("cancelled"));
  }
}
