package dev.rowmill.batch;

import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/**
 * Lists the statuses of a batch and the permitted transitions between them.
 *
 * <p>Statuses are stored by name. The index for "one active batch a project" is built on these
 * names.
 */
public enum BatchStatus {
  /** Waits for another batch of its project, or for an approval. */
  WAITING,
  /** Waits for a thread, or for its turn. */
  QUEUED,
  /** Runs on a thread. */
  RUNNING,
  /**
   * Pauses on request or after a failed check; holds its project, but no thread, connection or
   * lock.
   */
  PAUSED,
  /** Succeeds when the last range reached the upper key found at its start. */
  SUCCEEDED,
  /** Fails by an error; every committed chunk stays committed. */
  FAILED,
  /** Ends on request; every committed chunk stays committed. */
  CANCELLED;

  /** Lists the statuses in which a batch keeps others of its project from running. */
  public static final Set<BatchStatus> ACTIVE = Set.copyOf(EnumSet.of(QUEUED, RUNNING, PAUSED));

  /** Returns the statuses that a batch can change to, each for one reason. */
  public Set<BatchStatus> next() {
    return switch (this) {
      // queued: the batch before it in its project has ended
      case WAITING -> EnumSet.of(QUEUED, CANCELLED);
      // running: a thread has claimed it
      case QUEUED -> EnumSet.of(RUNNING, PAUSED, CANCELLED);
      // queued: the service shut down or died, and the batch resumes at the next start;
      // paused and cancelled: requested, and done after the current chunk
      case RUNNING -> EnumSet.of(SUCCEEDED, FAILED, QUEUED, PAUSED, CANCELLED);
      // queued: resumed
      case PAUSED -> EnumSet.of(QUEUED, CANCELLED);
      case SUCCEEDED, FAILED, CANCELLED -> EnumSet.noneOf(BatchStatus.class);
    };
  }

  /** Returns the statuses that callers can request; the engine sets the others. */
  public Set<BatchStatus> mayBeAskedFor() {
    return switch (this) {
      case WAITING -> EnumSet.of(CANCELLED);
      case QUEUED, RUNNING -> EnumSet.of(PAUSED, CANCELLED);
      case PAUSED -> EnumSet.of(QUEUED, CANCELLED);
      case SUCCEEDED, FAILED, CANCELLED -> EnumSet.noneOf(BatchStatus.class);
    };
  }

  /** Returns whether the batch has ended. */
  public boolean isFinal() {
    return next().isEmpty();
  }

  /** Returns whether the batch holds its project. */
  public boolean isActive() {
    return ACTIVE.contains(this);
  }

  /** Returns the name of the status in the API. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
