package dev.rowmill.throttle;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.regex.Pattern;

/**
 * Reads the lag of a replica from a heartbeat table. The source updates its rows continuously, as
 * {@code pt-heartbeat --utc} does. The lag is the age of the newest row on the replica, by the
 * replica's own clock. Requires SELECT on the table.
 */
final class Heartbeat {

  /** Limits how far the heartbeat may be ahead of the clock; beyond it, the age is meaningless. */
  private static final double TOLERATED_SECONDS = 1;

  private static final double MICROS = 1e6;

  private static final Pattern NAME = Pattern.compile("[^.`]+\\.[^.`]+");

  private final String table;
  private final String sql;

  /**
   * @param table name as {@code schema.table}; every reading fails with any other name
   */
  Heartbeat(String table) {
    this.table = table;
    // Rows of former sources no longer change, so the newest row is from the current source.
    sql =
        "SELECT TIMESTAMPDIFF(MICROSECOND, CAST(MAX(ts) AS DATETIME(6)), UTC_TIMESTAMP(6)) FROM `"
            + table.replace(".", "`.`")
            + "`";
  }

  /**
   * Returns the seconds since the newest heartbeat.
   *
   * @throws SQLException also when there is no heartbeat, or one too far in the future
   */
  double age(Statement statement) throws SQLException {
    if (!NAME.matcher(table).matches()) {
      throw new SQLException("rowmill.throttle.heartbeat-table must be schema.table: " + table);
    }
    try (ResultSet row = statement.executeQuery(sql)) {
      row.next();
      double seconds = row.getLong(1) / MICROS;
      if (row.wasNull()) {
        throw new SQLException("its table " + table + " contains no heartbeat");
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
