package dev.rowmill.engine;

import dev.rowmill.batch.BatchSettings;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Rows of the next chunk: fixed, or chosen so that a chunk takes the time asked for; halved by
 * trouble, and doubled back again by success. For one thread.
 *
 * <p>With a target the size follows the weighted mean of the time that a row took. It grows slowly,
 * since what a chunk locks others wait for, and shrinks at once when a chunk took far too long.
 *
 * <p>How long others wait is one thing, how many do is another: of those who change single rows
 * anywhere in the table, the share that meets a locked row is the share of the rows that are
 * locked. So a size that follows time also stays below one part in {@value #PARTS} of the rows of
 * the batch, for all its lanes together: then 99 of 100 of them never wait for a chunk, with some
 * to spare for what waits behind the waiting. Below the size of the first chunk this does not go,
 * or small tables would be changed row by row; so a caller who wants longer chunks by time names a
 * larger first one. A size that was asked for by rows alone is left as it is.
 */
public final class ChunkSize {

  static final int FEWEST_ROWS = 10;
  static final int MOST_ROWS = 100_000;

  /** At most, from one chunk to the next. */
  private static final double GROWTH = 1.2;

  /** How much of the mean is the newest chunk. */
  private static final double WEIGHT = 0.3;

  /** At most one of so many parts of the rows is locked at once. */
  private static final int PARTS = 200;

  private final int fallback;
  private @Nullable Integer targetMillis;
  private int first;
  private int lanes;
  private long total = Long.MAX_VALUE;
  private int size;
  private int begun;
  private int ceiling = Integer.MAX_VALUE;

  /** Of a row; 0 before the first chunk. */
  private double meanNanos;

  /**
   * @param lastRows what an earlier run or batch ended with, or null
   * @param fallback rows of the first chunk where nothing tells better
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

  /** Begins with the size that another batch over the same ended with. */
  void begin(int rows) {
    size = rows;
    begun = rows;
  }

  /** Whether time has changed the size. */
  boolean hasLearned() {
    return targetMillis != null && size != begun;
  }

  private void follow(BatchSettings settings) {
    targetMillis = settings.targetMillis();
    first = settings.chunkRows() == null ? fallback : settings.chunkRows();
    lanes = settings.lanes();
  }

  /**
   * Says how many rows the batch goes over, on all its lanes.
   *
   * @param rows null when unknown, which sets no limit
   */
  void over(@Nullable Long rows) {
    total = rows == null ? Long.MAX_VALUE : rows;
  }

  /** Goes on with other settings. */
  void change(BatchSettings settings) {
    follow(settings);
    if (settings.chunkRows() != null) {
      size = settings.chunkRows();
    } else if (targetMillis == null) {
      size = fallback;
    }
  }

  /** Rows of the next chunk, at most. */
  int rows() {
    return Math.min(lasting(), ceiling);
  }

  /** What to begin with another time. */
  int lasting() {
    return targetMillis == null ? size : (int) Math.min(size, most());
  }

  private long most() {
    return most(first, total, lanes);
  }

  /**
   * Rows of a chunk whose size follows time, at most.
   *
   * @param first rows of the first chunk
   * @param total rows of the batch
   */
  public static long most(int first, long total, int lanes) {
    return Math.max(first, total / PARTS / lanes);
  }

  /** How long a row takes by the weighted mean, in nanoseconds; 0 when unknown. */
  long rowNanos() {
    return (long) meanNanos;
  }

  /** Halves, from what was really tried. */
  void halve(long tried) {
    ceiling = (int) Math.max(1, Math.min(rows(), tried) / 2);
  }

  /**
   * A chunk has been committed.
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
      // One that spanned less than it could says little about what a larger one would take.
      size = bounded(Math.min(size * GROWTH, target / meanNanos));
    }
  }

  private int bounded(double rows) {
    return (int) Math.max(FEWEST_ROWS, Math.min(Math.min(MOST_ROWS, most()), Math.ceil(rows)));
  }
}
