package dev.rowmill.archive;

import dev.rowmill.database.Connections;
import dev.rowmill.database.ServerError;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLDataException;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;

/**
 * Lets a session accept all values that a table may hold, such as zero dates, an ENUM's empty value
 * and a zero in an AUTO_INCREMENT column, but rejects a copy that changes a value. Closing restores
 * the session's settings. For one thread.
 */
final class ExactCopy implements AutoCloseable {

  private static final String ACCEPT_ALL =
      "SET @rowmill_mode = @@sql_mode, sql_mode = 'ALLOW_INVALID_DATES,NO_AUTO_VALUE_ON_ZERO'";

  private static final String PUT_BACK = "SET sql_mode = @rowmill_mode";

  private final Connection connection;
  private final MovedTable table;

  ExactCopy(Connection connection, MovedTable table) throws SQLException {
    this.connection = connection;
    this.table = table;
    execute(ACCEPT_ALL);
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
                + table.to().written()
                + " does not accept a value unchanged: "
                + next.getMessage(),
            "22000");
      }
    }
    return inserted;
  }

  /** Restores the settings, or aborts the connection, so that no changed session is reused. */
  @Override
  public void close() throws SQLException {
    try {
      execute(PUT_BACK);
    } catch (SQLException e) {
      Connections.abort(connection);
    }
  }

  private void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
