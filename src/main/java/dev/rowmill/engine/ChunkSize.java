package dev.rowmill.engine;

import dev.rowmill.batch.BatchSettings;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Sets the rows of the next chunk: fixed, or chosen so that a chunk takes the requested time.
 * Errors halve the size, and successful chunks double it back. For one thread.
 *
 * <p>With a target time the size follows the weighted mean of the time per row. It grows slowly,
 * since others wait for the locks of a chunk. It shrinks at once when a chunk took far too long.
 *
 * <p>The target time limits how long others wait, not how many. For callers that change single rows
 * anywhere in the table, the share that waits equals the share of locked rows. So a size that
 * follows time also stays below one part in {@value #PARTS} of the rows of the batch, for all its
 * lanes together. Then 99 of 100 callers never wait for a chunk, with a margin for those that queue
 * behind them. The limit never goes below the rows that take 15 milliseconds: such a wait is about
 * that for a commit on a busy disk, and smaller chunks spend much of their time on their commits.
 * Nor does it go below the size of the first chunk, or small tables would be changed row by row. A
 * caller who wants longer chunks by time sets a larger first one. A size requested in rows alone is
 * not changed.
 */
public final class ChunkSize {

  static final int FEWEST_ROWS = 10;
  static final int MAX_ROWS = 100_000;

  /** Limits the growth from one chunk to the next. */
  private static final double GROWTH = 1.2;

  /** Sets the weight of the newest chunk in the mean. */
  private static final double WEIGHT = 0.3;

  /** Limits the rows locked at once to one part in this number. */
  private static final int PARTS = 200;

  /** Sets the time of a chunk that may have more rows than that. */
  private static final double BRIEF_NANOS = 15e6;

  private final int fallback;
  private @Nullable Integer targetMillis;
  private int first;
  private int lanes;
  private long total = Long.MAX_VALUE;
  private int size;
  private int begun;
  private int ceiling = Integer.MAX_VALUE;

  /** Holds the mean nanoseconds of a row; 0 before the first chunk. */
  private double meanNanos;

  /**
   * @param lastRows last size of an earlier run or batch, or null
   * @param fallback rows of the first chunk where no other size is set
   */
  ChunkSize(BatchSettings settings, @Nullable Integer lastRows, int fallback) {
    this.fallback = fallback;
    this.size = lastRows == null ? fallback : lastRows;
    follow(settings);
    if (settings.chunkRows() != null && (lastRows == null || targetMillis == null)) {
      size = settings.chunkRows();
    }
    begun = size;
  }

  /** Begins with the last size of another batch with the same subject. */
  void begin(int rows) {
    size = rows;
    begun = rows;
  }

  /**
   * Begins with the time of a row on another lane of the batch.
   *
   * @param rowNanos nanoseconds; 0 when unknown
   */
  void assume(double rowNanos) {
    meanNanos = rowNanos;
  }

  /** Returns whether measured times have changed the size. */
  boolean hasLearned() {
    return targetMillis != null && size != begun;
  }

  private void follow(BatchSettings settings) {
    targetMillis = settings.targetMillis();
    first = settings.chunkRows() == null ? fallback : settings.chunkRows();
    lanes = settings.firstLanes();
  }

  /**
   * Sets how many rows the batch covers, on all its lanes.
   *
   * @param rows null when unknown, which sets no limit
   */
  void over(@Nullable Long rows) {
    total = rows == null ? Long.MAX_VALUE : rows;
  }

  /** Sets how many lanes the batch is processed in now. */
  void among(int many) {
    lanes = many;
  }

  /** Applies changed settings. */
  void change(BatchSettings settings) {
    follow(settings);
    if (settings.chunkRows() != null) {
      size = settings.chunkRows();
    } else if (targetMillis == null) {
      size = fallback;
    }
  }

  /** Returns the maximum rows of the next chunk. */
  int rows() {
    // The share limits the chunk, not what is learned: the number of lanes may fall again.
    return Math.min(lasting(), ceiling);
  }

  /** Returns the size for a later run to begin with. */
  int lasting() {
    return targetMillis == null ? size : (int) Math.min(size, most());
  }

  private long most() {
    return most(first, total, lanes, meanNanos);
  }

  /**
   * Returns the maximum rows of a chunk whose size follows time.
   *
   * @param first rows of the first chunk
   * @param total rows of the batch
   * @param rowNanos nanoseconds of a row; 0 when unknown
   */
  public static long most(int first, long total, int lanes, double rowNanos) {
    long brief = rowNanos == 0 ? 0 : (long) (BRIEF_NANOS / rowNanos);
    return Math.max(Math.max(first, brief), total / PARTS / lanes);
  }

  /** Returns the weighted mean time of a row, in nanoseconds; 0 when unknown. */
  long rowNanos() {
    return (long) meanNanos;
  }

  /** Halves the size, starting from the rows of the failed try. */
  void halve(long tried) {
    ceiling = (int) Math.max(1, Math.min(rows(), tried) / 2);
  }

  /**
   * Records a committed chunk.
   *
   * @param rows that it spanned
   * @param took zero when unknown
   */
  void done(long rows, Duration took) {
    boolean full = rows >= rows();
    ceiling = ceiling > size / 2 ? Integer.MAX_VALUE : ceiling * 2;
    if (targetMillis == null || rows == 0 || took.isZero()) {
      return;
    }
    double target = Duration.ofMillis(targetMillis).toNanos();
    double nanos = (double) took.toNanos() / rows;
    meanNanos = meanNanos == 0 ? nanos : WEIGHT * nanos + (1 - WEIGHT) * meanNanos;
    if (took.toNanos() > 2 * target) {
      meanNanos = Math.max(meanNanos, nanos);
      size = bounded(Math.min(size, target / nanos));
    } else if (full) {
      // A chunk below its size says little about the time of a larger one.
      size = bounded(Math.min(size * GROWTH, target / meanNanos));
    }
  }

  private int bounded(double rows) {
    return (int) Math.max(FEWEST_ROWS, Math.min(MAX_ROWS, Math.ceil(rows)));
  }
}
