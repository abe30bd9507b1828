package dev.rowmill.batch.store;

import dev.rowmill.batch.BatchStatus;
import dev.rowmill.batch.BatchView;

/** Reports the result of storing a retry. */
public sealed interface RetryResult {

  /** Reports that the batch is queued again, or waits for its approval. */
  record Stored(BatchView batch) implements RetryResult {}

  /** Reports that the batch has a status that permits no retry; nothing was stored. */
  record Refused(BatchStatus from) implements RetryResult {}

  /**
   * Reports that rows of the batch were restored, or are about to be; nothing was stored.
   *
   * @param reason {@code undone}, {@code undone-in-part} or {@code undo-active}
   */
  record Undone(long batch, BatchStatus status, String reason) implements RetryResult {}

  /** Reports that the project has an active batch; nothing was stored. */
  record Busy(BatchView active) implements RetryResult {}
}
