package dev.rowmill.sql.run;

import dev.rowmill.database.Connections;
import java.sql.Connection;
import java.sql.SQLException;

/**
 * Lets a session reject values that do not fit their column, instead of changing them. Its time
 * zone is UTC. Closing restores the session's settings. For one thread.
 */
final class StrictSession implements AutoCloseable {

  private static final String PREPARE =
      "SET @rowmill_zone = @@time_zone, @rowmill_mode = @@sql_mode, time_zone = '+00:00',"
          + " sql_mode = CONCAT_WS(',', 'STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO',"
          + " NULLIF(@@sql_mode, ''))";

  private final Connection connection;

  StrictSession(Connection connection) throws SQLException {
    this.connection = connection;
    UtcSession.execute(connection, PREPARE);
  }

  /** Restores the settings, or aborts the connection, so that no changed session is reused. */
  @Override
  public void close() throws SQLException {
    try {
      UtcSession.execute(connection, UtcSession.PUT_BACK);
    } catch (SQLException e) {
      Connections.abort(connection);
    }
  }
}
