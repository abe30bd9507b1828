package dev.rowmill.batch.store;

import dev.rowmill.batch.StatusChange;
import java.util.List;

/**
 * Listens to status changes of batches. Every CDI bean of this type is called after the commit, on
 * the committing thread, so it must be fast. Concurrent threads may report the changes of one batch
 * out of order. Where the response to a commit was lost, a change may be reported twice.
 */
public interface StatusListener {

  /** Handles the status changes of one transaction. */
  void changed(List<StatusChange> changes);
}
