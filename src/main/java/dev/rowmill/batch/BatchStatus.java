package dev.rowmill.batch;

import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/**
 * Represents the status of a batch. {@link Transition#TABLE} holds the allowed changes.
 *
 * <p>Statuses are stored by name. The index for "one active batch a project" is built on these
 * names.
 */
public enum BatchStatus {
  /** Waits for the time at which it starts. Holds nothing, and is in no queue. */
  SCHEDULED,
  /** Waits for other batches, or for an approval. */
  WAITING,
  /** Waits for a thread, or for its turn. */
  QUEUED,
  /** Runs on a thread. */
  RUNNING,
  /**
   * Has stopped between two chunks, on request or after a failed check. Holds its project, but no
   * thread, connection or lock.
   */
  PAUSED,
  /** Has succeeded: every lane has reached its end. */
  SUCCEEDED,
  /** Has failed with an error, and may be retried; every committed chunk stays committed. */
  FAILED,
  /** Has ended on request, and may be retried; every committed chunk stays committed. */
  CANCELLED;

  /** Lists the statuses in which a batch prevents others of its project from running. */
  public static final Set<BatchStatus> ACTIVE = Set.copyOf(EnumSet.of(QUEUED, RUNNING, PAUSED));

  private static final Set<BatchStatus> FINAL =
      Set.copyOf(EnumSet.of(SUCCEEDED, FAILED, CANCELLED));

  /** Returns the statuses that may follow. */
  public Set<BatchStatus> next() {
    return Transition.targets(this, transition -> true);
  }

  /** Returns the statuses that callers can request; the others follow from events. */
  public Set<BatchStatus> requestable() {
    return Transition.targets(this, Transition::onRequest);
  }

  /** Returns whether the batch has ended. It may still be retried, which begins another run. */
  public boolean isFinal() {
    return FINAL.contains(this);
  }

  /** Returns the name of the status in the API. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
