package dev.rowmill.security;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rowmill.testing.RowmillApi;
import dev.rowmill.testing.RowmillApi.Reply;
import dev.rowmill.testing.TestTokens;
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

/** Tests that the log names each request, and no token, session or CSRF token. */
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

  private final RowmillApi api = RowmillApi.behindProxy();

  @Inject TestTokens testTokens;

  @Test
  void no_line_discloses_a_secret() {
    String token = testTokens.token(Role.ADMIN, "*");
    String wrong = "rwm_" + "W".repeat(43);
    var lines = new Lines();
    Logger root = Logger.getLogger("");
    root.addHandler(lines);
    String made;
    Reply signIn;
    try {
      made =
          api.as(token)
              .json("{\"name\": \"logged-" + System.nanoTime() + "\", \"role\": \"viewer\"}")
              .post("/api/v1/tokens")
              .body()
              .path("token")
              .asText();
      signIn = api.json("{\"token\": \"" + token + "\"}").post("/api/v1/session");
      assertEquals(200, signIn.status());
      api.as(token).json("{\"name\": \"" + wrong + "\"}").post("/api/v1/tokens");
      api.as(wrong).get("/api/v1/pool");
      for (int i = 0; i < 6; i++) {
        api.json("{\"token\": \"" + wrong + "\"}")
            .header("X-Forwarded-For", "10.254.0.1")
            .post("/api/v1/session");
      }
    } finally {
      root.removeHandler(lines);
    }
    String all = String.join("\n", lines.lines);
    assertTrue(all.contains("/api/v1/session"), "there is an access log");
    assertTrue(all.contains("invalid tokens within a second"), all);
    String cookie = signIn.header("Set-Cookie").orElseThrow().replaceFirst(";.*", "");
    for (String secret :
        List.of(
            token.substring(4),
            made.substring(4),
            wrong,
            cookie.replaceFirst(".*=", ""),
            signIn.body().path("csrfToken").asText())) {
      assertFalse(all.contains(secret), "a line discloses a secret");
    }
  }
}
