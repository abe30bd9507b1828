package dev.rowmill.progress.event;

import dev.rowmill.batch.BatchStatus;
import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.Hold;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Represents an event that listeners receive. */
public sealed interface BatchEvent {

  /**
   * Holds all batches that a listener may see, as the first event of its stream.
   *
   * @param more whether there are further batches, which the snapshot omits
   */
  record Snapshot(List<BatchView> batches, boolean more) implements BatchEvent {}

  /** Reports the progress of a batch, also when it has not changed for a while. */
  record Progressed(BatchView batch) implements BatchEvent {}

  /**
   * Reports a change of a batch's status.
   *
   * @param view the batch in this status; null when a later change has replaced it, which has an
   *     event of its own, or when the batch can't be read
   */
  record StatusChanged(long batch, String project, BatchStatus status, @Nullable BatchView view)
      implements BatchEvent {}

  /**
   * Reports that the hold of a running batch has changed.
   *
   * @param hold null when the batch progresses again
   */
  record HoldChanged(long batch, String project, @Nullable Hold hold) implements BatchEvent {}

  /** Keeps the connection alive, and reports nothing. */
  record Alive() implements BatchEvent {}
}
