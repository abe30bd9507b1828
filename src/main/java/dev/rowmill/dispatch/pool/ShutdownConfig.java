package dev.rowmill.dispatch.pool;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** Configures the shutdown of the service. */
@ConfigMapping(prefix = "rowmill.shutdown")
public interface ShutdownConfig {

  /** Returns how long running batches may take to finish their current chunk. */
  @WithDefault("30s")
  Duration timeout();
}
