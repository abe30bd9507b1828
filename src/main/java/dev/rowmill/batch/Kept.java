package dev.rowmill.batch;

/**
 * What a batch has kept of the rows that it changed.
 *
 * @param bytes that it takes in the database
 */
public record Kept(long rows, long bytes) {

  /** Nothing. */
  public static final Kept NONE = new Kept(0, 0);

  Kept plus(long moreRows, long moreBytes) {
    return new Kept(rows + moreRows, bytes + moreBytes);
  }
}
