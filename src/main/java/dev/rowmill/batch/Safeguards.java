package dev.rowmill.batch;

import org.jspecify.annotations.Nullable;

/**
 * What guards a batch's rows.
 *
 * @param check a SELECT whose one value must be true; null for none
 * @param canaryChunks after how many chunks of a run the check is first made; 0 without one
 */
public record Safeguards(UndoPolicy keep, @Nullable String check, int canaryChunks) {

  /** Nothing does. */
  public static final Safeguards NONE = new Safeguards(UndoPolicy.NO, null, 0);
}
