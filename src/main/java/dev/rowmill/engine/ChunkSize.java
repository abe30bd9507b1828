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
 */
final class ChunkSize {

  static final int FEWEST_ROWS = 10;
  static final int MOST_ROWS = 100_000;

  /** At most, from one chunk to the next. */
  private static final double GROWTH = 1.2;

  /** How much of the mean is the newest chunk. */
  private static final double WEIGHT = 0.3;

  private final int fallback;
  private @Nullable Integer targetMillis;
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
    targetMillis = settings.targetMillis();
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

  /** Goes on with other settings. */
  void change(BatchSettings settings) {
    targetMillis = settings.targetMillis();
    if (settings.chunkRows() != null) {
      size = settings.chunkRows();
    } else if (targetMillis == null) {
      size = fallback;
    }
  }

  /** Rows of the next chunk, at most. */
  int rows() {
    return Math.min(size, ceiling);
  }

  /** What to begin with another time. */
  int lasting() {
    return size;
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

  private static int bounded(double rows) {
    return (int) Math.max(FEWEST_ROWS, Math.min(MOST_ROWS, Math.ceil(rows)));
  }
}
