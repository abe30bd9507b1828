package dev.rowmill.embedded;

import io.quarkus.arc.Unremovable;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;

/**
 * Configures the database that starts if none is configured.
 *
 * <p>This mapping is read before the service starts, and so is injected nowhere. If it were removed
 * as unused, the service would reject its properties as unknown.
 */
@Unremovable
@ConfigMapping(prefix = "rowmill.embedded")
public interface EmbeddedConfig {

  /** Specifies the data directory, which one instance at a time may use. */
  @WithDefault("data")
  Path directory();
}
