package dev.rowmill.database;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** Configures whether this node shares the work with others on the same database. */
@ConfigMapping(prefix = "rowmill.cluster")
public interface ClusterConfig {

  /** Returns whether this node is in a cluster; all nodes on a database need the same value. */
  @WithDefault("false")
  boolean enabled();

  /** Returns the longest time between a node's death and the resumption of its batches. */
  @WithDefault("20s")
  Duration takeover();
}
