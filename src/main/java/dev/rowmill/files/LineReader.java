package dev.rowmill.files;

import java.io.Closeable;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads a file line by line. For one thread. */
public interface LineReader extends Closeable {

  /** Limits the columns of a file, as no table of a server has more. */
  int MOST_COLUMNS = 4096;

  /**
   * Represents a line.
   *
   * @param number number of the line on which it begins, from 1
   * @param values values by column; null for NULL
   * @param problem why it can't be used, in English; null if it can
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Line(long number, @Nullable String[] values, @Nullable String problem) {}

  /** Represents what the values of a column are. */
  enum Values {
    /** Means text, in which a binary value is Base64. */
    ANY,
    /** Means text, in which no binary value is. */
    TEXT,
    /** Means bytes, in Base64. */
    BYTES
  }

  /** Returns what the values of a column are, by its position from 0. */
  default Values values(int column) {
    return Values.ANY;
  }

  /** Returns the names of the columns, as the file spells them. */
  List<String> columns();

  /**
   * Returns the next line; null at the end.
   *
   * @throws BrokenFileException if no later line can be read
   * @throws IOException if the file is not received completely
   */
  @Nullable Line next() throws IOException;

  @Override
  default void close() throws IOException {}
}
