package dev.rowmill.archive;

import dev.rowmill.database.Connections;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLDataException;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.util.Set;

/**
 * Lets a session accept all values that a table may hold, such as zero dates, an ENUM's empty value
 * and a zero in an AUTO_INCREMENT column, but rejects a copy that changes a value. Closing restores
 * the session's settings. For one thread.
 */
final class ExactCopy implements AutoCloseable {

  private static final String ACCEPT_ALL =
      "SET @rowmill_mode = @@sql_mode, sql_mode = 'ALLOW_INVALID_DATES,NO_AUTO_VALUE_ON_ZERO'";

  private static final String PUT_BACK = "SET sql_mode = @rowmill_mode";

  /** Lists the warnings of a value that was changed: no default, range, truncation, conversion. */
  private static final Set<Integer> CHANGED =
      Set.of(1048, 1263, 1264, 1265, 1292, 1364, 1366, 1406);

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
      if (CHANGED.contains(next.getErrorCode())) {
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
