package dev.rowmill.sql.run;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Represents a change of one row. */
public sealed interface RowEdit {

  SelectedRow row();

  /**
   * Sets columns of a row.
   *
   * @param columns columns to set, in the order of the table
   * @param values their new values
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Update(SelectedRow row, List<ImageColumn> columns, byte[] @Nullable [] values)
      implements RowEdit {}

  /** Deletes a row. */
  record Delete(SelectedRow row) implements RowEdit {}
}
