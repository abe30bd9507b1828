package dev.rowmill.throttle;

/**
 * Rest after a chunk, as long as the chunk took times a factor (gh-ost's nice ratio). What else was
 * waited for since the chunk's end counts as rest too.
 *
 * <p>Pure arithmetic: it is told the time, as of {@link System#nanoTime()}. For one thread.
 */
final class NiceDelay {

  private long took;
  private long ended;

  /** A chunk that took this many nanoseconds has ended. */
  void chunkDone(long took, long now) {
    this.took = took;
    this.ended = now;
  }

  /** What the last chunk took, in nanoseconds. */
  long took() {
    return took;
  }

  /** How many nanoseconds of rest are left; 0 or less when none are. */
  long left(double nice, long now) {
    return took == 0 ? 0 : (long) (took * nice) - (now - ended);
  }
}
