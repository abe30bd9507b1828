package dev.rowmill.dispatch;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** Configures how long and how strictly plans hold. */
@ConfigMapping(prefix = "rowmill.plan")
public interface PlanConfig {

  /** Returns how long a plan can be started. */
  @WithDefault("1h")
  Duration ttl();

  /**
   * Returns the share by which the number of matching rows may have changed since the plan was
   * made.
   */
  @WithDefault("0.1")
  double maxDrift();
}
