package dev.rowmill.batch;

/**
 * What a batch has kept of the rows that it changed.
 *
 * @param bytes that it takes in the database
 */
public record UndoUsage(long rows, long bytes) {

  /** Nothing. */
  public static final UndoUsage NONE = new UndoUsage(0, 0);

  UndoUsage plus(long moreRows, long moreBytes) {
    return new UndoUsage(rows + moreRows, bytes + moreBytes);
  }
}
