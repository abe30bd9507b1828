package dev.rowmill.engine;

import java.util.concurrent.Executor;

/** Runs further lanes of batches on threads that batches share. Implementations are thread-safe. */
@FunctionalInterface
public interface LanePool extends Executor {

  /**
   * Returns how many threads are free for automatic lanes, less the batches and lanes that wait for
   * one; none by default.
   */
  default int spare() {
    return 0;
  }
}
