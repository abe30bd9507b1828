package dev.rowmill.batch;

import org.jspecify.annotations.Nullable;

/**
 * Holds the safeguards of the rows of a batch.
 *
 * @param keep whether undo data is stored
 * @param check a SELECT whose one value must be true; null for none
 * @param canaryChunks number of chunks of a run before the first check; 0 without one
 */
public record Safeguards(UndoPolicy keep, @Nullable String check, int canaryChunks) {

  /** Sets no safeguards. */
  public static final Safeguards NONE = new Safeguards(UndoPolicy.NO, null, 0);
}
