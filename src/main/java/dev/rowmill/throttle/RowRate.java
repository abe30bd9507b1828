package dev.rowmill.throttle;

import java.util.concurrent.TimeUnit;

/**
 * Limits the rows per second of all lanes that share it, together. Each chunk adds its rows to a
 * debt, which decreases with time. A chunk may begin when there is no debt. Unused time is not
 * saved, so no burst follows a pause. The debt is in rows, so a changed rate applies at once.
 *
 * <p>Computes only: callers pass the time, as of {@link System#nanoTime()}. Thread-safe.
 */
final class RowRate {

  private static final double NANOS = TimeUnit.SECONDS.toNanos(1);

  private double owed;
  private long since;

  /**
   * Begins a chunk, if it may begin.
   *
   * @param rows estimated rows of the chunk; {@link #settle} corrects them
   * @return nanoseconds to wait before the next call; 0 when the rows were taken
   */
  synchronized long take(long rows, long rowsPerSecond, long now) {
    if (owed > 0) {
      owed = Math.max(0, owed - (now - since) / NANOS * rowsPerSecond);
    }
    since = now;
    if (owed > 0) {
      return (long) Math.ceil(owed / rowsPerSecond * NANOS);
    }
    owed += rows;
    return 0;
  }

  /** Corrects the estimated rows of a chunk to its actual rows. */
  synchronized void settle(long taken, long real) {
    owed = Math.max(0, owed + real - taken);
  }
}
