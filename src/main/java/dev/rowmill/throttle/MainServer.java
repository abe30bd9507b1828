package dev.rowmill.throttle;

import dev.rowmill.database.ServerKind;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;

/**
 * Queries the server whose tables are changed. Each query borrows a connection of the control pool,
 * which validates it first. Keeps no connection. For the thread of the sampler.
 */
final class MainServer {

  /** Reads the result of a query. */
  interface Reader<T> {
    T read(ResultSet rows) throws SQLException;
  }

  private final DataSource pool;
  private boolean isMySql;

  MainServer(DataSource pool) {
    this.pool = pool;
  }

  /**
   * Runs a query, in the form for the kind of server.
   *
   * @throws SQLException also when no connection is available
   */
  <T> T query(String onMariaDb, String onMySql, Reader<T> reader) throws SQLException {
    try (Connection connection = pool.getConnection();
        Statement statement = connection.createStatement()) {
      isMySql = !ServerKind.isMariaDb(connection);
      try (ResultSet rows = statement.executeQuery(isMySql ? onMySql : onMariaDb)) {
        return reader.read(rows);
      }
    }
  }

  /** Returns whether the server is known to be MySQL; false before the first query. */
  boolean isMySql() {
    return isMySql;
  }
}
