package dev.rowmill.httptask;

import dev.rowmill.sql.run.ImageColumn;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Represents what is to be done with one row. */
sealed interface RowAnswer {

  /** Returns how many bytes of an answer it holds. */
  default long bytes() {
    return 0;
  }

  /** Leaves the row as it is. */
  record Unchanged() implements RowAnswer {}

  /** Sets columns, in the order of the table. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Update(List<ImageColumn> columns, byte[] @Nullable [] values) implements RowAnswer {
    @Override
    public long bytes() {
      long sum = 0;
      for (byte[] value : values) {
        sum += value == null ? 0 : value.length;
      }
      return sum;
    }
  }

  /** Deletes the row. */
  record Delete() implements RowAnswer {}

  /** Rejects the row. */
  record Reject(String message) implements RowAnswer {}
}
