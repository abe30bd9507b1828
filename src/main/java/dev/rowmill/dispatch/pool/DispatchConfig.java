package dev.rowmill.dispatch.pool;

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

  /** How batches are held to their checks. */
  Check check();

  /** How batches are held to their checks. */
  interface Check {
    /** From one look at a running batch's check to the next. */
    @WithDefault("60s")
    Duration interval();
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

  /** Whether this node shares the work with others on the same database. */
  Cluster cluster();

  /** Whether this node shares the work with others on the same database. */
  interface Cluster {

    /** Whether it does; all nodes on a database must say the same. */
    @WithDefault("false")
    boolean enabled();

    /** How long after a node's death its batches go on at the latest. */
    @WithDefault("20s")
    Duration takeover();
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
