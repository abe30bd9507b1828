package dev.rowmill.dispatch.pool;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.OptionalLong;

/**
 * Takes and releases a named lock of the server, by which instances on one database detect each
 * other. A connection of the control pool holds it. The server releases it when that connection's
 * process dies, or after the session timeout of that pool without traffic.
 */
public final class InstanceLock {

  /** Computes the lock's name in SQL. A name has at most 64 characters; MySQL 9 has no MD5. */
  public static final String NAME = "CONCAT('rowmill.', LEFT(SHA2(DATABASE(), 256), 40))";

  /**
   * Sets after how many consecutive checks, a second apart, an instance exits because another one
   * holds the lock. That is longer than a dead instance can appear to hold it.
   */
  public static final int CHECKS_BEFORE_GIVING_UP = 30;

  private InstanceLock() {}

  /**
   * Takes the lock; returns whether that succeeded.
   *
   * @param waitSeconds how long to wait for another holder
   */
  public static boolean take(Connection connection, int waitSeconds) throws SQLException {
    return number(connection, "SELECT GET_LOCK(" + NAME + ", " + waitSeconds + ")").orElse(0) == 1;
  }

  /** Releases the lock. */
  public static void release(Connection connection) throws SQLException {
    number(connection, "SELECT RELEASE_LOCK(" + NAME + ")");
  }

  /** Returns the server's id of the connection that holds the lock; empty when none does. */
  public static OptionalLong holder(Connection connection) throws SQLException {
    return number(connection, "SELECT IS_USED_LOCK(" + NAME + ")");
  }

  /** Checks whether this connection holds the lock. */
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
