package dev.rowmill.throttle;

import java.sql.SQLException;

/** Represents a query that the sampler repeats. For the sampler's thread alone. */
interface Probe {

  /** Returns whether any batch needs its values. */
  boolean isWanted(long now);

  /** Queries once, and stores the results in its measures. */
  void sample() throws SQLException;

  /** Stores in its measures that the query failed. */
  void failed(Throwable error);

  /** Releases resources while no batch needs the values. Called repeatedly. */
  default void release() {}
}
