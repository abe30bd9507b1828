package dev.rowmill.bench;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;

/** Runs single statements. */
final class Sql {

  private static final int LOOK_MILLIS = 250;

  /** Limits the pages that an idle server requests between two polls. */
  private static final long QUIET = 500;

  /** Limits the wait for a server that others use, too. */
  private static final Duration LONGEST_TIDYING = Duration.ofMinutes(1);

  private Sql() {}

  static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** Returns the number of affected rows. */
  static long update(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      return statement.executeLargeUpdate(sql);
    }
  }

  static long number(Connection connection, String sql) throws SQLException {
    return Long.parseLong(text(connection, sql));
  }

  /** Returns the first column of the first row. */
  static String text(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getString(1);
    }
  }

  /**
   * Waits until the server has purged the old versions of changed rows, so that purging does not
   * affect the next measurement. The length of the history list is no indication: a large
   * transaction counts as one, and MySQL shortens the list only occasionally. But purging requests
   * pages, and ends when these requests stop.
   */
  static void awaitTidy(Connection connection) throws SQLException, InterruptedException {
    long deadline = System.nanoTime() + LONGEST_TIDYING.toNanos();
    long before = pageRequests(connection);
    // Repeated once, because purging may not have begun yet.
    for (int quiet = 0; quiet < 2 && System.nanoTime() < deadline; ) {
      Thread.sleep(LOOK_MILLIS);
      long now = pageRequests(connection);
      quiet = now - before > QUIET ? 0 : quiet + 1;
      before = now;
    }
  }

  private static long pageRequests(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery("SHOW GLOBAL STATUS LIKE 'Innodb_buffer_pool_read_requests'")) {
      row.next();
      return row.getLong(2);
    }
  }
}
