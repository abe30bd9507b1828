package dev.rowmill.engine;

import java.time.Duration;

/**
 * How long a run has taken, but for the times that don't count. Safe for the threads of the run:
 * time counts as the one says that looks next.
 */
final class RunTime {

  private boolean begun;
  private long lookedAt;
  private long nanos;

  /** Begins to count. */
  synchronized void begin() {
    begun = true;
    lookedAt = System.nanoTime();
  }

  /**
   * What has counted so far.
   *
   * @param counts whether the time since the last look does
   */
  synchronized Duration look(boolean counts) {
    long now = System.nanoTime();
    if (begun && counts) {
      nanos += now - lookedAt;
    }
    lookedAt = now;
    return Duration.ofNanos(nanos);
  }
}
