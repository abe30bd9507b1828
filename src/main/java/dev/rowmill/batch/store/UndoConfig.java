package dev.rowmill.batch.store;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** What is kept for undoing batches. */
@ConfigMapping(prefix = "rowmill.undo")
public interface UndoConfig {

  /** Whether a batch that doesn't say keeps what it changes, where that can be put back. */
  @WithDefault("true")
  boolean enabled();

  /** How long after a batch's end what it kept is there. */
  @WithDefault("14d")
  Duration retention();

  /** From one look for what is to be deleted to the next. */
  @WithDefault("1m")
  Duration purgeInterval();

  /** Bytes that may be kept, of all batches together. */
  @WithDefault("10737418240")
  long maxBytes();
}
