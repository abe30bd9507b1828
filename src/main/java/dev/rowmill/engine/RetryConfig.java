package dev.rowmill.engine;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** How transient database errors are met. */
@ConfigMapping(prefix = "rowmill.retry")
public interface RetryConfig {

  /**
   * How often one chunk is tried before its batch fails; a database that nobody can write to just
   * now is waited for.
   */
  @WithDefault("10")
  int maxAttempts();

  /** The pause after the first error; it doubles with each further one. */
  @WithDefault("200ms")
  Duration initialDelay();

  /** No pause is longer; with the defaults a chunk's tries span about 40 s. */
  @WithDefault("15s")
  Duration maxDelay();
}
