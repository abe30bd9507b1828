package dev.rowmill.batch;

import org.jspecify.annotations.Nullable;

/**
 * How far a batch has come: what its finished chunks have done, and nothing else.
 *
 * @param rowsTotal rows to look at, an estimate until the end is reached; null when unknown
 * @param rowsScanned rows looked at
 * @param rowsChanged rows changed
 * @param chunks chunks done
 * @param retries chunks tried again after a transient error
 * @param kept of the rows changed, for an undo
 * @param chunkRows rows of the next chunk, of the lane with the smallest; null before the first
 */
public record Progress(
    @Nullable Long rowsTotal,
    long rowsScanned,
    long rowsChanged,
    long chunks,
    long retries,
    Kept kept,
    @Nullable Integer chunkRows) {

  /** Nothing done yet. */
  public static final Progress NONE = new Progress(null, 0, 0, 0, 0, Kept.NONE, null);

  /** What two lanes have done together. */
  public Progress plus(Progress other) {
    return new Progress(
        rowsTotal == null || other.rowsTotal == null ? null : rowsTotal + other.rowsTotal,
        rowsScanned + other.rowsScanned,
        rowsChanged + other.rowsChanged,
        chunks + other.chunks,
        retries + other.retries,
        kept.plus(other.kept.rows(), other.kept.bytes()),
        chunkRows == null || other.chunkRows == null
            ? (chunkRows == null ? other.chunkRows : chunkRows)
            : Integer.valueOf(Math.min(chunkRows, other.chunkRows)));
  }

  Progress keeping(long moreRows, long moreBytes) {
    return new Progress(
        rowsTotal,
        rowsScanned,
        rowsChanged,
        chunks,
        retries,
        kept.plus(moreRows, moreBytes),
        chunkRows);
  }

  Progress withTotal(@Nullable Long total) {
    return new Progress(total, rowsScanned, rowsChanged, chunks, retries, kept, chunkRows);
  }

  Progress withChunkRows(@Nullable Integer rows) {
    return new Progress(rowsTotal, rowsScanned, rowsChanged, chunks, retries, kept, rows);
  }
}
