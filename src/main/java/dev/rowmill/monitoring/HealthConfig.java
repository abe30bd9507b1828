package dev.rowmill.monitoring;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** When the service counts as not ready. */
@ConfigMapping(prefix = "rowmill.health")
public interface HealthConfig {

  /** How long the pool may have no thread free and get nothing done. */
  @WithDefault("10m")
  Duration stuckAfter();
}
