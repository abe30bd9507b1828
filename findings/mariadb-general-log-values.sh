#!/usr/bin/env bash
# MariaDB: the general log lacks the values of a statement that was prepared before the log was on.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
start_mariadb
start_mysql

words <<'END'
The general log has a line for each execution of a prepared statement, usually with its values in
place of the question marks. MariaDB decides this when the statement is prepared. A connection that
prepared it while the log was off, as those of a pool have, logs question marks at each execution, even
after the log is switched on. Who switches the log on to find a running service's values finds none.
MySQL decides at the execution, and always logs the values.
END

program=$(
  cat <<'END'
import java.sql.*;
class Main {
  public static void main(String[] args) throws SQLException {
    try (Connection connection = DriverManager.getConnection(args[0]);
        Statement plain = connection.createStatement()) {
      plain.execute("CREATE TABLE parcel (id INT PRIMARY KEY, weight INT)");
      plain.execute("SET GLOBAL general_log = 0, GLOBAL log_output = 'TABLE'");
      PreparedStatement early =
          connection.prepareStatement("UPDATE parcel SET weight = ? WHERE id = 1");
      plain.execute("SET GLOBAL general_log = 1");
      PreparedStatement late =
          connection.prepareStatement("UPDATE parcel SET weight = ? WHERE id = 2");
      for (PreparedStatement each : new PreparedStatement[] {early, late}) {
        each.setInt(1, 750);
        each.executeUpdate();
      }
      plain.execute("SET GLOBAL general_log = 0");
      try (ResultSet row =
          plain.executeQuery(
              "SELECT CONVERT(argument USING utf8mb4) FROM mysql.general_log WHERE command_type ="
                  + " 'Execute' AND argument LIKE 'UPDATE%' ORDER BY event_time, argument")) {
        while (row.next()) {
          System.out.println(row.getString(1));
        }
      }
    }
  }
}
END
)
show 'MariaDB: prepared before, and after' 'UPDATE parcel SET weight = ? WHERE id = 1
UPDATE parcel SET weight = 750 WHERE id = 2' \
  "$(run_java "$mariadb_port" '&useServerPrepStmts=true' <<<"$program")"
show 'MySQL' 'UPDATE parcel SET weight = 750 WHERE id = 1
UPDATE parcel SET weight = 750 WHERE id = 2' \
  "$(run_java "$mysql_port" '&useServerPrepStmts=true' <<<"$program")"
finish
