package dev.rowmill.batch.store;

import dev.rowmill.batch.StatusChange;
import java.util.List;

/**
 * Is told what statuses batches have come to, after the commit, on the thread that made it: be
 * quick. Two threads may tell the changes of one batch in another order than they were made. Where
 * the answer to a commit was lost, a change may be told twice. Every CDI bean of this type is told.
 */
public interface StatusListener {

  /** What one transaction has changed. */
  void changed(List<StatusChange> changes);
}
