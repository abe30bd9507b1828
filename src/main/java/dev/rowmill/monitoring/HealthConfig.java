package dev.rowmill.monitoring;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** Configures when the service counts as not ready. */
@ConfigMapping(prefix = "rowmill.health")
public interface HealthConfig {

  /** Returns how long the pool may have no free thread and make no progress. */
  @WithDefault("10m")
  Duration stuckAfter();
}
