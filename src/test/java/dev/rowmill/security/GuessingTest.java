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
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.awaitility.Awaitility;
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
    // A busy machine may need more than the second in which they count.
    String address =
        Awaitility.await("a rejection").until(this::guessed, it -> pool(good, it).status() != 200);
    Reply refused = pool(good, address);
    assertEquals("too-many-attempts", refused.problem());
    assertEquals(429, refused.status());
    int seconds = Integer.parseInt(refused.header("Retry-After").orElseThrow());
    assertTrue(seconds >= 1 && seconds <= 10, "Retry-After: " + seconds);
    Reply signIn =
        api.json("{\"token\": \"" + good + "\"}").header(FROM, address).post("/api/v1/session");
    assertEquals(429, signIn.status());
    assertEquals(200, pool(good, "10.255.0.1").status());
  }

  private Reply pool(String token, String address) {
    return api.as(token).header(FROM, address).get("/api/v1/pool");
  }

  /** Sends five invalid tokens at the same time from a new address, and returns the address. */
  private String guessed() {
    String address = RowmillApi.newAddress();
    ExecutorService callers = Executors.newFixedThreadPool(5);
    try {
      List<CompletableFuture<Reply>> guesses = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        boolean signsIn = i % 2 == 1;
        guesses.add(
            CompletableFuture.supplyAsync(
                () ->
                    signsIn
                        ? api.json("{\"token\": \"" + BAD + "\"}")
                            .header(FROM, address)
                            .post("/api/v1/session")
                        : pool(BAD, address),
                callers));
      }
      guesses.forEach(guess -> assertEquals(401, guess.join().status()));
      return address;
    } finally {
      callers.shutdownNow();
    }
  }

  @Test
  void requests_without_a_token_are_not_counted() {
    String address = RowmillApi.newAddress();
    for (int i = 0; i < 20; i++) {
      assertEquals(401, api.header(FROM, address).get("/api/v1/pool").status());
    }
  }
}
