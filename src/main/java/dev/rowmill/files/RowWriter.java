package dev.rowmill.files;

import java.io.IOException;
import java.util.Map;

/** Writes rows to one file. For one thread at a time. */
public interface RowWriter {

  /**
   * Writes a row.
   *
   * @param values one for each column, as {@link dev.rowmill.sql.run.ImageColumn} encodes them, but
   *     text in UTF-8; null for NULL
   * @throws LargeRowException if the row is too large for the format; nothing more can be written
   */
  void write(byte[][] values) throws IOException;

  /** Writes what comes after the last row. Does not close the stream. */
  void finish() throws IOException;

  /**
   * Returns how many values the format could not represent, and were written as NULL, by the name
   * of the column. Columns without any are left out.
   */
  default Map<String, Long> lostValues() {
    return Map.of();
  }
}
