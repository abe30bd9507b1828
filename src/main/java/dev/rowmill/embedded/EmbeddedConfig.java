package dev.rowmill.embedded;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;

/** The database that starts when none is configured. */
@ConfigMapping(prefix = "rowmill.embedded")
public interface EmbeddedConfig {

  /** Where it keeps its data; one instance at a time. */
  @WithDefault("data")
  Path directory();
}
