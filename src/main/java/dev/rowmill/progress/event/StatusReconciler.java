package dev.rowmill.progress.event;

import dev.rowmill.batch.BatchStatus;
import dev.rowmill.batch.StatusChange;
import dev.rowmill.batch.store.StatusScan.Look;
import dev.rowmill.batch.store.StatusScan.Sight;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What listeners know of the batches of all nodes. A change that this process makes is told at
 * once, those of others are found by looks at the database; a look may see the first before they
 * are told, and may be older than them when it comes. Says what is new of either, so that nothing
 * is told twice, and nothing after what came later. For one thread at a time.
 */
final class StatusReconciler {

  /**
   * What is known of a batch.
   *
   * @param awaitsApproval null where that is not known
   * @param number of the newest change that was told by then
   * @param until where a look found it: a change of this process up to that number may be what was
   *     seen; else 0
   */
  private record Known(
      StatusChange status, @Nullable Boolean awaitsApproval, long number, long until) {}

  private final Map<Long, Known> known = new HashMap<>();

  /** The highest id of the newest look, and of the one before. */
  private long newest;

  private long newestBefore;

  /**
   * @param first what listeners are told by their snapshots
   */
  StatusReconciler(Look first) {
    newest = first.newest();
    newestBefore = first.newest();
    for (Sight sight : first.sights()) {
      learn(sight, 0, first.until());
    }
  }

  /**
   * From which id on the next look has to tell of all: ids are not stored in their order, so those
   * of the last look once more.
   */
  long after() {
    return newestBefore;
  }

  /** Batches that have not ended as far as is known. */
  Set<Long> live() {
    return known.entrySet().stream()
        .filter(entry -> !entry.getValue().status.status().isFinal())
        .map(Map.Entry::getKey)
        .collect(Collectors.toSet());
  }

  /** Those that run. */
  List<StatusChange> running() {
    return known.values().stream()
        .map(Known::status)
        .filter(status -> status.status() == BatchStatus.RUNNING)
        .toList();
  }

  /** Whether a change of this process is still to be told. */
  boolean isNew(StatusChange own) {
    Known before = known.get(own.batch());
    return before == null
        || !(isBefore(own, before.status)
            || (own.order() <= before.until && isSame(own, before.status)));
  }

  /**
   * A change of this process is told.
   *
   * @param number that it has
   */
  void told(StatusChange own, long number) {
    known.put(own.batch(), new Known(own, null, number, 0));
  }

  /** What a look has found. */
  interface Teller {
    /** Tells it, and says what number it has. */
    long tell(StatusChange found);
  }

  /**
   * Tells what is new in a look.
   *
   * @param began the number of the newest change that was told when the look began
   */
  void news(Look look, long began, Teller teller) {
    List<Sight> news = new ArrayList<>();
    for (Sight sight : look.sights()) {
      Known before = known.get(sight.status().batch());
      if (before == null || isNews(sight, before, began)) {
        news.add(sight);
      } else if (before.awaitsApproval == null && before.number <= began) {
        learn(sight, before.number, before.until);
      }
    }
    for (Sight sight : news) {
      learn(sight, teller.tell(sight.status()), look.until());
    }
    newestBefore = newest;
    newest = Math.max(newest, look.newest());
    known
        .entrySet()
        .removeIf(
            entry ->
                entry.getValue().status.status().isFinal()
                    && entry.getValue().number <= began
                    && entry.getKey() <= newestBefore);
  }

  private void learn(Sight sight, long number, long until) {
    known.put(
        sight.status().batch(), new Known(sight.status(), sight.awaitsApproval(), number, until));
  }

  private static boolean isNews(Sight sight, Known before, long began) {
    if (before.number > began || isBefore(sight.status(), before.status)) {
      return false;
    }
    return !isSame(sight.status(), before.status)
        || (before.awaitsApproval != null && before.awaitsApproval != sight.awaitsApproval());
  }

  private static boolean isSame(StatusChange one, StatusChange other) {
    return one.status() == other.status() && one.epoch() == other.epoch();
  }

  /** Whether it is sure that a batch had one status before the other. */
  private static boolean isBefore(StatusChange one, StatusChange other) {
    return one.epoch() < other.epoch()
        || (one.epoch() == other.epoch() && rank(one.status()) < rank(other.status()));
  }

  /** The order of statuses with one epoch, which a claim makes higher. */
  private static int rank(BatchStatus status) {
    return switch (status) {
      case WAITING -> 0;
      case RUNNING -> 1;
      case QUEUED, PAUSED -> 2;
      case SUCCEEDED, FAILED, CANCELLED -> 3;
    };
  }
}
