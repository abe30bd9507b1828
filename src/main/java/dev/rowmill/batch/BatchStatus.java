package dev.rowmill.batch;

import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/**
 * Represents the status of a batch. {@link Transition#TABLE} holds the allowed changes.
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

  /** Returns the statuses that may follow. */
  public Set<BatchStatus> next() {
    return Transition.targets(this, transition -> true);
  }

  /** Returns the statuses that callers can request; the others follow from events. */
  public Set<BatchStatus> mayBeAskedFor() {
    return Transition.targets(this, Transition::onRequest);
  }

  /** Whether the batch has come to its end, for good. */
  public boolean isFinal() {
    return next().isEmpty();
  }

  /** The name that callers know it by. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
