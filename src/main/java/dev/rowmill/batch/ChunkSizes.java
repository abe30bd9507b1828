package dev.rowmill.batch;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.OptionalInt;

/**
 * The chunk sizes that batches ended with, by what they went over, for later ones to begin with. On
 * the connection and in the transaction of the caller. Stateless.
 */
public final class ChunkSizes {

  private static final String SELECT = "SELECT chunk_rows FROM chunk_size WHERE subject = ?";
  private static final String STORE =
      "INSERT INTO chunk_size (subject, chunk_rows) VALUES (?, ?)"
          + " ON DUPLICATE KEY UPDATE chunk_rows = VALUES(chunk_rows)";

  private ChunkSizes() {}

  /** What the last batch over a subject ended with; empty when there was none. */
  public static OptionalInt find(Connection connection, String subject) throws SQLException {
    try (PreparedStatement select = connection.prepareStatement(SELECT)) {
      select.setString(1, subject);
      try (ResultSet row = select.executeQuery()) {
        return row.next() ? OptionalInt.of(row.getInt(1)) : OptionalInt.empty();
      }
    }
  }

  /** Notes what a batch ended with. */
  public static void store(Connection connection, String subject, int rows) throws SQLException {
    try (PreparedStatement store = connection.prepareStatement(STORE)) {
      store.setString(1, subject);
      store.setInt(2, rows);
      store.executeUpdate();
    }
  }
}
