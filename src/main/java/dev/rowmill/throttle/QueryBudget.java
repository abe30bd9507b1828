package dev.rowmill.throttle;

import java.util.concurrent.TimeUnit;

/**
 * Limits the queries in any second; the first ones may come as one burst. Does pure arithmetic on
 * times of {@link System#nanoTime()} that are passed in. For one thread.
 */
final class QueryBudget {

  static final int QUERIES_A_SECOND = 4;
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  /** Holds the start times of the last queries, as a ring. */
  private final long[] begun = new long[QUERIES_A_SECOND];

  private long count;

  /** Returns the nanoseconds until the next query may begin; 0 or less for now. */
  long untilFree(long now) {
    return count < QUERIES_A_SECOND ? 0 : begun[index()] + SECOND - now;
  }

  /** Records the start of a query. */
  void spend(long now) {
    begun[index()] = now;
    count++;
  }

  private int index() {
    return (int) (count % QUERIES_A_SECOND);
  }
}
