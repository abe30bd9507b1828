package dev.rowmill.testing;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;

/** Runs statements of tests, each on a connection of its own. Stateless. */
public final class Sql {

  private Sql() {}

  public static void execute(DataSource database, String sql) throws SQLException {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** Returns the number in the first column of the first row. */
  public static long number(DataSource database, String sql) throws SQLException {
    return numbers(database, sql).get(0);
  }

  /**
   * Returns whether a transaction waits for a lock of InnoDB. May be called again and again, unlike
   * a query of information_schema.innodb_trx: that repeats its result until it has not been read
   * for 0.1 seconds, and MySQL returns no rows from it while any statement contains bytes that are
   * not text.
   */
  public static boolean isLockAwaited(DataSource database) throws SQLException {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery("SHOW GLOBAL STATUS LIKE 'Innodb_row_lock_current_waits'")) {
      return row.next() && row.getLong(2) > 0;
    }
  }

  /** Returns the numbers in the first column of all rows. */
  public static List<Long> numbers(DataSource database, String sql) throws SQLException {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      List<Long> numbers = new ArrayList<>();
      while (row.next()) {
        numbers.add(row.getLong(1));
      }
      return numbers;
    }
  }
}
