#!/usr/bin/env bash
# Connector/J: a BigInteger of 2^63 or more becomes negative when the server prepares the statement.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
start_mariadb

words <<'END'
getObject() returns a BIGINT UNSIGNED as a BigInteger. When setObject() sends it back, it is correct if
the driver prepares the statement, which is the default. With useServerPrepStmts=true it is sent as a
signed 64-bit number: the row that was just read is not found by its own key, and can't be stored.
END

program=$(
  cat <<'END'
import java.sql.*;
class Main {
  public static void main(String[] args) throws SQLException {
    try (Connection connection = DriverManager.getConnection(args[0]);
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE OR REPLACE TABLE coin (id BIGINT UNSIGNED PRIMARY KEY)");
      statement.execute("INSERT INTO coin VALUES (18446744073709551615)");
      Object id;
      try (ResultSet row = statement.executeQuery("SELECT id FROM coin")) {
        row.next();
        id = row.getObject(1);
        System.out.println("read: " + id.getClass().getSimpleName() + " " + id);
      }
      for (String sql :
          new String[] {"SELECT ?", "SELECT COUNT(*) FROM coin WHERE id = ?"}) {
        try (PreparedStatement prepared = connection.prepareStatement(sql)) {
          prepared.setObject(1, id);
          try (ResultSet row = prepared.executeQuery()) {
            row.next();
            System.out.println(sql + ": " + row.getString(1));
          }
        }
      }
      statement.execute("DELETE FROM coin");
      String sql = "INSERT INTO coin VALUES (?)";
      try (PreparedStatement prepared = connection.prepareStatement(sql)) {
        prepared.setObject(1, id);
        System.out.println(sql + ": " + prepared.executeUpdate());
      } catch (SQLException e) {
        System.out.println(sql + ": error " + e.getErrorCode());
      }
    }
  }
}
END
)
show 'prepared by the driver' \
  'read: BigInteger 18446744073709551615
SELECT ?: 18446744073709551615
SELECT COUNT(*) FROM coin WHERE id = ?: 1
INSERT INTO coin VALUES (?): 1' "$(run_java "$mariadb_port" <<<"$program")"
show 'prepared by the server' \
  'read: BigInteger 18446744073709551615
SELECT ?: -1
SELECT COUNT(*) FROM coin WHERE id = ?: 0
INSERT INTO coin VALUES (?): error 1264' \
  "$(run_java "$mariadb_port" '&useServerPrepStmts=true' <<<"$program")"
finish
