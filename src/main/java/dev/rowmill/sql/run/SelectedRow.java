package dev.rowmill.sql.run;

import org.jspecify.annotations.Nullable;

/**
 * Represents a row as it was read. The bytes of its values are as {@link ImageColumn} describes
 * them.
 *
 * @param cursor its position in the walk
 */
@SuppressWarnings("ArrayRecordComponent") // compared by isSame
public record SelectedRow(String cursor, byte[][] key, byte[] @Nullable [] values) {

  private static final int OVERHEAD = 200;

  /** Returns about how many bytes of the heap the row takes. */
  public long bytes() {
    return OVERHEAD + 2L * cursor.length() + KeyedRows.bytes(key) + KeyedRows.bytes(values);
  }

  /** Returns whether another read of the row has the same values. */
  public boolean isSame(SelectedRow other) {
    return KeyedRows.equal(values, other.values);
  }
}
