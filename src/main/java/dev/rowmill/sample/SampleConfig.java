package dev.rowmill.sample;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** What the demonstration makes. */
@ConfigMapping(prefix = "rowmill.sample")
interface SampleConfig {

  /** Rows of the sample's table. */
  @WithDefault("1000000")
  long items();
}
