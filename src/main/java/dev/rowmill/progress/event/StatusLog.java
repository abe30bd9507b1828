package dev.rowmill.progress.event;

import dev.rowmill.batch.StatusChange;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The newest status changes, numbered in the order in which listeners are told them. For one thread
 * at a time.
 */
final class StatusLog {

  /** How many are remembered, for listeners that come back. */
  static final int MOST = 10_000;

  /**
   * A change with its number.
   *
   * @param number from 1
   */
  record Entry(long number, StatusChange change) {}

  private final Deque<Entry> entries = new ArrayDeque<>();

  /** Of each batch among the entries, which of its changes came last. */
  private final Map<Long, Long> newest = new HashMap<>();

  private long number;

  /** What came up to this one is not remembered. */
  private long forgotten;

  /** The number of the newest change; 0 before the first. */
  long number() {
    return number;
  }

  /** Adds a change; empty for one that another overtook, as nothing is true of it any more. */
  Optional<Entry> add(StatusChange change) {
    if (newest.getOrDefault(change.batch(), 0L) >= change.order()) {
      return Optional.empty();
    }
    newest.put(change.batch(), change.order());
    return Optional.of(append(change));
  }

  /** Adds a change that this process has not made. */
  Entry append(StatusChange change) {
    var entry = new Entry(++number, change);
    entries.addLast(entry);
    if (entries.size() > MOST) {
      Entry oldest = entries.removeFirst();
      forgotten = oldest.number;
      newest.remove(oldest.change.batch(), oldest.change.order());
    }
    return entry;
  }

  /** Some changes may be missing here: nobody can go on from what came before. */
  void skip() {
    forgotten = ++number;
  }

  /** Those after a number; empty when it is of the future, or not all of them are remembered. */
  Optional<List<Entry>> after(long known) {
    if (known > number || known < forgotten) {
      return Optional.empty();
    }
    return Optional.of(entries.stream().filter(entry -> entry.number > known).toList());
  }
}
