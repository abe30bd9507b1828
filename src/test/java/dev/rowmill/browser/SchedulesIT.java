package dev.rowmill.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import dev.rowmill.testing.WorkTable;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
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
    assertThat(dashboard.at("schedule-row").first()).containsText("0 3 29 2 * · Europe/Berlin");
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

  @Test
  void a_schedule_is_made_changed_run_and_deleted_by_clicking(Site site, Tabs tabs)
      throws Exception {
    WorkTable table = site.rig().table(10);
    Dashboard dashboard = tabs.open(site.address()).go("#/schedules");
    dashboard.press("schedule-new");
    dashboard.press("schedule-save");
    assertThat(dashboard.at("field-error").first()).isVisible();
    dashboard.at("schedule-name").fill("purge sessions");
    assertThat(dashboard.at("field-error").first()).containsText("without spaces");
    dashboard.at("schedule-name").fill("purge-sessions");
    dashboard.fill(
        "sessions",
        "UPDATE " + table.name() + " SET n = 7 WHERE id < :last AND :before > '2000-01-01'",
        Map.of("last", "4"));
    dashboard
        .page()
        .locator("[data-testid=start-param-type][data-name=before]")
        .selectOption("relative");
    dashboard.at("relative-amount").fill("90");
    assertThat(dashboard.page().getByText("At the next firing: 20")).isVisible();
    dashboard.choose("times-kind", "week");
    dashboard.at("times-wed").check();
    dashboard.choose("times-zone", "Asia/Tokyo");
    assertThat(dashboard.at("firing-preview")).hasAttribute("aria-busy", "false");
    assertThat(dashboard.at("schedule-next").locator("li")).hasCount(5);
    assertThat(dashboard.at("schedule-next").locator("li").nth(1)).containsText(", 02:30 (");
    assertThat(dashboard.at("schedule-next")).containsText("Wed");
    assertThat(dashboard.at("schedule-next")).not().containsText("Thu");
    picture(dashboard, "schedule-form");
    dashboard.press("schedule-save");

    dashboard.page().waitForURL(url -> url.endsWith("#/schedules/purge-sessions"));
    JsonNode stored = site.api().get("/schedules/purge-sessions").body();
    assertEquals("30 2 * * mon,wed", stored.path("cron").asText());
    assertEquals("Asia/Tokyo", stored.path("zone").asText());
    assertEquals("-P90D", stored.at("/start/parameters/before/now").asText());

    dashboard.press("schedule-edit");
    assertThat(dashboard.at("schedule-name")).isDisabled();
    assertThat(dashboard.at("relative-amount")).hasValue("90");
    dashboard.choose("times-kind", "every");
    dashboard.at("times-amount").fill("0");
    assertThat(dashboard.at("field-error").first()).containsText("whole number above 0");
    dashboard.at("times-amount").fill("6");
    dashboard.choose("schedule-busy", "queue");
    assertThat(dashboard.at("schedule-next").locator("li")).hasCount(5);
    dashboard.press("schedule-save");
    dashboard.page().waitForURL(url -> url.endsWith("#/schedules/purge-sessions"));
    stored = site.api().get("/schedules/purge-sessions").body();
    assertEquals("PT6H", stored.path("every").asText());
    assertEquals("queue", stored.path("onBusy").asText());
    assertEquals(4, stored.at("/start/parameters/last").asInt());

    dashboard.press("schedule-pause");
    assertThat(dashboard.at("schedule-state")).hasAttribute("data-enabled", "false");
    dashboard.press("schedule-run");
    dashboard.shows("succeeded");
    assertEquals(3, table.rowsWith(7));
    dashboard.go("#/schedules/purge-sessions").press("schedule-copy");
    dashboard.at("schedule-name").fill("purge-sessions");
    assertThat(dashboard.at("field-error").first()).containsText("already a schedule");
    dashboard.go("#/schedules/purge-sessions").press("schedule-delete");
    dashboard.press("confirm-delete");
    dashboard.page().waitForURL(url -> url.endsWith("#/schedules"));
    assertEquals(404, site.api().get("/schedules/purge-sessions").status());
  }

  @Test
  void an_edit_keeps_what_the_form_does_not_show(Site site, Tabs tabs) throws Exception {
    WorkTable table = site.rig().table(10);
    site.api()
        .json(
            Map.of(
                "project",
                "kept",
                "cron",
                "0 3 1-7 * mon",
                "enabled",
                false,
                "until",
                "2999-01-01T00:00:07Z",
                "approvalValidFor",
                "P7D",
                "unusualFactor",
                3,
                "sql",
                "UPDATE " + table.name() + " SET n = 1 WHERE id = :id",
                "parameters",
                Map.of("id", 3),
                "limits",
                Map.of("rowsPerSecond", 50, "replicaLagMillis", 900)))
        .put("/schedules/kept");
    JsonNode before = site.api().get("/schedules/kept").body();
    Dashboard dashboard = tabs.open(site.address()).go("#/schedule-form?edit=kept");
    assertThat(dashboard.at("times-kind")).hasValue("cron");
    dashboard.at("start-reason").fill("tidy up");
    dashboard.press("schedule-save");
    dashboard.page().waitForURL(url -> url.endsWith("#/schedules/kept"));
    JsonNode after = site.api().get("/schedules/kept").body();
    assertEquals(before.at("/start/limits"), after.at("/start/limits"));
    assertEquals(before.at("/start/parameters"), after.at("/start/parameters"));
    assertEquals(before.path("cron"), after.path("cron"));
    assertEquals("P7D", after.path("approvalValidFor").asText());
    assertEquals(before.path("unusualFactor"), after.path("unusualFactor"));
    assertEquals(before.path("until"), after.path("until"));
    assertEquals("tidy up", after.at("/start/reason").asText());
    assertEquals(false, after.path("enabled").asBoolean());
    delete(site, dashboard, "kept");
  }

  @Test
  void a_retention_is_made_by_clicking(Site site, Tabs tabs) throws Exception {
    String visits = site.rig().table(1).name() + "_visit";
    site.rig()
        .execute(
            "CREATE TABLE %s (id BIGINT NOT NULL PRIMARY KEY, seen_on DATE NOT NULL)"
                .formatted(visits));
    Dashboard dashboard = tabs.open(site.address()).go("#/schedules");
    dashboard.watch().announce("status of 400");
    dashboard.press("retention-new");
    dashboard.press("retention-save");
    assertThat(dashboard.at("field-error").first()).containsText("without spaces");
    dashboard.at("retention-name").fill("old-visits");
    dashboard.at("start-project").fill("visits");
    dashboard.at("retention-table").fill("visit");
    dashboard.at("retention-column").fill("seen_on");
    dashboard.at("retention-keep").fill("6");
    dashboard.choose("retention-keepUnit", "M");
    dashboard.at("retention-atMostRows").fill("many");
    dashboard.press("retention-save");
    assertThat(dashboard.at("retention-atMostRows")).hasAttribute("aria-invalid", "true");
    dashboard.at("retention-atMostRows").fill("5000");
    dashboard.press("retention-save");
    assertThat(dashboard.at("retention-table")).hasAttribute("aria-invalid", "true");
    assertThat(dashboard.at("retention-table")).isFocused();
    dashboard.at("retention-table").fill(visits);
    dashboard.choose("times-zone", "Europe/Berlin");
    assertEquals(List.of(), dashboard.graveViolations());
    picture(dashboard, "retention-form");
    dashboard.press("retention-save");

    dashboard.page().waitForURL(url -> url.endsWith("#/schedules/old-visits"));
    assertThat(dashboard.at("warning")).hasAttribute("data-code", "no-index");
    JsonNode stored = site.api().get("/schedules/old-visits").body();
    assertEquals("P6M", stored.at("/retention/keep").asText());
    assertEquals(5000, stored.at("/retention/atMostRows").asInt());
    assertEquals("0 4 * * *", stored.path("cron").asText());
    assertEquals("Europe/Berlin", stored.path("zone").asText());

    dashboard.go("#/retention-form");
    dashboard.at("retention-name").fill("old-visits");
    dashboard.press("retention-save");
    assertThat(dashboard.at("field-error").first()).containsText("already a schedule");
    assertEquals(1, site.api().get("/schedules/old-visits").body().path("version").asInt());
    delete(site, dashboard, "old-visits");
  }

  @Test
  void a_draft_of_the_start_page_is_repeated_on_a_phone(Site site, Tabs tabs) throws Exception {
    WorkTable table = site.rig().table(10);
    Dashboard phone = tabs.open(site.address(), Look.PHONE).startForm();
    phone.fill("phones", Site.change(table) + " WHERE id < :last", Map.of("last", "3"));
    phone.press("start-repeat");
    assertThat(phone.at("start-project")).hasValue("phones");
    assertThat(phone.parameter("last")).hasValue("3");
    phone.page().locator("[data-testid=start-param-type][data-name=last]").selectOption("relative");
    assertEquals(List.of(), phone.stickingOut());
    phone.page().locator("[data-testid=start-param-type][data-name=last]").selectOption("number");
    phone.choose("times-kind", "month");
    phone.choose("times-day", "31");
    assertThat(phone.at("schedule-next").locator("li")).hasCount(5);
    assertEquals(List.of(), phone.stickingOut());
    picture(phone, "schedule-form-phone");
    phone.page().emulateMedia(new Page.EmulateMediaOptions().setColorScheme(ColorScheme.DARK));
    assertEquals(List.of(), phone.graveViolations());
    picture(phone, "schedule-form-dark");
  }

  @Test
  void a_schedule_is_made_with_the_keyboard_in_chinese(Site site, Tabs tabs) throws Exception {
    WorkTable table = site.rig().table(10);
    Dashboard dashboard = tabs.open(site.address(), Look.CHINESE).go("#/schedule-form");
    dashboard.tabTo("schedule-name");
    dashboard.page().keyboard().type("keys");
    dashboard.tabTo("start-project");
    dashboard.page().keyboard().type("keyboards");
    dashboard.tabTo("start-sql");
    dashboard.page().keyboard().type(Site.change(table));
    assertThat(dashboard.at("start-whole-table")).isVisible();
    dashboard.at("start-project").focus();
    dashboard.tabTo("start-whole-table");
    dashboard.page().keyboard().press("Space");
    picture(dashboard, "schedule-form-zh");
    dashboard.tabTo("schedule-save");
    dashboard.page().keyboard().press("Enter");
    dashboard.page().waitForURL(url -> url.endsWith("#/schedules/keys"));
    assertThat(dashboard.page().locator("main")).containsText("每天 02:30");
    assertThat(dashboard.page().locator("main")).containsText("接下来的触发");
    delete(site, dashboard, "keys");
  }

  /** Deletes a schedule when no page polls it any more, which would report that it is missing. */
  static void delete(Site site, Dashboard dashboard, String name) throws Exception {
    dashboard.go("#/schedules");
    assertThat(dashboard.at("schedule-new")).isVisible();
    site.api().delete("/schedules/" + name).statusCode(204);
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
        .fill(
            LocalDateTime.now(ZoneOffset.UTC)
                .plusDays(2)
                .truncatedTo(ChronoUnit.MINUTES)
                .toString());
    dashboard.preview();
    dashboard.press("start-submit");
    dashboard.shows("scheduled");
    String later =
        LocalDateTime.now(ZoneOffset.UTC).plusDays(3).truncatedTo(ChronoUnit.MINUTES).toString();
    dashboard.at("change-start-at").fill(later);
    dashboard.press("chunk-save");
    assertThat(dashboard.page().getByText("Saved.")).isVisible();
    assertEquals(
        LocalDateTime.parse(later).toInstant(ZoneOffset.UTC),
        Instant.parse(site.api().batch(dashboard.shownBatch()).path("startAt").asText()));
    picture(dashboard, "scheduled-batch");
    dashboard.press("action-cancel");
    dashboard.press("confirm-cancel");
    dashboard.shows("cancelled");
    assertThat(dashboard.at("batch-status")).hasText(Pattern.compile("cancelled"));
  }
}
