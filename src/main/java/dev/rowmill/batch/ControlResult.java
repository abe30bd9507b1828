package dev.rowmill.batch;

import java.util.Optional;
import java.util.Set;

/** Represents the result of a request for another status. */
public sealed interface ControlResult {

  /**
   * Grants the request, at once or after the current chunk.
   *
   * @param next queued batch of the project that is to be launched
   */
  record Granted(BatchView batch, Optional<BatchView> next) implements ControlResult {}

  /** Represents a change that the current status does not permit. */
  record Refused(BatchStatus from, BatchStatus to, Set<BatchStatus> allowed)
      implements ControlResult {}
}
