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
 */
public record Progress(
    @Nullable Long rowsTotal, long rowsScanned, long rowsChanged, long chunks, long retries) {

  /** Nothing done yet. */
  public static final Progress NONE = new Progress(null, 0, 0, 0, 0);
}
