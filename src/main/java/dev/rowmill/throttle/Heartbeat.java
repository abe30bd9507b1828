package dev.rowmill.throttle;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.regex.Pattern;

/**
 * A table whose rows the source writes again and again, as {@code pt-heartbeat --utc} does. What
 * has arrived on the replica tells how far that is behind, against the replica's own clock. Needs
 * SELECT on the table.
 */
final class Heartbeat {

  /** Clocks differ a little; by more, the age says nothing. */
  private static final double TOLERATED_SECONDS = 1;

  private static final double MICROS = 1e6;

  private static final Pattern NAME = Pattern.compile("[^.`]+\\.[^.`]+");

  private final String table;
  private final String sql;

  /**
   * @param table as {@code schema.table}; with another name every reading fails
   */
  Heartbeat(String table) {
    this.table = table;
    // Rows of servers that were the source once stay as they are: the newest one is alive.
    sql =
        "SELECT TIMESTAMPDIFF(MICROSECOND, CAST(MAX(ts) AS DATETIME(6)), UTC_TIMESTAMP(6)) FROM `"
            + table.replace(".", "`.`")
            + "`";
  }

  /**
   * Seconds since the newest heartbeat.
   *
   * @throws SQLException also when there is none that makes sense
   */
  double age(Statement statement) throws SQLException {
    if (!NAME.matcher(table).matches()) {
      throw new SQLException("rowmill.throttle.heartbeat-table must be schema.table: " + table);
    }
    try (ResultSet row = statement.executeQuery(sql)) {
      row.next();
      double seconds = row.getLong(1) / MICROS;
      if (row.wasNull()) {
        throw new SQLException("its table " + table + " holds no heartbeat");
      }
      if (seconds < -TOLERATED_SECONDS) {
        throw new SQLException(
            "the heartbeat in "
                + table
                + " is "
                + Figures.seconds(-seconds)
                + " ahead of its clock: the clocks differ, or pt-heartbeat runs without --utc");
      }
      return Math.max(0, seconds);
    }
  }
}
