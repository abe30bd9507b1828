package dev.rowmill.batch;

import org.jspecify.annotations.Nullable;

/**
 * Holds the safeguards of a batch, and what its caller confirms. Stored as JSON. Immutable.
 *
 * @param keep whether undo data is stored
 * @param check a SELECT whose one value must be true; null for none
 * @param canaryChunks number of chunks of a run before the first check; 0 without one
 * @param wholeTable confirms a statement without a condition
 * @param ignore confirms a statement that skips rows that fail
 * @param onError what to do about a row that fails; null to fail
 */
public record Safeguards(
    UndoPolicy keep,
    @Nullable String check,
    int canaryChunks,
    boolean wholeTable,
    boolean ignore,
    Bounds bounds,
    @Nullable OnError onError) {

  /** Sets no safeguards. */
  public static final Safeguards NONE = of(UndoPolicy.NO);

  /** Sets no safeguards but the undo data. */
  public static Safeguards of(UndoPolicy keep) {
    return new Safeguards(keep, null, 0, false, false, Bounds.NONE, null);
  }

  public Safeguards with(Bounds others) {
    return new Safeguards(keep, check, canaryChunks, wholeTable, ignore, others, onError);
  }

  public Safeguards with(UndoPolicy policy) {
    return new Safeguards(policy, check, canaryChunks, wholeTable, ignore, bounds, onError);
  }

  /** Returns a copy with other confirmations. */
  public Safeguards confirming(boolean ofWholeTable, boolean ofIgnore) {
    return new Safeguards(keep, check, canaryChunks, ofWholeTable, ofIgnore, bounds, onError);
  }

  public Safeguards with(@Nullable OnError other) {
    return new Safeguards(keep, check, canaryChunks, wholeTable, ignore, bounds, other);
  }

  /** Returns whether rows that fail are passed over. */
  public boolean skipsRows() {
    return onError != null && onError.mode() == OnError.Mode.SKIP;
  }
}
