package dev.rowmill.testing;

import dev.rowmill.batch.ProjectPatterns;
import dev.rowmill.security.Role;
import dev.rowmill.security.Tokens;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Creates access tokens. Thread-safe. */
@ApplicationScoped
public class TestTokens {

  private static final AtomicInteger COUNT = new AtomicInteger();

  private final Tokens tokens;

  TestTokens(Tokens tokens) {
    this.tokens = tokens;
  }

  /** Creates a token and returns its secret. */
  public String token(Role role, String... projects) {
    return made(role, null, projects).secret();
  }

  /**
   * Creates a token.
   *
   * @param life the time after which it expires; null for never
   */
  public Tokens.Made made(Role role, @Nullable Duration life, String... projects) {
    return tokens
        .make(
            role.code() + "-" + COUNT.incrementAndGet() + "-" + System.nanoTime(),
            role,
            new ProjectPatterns(List.of(projects)),
            null,
            life == null ? null : Instant.now().plus(life))
        .orElseThrow();
  }
}
