package dev.rowmill.security;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rowmill.testing.TokenCalls;
import dev.rowmill.testing.TokenCalls.Answer;
import dev.rowmill.testing.TokenProfile;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import org.junit.jupiter.api.Test;

/** Guessing tokens over HTTP. */
@QuarkusTest
@TestProfile(TokenProfile.class)
class GuessingTest {

  private static final String BAD = "rwm_" + "B".repeat(43);
  private static final String FROM = "X-Forwarded-For";

  @Inject TokenCalls calls;

  @Test
  void after_five_wrong_tokens_an_address_is_refused_for_a_while() {
    String good = calls.token(Role.VIEWER, "*");
    String address = TokenCalls.address();
    for (int i = 0; i < 5; i++) {
      Answer answer =
          i % 2 == 0
              ? calls.send("GET", "/api/v1/pool", BAD, null, FROM, address)
              : calls.send(
                  "POST", "/api/v1/session", null, "{\"token\": \"" + BAD + "\"}", FROM, address);
      assertEquals(401, answer.status(), answer::text);
    }
    Answer refused = calls.send("GET", "/api/v1/pool", good, null, FROM, address);
    assertEquals("too-many-attempts", refused.problem());
    assertEquals(429, refused.status());
    int seconds = Integer.parseInt(refused.header("Retry-After").orElseThrow());
    assertTrue(seconds >= 1 && seconds <= 10, "Retry-After: " + seconds);
    Answer signIn =
        calls.send("POST", "/api/v1/session", null, "{\"token\": \"" + good + "\"}", FROM, address);
    assertEquals(429, signIn.status());
    assertEquals(200, calls.send("GET", "/api/v1/pool", good, null, FROM, "10.255.0.1").status());
  }

  @Test
  void who_shows_no_token_is_not_counted() {
    String address = TokenCalls.address();
    for (int i = 0; i < 20; i++) {
      assertEquals(401, calls.send("GET", "/api/v1/pool", null, null, FROM, address).status());
    }
  }
}
