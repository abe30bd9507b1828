package dev.rowmill.batch.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
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
    try (PreparedStatement select = connection.prepareStatement(SELECT)) {
      select.setString(1, sizeKey);
      try (ResultSet row = select.executeQuery()) {
        return row.next() ? OptionalInt.of(row.getInt(1)) : OptionalInt.empty();
      }
    }
  }

  /** Returns the nanoseconds per row of the last batch over a subject; empty when unknown. */
  public static OptionalLong rowNanos(Connection connection, String sizeKey) throws SQLException {
    try (PreparedStatement select = connection.prepareStatement(SELECT_TIME)) {
      select.setString(1, sizeKey);
      try (ResultSet row = select.executeQuery()) {
        return row.next() ? OptionalLong.of(row.getLong(1)) : OptionalLong.empty();
      }
    }
  }

  /**
   * Stores the last chunk size of a batch.
   *
   * @param rowNanos nanoseconds per row, 0 when unknown
   */
  public static void store(Connection connection, String sizeKey, int rows, long rowNanos)
      throws SQLException {
    try (PreparedStatement store = connection.prepareStatement(STORE)) {
      store.setString(1, sizeKey);
      store.setInt(2, rows);
      store.setObject(3, rowNanos == 0 ? null : Long.valueOf(rowNanos));
      store.executeUpdate();
    }
  }
}
