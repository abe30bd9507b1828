package dev.rowmill.database;

import com.mysql.cj.jdbc.JdbcConnection;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/** Ends transactions and connections that must not return to their pool as they are. */
public final class Connections {

  private Connections() {}

  /**
   * Aborts the driver's own connection. Aborting the wrapper of the pool would occupy its slot for
   * ever (Agroal 3.0.1).
   */
  public static void abort(Connection connection) throws SQLException {
    connection.unwrap(JdbcConnection.class).abort(Runnable::run);
  }

  /**
   * Rolls back. Aborts a connection that fails to, as it must not return to the pool with an open
   * transaction.
   *
   * @param statement a statement of the connection
   */
  public static void rollBackOrAbort(Connection connection, Statement statement)
      throws SQLException {
    try {
      statement.execute("ROLLBACK");
    } catch (SQLException e) {
      abort(connection);
    }
  }

  /**
   * Rolls back with auto-commit off, or aborts a connection that can't. Otherwise the pool would
   * turn auto-commit on, and so commit the rest of the transaction.
   */
  public static void rollBackOrAbort(Connection connection) throws SQLException {
    try {
      connection.rollback();
    } catch (SQLException e) {
      abort(connection);
    }
  }
}
