package dev.rowmill.batch;

import java.util.Optional;
import java.util.Set;

/** What came of asking a batch for another state. */
public sealed interface ControlResult {

  /**
   * It is so, or will be after the chunk in hand.
   *
   * @param next the batch of the project that is queued now, to be brought to a thread
   */
  record Granted(BatchView batch, Optional<BatchView> next) implements ControlResult {}

  /** Its state does not allow it. */
  record Refused(BatchStatus from, BatchStatus to, Set<BatchStatus> allowed)
      implements ControlResult {}
}
