package dev.rowmill.archive;

import dev.rowmill.files.ExactRows;
import dev.rowmill.sql.run.ReturnedRows;
import java.io.IOException;
import java.sql.SQLDataException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads the rows of a verified part as their table stores them. For one thread. */
final class OpenPart {

  /** Limits the bytes of the values of several rows that are held at the same time. */
  private static final long MOST_BYTES = 16L << 20;

  /** Counts the memory of a value in Java beyond its bytes. */
  private static final int VALUE_BYTES = 24;

  private final VerifiedPart file;
  private final ExactRows rows;
  private final ReturnedRows returned;

  /**
   * Holds the last rows that were read: those of a chunk are read again if it is divided. The file
   * continues behind them.
   */
  private final List<byte[] @Nullable []> held = new ArrayList<>();

  /** Counts the rows before the held ones. */
  private long before;

  OpenPart(VerifiedPart file, ExactRows rows, ReturnedRows returned) {
    this.file = file;
    this.rows = rows;
    this.returned = returned;
  }

  VerifiedPart file() {
    return file;
  }

  /** Returns the way of the rows into their table. */
  ReturnedRows returned() {
    return returned;
  }

  /**
   * Returns some rows.
   *
   * @param from number of rows of the part before them
   * @throws SQLDataException if there are several rows and they are too large to hold; retry with
   *     fewer
   */
  List<byte[] @Nullable []> read(long from, int count) throws IOException, SQLDataException {
    if (from < before || from > before + held.size()) {
      held.clear();
      file.moveTo(from);
    } else {
      held.subList(0, Math.toIntExact(from - before)).clear();
    }
    before = from;
    long bytes = 0;
    for (int i = 0; i < count; i++) {
      if (i == held.size()) {
        held.add(rows.fromFile(file.next()));
      }
      bytes += bytes(held.get(i));
      if (bytes > MOST_BYTES && i > 0) {
        throw new SQLDataException(
            "too large a chunk: its rows take more than " + MOST_BYTES + " bytes", "22001");
      }
    }
    return List.copyOf(held.subList(0, count));
  }

  private static long bytes(byte[] @Nullable [] row) {
    long bytes = 0;
    for (byte[] value : row) {
      bytes += VALUE_BYTES + (value == null ? 0 : value.length);
    }
    return bytes;
  }
}
