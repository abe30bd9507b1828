package dev.rowmill.dispatch.pool;

import dev.rowmill.database.Rows;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;

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
    return number(connection, "SELECT GET_LOCK(" + NAME + ", " + waitSeconds + ")").orElse(0L) == 1;
  }

  /** Releases the lock. */
  public static void release(Connection connection) throws SQLException {
    number(connection, "SELECT RELEASE_LOCK(" + NAME + ")");
  }

  /** Returns the server's id of the connection that holds the lock; empty when none does. */
  public static Optional<Long> holder(Connection connection) throws SQLException {
    return number(connection, "SELECT IS_USED_LOCK(" + NAME + ")");
  }

  /** Checks whether this connection holds the lock. */
  static boolean isHeldBy(Connection connection) throws SQLException {
    return number(connection, "SELECT IS_USED_LOCK(" + NAME + ") = CONNECTION_ID()").orElse(0L)
        == 1;
  }

  private static Optional<Long> number(Connection connection, String sql) throws SQLException {
    return Rows.first(connection, sql, row -> row.getObject(1, Long.class));
  }
}
