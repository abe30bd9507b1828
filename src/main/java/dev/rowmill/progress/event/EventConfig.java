package dev.rowmill.progress.event;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** Configures the event streams. */
@ConfigMapping(prefix = "rowmill.events")
interface EventConfig {

  /** Returns the interval between keep-alives, without which proxies consider a connection dead. */
  @WithDefault("15s")
  Duration keepAlive();
}
