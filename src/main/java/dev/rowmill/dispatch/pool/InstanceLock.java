package dev.rowmill.dispatch.pool;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.OptionalLong;

/**
 * A named lock of the server, by which instances on one database find out about one another. A
 * connection of the control pool holds it; the server lets it go when that connection's process
 * dies, and when nothing has come from it for as long as that pool's sessions are waited for.
 */
public final class InstanceLock {

  /** A lock's name has 64 characters at most; MySQL 9 has no MD5 any more. */
  public static final String NAME = "CONCAT('rowmill.', LEFT(SHA2(DATABASE(), 256), 40))";

  /**
   * Looks in a row, a second apart, that find the lock with one other, before an instance ends
   * itself: longer than one that is gone could seem to hold it.
   */
  public static final int LOOKS_BEFORE_GIVING_UP = 30;

  private InstanceLock() {}

  /**
   * Takes the lock; says whether that was possible.
   *
   * @param waitSeconds patience with another that has it
   */
  public static boolean take(Connection connection, int waitSeconds) throws SQLException {
    return number(connection, "SELECT GET_LOCK(" + NAME + ", " + waitSeconds + ")").orElse(0) == 1;
  }

  /** Lets the lock go. */
  public static void release(Connection connection) throws SQLException {
    number(connection, "SELECT RELEASE_LOCK(" + NAME + ")");
  }

  /** The server's number of the connection that holds the lock; empty when none does. */
  public static OptionalLong holder(Connection connection) throws SQLException {
    return number(connection, "SELECT IS_USED_LOCK(" + NAME + ")");
  }

  /** Whether this connection holds the lock. */
  static boolean isHeldBy(Connection connection) throws SQLException {
    return number(connection, "SELECT IS_USED_LOCK(" + NAME + ") = CONNECTION_ID()").orElse(0) == 1;
  }

  private static OptionalLong number(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      long number = row.getLong(1);
      return row.wasNull() ? OptionalLong.empty() : OptionalLong.of(number);
    }
  }
}
