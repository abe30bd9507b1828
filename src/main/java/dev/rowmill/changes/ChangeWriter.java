package dev.rowmill.changes;

import dev.rowmill.sql.run.ChangedRows;
import java.io.ByteArrayOutputStream;

/** Writes the changes of one batch, range after range. For one thread at a time. */
interface ChangeWriter {

  /** Appends what comes before the first range. */
  default void begin(ByteArrayOutputStream out) {}

  /**
   * Appends changes.
   *
   * @param range id of their range
   */
  void write(ByteArrayOutputStream out, long range, ChangedRows rows);

  /** Appends what comes after the last range. */
  default void end(ByteArrayOutputStream out) {}
}
