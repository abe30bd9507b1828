package dev.rowmill.dispatch;

/**
 * What a caller says it means, since it would be refused otherwise.
 *
 * @param wholeTable a statement without a condition
 * @param ignore a statement that passes over rows that fail
 */
public record Confirmations(boolean wholeTable, boolean ignore) {

  public static final Confirmations NONE = new Confirmations(false, false);

  /** Returns these with another word on a statement without a condition. */
  Confirmations ofWholeTable(boolean meant) {
    return new Confirmations(meant, ignore);
  }
}
