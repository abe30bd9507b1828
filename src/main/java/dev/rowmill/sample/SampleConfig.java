package dev.rowmill.sample;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** Configures the demonstration. */
@ConfigMapping(prefix = "rowmill.sample")
interface SampleConfig {

  /** Sets the number of rows of the sample table. */
  @WithDefault("1000000")
  long items();
}
