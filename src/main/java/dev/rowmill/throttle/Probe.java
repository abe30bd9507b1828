package dev.rowmill.throttle;

import java.sql.SQLException;

/** A query that the sampler repeats. For the sampler's thread alone. */
interface Probe {

  /** Whether anybody wants what it reads. */
  boolean isWanted(long now);

  /** Asks once, and tells its measures. */
  void ask() throws SQLException;

  /** Tells its measures that the asking failed. */
  void failed(Throwable error);

  /** Nobody wants it for now: lets go of what it holds. Called again and again. */
  default void rest() {}
}
