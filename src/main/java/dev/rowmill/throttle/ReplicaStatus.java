package dev.rowmill.throttle;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;

/**
 * Reads the lag that a replica reports itself, from MySQL 8.0.22 and MariaDB 10.5.1 on. Needs
 * REPLICATION CLIENT on MySQL, REPLICA MONITOR on MariaDB.
 */
final class ReplicaStatus {

  private ReplicaStatus() {}

  /**
   * Returns whole seconds; of several sources the worst counts.
   *
   * @throws SQLException also when the lag is not reported, as while replication is stopped
   */
  static double secondsBehind(Statement statement, boolean mariaDb) throws SQLException {
    // MariaDB's shorter form shows one source only.
    String sql = mariaDb ? "SHOW ALL REPLICAS STATUS" : "SHOW REPLICA STATUS";
    try (ResultSet row = statement.executeQuery(sql)) {
      if (!row.next()) {
        throw new SQLException("it has no source");
      }
      double worst = 0;
      do {
        String behind = value(row, "Seconds_Behind_Source", "Seconds_Behind_Master");
        if (behind == null) {
          throw new SQLException(
              "it does not report its lag (IO thread: "
                  + value(row, "Replica_IO_Running", "Slave_IO_Running")
                  + ", SQL thread: "
                  + value(row, "Replica_SQL_Running", "Slave_SQL_Running")
                  + ")");
        }
        worst = Math.max(worst, Double.parseDouble(behind));
      } while (row.next());
      return worst;
    }
  }

  /** Returns the value of the column under its newer or older name. */
  private static @Nullable String value(ResultSet row, String newer, String older)
      throws SQLException {
    for (int column = 1; column <= row.getMetaData().getColumnCount(); column++) {
      String name = row.getMetaData().getColumnLabel(column);
      if (name.equalsIgnoreCase(newer) || name.equalsIgnoreCase(older)) {
        return row.getString(column);
      }
    }
    throw new SQLException("its status has no " + newer);
  }
}
