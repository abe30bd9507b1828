package dev.rowmill.httptask;

import dev.rowmill.sql.run.ImageColumn;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Represents what is to be done with one row. */
sealed interface RowAnswer {

  /** Leaves the row as it is. */
  record Unchanged() implements RowAnswer {}

  /** Sets columns, in the order of the table. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Update(List<ImageColumn> columns, byte[] @Nullable [] values) implements RowAnswer {}

  /** Deletes the row. */
  record Delete() implements RowAnswer {}

  /** Rejects the row. */
  record Reject(String message) implements RowAnswer {}
}
