package dev.rowmill.security;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rowmill.batch.ProjectPatterns;
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
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests tokens from their creation to their end. */
@QuarkusTest
@TestProfile(TokenProfile.class)
class TokensTest {

  private static final String TOKENS = "/api/v1/tokens";
  private static final String POOL = "/api/v1/pool";

  private final RowmillApi api = RowmillApi.behindProxy();

  @Inject TestTokens testTokens;
  @Inject Tokens tokens;
  @Inject Grants grants;
  @Inject TokenUsage lastUses;
  @Inject AgroalDataSource database;
  @Inject Clock clock;

  private String admin = "";

  @BeforeEach
  void become_an_admin() {
    admin = testTokens.token(Role.ADMIN, "*");
  }

  @Test
  void a_token_is_shown_once_and_stored_as_a_hash() throws Exception {
    Reply made = make("{\"name\": \"%s\", \"role\": \"viewer\", \"expiresInDays\": 7}");
    assertEquals(201, made.status(), made::text);
    assertEquals("no-store", made.header("Cache-Control").orElse(""));
    String token = made.body().path("token").asText();
    assertTrue(token.matches("rwm_[A-Za-z0-9_-]{43}"), "its form");
    JsonNode details = made.body().path("details");
    assertTrue(details.path("createdBy").asText().startsWith("admin-"), details::toString);
    assertEquals(200, api.as(token).get(POOL).status());
    Reply list = api.as(admin).get(TOKENS + "?limit=1");
    assertEquals(details.path("name"), list.body().at("/items/0/name"));
    assertFalse(list.text().contains(token.substring(4)), "the list discloses a token");
    String kept = row(details.path("id").asLong());
    assertFalse(kept.contains(token.substring(4)), "the database stores a token");
  }

  @Test
  void all_violations_of_a_request_are_reported_at_once() {
    Reply reply =
        api.as(admin)
            .json(
                "{\"name\": \"-x\", \"role\": \"root\", \"projects\": [\"a b\"], \"expiresInDays\": 0,"
                    + " \"more\": 1}")
            .post(TOKENS);
    assertEquals(400, reply.status());
    List<String> fields = new ArrayList<>();
    reply.body().path("violations").forEach(it -> fields.add(it.path("field").asText()));
    assertEquals(List.of("more", "name", "role", "projects", "expiresInDays"), fields);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"role\": \"admin\", \"projects\": [\"shop-*\"]",
        "\"role\": \"viewer\", \"projects\": []",
        "\"role\": \"viewer\", \"projects\": \"*\"",
        "\"role\": \"viewer\", \"projects\": [1]",
        "\"role\": \"viewer\", \"projects\": [\"a%\"]",
        "\"role\": \"viewer\", \"expiresAt\": \"2020-01-01T00:00:00Z\"",
        "\"role\": \"viewer\", \"expiresAt\": \"tomorrow\"",
        "\"role\": \"viewer\", \"expiresAt\": \"+1000000000-12-31T23:59:59Z\"",
        "\"role\": \"viewer\", \"expiresAt\": \"2099-01-01T00:00:00Z\", \"expiresInDays\": 3",
        "\"expiresInDays\": 3"
      })
  void invalid_tokens_are_not_created(String members) {
    Reply reply = make("{\"name\": \"%s\", " + members + "}");
    assertEquals(400, reply.status(), reply::text);
  }

  @Test
  void a_name_is_free_after_its_token_is_revoked() throws Exception {
    String name = "ci-" + System.nanoTime();
    String body = "{\"name\": \"" + name + "\", \"role\": \"viewer\"}";
    long first = api.as(admin).json(body).post(TOKENS).body().at("/details/id").asLong();
    assertEquals("name-taken", api.as(admin).json(body).post(TOKENS).problem());
    assertEquals(204, api.as(admin).delete(TOKENS + "/" + first).status());
    assertEquals(201, api.as(admin).json(body).post(TOKENS).status());
    tokens.make(name + "x", Role.VIEWER, ProjectPatterns.ALL, null, clock.instant().plusMillis(1));
    Thread.sleep(5);
    assertEquals(201, api.as(admin).json(body.replace(name, name + "x")).post(TOKENS).status());
  }

  @Test
  void each_page_of_a_list_begins_where_the_last_one_ended() {
    for (int i = 0; i < 3; i++) {
      testTokens.token(Role.VIEWER, "*");
    }
    List<Long> ids = new ArrayList<>();
    String next = TOKENS + "?limit=2";
    while (!next.equals("null")) {
      JsonNode page = api.as(admin).get(next).body();
      page.path("items").forEach(token -> ids.add(token.path("id").asLong()));
      next = page.path("next").asText("null");
    }
    assertEquals(tokens.list(null, 10_000).stream().map(AccessToken::id).toList(), ids);
    assertEquals(400, api.as(admin).get(TOKENS + "?limit=0").status());
  }

  @Test
  void a_revoked_token_is_rejected_at_once_here_and_soon_elsewhere() {
    Tokens.Made made = testTokens.made(Role.VIEWER, null, "*");
    assertEquals(200, api.as(made.secret()).get(POOL).status());
    assertEquals(204, api.as(admin).delete(TOKENS + "/" + made.token().id()).status());
    assertEquals(401, api.as(made.secret()).get(POOL).status());
    assertEquals(204, api.as(admin).delete(TOKENS + "/" + made.token().id()).status());
    assertEquals(404, api.as(admin).delete(TOKENS + "/987654321").status());

    Tokens.Made other = testTokens.made(Role.VIEWER, null, "*");
    assertEquals(200, api.as(other.secret()).get(POOL).status());
    execute("UPDATE access_token SET revoked_at = created_at WHERE id = " + other.token().id());
    Awaitility.await().until(() -> api.as(other.secret()).get(POOL).status() == 401);
  }

  @Test
  void a_token_expires() {
    Tokens.Made made = testTokens.made(Role.VIEWER, Duration.ofMillis(700), "*");
    Awaitility.await().until(() -> api.as(made.secret()).get(POOL).status() == 401);
    assertFalse(clock.instant().isBefore(made.token().expiresAt()), "it was rejected too early");
  }

  @Test
  void the_last_admin_token_can_not_be_revoked() {
    // Tokens of other tests are revoked temporarily.
    execute("CREATE TABLE kept_tokens AS SELECT id FROM access_token WHERE revoked_at IS NULL");
    try {
      Tokens.Made last = testTokens.made(Role.ADMIN, null, "*");
      execute(
          "UPDATE access_token SET revoked_at = created_at WHERE id IN (SELECT id FROM"
              + " kept_tokens)");
      grants.forget();
      String path = TOKENS + "/" + last.token().id();
      assertEquals("last-admin", api.as(last.secret()).delete(path).problem());
      String second = testTokens.token(Role.ADMIN, "*");
      assertEquals(204, api.as(last.secret()).delete(path).status());
      assertEquals(200, api.as(second).get(TOKENS).status());
    } finally {
      execute("UPDATE access_token SET revoked_at = NULL WHERE id IN (SELECT id FROM kept_tokens)");
      execute("DROP TABLE kept_tokens");
    }
  }

  @Test
  void the_last_use_is_stored_once_a_minute() throws Exception {
    Tokens.Made made = testTokens.made(Role.VIEWER, null, "*");
    assertEquals("null", used(made));
    api.as(made.secret()).get(POOL);
    lastUses.note();
    String first = used(made);
    assertNotEquals("null", first);
    api.as(made.secret()).get(POOL);
    lastUses.note();
    assertEquals(first, used(made));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "Bearer",
        "Bearer ",
        "Basic dXNlcjpwYXNz",
        "Digest x=y",
        "Bearer rwm_short",
        "Bearer rwm_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' OR '1'='1",
        "Bearer %00%ff",
        "Bearer TEN_KILOBYTES"
      })
  void malformed_tokens_are_rejected(String header) {
    Reply reply =
        api.header("Authorization", header.replace("TEN_KILOBYTES", "x".repeat(10_000))).get(POOL);
    assertEquals(401, reply.status(), reply::text);
    assertTrue(reply.header("WWW-Authenticate").orElse("").contains("invalid_token"));
  }

  @Test
  void two_tokens_are_rejected() {
    assertEquals(200, api.as(admin).get(POOL).status());
    assertEquals(401, api.as(admin).header("Authorization", "Bearer " + admin).get(POOL).status());
  }

  @Test
  void a_busy_caller_costs_few_queries() throws Exception {
    String token = testTokens.token(Role.VIEWER, "*");
    long before = selects();
    long started = System.nanoTime();
    for (int i = 0; i < 50; i++) {
      assertEquals(200, api.as(token).get("/api/v1/session").status());
    }
    long halfSeconds = (System.nanoTime() - started) / 450_000_000 + 1;
    assertTrue(selects() - before <= 3 * halfSeconds + 20, () -> "looks for 50 requests");
  }

  private Reply make(String body) {
    return api.as(admin).json(body.replace("%s", "t-" + System.nanoTime())).post(TOKENS);
  }

  private String used(Tokens.Made made) throws Exception {
    return text("SELECT last_used_at FROM access_token WHERE id = " + made.token().id());
  }

  private String row(long id) throws Exception {
    return text(
        "SELECT CONCAT_WS(' ', name, secret_hash, HEX(secret_hash), projects, created_by) FROM"
            + " access_token WHERE id = "
            + id);
  }

  private long selects() throws Exception {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SHOW GLOBAL STATUS LIKE 'Com_select'")) {
      row.next();
      return row.getLong(2);
    }
  }

  private String text(String sql) throws Exception {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return String.valueOf(row.getString(1));
    }
  }

  private void execute(String sql) {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new AssertionError(sql, e);
    }
  }
}
