package dev.rowmill.batch.store;

import dev.rowmill.batch.StatusChange;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Collects the status changes of a transaction, which are published after its commit. A change is
 * added while its row is locked, so the sequence numbers follow the order of the commits. For one
 * thread.
 */
final class PendingChanges {

  private static final AtomicLong ORDER = new AtomicLong();

  private final List<StatusChange> changes = new ArrayList<>();

  /** Returns the highest sequence number that any transaction of this process has used. */
  static long newest() {
    return ORDER.get();
  }

  /**
   * Begins an attempt of the transaction; discards the changes of an attempt that was rolled back.
   */
  void begin() {
    changes.clear();
  }

  void add(Batch batch) {
    changes.add(
        new StatusChange(
            ORDER.incrementAndGet(),
            batch.storedId(),
            batch.project,
            batch.mode,
            batch.epoch,
            batch.status()));
  }

  List<StatusChange> changes() {
    return changes;
  }
}
