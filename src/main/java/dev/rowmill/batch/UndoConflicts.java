package dev.rowmill.batch;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;

/** The rows that an undo did not put back. Stateless. */
public final class UndoConflicts {

  private UndoConflicts() {}

  /**
   * Notes a row, in the transaction of the caller.
   *
   * @param undo the batch that did not put it back
   * @param key a JSON object
   */
  public static void add(Connection connection, long undo, String key, String reason, String detail)
      throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement(
            "INSERT INTO undo_conflict (batch, row_key, reason, detail) VALUES (?, ?, ?, ?)")) {
      insert.setLong(1, undo);
      insert.setString(2, key);
      insert.setString(3, reason);
      insert.setString(4, detail);
      insert.executeUpdate();
    }
  }
}
