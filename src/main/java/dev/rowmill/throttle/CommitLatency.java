package dev.rowmill.throttle;

import java.util.concurrent.TimeUnit;

/**
 * What commits take, as an exponentially weighted mean of those that were seen, and how long to
 * pause because of it. After a pause one chunk is let through as a probe; it counts alone, as the
 * mean is of a time gone by. While probes find commits still slow the pauses double.
 *
 * <p>Pure arithmetic: it is told the time, as of {@link System#nanoTime()}. For one thread.
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

  /** A commit took this many nanoseconds. */
  void committed(long nanos) {
    mean = any && !paused ? mean + WEIGHT * (nanos - mean) : nanos;
    any = true;
    paused = false;
  }

  /** The mean, in nanoseconds; 0 before the first commit. */
  long mean() {
    return Math.round(mean);
  }

  /**
   * How many nanoseconds to pause; 0 to go on.
   *
   * @param limit of the mean, in nanoseconds
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
    // Once it is over nothing is against a chunk, until the commit of one tells how it is now.
    return Math.max(0, pauseEnd - now);
  }
}
