package dev.rowmill.changes;

import dev.rowmill.sql.run.ChangedRows;
import java.io.ByteArrayOutputStream;
import java.util.List;

/** Writes the changes of one batch, range after range. For one thread at a time. */
interface ChangeWriter {

  /** Appends what comes before the first range. */
  default void begin(ByteArrayOutputStream out) {}

  /**
   * Appends the changes of a range.
   *
   * @param range id of the range
   * @param changes changes in the order in which they are written
   */
  void write(ByteArrayOutputStream out, long range, List<ChangedRows> changes);

  /** Appends what comes after the last range. */
  default void end(ByteArrayOutputStream out) {}
}
