package dev.rowmill.dispatch.pool;

import dev.rowmill.batch.Mode;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.util.Optional;

/** Configures this node, and the defaults of batches. */
@ConfigMapping(prefix = "rowmill")
public interface DispatchConfig {

  /** Returns the mode of a batch that doesn't set one. */
  @WithDefault("parallel")
  Mode defaultMode();

  /** Returns the name of this node; the host's name by default. */
  Optional<String> node();
}
