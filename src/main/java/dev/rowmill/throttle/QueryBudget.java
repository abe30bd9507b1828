package dev.rowmill.throttle;

import java.util.concurrent.TimeUnit;

/**
 * So many queries in any second, at most; a burst of as many may be the first. Pure arithmetic: it
 * is told the time, as of {@link System#nanoTime()}. For one thread.
 */
final class QueryBudget {

  static final int QUERIES_A_SECOND = 4;
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  /** When the last ones began, as a ring. */
  private final long[] begun = new long[QUERIES_A_SECOND];

  private long count;

  /** Nanoseconds until the next query may begin; 0 or less for now. */
  long untilFree(long now) {
    return count < QUERIES_A_SECOND ? 0 : begun[place()] + SECOND - now;
  }

  /** A query begins. */
  void spend(long now) {
    begun[place()] = now;
    count++;
  }

  private int place() {
    return (int) (count % QUERIES_A_SECOND);
  }
}
