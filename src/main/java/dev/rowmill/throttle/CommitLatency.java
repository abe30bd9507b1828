package dev.rowmill.throttle;

import java.util.concurrent.TimeUnit;

/**
 * Computes the exponentially weighted mean of commit times, and the pause that it requires. After a
 * pause, one chunk may run as a probe. Its commit time replaces the mean, which is out of date. The
 * pauses double while probes find slow commits.
 *
 * <p>Computes only: callers pass the time, as of {@link System#nanoTime()}. For one thread.
 */
final class CommitLatency {

  private static final double WEIGHT = 0.3;
  private static final long LONGEST_PAUSE = TimeUnit.SECONDS.toNanos(5);
  private static final int MAX_DOUBLINGS = 10;

  private double mean;
  private boolean any;
  private boolean paused;
  private long pauseEnd;
  private int pausesInARow;

  /** Adds a commit that took this many nanoseconds. */
  void committed(long nanos) {
    mean = any && !paused ? mean + WEIGHT * (nanos - mean) : nanos;
    any = true;
    paused = false;
  }

  /** Returns the mean, in nanoseconds; 0 before the first commit. */
  long mean() {
    return Math.round(mean);
  }

  /**
   * Returns the nanoseconds to pause; 0 to continue.
   *
   * @param limit limit of the mean, in nanoseconds
   */
  long pause(long limit, long now) {
    if (mean <= limit) {
      paused = false;
      pausesInARow = 0;
      return 0;
    }
    if (!paused) {
      paused = true;
      double length = 2 * mean * (1 << Math.min(pausesInARow++, MAX_DOUBLINGS));
      pauseEnd = now + (long) Math.min(LONGEST_PAUSE, length);
    }
    // After the pause chunks may run until the commit of one gives a new mean.
    return Math.max(0, pauseEnd - now);
  }
}
