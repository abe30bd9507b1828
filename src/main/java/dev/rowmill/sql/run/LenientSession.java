package dev.rowmill.sql.run;

import dev.rowmill.database.Connections;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * Lets a session accept all values that a table may hold, such as zero dates, an ENUM's empty value
 * and a zero in an AUTO_INCREMENT column, even if it would reject them from a caller. Its time zone
 * is UTC. Closing restores the session's settings. For one thread.
 */
final class LenientSession implements AutoCloseable {

  // Reads a CHAR with its blanks where the session did.
  private static final String PREPARE =
      "SET @rowmill_zone = @@time_zone, @rowmill_mode = @@sql_mode, time_zone = '+00:00',"
          + " sql_mode = CONCAT('ALLOW_INVALID_DATES,NO_AUTO_VALUE_ON_ZERO',"
          + " REPEAT(',PAD_CHAR_TO_FULL_LENGTH',"
          + " FIND_IN_SET('PAD_CHAR_TO_FULL_LENGTH', @@sql_mode) > 0))";

  static final String PUT_BACK = "SET time_zone = @rowmill_zone, sql_mode = @rowmill_mode";

  private final Connection connection;

  LenientSession(Connection connection) throws SQLException {
    this.connection = connection;
    execute(connection, PREPARE);
  }

  /** Restores the settings, or aborts the connection, so that no changed session is reused. */
  @Override
  public void close() throws SQLException {
    try {
      execute(connection, PUT_BACK);
    } catch (SQLException e) {
      Connections.abort(connection);
    }
  }

  static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
