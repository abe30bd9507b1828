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
 * The demonstration's own token, where it needs one: for its project alone, and for an hour at
 * most. Closing it revokes it. For one thread.
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

  /** The token; null where the service runs open. */
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
