package dev.rowmill.engine;

import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.Progress;
import dev.rowmill.database.DatabaseFailure;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Is told what a run does, on the run's own thread: be quick. What it throws is logged and changes
 * nothing. Every CDI bean of this type is told.
 */
public interface EngineListener {

  /** A run begins. */
  default void begins(BatchView batch) {}

  /**
   * A run is over; how it came out is about to be stored.
   *
   * @param outcome null where the run threw something
   */
  default void ends(BatchView batch, @Nullable RunOutcome outcome) {}

  /**
   * A chunk has been committed.
   *
   * @param progress of the batch, with this chunk
   */
  default void chunkDone(BatchView batch, Progress progress, ChunkDone chunk) {}

  /**
   * Other nodes have worked on lanes of the batch.
   *
   * @param progress of the batch, with theirs
   */
  default void movedElsewhere(BatchView batch, Progress progress) {}

  /**
   * A thread of a run was held back between two chunks.
   *
   * @param reason such as {@code replica-lag}
   * @param held since this was told last
   */
  default void heldBack(BatchView batch, String reason, Duration held) {}

  /**
   * A chunk was rolled back and will be tried again.
   *
   * @param took from the start of the try to its error
   */
  default void retried(BatchView batch, int lane, DatabaseFailure failure, Duration took) {}
}
