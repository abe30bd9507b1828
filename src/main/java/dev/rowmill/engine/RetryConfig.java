package dev.rowmill.engine;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** Configures the retries after transient database errors. */
@ConfigMapping(prefix = "rowmill.retry")
public interface RetryConfig {

  /**
   * Limits the tries of one chunk before its batch fails. While the database can't be written to,
   * the batch waits instead.
   */
  @WithDefault("10")
  int maxAttempts();

  /** Sets the pause after the first error; it doubles with each further one. */
  @WithDefault("200ms")
  Duration initialDelay();

  /** Limits the pause; with the defaults a chunk's tries span about 40 s. */
  @WithDefault("15s")
  Duration maxDelay();
}
