#!/usr/bin/env bash
# Connector/J on MariaDB 10 truncates the fractional seconds of its parameters.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
MARIADB=10.11.5
start_mariadb

words <<'END'
In the handshake, MariaDB 10 reports its version as 5.5.5-10.x, for old replicas. Connector/J takes
it for MySQL 5.5, which had no fractional seconds, and sends times without them and without a
warning. DATETIME(6) receives zeros, and a search for the stored value finds nothing. The default
sendFractionalSeconds=true makes no difference. Times that are sent as text are complete. MariaDB 11
no longer reports 5.5.5.
END

show 'the version, then the row: as LocalDateTime, Timestamp, LocalTime, text; rows found by value' \
  '5.5.5-10.11.5-MariaDB
2024-03-09 08:15:30.000000
2024-03-09 08:15:30.000000
08:15:30.000000
2024-03-09 08:15:30.250000
0' "$(
    run_java "$mariadb_port" '&sendFractionalSeconds=true' <<'END'
import java.sql.*;
import java.time.*;
class Main {
  public static void main(String[] args) throws SQLException {
    LocalDateTime time = LocalDateTime.of(2024, 3, 9, 8, 15, 30, 250_000_000);
    try (Connection connection = DriverManager.getConnection(args[0]);
        Statement statement = connection.createStatement()) {
      System.out.println(connection.getMetaData().getDatabaseProductVersion());
      statement.execute(
          "CREATE TABLE scan (a DATETIME(6), b DATETIME(6), c TIME(6), d DATETIME(6))");
      try (PreparedStatement insert =
          connection.prepareStatement("INSERT INTO scan VALUES (?, ?, ?, ?)")) {
        insert.setObject(1, time);
        insert.setTimestamp(2, Timestamp.valueOf(time));
        insert.setObject(3, time.toLocalTime());
        insert.setString(4, time.toString());
        insert.executeUpdate();
      }
      try (ResultSet row =
          statement.executeQuery(
              "SELECT CAST(a AS CHAR), CAST(b AS CHAR), CAST(c AS CHAR), CAST(d AS CHAR)"
                  + " FROM scan")) {
        row.next();
        for (int i = 1; i <= 4; i++) {
          System.out.println(row.getString(i));
        }
      }
      try (PreparedStatement search =
          connection.prepareStatement("SELECT COUNT(*) FROM scan WHERE d = ?")) {
        search.setObject(1, time);
        try (ResultSet row = search.executeQuery()) {
          row.next();
          System.out.println(row.getInt(1));
        }
      }
    }
  }
}
END
  )"
finish
