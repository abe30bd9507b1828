package dev.rowmill.throttle;

/**
 * Computes the rest after a chunk: the time of the chunk multiplied by a factor (gh-ost's nice
 * ratio). Any other wait since the end of the chunk counts as rest, too.
 *
 * <p>Computes only: callers pass the time, as of {@link System#nanoTime()}. For one thread.
 */
final class NiceDelay {

  private long took;
  private long ended;

  /** Registers the end of a chunk that took this many nanoseconds. */
  void chunkDone(long took, long now) {
    this.took = took;
    this.ended = now;
  }

  /** Returns the time of the last chunk, in nanoseconds. */
  long took() {
    return took;
  }

  /** Returns the remaining nanoseconds of rest; 0 or less when there are none. */
  long left(double nice, long now) {
    return took == 0 ? 0 : (long) (took * nice) - (now - ended);
  }
}
