package dev.rowmill.engine;

import java.time.Duration;

/**
 * Measures how long a run has taken, without the times that do not count. Safe for the threads of
 * the run: the caller of the next measurement decides whether the time before it counts.
 */
final class RunTime {

  private boolean begun;
  private long readNanos;
  private long nanos;

  /** Begins the measurement. */
  synchronized void begin() {
    begun = true;
    readNanos = System.nanoTime();
  }

  /**
   * Returns the time that has counted so far.
   *
   * @param counts whether the time since the last call counts
   */
  synchronized Duration read(boolean counts) {
    long now = System.nanoTime();
    if (begun && counts) {
      nanos += now - readNanos;
    }
    readNanos = now;
    return Duration.ofNanos(nanos);
  }
}
