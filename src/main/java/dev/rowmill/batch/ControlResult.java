package dev.rowmill.batch;

import java.util.Optional;
import java.util.Set;

/** Represents the result of a request to change the status of a batch. */
public sealed interface ControlResult {

  /**
   * Represents a change that is done, or will be done after the current chunk.
   *
   * @param next batch of the project that is queued now, to be launched
   */
  record Granted(BatchView batch, Optional<BatchView> next) implements ControlResult {}

  /** Represents a change that the current status does not permit. */
  record Refused(BatchStatus from, BatchStatus to, Set<BatchStatus> allowed)
      implements ControlResult {}
}
