package dev.rowmill.dispatch;

import dev.rowmill.batch.Mode;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.Optional;

/** How batches are taken in and let go. */
@ConfigMapping(prefix = "rowmill")
public interface DispatchConfig {

  /** The mode of a batch that doesn't name one. */
  @WithDefault("parallel")
  Mode defaultMode();

  /** What this node is called; the host's name by default. */
  Optional<String> node();

  /** What is kept for undoing batches. */
  Undo undo();

  /** What is kept for undoing batches. */
  interface Undo {
    /** Whether a batch that doesn't say keeps what it changes, where that can be put back. */
    @WithDefault("true")
    boolean enabled();

    /** How long after a batch's end what it kept is there. */
    @WithDefault("14d")
    Duration retention();

    /** Bytes that may be kept, of all batches together. */
    @WithDefault("10737418240")
    long maxBytes();
  }

  /** What plans hold for. */
  Plans plan();

  /** What plans hold for. */
  interface Plans {
    /** How long a start can ask for a plan. */
    @WithDefault("1h")
    Duration ttl();

    /** By what share the matching rows may have moved since. */
    @WithDefault("0.1")
    double maxDrift();
  }

  /** What holds at the end of the service. */
  Shutdown shutdown();

  /** What holds at the end of the service. */
  interface Shutdown {

    /** How long running batches have to finish the chunk in hand. */
    @WithDefault("30s")
    Duration timeout();
  }
}
