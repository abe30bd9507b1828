package dev.rowmill.embedded;

import io.quarkus.arc.Unremovable;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;

/**
 * The database that starts when none is configured.
 *
 * <p>Read before the service starts, and so injected nowhere. Were it removed for that, the service
 * would refuse its properties as unknown ones.
 */
@Unremovable
@ConfigMapping(prefix = "rowmill.embedded")
public interface EmbeddedConfig {

  /** Where it keeps its data; one instance at a time. */
  @WithDefault("data")
  Path directory();
}
