package dev.rowmill.engine;

import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.Progress;
import dev.rowmill.database.DatabaseFailure;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Receives the events of a run, on the run's own thread, so it must return quickly. An exception is
 * logged and has no other effect. Every CDI bean of this type is called.
 */
public interface EngineListener {

  /** Handles the beginning of a run. */
  default void begins(BatchView batch) {}

  /**
   * Handles the end of a run, before its outcome is stored.
   *
   * @param outcome null where the run threw an exception
   */
  default void ends(BatchView batch, @Nullable RunOutcome outcome) {}

  /**
   * Handles the commit of a chunk.
   *
   * @param progress of the batch, with this chunk
   */
  default void chunkDone(BatchView batch, Progress progress, ChunkDone chunk) {}

  /**
   * Handles progress that other nodes made on lanes of the batch.
   *
   * @param progress of the batch, with theirs
   */
  default void movedElsewhere(BatchView batch, Progress progress) {}

  /**
   * Handles a thread of a run that was held back between two chunks.
   *
   * @param reason such as {@code replica-lag}
   * @param held time since the last report
   */
  default void heldBack(BatchView batch, String reason, Duration held) {}

  /**
   * Handles a change of the number of lanes that may be worked on.
   *
   * @param reason such as {@code trial}
   */
  default void lanesChanged(BatchView batch, int lanes, String reason) {}

  /**
   * Handles a chunk that was rolled back and will be tried again.
   *
   * @param took from the start of the try to its error
   */
  default void retried(BatchView batch, int lane, DatabaseFailure failure, Duration took) {}
}
