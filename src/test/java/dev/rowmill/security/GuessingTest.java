package dev.rowmill.security;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rowmill.testing.RowmillApi;
import dev.rowmill.testing.RowmillApi.Reply;
import dev.rowmill.testing.TestTokens;
import dev.rowmill.testing.TokenProfile;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import org.junit.jupiter.api.Test;

/** Tests that guessing tokens over HTTP is slowed down. */
@QuarkusTest
@TestProfile(TokenProfile.class)
class GuessingTest {

  private static final String BAD = "rwm_" + "B".repeat(43);
  private static final String FROM = "X-Forwarded-For";

  private final RowmillApi api = RowmillApi.behindProxy();

  @Inject TestTokens testTokens;

  @Test
  void after_five_invalid_tokens_an_address_is_rejected_for_a_while() {
    String good = testTokens.token(Role.VIEWER, "*");
    String address = RowmillApi.newAddress();
    for (int i = 0; i < 5; i++) {
      Reply reply =
          i % 2 == 0
              ? api.as(BAD).header(FROM, address).get("/api/v1/pool")
              : api.json("{\"token\": \"" + BAD + "\"}")
                  .header(FROM, address)
                  .post("/api/v1/session");
      assertEquals(401, reply.status(), reply::text);
    }
    Reply refused = api.as(good).header(FROM, address).get("/api/v1/pool");
    assertEquals("too-many-attempts", refused.problem());
    assertEquals(429, refused.status());
    int seconds = Integer.parseInt(refused.header("Retry-After").orElseThrow());
    assertTrue(seconds >= 1 && seconds <= 10, "Retry-After: " + seconds);
    Reply signIn =
        api.json("{\"token\": \"" + good + "\"}").header(FROM, address).post("/api/v1/session");
    assertEquals(429, signIn.status());
    assertEquals(200, api.as(good).header(FROM, "10.255.0.1").get("/api/v1/pool").status());
  }

  @Test
  void requests_without_a_token_are_not_counted() {
    String address = RowmillApi.newAddress();
    for (int i = 0; i < 20; i++) {
      assertEquals(401, api.header(FROM, address).get("/api/v1/pool").status());
    }
  }
}
