package dev.rowmill.throttle;

import dev.rowmill.database.ServerKind;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;

/**
 * The server whose tables are changed. Each query borrows a connection of the control pool, which
 * proves it first; none is kept. For the sampler's thread.
 */
final class MainServer {

  /** Reads an answer. */
  interface Reader<T> {
    T read(ResultSet rows) throws SQLException;
  }

  private final DataSource pool;
  private boolean isMySql;

  MainServer(DataSource pool) {
    this.pool = pool;
  }

  /**
   * Asks in the server's own words.
   *
   * @throws SQLException also when no connection can be had
   */
  <T> T ask(String onMariaDb, String onMySql, Reader<T> reader) throws SQLException {
    try (Connection connection = pool.getConnection();
        Statement statement = connection.createStatement()) {
      isMySql = !ServerKind.isMariaDb(connection);
      try (ResultSet rows = statement.executeQuery(isMySql ? onMySql : onMariaDb)) {
        return reader.read(rows);
      }
    }
  }

  /** Whether it is known to be no MariaDB: not before the first answer. */
  boolean isMySql() {
    return isMySql;
  }
}
