package dev.rowmill.rest.http;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** Configures what the service expects of HTTP clients. */
@ConfigMapping(prefix = "rowmill.http")
interface HttpConfig {

  /** Limits the time from the end of a request's headers to the end of its body. */
  @WithDefault("30s")
  Duration bodyTimeout();
}
