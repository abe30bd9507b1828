package dev.rowmill.progress;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** Configures the timelines of batches. */
@ConfigMapping(prefix = "rowmill.timeline")
interface TimelineConfig {

  /** Returns how long a timeline is retained after the batch's last run. */
  @WithDefault("30d")
  Duration retention();
}
