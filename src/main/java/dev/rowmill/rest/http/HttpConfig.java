package dev.rowmill.rest.http;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** What is expected of those who call. */
@ConfigMapping(prefix = "rowmill.http")
interface HttpConfig {

  /** How long a request's body may take to come, from the end of its headers on. */
  @WithDefault("30s")
  Duration bodyTimeout();
}
