package dev.rowmill.dispatch.pool;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** Configures the checks of running batches. */
@ConfigMapping(prefix = "rowmill.check")
public interface CheckConfig {

  /** Returns the interval between two checks of a running batch. */
  @WithDefault("60s")
  Duration interval();
}
