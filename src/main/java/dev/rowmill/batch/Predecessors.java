package dev.rowmill.batch;

import java.util.List;

/**
 * Holds the batches for which a start waits. Immutable.
 *
 * @param conditions the named batches, and how they must end
 * @param lastOfQueue whether the last batch of the project's queue must succeed, too
 */
public record Predecessors(List<Condition> conditions, boolean lastOfQueue) {

  /** Waits for no batch. */
  public static final Predecessors NONE = new Predecessors(List.of(), false);

  public Predecessors {
    conditions = List.copyOf(conditions);
  }

  /** Returns whether there is none. */
  public boolean isNone() {
    return conditions.isEmpty() && !lastOfQueue;
  }

  /** Returns the number of conditions that are not met yet. */
  public int open() {
    return (int) conditions.stream().filter(condition -> !condition.met()).count();
  }

  /** Returns a copy with other conditions. */
  public Predecessors with(List<Condition> others) {
    return new Predecessors(others, lastOfQueue);
  }

  /** Returns a copy that waits for the last batch of the queue, or not. */
  public Predecessors afterLast(boolean last) {
    return new Predecessors(conditions, last);
  }
}
