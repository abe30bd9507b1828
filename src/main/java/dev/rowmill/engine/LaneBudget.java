package dev.rowmill.engine;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;

/** Counts the further lanes of all automatic batches of this node. Safe for many threads. */
@ApplicationScoped
class LaneBudget {

  private final int most;
  private final int othersRunning;
  private int used;

  @Inject
  LaneBudget(LaneConfig config) {
    this(config.budget(), config.othersRunning());
  }

  LaneBudget(int most, int othersRunning) {
    this.most = most;
    this.othersRunning = othersRunning;
  }

  /** Takes one lane from the budget; returns false when none is left. */
  synchronized boolean take() {
    boolean left = used < most;
    used += left ? 1 : 0;
    return left;
  }

  /** Returns lanes to the budget. */
  synchronized void release(int lanes) {
    used -= lanes;
  }

  /** Returns how many lanes are taken. */
  synchronized int used() {
    return used;
  }

  /** Returns how many statements of others may run while automatic batches have several lanes. */
  int othersRunning() {
    return othersRunning;
  }
}
