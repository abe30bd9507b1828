package dev.rowmill.sql.run;

import dev.rowmill.sql.parse.TableName;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Holds rows that one chunk has changed in the same way, with their values before and after. The
 * bytes of a value are as {@link ImageColumn} describes them.
 *
 * @param keys columns of the key by which the rows are found
 * @param columns other columns: the written ones of updated rows, all that are not generated of
 *     deleted and inserted rows
 */
public record ChangedRows(
    Change change,
    TableName table,
    List<ImageColumn> keys,
    List<ImageColumn> columns,
    List<Row> rows) {

  /** Represents how the rows were changed. */
  public enum Change {
    UPDATE,
    DELETE,
    INSERT;

    static Change of(RowImage.Kind kind) {
      return switch (kind) {
        case UPDATED -> UPDATE;
        case DELETED -> DELETE;
        case INSERTED -> INSERT;
      };
    }

    /** Returns whether rows have values from before the change. */
    public boolean hasBefore() {
      return this != INSERT;
    }

    /** Returns whether rows have values from after the change. */
    public boolean hasAfter() {
      return this != DELETE;
    }
  }

  /**
   * Represents one row.
   *
   * @param before old values of the columns; empty for an inserted row
   * @param after new values of the columns; empty for a deleted row
   * @param unknown columns whose new value is not stored, and not in the table any more
   */
  public record Row(
      byte[][] key, byte[] @Nullable [] before, byte[] @Nullable [] after, BitSet unknown) {}
}
