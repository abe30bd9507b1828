package dev.rowmill.batch;

import java.util.List;

/**
 * Describes the batches for which a batch waits or has waited, and whether others wait for it.
 * Immutable.
 *
 * @param count number of its conditions
 * @param open number of conditions that are not met yet; 0 after its end
 * @param dependents number of batches that were stored to wait for it
 * @param conditions the conditions by the ids of the predecessors, when they were read
 */
public record Dependencies(int count, int open, int dependents, List<Condition> conditions) {

  /** Describes a batch without conditions, for which none waits. */
  public static final Dependencies NONE = new Dependencies(0, 0, 0, List.of());

  public Dependencies {
    conditions = List.copyOf(conditions);
  }

  /** Returns the dependencies of a new batch. */
  public static Dependencies of(Predecessors predecessors) {
    return new Dependencies(
        predecessors.conditions().size(), predecessors.open(), 0, predecessors.conditions());
  }

  /** Returns whether batches were stored to wait for it. */
  public boolean hasDependents() {
    return dependents > 0;
  }

  /** Returns a copy with its conditions. */
  public Dependencies with(List<Condition> read) {
    return new Dependencies(count, open, dependents, read);
  }
}
