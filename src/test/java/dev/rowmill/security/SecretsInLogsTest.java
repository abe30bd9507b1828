package dev.rowmill.security;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rowmill.testing.TokenCalls;
import dev.rowmill.testing.TokenCalls.Answer;
import dev.rowmill.testing.TokenProfile;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;

/** The log tells of each request, and of no token, session or proof. */
@QuarkusTest
@TestProfile(TokenProfile.class)
class SecretsInLogsTest {

  private static final class Lines extends Handler {
    private final List<String> lines = new CopyOnWriteArrayList<>();

    @Override
    public void publish(LogRecord line) {
      Object[] values = line.getParameters();
      lines.add(line.getMessage() + (values == null ? "" : List.of(values)) + line.getThrown());
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }

  @Inject TokenCalls calls;

  @Test
  void no_line_tells_a_secret() {
    String token = calls.token(Role.ADMIN, "*");
    String wrong = "rwm_" + "W".repeat(43);
    var lines = new Lines();
    Logger root = Logger.getLogger("");
    root.addHandler(lines);
    String made;
    Answer signIn;
    try {
      made =
          calls
              .send(
                  "POST",
                  "/api/v1/tokens",
                  token,
                  "{\"name\": \"logged-" + System.nanoTime() + "\", \"role\": \"viewer\"}")
              .body()
              .path("token")
              .asText();
      signIn = calls.send("POST", "/api/v1/session", null, "{\"token\": \"" + token + "\"}");
      assertEquals(200, signIn.status());
      calls.send("POST", "/api/v1/tokens", token, "{\"name\": \"" + wrong + "\"}");
      calls.get("/api/v1/pool", wrong);
      for (int i = 0; i < 6; i++) {
        calls.send(
            "POST",
            "/api/v1/session",
            null,
            "{\"token\": \"" + wrong + "\"}",
            "X-Forwarded-For",
            "10.254.0.1");
      }
    } finally {
      root.removeHandler(lines);
    }
    String all = String.join("\n", lines.lines);
    assertTrue(all.contains("/api/v1/session"), "there is an access log");
    assertTrue(all.contains("wrong tokens within a second"), all);
    String cookie = signIn.header("Set-Cookie").orElseThrow().replaceFirst(";.*", "");
    for (String secret :
        List.of(
            token.substring(4),
            made.substring(4),
            wrong,
            cookie.replaceFirst(".*=", ""),
            signIn.body().path("csrfToken").asText())) {
      assertFalse(all.contains(secret), "a line tells a secret");
    }
  }
}
