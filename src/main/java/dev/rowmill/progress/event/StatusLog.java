package dev.rowmill.progress.event;

import dev.rowmill.batch.StatusChange;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Holds the newest status changes, numbered in the order in which they are published. For one
 * thread at a time.
 */
final class StatusLog {

  /** Limits how many changes are retained for listeners that reconnect. */
  static final int MAX = 10_000;

  /**
   * Represents a numbered change.
   *
   * @param number number of the change, from 1
   */
  record Entry(long number, StatusChange change) {}

  private final Deque<Entry> entries = new ArrayDeque<>();

  /** Holds the order of the latest change of each batch among the entries. */
  private final Map<Long, Long> newest = new HashMap<>();

  private long number;

  /** Holds the number up to which changes are no longer retained. */
  private long forgotten;

  /** Returns the number of the newest change; 0 before the first. */
  long number() {
    return number;
  }

  /**
   * Adds a change; empty if a later change of the batch was added before, which makes it obsolete.
   */
  Optional<Entry> add(StatusChange change) {
    if (newest.getOrDefault(change.batch(), 0L) >= change.order()) {
      return Optional.empty();
    }
    newest.put(change.batch(), change.order());
    return Optional.of(append(change));
  }

  /** Adds a change that another process has made. */
  Entry append(StatusChange change) {
    var entry = new Entry(++number, change);
    entries.addLast(entry);
    if (entries.size() > MAX) {
      Entry oldest = entries.removeFirst();
      forgotten = oldest.number;
      newest.remove(oldest.change.batch(), oldest.change.order());
    }
    return entry;
  }

  /** Marks a gap: the log may lack changes, so no listener can resume from an earlier number. */
  void skip() {
    forgotten = ++number;
  }

  /**
   * Returns the changes after a number; empty when it is in the future, or not all of them are
   * retained.
   */
  Optional<List<Entry>> after(long known) {
    if (known > number || known < forgotten) {
      return Optional.empty();
    }
    return Optional.of(entries.stream().filter(entry -> entry.number > known).toList());
  }
}
