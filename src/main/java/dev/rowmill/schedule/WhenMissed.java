package dev.rowmill.schedule;

/** Lists what happens to firings that were due while no node was running. */
public enum WhenMissed {
  /** Starts one batch for all of them. */
  ONCE,
  /** Starts nothing. */
  SKIP
}
