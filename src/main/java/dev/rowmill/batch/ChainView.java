package dev.rowmill.batch;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Represents a chain as it was when it was read.
 *
 * @param name name that the caller gave to it; null for none
 * @param submittedBy name of the caller; null where callers are not identified
 * @param undoOf chain that it undoes; null when its steps are no undos
 * @param paused whether no further step is queued until it is resumed
 * @param steps batches of the steps, in the order in which they were stored
 */
public record ChainView(
    long id,
    @Nullable String name,
    @Nullable String submittedBy,
    Instant createdAt,
    @Nullable Long undoOf,
    boolean paused,
    List<BatchView> steps) {

  /** Returns the status of the chain as a whole. */
  public BatchStatus status() {
    if (steps.stream().allMatch(step -> step.status().isFinal())) {
      return first(BatchStatus.FAILED, BatchStatus.CANCELLED, BatchStatus.SUCCEEDED);
    }
    return has(BatchStatus.RUNNING) || !paused && has(BatchStatus.QUEUED)
        ? BatchStatus.RUNNING
        : paused || has(BatchStatus.PAUSED) ? BatchStatus.PAUSED : BatchStatus.WAITING;
  }

  private BatchStatus first(BatchStatus... statuses) {
    for (BatchStatus status : statuses) {
      if (has(status)) {
        return status;
      }
    }
    throw new IllegalStateException("chain " + id + " has no steps");
  }

  private boolean has(BatchStatus status) {
    return steps.stream().anyMatch(step -> step.status() == status);
  }
}
