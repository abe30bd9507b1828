package dev.rowmill.dispatch.pool;

import dev.rowmill.batch.Mode;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.Optional;

/** Configures how batches are accepted, run and stopped. */
@ConfigMapping(prefix = "rowmill")
public interface DispatchConfig {

  /** Returns the mode of a batch that doesn't set one. */
  @WithDefault("parallel")
  Mode defaultMode();

  /** Returns the name of this node; the host's name by default. */
  Optional<String> node();

  /** Returns the settings of checks. */
  Check check();

  /** Configures the checks of running batches. */
  interface Check {
    /** Returns the interval between two checks of a running batch. */
    @WithDefault("60s")
    Duration interval();
  }

  /** Returns the settings of plans. */
  Plans plan();

  /** Configures how long and how strictly plans hold. */
  interface Plans {
    /** Returns how long a plan can be started. */
    @WithDefault("1h")
    Duration ttl();

    /**
     * Returns the share by which the number of matching rows may have changed since the plan was
     * made.
     */
    @WithDefault("0.1")
    double maxDrift();
  }

  /** Returns the settings of the cluster. */
  Cluster cluster();

  /** Configures whether this node shares the work with others on the same database. */
  interface Cluster {

    /** Returns whether it does; all nodes on a database need the same value. */
    @WithDefault("false")
    boolean enabled();

    /** Returns the longest time between a node's death and the resumption of its batches. */
    @WithDefault("20s")
    Duration takeover();
  }

  /** Returns the settings of the shutdown. */
  Shutdown shutdown();

  /** Configures the shutdown of the service. */
  interface Shutdown {

    /** Returns how long running batches may take to finish their current chunk. */
    @WithDefault("30s")
    Duration timeout();
  }
}
