package dev.rowmill.startup;

import dev.rowmill.embedded.EmbeddedConfig;
import io.quarkus.runtime.configuration.ConfigUtils;
import io.smallrye.config.SmallRyeConfig;

/** What is configured, for what has to be known before the service starts. */
final class StartupConfig {

  private StartupConfig() {}

  /**
   * Read as the service will: system properties, environment, .env, config/ and the built-in file.
   */
  static SmallRyeConfig read() {
    return ConfigUtils.configBuilder()
        .forClassLoader(Thread.currentThread().getContextClassLoader())
        .withMapping(EmbeddedConfig.class)
        .build();
  }
}
