package dev.rowmill.progress;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** How batches went over time. */
@ConfigMapping(prefix = "rowmill.timeline")
interface TimelineConfig {

  /** How long it is kept after a batch ran last. */
  @WithDefault("30d")
  Duration retention();
}
