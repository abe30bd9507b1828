package dev.rowmill.security;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rowmill.testing.RowmillApi;
import dev.rowmill.testing.RowmillApi.Reply;
import dev.rowmill.testing.TestTokens;
import dev.rowmill.testing.TokenProfile;
import io.agroal.api.AgroalDataSource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Tests sessions of browsers. */
@QuarkusTest
@TestProfile(TokenProfile.class)
class SessionTest {

  private static final String SESSION = "/api/v1/session";
  private static final String PAUSE = "/api/v1/batches/987654321/pause";

  private final RowmillApi api = RowmillApi.behindProxy();

  @Inject TestTokens testTokens;
  @Inject Tokens tokens;
  @Inject Sessions sessions;
  @Inject AgroalDataSource database;

  /** Represents a browser that has signed in. */
  private record Browser(String cookie, String csrf, Reply reply) {}

  private Browser signIn(String token, String... headers) {
    Reply reply = api.json("{\"token\": \"" + token + "\"}").headers(headers).post(SESSION);
    assertEquals(200, reply.status(), reply::text);
    String cookie = reply.header("Set-Cookie").orElseThrow().replaceFirst(";.*", "");
    return new Browser(cookie, reply.body().path("csrfToken").asText(), reply);
  }

  @Test
  void a_browser_signs_in_reads_changes_and_signs_out() {
    String token = testTokens.token(Role.OPERATOR, "shop-*", "x");
    Browser browser = signIn(token);
    String cookie = browser.reply.header("Set-Cookie").orElseThrow();
    assertTrue(
        cookie.matches(
            "rowmill_session=[\\w-]{43}; Path=/; Max-Age=(43200|43199); HttpOnly; SameSite=Strict"),
        cookie);
    JsonNode body = browser.reply.body();
    assertEquals("token", body.path("auth").asText());
    assertEquals("operator", body.path("role").asText());
    assertEquals("[\"shop-*\",\"x\"]", body.path("projects").toString());
    Reply look = api.header("Cookie", browser.cookie).get(SESSION);
    assertEquals(body, look.body());
    assertEquals("csrf", change(browser.cookie).problem());
    assertEquals(403, change(browser.cookie, "X-CSRF-Token", "no").status());
    assertEquals("not-found", change(browser.cookie, "X-CSRF-Token", browser.csrf).problem());
    Reply out =
        api.header("Cookie", browser.cookie).header("X-CSRF-Token", browser.csrf).delete(SESSION);
    assertEquals(204, out.status());
    assertTrue(out.header("Set-Cookie").orElseThrow().contains("Max-Age=0"));
    assertEquals(401, change(browser.cookie, "X-CSRF-Token", browser.csrf).status());
    assertEquals(200, api.as(token).get(SESSION).status());
  }

  @Test
  void a_csrf_token_is_valid_for_one_session_only() {
    String token = testTokens.token(Role.OPERATOR, "*");
    Browser one = signIn(token);
    Browser other = signIn(token);
    assertEquals(403, change(one.cookie, "X-CSRF-Token", other.csrf).status());
  }

  @Test
  void a_token_needs_no_csrf_token_and_precedes_a_cookie() {
    Browser viewer = signIn(testTokens.token(Role.VIEWER, "*"));
    String operator = testTokens.token(Role.OPERATOR, "*");
    assertEquals(404, api.as(operator).header("Cookie", viewer.cookie).post(PAUSE).status());
    assertEquals(
        401, api.as("rwm_" + "A".repeat(43)).header("Cookie", viewer.cookie).get(SESSION).status());
  }

  @Test
  void behind_an_https_proxy_the_cookie_is_secure() {
    Browser browser = signIn(testTokens.token(Role.VIEWER, "*"), "X-Forwarded-Proto", "https");
    assertTrue(browser.reply.header("Set-Cookie").orElseThrow().endsWith("; Secure"));
  }

  @Test
  void a_session_ends_with_its_token_at_the_latest() {
    Tokens.Made made = testTokens.made(Role.VIEWER, Duration.ofSeconds(4), "*");
    Browser browser = signIn(made.secret());
    assertEquals(
        made.token().expiresAt(), Instant.parse(browser.reply.body().path("expiresAt").asText()));
    Awaitility.await().until(() -> look(browser) == 401);
    assertFalse(Instant.now().isBefore(made.token().expiresAt()), "it has ended too early");
  }

  @Test
  void revoking_a_token_ends_its_sessions() {
    Tokens.Made made = testTokens.made(Role.VIEWER, null, "*");
    Browser browser = signIn(made.secret());
    assertEquals(200, look(browser));
    tokens.revoke(made.token().id());
    assertEquals(401, look(browser));
  }

  @Test
  void an_expired_cookie_prevents_neither_the_page_nor_a_sign_in() {
    String dead = "rowmill_session=" + "A".repeat(43);
    assertEquals(200, api.header("Cookie", dead).send("GET", "/").status());
    String body = "{\"token\": \"" + testTokens.token(Role.VIEWER, "*") + "\"}";
    assertEquals(200, api.json(body).header("Cookie", dead).post(SESSION).status());
  }

  @Test
  void invalid_sign_ins_are_rejected() {
    for (String token : new String[] {"x", "rwm_" + "A".repeat(43), "' OR 1=1 -- "}) {
      Reply reply = api.json("{\"token\": \"" + token + "\"}").post(SESSION);
      assertEquals(401, reply.status(), reply::text);
      assertFalse(reply.header("Set-Cookie").isPresent());
      assertTrue(reply.header("WWW-Authenticate").orElse("").contains("invalid_token"));
    }
    for (String body :
        new String[] {"{}", "{\"token\": 1}", "[]", "{\"token\": \"x\", \"a\": 1}"}) {
      assertEquals(400, api.json(body).post(SESSION).status(), body);
    }
  }

  @Test
  void a_session_is_stored_as_a_hash_and_deleted_when_it_expires() throws SQLException {
    Browser browser = signIn(testTokens.token(Role.VIEWER, "*"));
    String id = browser.cookie.replaceFirst(".*=", "");
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement()) {
      try (ResultSet row =
          statement.executeQuery("SELECT COUNT(*) FROM sign_in WHERE id_hash = '" + id + "'")) {
        row.next();
        assertEquals(0, row.getInt(1));
      }
      statement.execute("UPDATE sign_in SET expires_at = created_at");
      sessions.purge();
      try (ResultSet row = statement.executeQuery("SELECT COUNT(*) FROM sign_in")) {
        row.next();
        assertEquals(0, row.getInt(1));
      }
    }
  }

  private int look(Browser browser) {
    return api.header("Cookie", browser.cookie).get(SESSION).status();
  }

  private Reply change(String cookie, String... headers) {
    String[] all = new String[headers.length + 2];
    all[0] = "Cookie";
    all[1] = cookie;
    System.arraycopy(headers, 0, all, 2, headers.length);
    return api.request().headers(all).post(PAUSE);
  }
}
