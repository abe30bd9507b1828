package dev.rowmill.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.microsoft.playwright.options.AriaRole;
import dev.rowmill.testing.WorkTable;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Tests the dashboard on a phone, in the dark scheme, in Chinese, and without a mouse. */
@ExtendWith(Browsing.class)
class LooksIT {

  private static final int ROWS = 8_000;
  private static final Pattern CHINESE = Pattern.compile("[\\u4e00-\\u9fff]");

  @Test
  void a_phone_shows_all_pages_without_scrolling_sideways(Site site, Tabs tabs) throws Exception {
    WorkTable table = site.rig().table(ROWS);
    long done = site.run("phone-lamps-and-other-lighting-of-a-long-name", site.rig().table(10));
    long batch = site.slow("phone-tents", table, 50, "{\"mode\": \"serial\"}");
    site.slow("phone-chairs", site.rig().table(ROWS), 50, "{\"mode\": \"serial\"}");
    Dashboard phone = tabs.open(site.address(), Look.PHONE).overview();
    phone.showsProject("phone-tents", "running");
    fits(phone);

    phone.batch(batch);
    phone.awaitBarPast(0);
    phone.awaitPlotted("plot-rate", 2);
    fits(phone);
    phone.press("action-cancel");
    assertThat(phone.at("confirm-cancel")).isVisible();
    fits(phone);
    phone.page().keyboard().press("Escape");

    phone.batch(done);
    phone.shows("succeeded");
    fits(phone);

    phone.go("#/history");
    assertThat(phone.at("history-row").first()).isVisible();
    fits(phone);

    SchedulesIT.store(site, site.rig().table(10));
    phone.go("#/schedules");
    assertThat(phone.at("schedule-row").first()).isVisible();
    fits(phone);
    phone.go("#/schedules/" + SchedulesIT.NAME);
    assertThat(phone.at("schedule-next")).isVisible();
    fits(phone);

    phone.go("#/retention-form");
    assertThat(phone.at("retention-save")).isVisible();
    fits(phone);

    phone.startForm();
    phone.fill("phone-mugs", Site.change(table) + " WHERE id > :after", Map.of("after", "0"));
    phone.preview();
    fits(phone);
  }

  @Test
  void dark_and_light_follow_the_system(Site site, Tabs tabs) {
    assertTrue(brightness(tabs.open(site.address(), Look.DARK).overview()) < 60);
    assertTrue(brightness(tabs.open(site.address(), Look.LIGHT).overview()) > 200);
  }

  @Test
  void chinese_browsers_get_chinese_pages(Site site, Tabs tabs) throws Exception {
    WorkTable table = site.rig().table(ROWS);
    long batch = site.slow("outlet-zh", table, 50);
    Dashboard dashboard = tabs.open(site.address(), Look.CHINESE).batch(batch);
    dashboard.watch().announce("status of 409");
    dashboard.shows("running");
    assertThat(dashboard.page().locator("html")).hasAttribute("lang", Pattern.compile("^zh"));
    for (String id : new String[] {"batch-status", "action-pause", "action-cancel", "eta"}) {
      assertThat(dashboard.at(id)).containsText(CHINESE);
    }
    assertThat(dashboard.page().getByRole(AriaRole.NAVIGATION)).containsText(CHINESE);

    dashboard.startForm();
    dashboard.fill("outlet-zh", Site.change(table), Map.of());
    dashboard.preview();
    assertThat(dashboard.at("warning").first()).containsText("表中的每一行都会被修改");
    dashboard.press("start-submit");
    assertThat(dashboard.at("problem")).containsText("正在处理批量任务，请稍后再试");
    assertThat(dashboard.at("start-queue")).containsText(CHINESE);
  }

  @Test
  void everything_can_be_done_with_the_keyboard(Site site, Tabs tabs) throws Exception {
    WorkTable table = site.rig().table(40_000);
    site.brake(table);
    Dashboard dashboard = tabs.open(site.address()).startForm();
    dashboard.tabTo("start-project");
    dashboard.page().keyboard().type("keyboards");
    dashboard.tabTo("start-sql");
    dashboard.page().keyboard().type("UPDATE " + table.name() + " SET n = n + :step");
    dashboard.tabTo("start-param");
    dashboard.page().keyboard().type("1");
    dashboard.tabTo("start-preview");
    dashboard.page().keyboard().press("Enter");
    dashboard.at("plan").waitFor();
    dashboard.tabTo("start-submit");
    dashboard.page().keyboard().press("Enter");
    dashboard.shows("running");

    dashboard.tabTo("action-pause");
    dashboard.page().keyboard().press("Enter");
    dashboard.shows("paused");
    dashboard.tabTo("action-resume");
    dashboard.page().keyboard().press("Enter");
    dashboard.shows("running");
    dashboard.tabTo("action-cancel");
    dashboard.page().keyboard().press("Enter");
    dashboard.tabTo("confirm-cancel");
    dashboard.page().keyboard().press("Enter");
    dashboard.shows("cancelled");
  }

  private static void fits(Dashboard phone) {
    assertEquals(List.of(), phone.stickingOut(), () -> "too wide: " + phone.page().url());
  }

  /** Returns the brightness of the page's background, from 0 (black) to 255 (white). */
  private static double brightness(Dashboard dashboard) {
    return ((Number)
            dashboard
                .page()
                .evaluate(
                    """
                    () => {
                      const canvas = document.createElement('canvas');
                      const drawn = canvas.getContext('2d');
                      for (const one of [document.documentElement, document.body]) {
                        drawn.fillStyle = getComputedStyle(one).backgroundColor;
                        drawn.fillRect(0, 0, 1, 1);
                      }
                      const [red, green, blue] = drawn.getImageData(0, 0, 1, 1).data;
                      return (red + green + blue) / 3;
                    }"""))
        .doubleValue();
  }
}
