package dev.rowmill.batch;

import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/**
 * The states of a batch and the ways between them; the one table of what is allowed.
 *
 * <p>Stored by name; the index that holds "one active batch a project" is built on these names.
 */
public enum BatchStatus {
  /** Behind another batch of its project. */
  WAITING,
  /** Accepted; no thread yet, or not its turn. */
  QUEUED,
  /** A thread works on it. */
  RUNNING,
  /** Stopped on request after a chunk; holds its project, but no thread, connection or lock. */
  PAUSED,
  /** Ended: the last range reached the upper key found at its start. */
  SUCCEEDED,
  /** Ended by an error; every finished chunk stays finished. */
  FAILED,
  /** Ended on request; every finished chunk stays finished. */
  CANCELLED;

  /** The states in which a batch keeps others of its project from running. */
  public static final Set<BatchStatus> ACTIVE = Set.copyOf(EnumSet.of(QUEUED, RUNNING, PAUSED));

  /** The states that a batch can go on to, each for one reason. */
  public Set<BatchStatus> next() {
    return switch (this) {
      // queued: the batch before it in its project has ended
      case WAITING -> EnumSet.of(QUEUED, CANCELLED);
      // running: a thread has claimed it
      case QUEUED -> EnumSet.of(RUNNING, PAUSED, CANCELLED);
      // queued: the service shut down or died, and the batch goes on at the next start;
      // paused and cancelled: asked for, and done after the chunk in hand
      case RUNNING -> EnumSet.of(SUCCEEDED, FAILED, QUEUED, PAUSED, CANCELLED);
      // queued: resumed
      case PAUSED -> EnumSet.of(QUEUED, CANCELLED);
      case SUCCEEDED, FAILED, CANCELLED -> EnumSet.noneOf(BatchStatus.class);
    };
  }

  /** The states that callers can ask for: the others come about by themselves. */
  public Set<BatchStatus> mayBeAskedFor() {
    return switch (this) {
      case WAITING -> EnumSet.of(CANCELLED);
      case QUEUED, RUNNING -> EnumSet.of(PAUSED, CANCELLED);
      case PAUSED -> EnumSet.of(QUEUED, CANCELLED);
      case SUCCEEDED, FAILED, CANCELLED -> EnumSet.noneOf(BatchStatus.class);
    };
  }

  /** Whether the batch has come to its end, for good. */
  public boolean isFinal() {
    return next().isEmpty();
  }

  /** Whether the batch holds its project. */
  public boolean isActive() {
    return ACTIVE.contains(this);
  }

  /** The name that callers know it by. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
