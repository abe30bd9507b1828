package dev.rowmill.throttle;

import java.util.concurrent.TimeUnit;

/**
 * Keeps all who share it to a number of rows a second, together. Rows are owed when a chunk begins,
 * and paid back by the passing of time; a chunk may begin when nothing is owed. Time that goes by
 * unused is not saved up, so no burst follows a pause. The debt is kept in rows, so that another
 * rate holds at once.
 *
 * <p>Pure arithmetic: it is told the time, as of {@link System#nanoTime()}. Thread-safe.
 */
final class RowRate {

  private static final double NANOS = TimeUnit.SECONDS.toNanos(1);

  private double owed;
  private long since;

  /**
   * Begins a chunk, if it may begin.
   *
   * @param rows that it will probably have; {@link #settle} corrects that
   * @return nanoseconds to wait before asking again; 0 when the rows were taken
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

  /** Says how many rows it really were. */
  synchronized void settle(long taken, long real) {
    owed = Math.max(0, owed + real - taken);
  }
}
