package dev.rowmill.archive;

import dev.rowmill.database.ServerError;
import dev.rowmill.sql.run.WritingSession;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLDataException;
import java.sql.SQLException;
import java.sql.SQLWarning;

/**
 * Lets a session accept all values that a table may hold, but rejects a copy that changes a value.
 * Closing restores the session's settings. For one thread.
 */
final class ExactCopy implements AutoCloseable {

  private final WritingSession session;
  private final MovedTable table;

  ExactCopy(Connection connection, MovedTable table) throws SQLException {
    this.session = WritingSession.forCopies(connection);
    this.table = table;
  }

  /**
   * Runs an INSERT, and returns how many rows it inserted.
   *
   * @throws SQLDataException if a value was changed
   */
  long run(PreparedStatement insert) throws SQLException {
    long inserted = insert.executeLargeUpdate();
    for (SQLWarning next = insert.getWarnings(); next != null; next = next.getNextWarning()) {
      if (ServerError.isChangedValue(next)) {
        throw new SQLDataException(
            "the archive table "
                + table.archive().written()
                + " does not accept a value unchanged: "
                + next.getMessage(),
            "22000");
      }
    }
    return inserted;
  }

  @Override
  public void close() throws SQLException {
    session.close();
  }
}
