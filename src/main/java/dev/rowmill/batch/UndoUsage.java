package dev.rowmill.batch;

/**
 * Counts the undo data that a batch has stored for its changed rows.
 *
 * @param bytes size in the database
 */
public record UndoUsage(long rows, long bytes) {

  /** Represents no undo data. */
  public static final UndoUsage NONE = new UndoUsage(0, 0);

  UndoUsage plus(long moreRows, long moreBytes) {
    return new UndoUsage(rows + moreRows, bytes + moreBytes);
  }
}
