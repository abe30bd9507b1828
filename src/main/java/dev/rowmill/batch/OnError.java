package dev.rowmill.batch;

import java.math.BigDecimal;
import java.math.RoundingMode;
import org.jspecify.annotations.Nullable;

/**
 * Defines what a batch does about a row that rejects its change. Stored as JSON. Immutable.
 *
 * @param maxSkipped number of rows that it may pass over; null for a share of them, or to fail
 * @param maxSkippedPercent the same as a percentage of the batch's rows; null for a number
 */
public record OnError(
    Mode mode, @Nullable Long maxSkipped, @Nullable BigDecimal maxSkippedPercent) {

  /** Fails the batch at its first row. */
  public static final OnError FAIL = new OnError(Mode.FAIL, null, null);

  /** Limits the rows that a batch passes over when it sets no limit of its own. */
  public static final long DEFAULT_MAX_SKIPPED = 1000;

  private static final BigDecimal WHOLE = BigDecimal.valueOf(100);

  /** Lists what a batch may do. */
  public enum Mode {
    /** Fails. */
    FAIL,
    /** Notes the row, and passes over it. */
    SKIP
  }

  /** Passes over a number of rows. */
  public static OnError skip(long maxSkipped) {
    return new OnError(Mode.SKIP, maxSkipped, null);
  }

  /** Passes over a percentage of the rows. */
  public static OnError skipPercent(BigDecimal percent) {
    return new OnError(Mode.SKIP, null, percent);
  }

  /**
   * Returns how many rows the batch may pass over: for a percentage at least one.
   *
   * @param rows rows of the batch, as far as they are known
   */
  public long budget(long rows) {
    if (mode == Mode.FAIL) {
      return 0;
    }
    if (maxSkippedPercent == null) {
      return maxSkipped == null ? DEFAULT_MAX_SKIPPED : maxSkipped;
    }
    BigDecimal share =
        BigDecimal.valueOf(rows).multiply(maxSkippedPercent).divide(WHOLE, 0, RoundingMode.DOWN);
    return Math.max(1, share.longValue());
  }
}
