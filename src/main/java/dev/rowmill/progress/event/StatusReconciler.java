package dev.rowmill.progress.event;

import dev.rowmill.batch.BatchStatus;
import dev.rowmill.batch.StatusChange;
import dev.rowmill.batch.store.StatusScan.Scan;
import dev.rowmill.batch.store.StatusScan.SeenStatus;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Merges the status changes of all nodes for listeners. This process publishes its own changes at
 * once, and scans the database for the others. A scan may see its own changes before they are
 * published, and may be older than them when it returns. Filters the changes, so none is published
 * twice or out of order. For one thread at a time.
 */
final class StatusReconciler {

  /**
   * Holds the published status of a batch.
   *
   * @param pending what is pending in this status; null where that is not known
   * @param number number of the newest change published at that time
   * @param until set by a scan, else 0: a change of this process up to that number may be the one
   *     seen
   */
  private record Known(StatusChange status, @Nullable String pending, long number, long until) {}

  private final Map<Long, Known> known = new HashMap<>();

  /** Holds the highest id of the newest scan, and of the one before. */
  private long newest;

  private long newestBefore;

  /**
   * Starts from a first scan.
   *
   * @param first first scan, whose statuses listeners receive in their snapshots
   */
  StatusReconciler(Scan first) {
    newest = first.newest();
    newestBefore = first.newest();
    for (SeenStatus seen : first.seen()) {
      learn(seen, 0, first.until());
    }
  }

  /**
   * Returns the id from which the next scan must return all batches. Ids are not stored in their
   * order, so the new ids of the last scan are read once more.
   */
  long after() {
    return newestBefore;
  }

  /** Returns the batches that have not ended as far as is known. */
  Set<Long> live() {
    return known.entrySet().stream()
        .filter(entry -> !entry.getValue().status.status().isFinal())
        .map(Map.Entry::getKey)
        .collect(Collectors.toSet());
  }

  /** Returns the running batches. */
  List<StatusChange> running() {
    return known.values().stream()
        .map(Known::status)
        .filter(status -> status.status() == BatchStatus.RUNNING)
        .toList();
  }

  /** Checks whether a change of this process is still to be published. */
  boolean isNew(StatusChange own) {
    Known before = known.get(own.batch());
    return before == null
        || !(isBefore(own, before.status)
            || (own.order() <= before.until && isSame(own, before.status)));
  }

  /**
   * Records that a change of this process is published.
   *
   * @param number number of the change
   */
  void published(StatusChange own, long number) {
    known.put(own.batch(), new Known(own, null, number, 0));
  }

  /** Publishes a change that a scan has found. */
  interface Publisher {
    /** Publishes the change, and returns its number. */
    long publish(StatusChange found);
  }

  /**
   * Publishes the new statuses of a scan.
   *
   * @param began number of the newest published change when the scan began
   */
  void changes(Scan scan, long began, Publisher publisher) {
    List<SeenStatus> changed = new ArrayList<>();
    for (SeenStatus seen : scan.seen()) {
      Known before = known.get(seen.status().batch());
      if (before == null || isChanged(seen, before, began)) {
        changed.add(seen);
      } else if (before.pending == null && before.number <= began) {
        learn(seen, before.number, before.until);
      }
    }
    for (SeenStatus seen : changed) {
      learn(seen, publisher.publish(seen.status()), scan.until());
    }
    newestBefore = newest;
    newest = Math.max(newest, scan.newest());
    known
        .entrySet()
        .removeIf(
            entry ->
                entry.getValue().status.status().isFinal()
                    && entry.getValue().number <= began
                    && entry.getKey() <= newestBefore);
  }

  private void learn(SeenStatus seen, long number, long until) {
    known.put(seen.status().batch(), new Known(seen.status(), seen.pending(), number, until));
  }

  private static boolean isChanged(SeenStatus seen, Known before, long began) {
    if (before.number > began || isBefore(seen.status(), before.status)) {
      return false;
    }
    return !isSame(seen.status(), before.status)
        || (before.pending != null && !before.pending.equals(seen.pending()));
  }

  private static boolean isSame(StatusChange one, StatusChange other) {
    return one.status() == other.status() && one.epoch() == other.epoch();
  }

  /** Checks whether a batch certainly had one status before the other. */
  private static boolean isBefore(StatusChange one, StatusChange other) {
    return one.epoch() < other.epoch()
        || (one.epoch() == other.epoch() && rank(one.status()) < rank(other.status()));
  }

  /** Returns the order of statuses within one epoch; a claim starts the next epoch. */
  private static int rank(BatchStatus status) {
    return switch (status) {
      case SCHEDULED -> 0;
      case WAITING -> 1;
      case RUNNING -> 2;
      case QUEUED, PAUSED -> 3;
      case SUCCEEDED, FAILED, CANCELLED -> 4;
    };
  }
}
