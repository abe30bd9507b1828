package dev.rowmill.startup;

import dev.rowmill.embedded.EmbeddedConfig;
import io.quarkus.runtime.configuration.ConfigUtils;
import io.smallrye.config.SmallRyeConfig;

/** Reads the configuration that is needed before the service starts. */
final class StartupConfig {

  private StartupConfig() {}

  /**
   * Reads the same sources as the service: system properties, environment, .env, config/ and the
   * built-in file.
   */
  static SmallRyeConfig read() {
    return ConfigUtils.configBuilder()
        .forClassLoader(Thread.currentThread().getContextClassLoader())
        .withMapping(EmbeddedConfig.class)
        .build();
  }
}
