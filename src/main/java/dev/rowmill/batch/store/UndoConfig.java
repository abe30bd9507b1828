package dev.rowmill.batch.store;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** Configures the undo images of batches. */
@ConfigMapping(prefix = "rowmill.undo")
public interface UndoConfig {

  /** Determines whether a batch stores undo images by default, where its change can be undone. */
  @WithDefault("true")
  boolean enabled();

  /** Returns how long undo data are retained after the end of a batch. */
  @WithDefault("14d")
  Duration retention();

  /** Returns the interval between two purges of expired undo data. */
  @WithDefault("1m")
  Duration purgeInterval();

  /** Limits the bytes of the undo images of all batches together. */
  @WithDefault("10737418240")
  long maxBytes();
}
