package dev.rowmill.batch.store;

import dev.rowmill.batch.StatusChange;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Notes within a transaction what statuses it brings batches to, to be told after its commit. A
 * change is noted while its row is locked, so that the numbers are in the order of the commits. For
 * one thread.
 */
final class PendingChanges {

  private static final AtomicLong ORDER = new AtomicLong();

  private final List<StatusChange> changes = new ArrayList<>();

  /** The number of the newest change that any transaction of this process has noted. */
  static long newest() {
    return ORDER.get();
  }

  /** A try of the transaction begins: what was noted before is rolled back. */
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
