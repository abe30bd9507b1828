package dev.rowmill.batch.store;

import dev.rowmill.database.Rows;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * Stores the last chunk sizes of batches by their subject, as initial sizes for later batches. Uses
 * the connection and transaction of the caller. Stateless.
 */
public final class ChunkSizes {

  private static final String SELECT = "SELECT chunk_rows FROM chunk_size WHERE subject = ?";
  private static final String SELECT_TIME =
      "SELECT row_nanos FROM chunk_size WHERE subject = ? AND row_nanos IS NOT NULL";
  private static final String STORE =
      "INSERT INTO chunk_size (subject, chunk_rows, row_nanos) VALUES (?, ?, ?)"
          + " ON DUPLICATE KEY UPDATE chunk_rows = VALUES(chunk_rows),"
          + " row_nanos = COALESCE(VALUES(row_nanos), row_nanos)";

  private ChunkSizes() {}

  /** Returns the last chunk size of the last batch over a subject; empty when there was none. */
  public static OptionalInt find(Connection connection, String sizeKey) throws SQLException {
    return Rows.first(connection, SELECT, row -> row.getInt(1), sizeKey)
        .map(OptionalInt::of)
        .orElseGet(OptionalInt::empty);
  }

  /** Returns the nanoseconds per row of the last batch over a subject; empty when unknown. */
  public static OptionalLong rowNanos(Connection connection, String sizeKey) throws SQLException {
    return Rows.first(connection, SELECT_TIME, row -> row.getLong(1), sizeKey)
        .map(OptionalLong::of)
        .orElseGet(OptionalLong::empty);
  }

  /**
   * Stores the last chunk size of a batch.
   *
   * @param rowNanos nanoseconds per row, 0 when unknown
   */
  public static void store(Connection connection, String sizeKey, int rows, long rowNanos)
      throws SQLException {
    Rows.update(connection, STORE, sizeKey, rows, rowNanos == 0 ? null : Long.valueOf(rowNanos));
  }
}
