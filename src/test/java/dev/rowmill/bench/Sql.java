package dev.rowmill.bench;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;

/** Statements in one line. */
final class Sql {

  /** A server that others work on, too, may never be tidy. */
  private static final Duration LONGEST_TIDYING = Duration.ofMinutes(1);

  private Sql() {}

  static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** Rows affected. */
  static long update(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      return statement.executeLargeUpdate(sql);
    }
  }

  static long number(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getLong(1);
    }
  }

  /**
   * Waits until the server has cleared away the old versions of the rows that were changed, so that
   * it doesn't do so at the cost of what is measured next.
   */
  static void awaitTidy(Connection connection) throws SQLException, InterruptedException {
    long deadline = System.nanoTime() + LONGEST_TIDYING.toNanos();
    while (historyLength(connection) > 0 && System.nanoTime() < deadline) {
      Thread.sleep(100);
    }
  }

  private static long historyLength(Connection connection) throws SQLException {
    return number(
        connection,
        "SELECT count FROM information_schema.innodb_metrics WHERE name = 'trx_rseg_history_len'");
  }
}
