package dev.rowmill.batch;

import org.jspecify.annotations.Nullable;

/**
 * Represents the progress of a batch: the sum of its committed chunks.
 *
 * @param rowsTotal rows to process, an estimate until the end is reached; null when unknown
 * @param rowsScanned processed rows
 * @param rowsChanged changed rows
 * @param rowsIgnored rows that the server skipped because of an error, as IGNORE allows; null if it
 *     did not report all of them
 * @param rowsSkipped rows that rejected their change, and were noted and passed over
 * @param chunks committed chunks
 * @param retries retries of chunks after transient errors
 * @param undo undo data of the changed rows
 * @param chunkRows rows of the next chunk, of the lane with the smallest; null before the first
 * @param limitReached whether the work ends at the last row within a LIMIT
 */
public record Progress(
    @Nullable Long rowsTotal,
    long rowsScanned,
    long rowsChanged,
    @Nullable Long rowsIgnored,
    long rowsSkipped,
    long chunks,
    long retries,
    UndoUsage undo,
    @Nullable Integer chunkRows,
    boolean limitReached) {

  /** Represents no progress. */
  public static final Progress NONE =
      new Progress(null, 0, 0, 0L, 0, 0, 0, UndoUsage.NONE, null, false);

  /** Returns the progress of two lanes together. */
  public Progress plus(Progress other) {
    return new Progress(
        sum(rowsTotal, other.rowsTotal),
        rowsScanned + other.rowsScanned,
        rowsChanged + other.rowsChanged,
        sum(rowsIgnored, other.rowsIgnored),
        rowsSkipped + other.rowsSkipped,
        chunks + other.chunks,
        retries + other.retries,
        undo.plus(other.undo.rows(), other.undo.bytes()),
        chunkRows == null || other.chunkRows == null
            ? (chunkRows == null ? other.chunkRows : chunkRows)
            : Integer.valueOf(Math.min(chunkRows, other.chunkRows)),
        limitReached || other.limitReached);
  }

  static @Nullable Long sum(@Nullable Long one, @Nullable Long other) {
    return one == null || other == null ? null : Long.valueOf(one + other);
  }

  Progress layout(long moreRows, long moreBytes) {
    return with(rowsTotal, rowsSkipped, undo.plus(moreRows, moreBytes), chunkRows, limitReached);
  }

  Progress withTotal(@Nullable Long total) {
    return with(total, rowsSkipped, undo, chunkRows, limitReached);
  }

  Progress withSkipped(long more) {
    return with(rowsTotal, rowsSkipped + more, undo, chunkRows, limitReached);
  }

  Progress withChunkRows(@Nullable Integer rows) {
    return with(rowsTotal, rowsSkipped, undo, rows, limitReached);
  }

  Progress withLimitReached() {
    return with(rowsTotal, rowsSkipped, undo, chunkRows, true);
  }

  private Progress with(
      @Nullable Long total,
      long skipped,
      UndoUsage undoNow,
      @Nullable Integer nextRows,
      boolean limited) {
    return new Progress(
        total,
        rowsScanned,
        rowsChanged,
        rowsIgnored,
        skipped,
        chunks,
        retries,
        undoNow,
        nextRows,
        limited);
  }
}
