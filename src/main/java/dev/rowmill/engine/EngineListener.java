package dev.rowmill.engine;

import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.DatabaseFailure;
import dev.rowmill.batch.Progress;
import java.time.Duration;

/**
 * Is told what a run does, on the run's own thread: be quick. What it throws is logged and changes
 * nothing. Every CDI bean of this type is told.
 */
public interface EngineListener {

  /** A run begins. */
  default void begins(BatchView batch) {}

  /** A run is over, however it came out; how is about to be stored. */
  default void ends(BatchView batch) {}

  /**
   * A chunk has been committed.
   *
   * @param progress of the batch, with this chunk
   * @param rowsChanged by this chunk
   * @param took from the start of its transaction to its commit; zero when its answer was lost
   */
  default void chunkDone(BatchView batch, Progress progress, long rowsChanged, Duration took) {}

  /**
   * A thread of a run was held back between two chunks.
   *
   * @param reason such as {@code replica-lag}
   * @param held since this was told last
   */
  default void heldBack(BatchView batch, String reason, Duration held) {}

  /** A chunk was rolled back and will be tried again. */
  default void retried(BatchView batch, DatabaseFailure failure) {}
}
