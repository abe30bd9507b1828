package dev.rowmill.sample;

import dev.rowmill.batch.ProjectPatterns;
import dev.rowmill.security.AuthConfig;
import dev.rowmill.security.AuthMode;
import dev.rowmill.security.Role;
import dev.rowmill.security.Tokens;
import jakarta.enterprise.context.Dependent;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Creates a token for the demonstration if tokens are required. It is limited to one project and
 * expires after one hour. Closing this object revokes it. Not thread-safe.
 */
@Dependent
class DemoToken implements AutoCloseable {

  private static final Duration LIFE = Duration.ofHours(1);

  private final Tokens tokens;
  private final AuthConfig config;
  private final Clock clock;
  private Tokens.@Nullable Made made;

  DemoToken(Tokens tokens, AuthConfig config, Clock clock) {
    this.tokens = tokens;
    this.config = config;
    this.clock = clock;
  }

  /** Creates and returns the token; null if the service runs in mode {@code open}. */
  @Nullable String make(String project) {
    if (config.mode().filter(AuthMode.OPEN::equals).isPresent()) {
      return null;
    }
    made =
        tokens
            .make(
                "demo-" + clock.millis(),
                Role.AUTHOR,
                new ProjectPatterns(List.of(project)),
                null,
                clock.instant().plus(LIFE))
            .orElseThrow(() -> new IllegalStateException("two demonstrations in one millisecond"));
    return made.secret();
  }

  @Override
  public void close() {
    if (made != null) {
      tokens.revoke(made.token().id());
    }
  }
}
