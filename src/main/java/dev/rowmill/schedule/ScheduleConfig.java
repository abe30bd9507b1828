package dev.rowmill.schedule;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** Configures how long the runs of schedules are retained. */
@ConfigMapping(prefix = "rowmill.schedule")
public interface ScheduleConfig {

  /**
   * Returns how long the list of a schedule's runs is retained; its last 30 runs always are, and
   * the last 30 with a batch.
   */
  @WithDefault("90d")
  Duration runRetention();

  /** Returns the interval between two purges of expired runs. */
  @WithDefault("1h")
  Duration purgeInterval();
}
