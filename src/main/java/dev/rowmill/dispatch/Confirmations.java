package dev.rowmill.dispatch;

/**
 * Holds the unusual effects that a caller confirms, which would be rejected otherwise.
 *
 * @param wholeTable confirms a statement without a condition
 * @param ignore confirms a statement that skips rows that fail
 */
public record Confirmations(boolean wholeTable, boolean ignore) {

  public static final Confirmations NONE = new Confirmations(false, false);

  /** Returns a copy with another confirmation for a statement without a condition. */
  Confirmations ofWholeTable(boolean wholeTable) {
    return new Confirmations(wholeTable, ignore);
  }
}
