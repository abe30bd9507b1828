package dev.rowmill.batch;

import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;

/**
 * Describes how many rows the runs of a schedule usually plan to change. Immutable.
 *
 * @param median median of the last runs
 * @param factor how many times as many rows are still usual
 */
public record UsualRows(long median, BigDecimal factor) {

  /** Sets how many runs a median needs. */
  public static final int FEWEST_RUNS = 3;

  /** Sets how many runs count. */
  public static final int MOST_RUNS = 10;

  /** Replaces a smaller median, so that few rows are never unusual. */
  private static final long LEAST_MEDIAN = 10;

  /**
   * Returns the usual number for runs that planned some numbers of rows; empty when they are too
   * few.
   *
   * @param rows numbers of the last runs, up to {@link #MOST_RUNS}
   */
  public static Optional<UsualRows> of(List<Long> rows, BigDecimal factor) {
    if (rows.size() < FEWEST_RUNS) {
      return Optional.empty();
    }
    List<Long> sorted = rows.stream().sorted().toList();
    long low = sorted.get((sorted.size() - 1) / 2);
    long high = sorted.get(sorted.size() / 2);
    return Optional.of(new UsualRows(low + (high - low) / 2, factor));
  }

  /** Returns the largest number of rows that is usual. */
  public long most() {
    BigDecimal most = factor.multiply(BigDecimal.valueOf(Math.max(median, LEAST_MEDIAN)));
    return most.min(BigDecimal.valueOf(Long.MAX_VALUE)).longValue();
  }
}
