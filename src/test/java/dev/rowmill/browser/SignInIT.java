package dev.rowmill.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Request;
import com.microsoft.playwright.options.Cookie;
import com.microsoft.playwright.options.SameSiteAttribute;
import dev.rowmill.testing.RowmillApi;
import dev.rowmill.testing.WorkTable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Tests logging in and out, and the end of a session while its pages are open. */
@ExtendWith(Browsing.class)
class SignInIT {

  /** Holds a well-formed token that does not exist. */
  private static final String UNKNOWN = "rwm_" + "0".repeat(43);

  /** Matches the browser's message about a request without a session. */
  private static final String REFUSED = "status of 401";

  private static final Pattern CHINESE = Pattern.compile("[\\u4e00-\\u9fff]");

  private static final String CSRF = "x-csrf-token";

  @Test
  void open_mode_is_shown(Site site, Tabs tabs) {
    Dashboard dashboard = tabs.open(site.address()).overview();
    assertThat(dashboard.at("open-note")).containsText("anyone on this machine");
    dashboard.go("#/start");
    assertThat(dashboard.at("start-sql")).isVisible();
    assertThat(dashboard.at("open-note")).isVisible();
    assertThat(dashboard.at("sign-out")).hasCount(0);
  }

  @Test
  void a_link_followed_before_the_first_paint_works(Site site, Tabs tabs) {
    Dashboard dashboard = tabs.open(site.address());
    dashboard
        .page()
        .addInitScript(
            """
            new MutationObserver((changes, observer) => {
              if (document.querySelector('[data-testid=open-note]')) {
                observer.disconnect();
                location.hash = '#/start';
              }
            }).observe(document, { childList: true, subtree: true });
            """);
    dashboard.overview();
    assertThat(dashboard.at("start-sql")).isVisible();
  }

  @Test
  void a_token_signs_in_and_a_link_is_followed(@WithTokens Site site, Tabs tabs) {
    Site.Token token = site.token("operator", "*");
    Dashboard dashboard = tabs.open(site.address());
    dashboard.watch().announce(REFUSED);
    Page page = dashboard.page();
    dashboard.go("#/history?status=failed");
    assertThat(dashboard.at("token")).isFocused();
    assertThat(dashboard.at("token")).hasAttribute("type", "password");
    assertThat(dashboard.at("token")).hasAttribute("autocomplete", "current-password");
    assertThat(dashboard.at("why")).hasCount(0);
    assertThat(page.locator("nav")).isHidden();

    dashboard.at("token").fill(UNKNOWN);
    page.keyboard().press("Enter");
    assertThat(dashboard.at("problem")).hasAttribute("data-type", "unauthorized");
    assertThat(dashboard.at("token")).isFocused();

    dashboard.signIn(token);
    assertThat(dashboard.at("history-status")).hasValue("failed");
    assertTrue(page.url().endsWith("#/history?status=failed"), page::url);
    assertThat(dashboard.at("who")).hasText(token.name());
    assertThat(dashboard.at("role")).hasText("operator");
    assertThat(dashboard.at("open-note")).hasCount(0);

    dashboard.overview();
    assertThat(dashboard.at("who")).hasText(token.name());
    assertThat(dashboard.at("tile").first()).isVisible();
  }

  @Test
  void a_page_stores_no_credentials(@WithTokens Site site, Tabs tabs) {
    Site.Token token = site.token("author", "*");
    Dashboard dashboard = tabs.open(site.address());
    dashboard.watch().announce(REFUSED);
    dashboard.go("#/history").signIn(token);
    Page page = dashboard.page();
    List<Cookie> cookies = page.context().cookies();
    assertEquals(List.of("rowmill_session"), cookies.stream().map(it -> it.name).toList());
    assertTrue(cookies.get(0).httpOnly);
    assertEquals(SameSiteAttribute.STRICT, cookies.get(0).sameSite);
    assertFalse(cookies.get(0).value.contains(token.secret()));
    assertEquals("", page.evaluate("document.cookie"));
    assertEquals(0, page.evaluate("localStorage.length + sessionStorage.length"));
    assertFalse(page.content().contains(token.secret()));
    assertEquals(1, page.evaluate("history.length - 1"), "the page that was loaded, and no other");

    dashboard.press("sign-out");
    assertThat(dashboard.at("why")).hasText("You are signed out.");
    assertThat(dashboard.at("sign-out")).hasCount(0);
    assertEquals(List.of(), page.context().cookies());
    page.context().addCookies(List.of(again(cookies.get(0), site)));
    page.reload();
    assertThat(dashboard.at("token")).isVisible();
    assertThat(dashboard.at("why")).hasCount(0);
  }

  private static Cookie again(Cookie cookie, Site site) {
    return new Cookie(cookie.name, cookie.value).setUrl(site.address().toString());
  }

  @Test
  void typed_text_is_not_shown_to_the_next_user(@WithTokens Site site, Tabs tabs) {
    Site.Token token = site.token("author", "*");
    Dashboard dashboard = tabs.open(site.address());
    dashboard.watch().announce(REFUSED);
    dashboard.startForm().signIn(token);
    dashboard.at("start-sql").fill("DELETE FROM t WHERE name = 'Ann'");
    dashboard.press("sign-out");
    dashboard.at("token").waitFor();
    assertEquals(0, dashboard.page().evaluate("sessionStorage.length"));
    dashboard.signIn(token);
    assertThat(dashboard.at("start-sql")).hasValue("");
  }

  @Test
  void requests_for_changes_carry_the_csrf_token(@WithTokens Site site, Tabs tabs)
      throws Exception {
    Site.Token token = site.token("operator", "*");
    long batch = slow(site, "csrf");
    Dashboard dashboard = tabs.open(site.address());
    dashboard.watch().announce(REFUSED);
    dashboard.batch(batch).signIn(token);
    dashboard.shows("running");

    Request pause =
        dashboard.page().waitForRequest("**/pause", () -> dashboard.press("action-pause"));
    assertTrue(pause.headerValue(CSRF).length() > 30, pause::url);
    dashboard.shows("paused");

    dashboard.watch().announce("status of 403");
    assertEquals(
        List.of(403, "/problems/csrf"),
        dashboard
            .page()
            .evaluate(
                """
                async path => {
                  const answer = await fetch(path, {method: 'POST'});
                  return [answer.status, (await answer.json()).type];
                }""",
                "/api/v1/batches/" + batch + "/resume"));
    dashboard.shows("paused");
    assertNull(get(dashboard, "/api/v1/pool").headerValue(CSRF));
  }

  private static Request get(Dashboard dashboard, String path) {
    return dashboard.page().waitForRequest("**" + path, dashboard::overview);
  }

  @Test
  void a_tab_continues_after_another_has_signed_in_again(@WithTokens Site site, Tabs tabs)
      throws Exception {
    Site.Token token = site.token("operator", "*");
    long batch = slow(site, "two-tabs");
    Dashboard first = tabs.open(site.address());
    first.watch().announce(REFUSED);
    first.go("#/history").signIn(token);
    Dashboard second = tabs.open(site.address()).go("#/history");
    second.press("sign-out");
    second.signIn(token);

    first.watch().announce("status of 403");
    first.page().evaluate("hash => { location.hash = hash; }", "#/batches/" + batch);
    first.shows("running");
    first.press("action-pause");
    first.shows("paused");
    assertThat(first.at("problem")).hasCount(0);
  }

  @Test
  void the_end_of_a_session_leads_to_the_sign_in_and_back(@WithTokens Site site, Tabs tabs)
      throws Exception {
    Site.Token token = site.token("operator", "*");
    long batch = slow(site, "revoked");
    Dashboard watching = tabs.open(site.address());
    watching.watch().announce(REFUSED);
    watching.batch(batch).signIn(token);
    watching.awaitBarPast(0);
    Dashboard resting = tabs.open(site.address()).go("#/history");
    assertThat(resting.at("history-row").first()).isVisible();

    site.revoke(token);
    assertThat(watching.at("why")).containsText("Your session has ended");
    assertThat(watching.at("bar")).hasCount(0);
    assertThat(watching.at("who")).hasCount(0);
    // A page that sends no requests learns of it at its next request.
    resting.press("history-reload");
    assertThat(resting.at("why")).containsText("Your session has ended");

    watching.signIn(site.token("viewer", "*"));
    watching.shows("running");
    assertEquals(batch, watching.shownBatch());
    watching.awaitBarPast(0);
  }

  @Test
  void a_rejected_stream_is_noticed(@WithTokens Site site, Tabs tabs) throws Exception {
    Site.Token token = site.token("viewer", "*");
    long batch = slow(site, "stream");
    Dashboard dashboard = tabs.open(site.address());
    dashboard.watch().announce(REFUSED);
    dashboard.batch(batch).signIn(token);
    dashboard.awaitBarPast(0);
    // Block other requests, so that only the stream can report the end of the session.
    dashboard.page().route("**/batches/" + batch, route -> route.abort());
    dashboard.watch().announce("net::ERR_FAILED");
    site.revoke(token);
    assertThat(dashboard.at("why")).containsText("Your session has ended");
  }

  @Test
  void guessing_tokens_is_slowed_down(Sites sites, Tabs tabs) throws Exception {
    Site site = sites.start(Site.withTokens());
    Dashboard dashboard = tabs.open(site.address());
    dashboard.watch().announce("status of (401|429)");
    dashboard.overview();
    RowmillApi guesser = new RowmillApi(site.address());
    ObjectNode guess = Site.JSON.createObjectNode().put("token", UNKNOWN);
    dashboard.at("token").fill(UNKNOWN);
    ExecutorService guessers = Executors.newFixedThreadPool(10);
    try {
      // Enough of them within a second, on a slow machine, too.
      List<Callable<Integer>> guesses =
          Collections.nCopies(10, () -> guesser.post("/session", guess).status());
      Awaitility.await("a refusal")
          .pollInSameThread()
          .until(() -> statuses(guessers.invokeAll(guesses)).contains(429));
    } finally {
      guessers.shutdownNow();
    }
    dashboard.press("sign-in-submit");
    assertThat(dashboard.at("problem")).hasAttribute("data-type", "too-many-attempts");
    assertThat(dashboard.at("problem")).containsText(Pattern.compile("Try again in \\d+ s"));
    assertThat(dashboard.at("sign-in-submit")).hasAttribute("aria-disabled", "true");
    assertThat(dashboard.at("problem")).containsText("You can try again");
    dashboard.signIn(site.first());
    assertThat(dashboard.at("role")).hasText("admin");
  }

  private static List<Integer> statuses(List<Future<Integer>> replies) throws Exception {
    List<Integer> statuses = new ArrayList<>();
    for (Future<Integer> reply : replies) {
      statuses.add(reply.get());
    }
    return statuses;
  }

  @Test
  void the_sign_in_page_speaks_chinese_and_fits_a_phone(@WithTokens Site site, Tabs tabs) {
    Dashboard chinese = tabs.open(site.address(), Look.CHINESE);
    chinese.watch().announce(REFUSED);
    chinese.overview();
    chinese.at("token").fill(UNKNOWN);
    chinese.press("sign-in-submit");
    assertThat(chinese.at("problem")).containsText(CHINESE);
    assertThat(chinese.page().locator("label")).containsText(CHINESE);
    assertEquals(List.of(), chinese.graveViolations());

    Dashboard phone = tabs.open(site.address(), Look.PHONE);
    phone.watch().announce(REFUSED);
    phone.overview();
    phone.at("token").waitFor();
    assertEquals(List.of(), phone.stickingOut());
    assertEquals(List.of(), phone.graveViolations());
    phone.signIn(site.token("operator", "*"));
    assertEquals(List.of(), phone.stickingOut());
    assertEquals(List.of(), phone.graveViolations());
  }

  private static long slow(Site site, String project) throws Exception {
    WorkTable table = site.rig().table(8_000);
    return site.slow(project, table, 50, "{\"wholeTable\": true}");
  }
}
