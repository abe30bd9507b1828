package dev.rowmill.batch.store;

import dev.rowmill.batch.BatchStatus;
import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.Claim;
import dev.rowmill.batch.Mode;
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

  /** Adds the change of a batch's status by its run. */
  void add(Claim claim, BatchStatus status) {
    BatchView batch = claim.batch();
    add(batch.id(), batch.project(), batch.mode(), claim.epoch(), status);
  }

  void add(Batch batch) {
    add(batch.storedId(), batch.project, batch.mode, batch.epoch, batch.status);
  }

  private void add(long batch, String project, Mode mode, int epoch, BatchStatus status) {
    changes.add(new StatusChange(ORDER.incrementAndGet(), batch, project, mode, epoch, status));
  }

  List<StatusChange> changes() {
    return changes;
  }
}
