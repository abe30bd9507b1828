package dev.rowmill.progress.event;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** How listeners are told what happens. */
@ConfigMapping(prefix = "rowmill.events")
interface EventConfig {

  /** From one sign of life to the next, without which proxies take a connection for a dead one. */
  @WithDefault("15s")
  Duration keepAlive();
}
