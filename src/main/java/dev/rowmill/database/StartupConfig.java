package dev.rowmill.database;

import io.quarkus.runtime.configuration.ConfigUtils;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.util.List;

/** Reads the configuration of the service where the service does not run, as before its start. */
public final class StartupConfig {

  private StartupConfig() {}

  /**
   * Reads the same sources as the service: system properties, environment, .env, config/ and the
   * built-in file.
   *
   * @param mappings the interfaces that the caller gets from the configuration
   * @throws RuntimeException if a property of a mapping is unknown or invalid
   */
  public static SmallRyeConfig read(Class<?>... mappings) {
    SmallRyeConfigBuilder builder =
        ConfigUtils.configBuilder().forClassLoader(Thread.currentThread().getContextClassLoader());
    List.of(mappings).forEach(builder::withMapping);
    return builder.build();
  }
}
