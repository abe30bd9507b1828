package dev.rowmill.batch;

import org.jspecify.annotations.Nullable;

/**
 * Holds the settings that protect the rows of a batch.
 *
 * @param keep whether undo data is stored
 * @param check SELECT whose single value must be true; null for none
 * @param canaryChunks number of chunks of a run before the first check; 0 without a check
 */
public record Safeguards(UndoPolicy keep, @Nullable String check, int canaryChunks) {

  /** Represents no safeguards. */
  public static final Safeguards NONE = new Safeguards(UndoPolicy.NO, null, 0);
}
