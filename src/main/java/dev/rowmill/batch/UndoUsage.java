package dev.rowmill.batch;

/**
 * Represents the undo data of a batch.
 *
 * @param rows rows that can be restored
 * @param bytes size in the database
 */
public record UndoUsage(long rows, long bytes) {

  /** Represents no undo data. */
  public static final UndoUsage NONE = new UndoUsage(0, 0);

  UndoUsage plus(long moreRows, long moreBytes) {
    return new UndoUsage(rows + moreRows, bytes + moreBytes);
  }
}
