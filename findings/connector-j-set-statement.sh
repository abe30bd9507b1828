#!/usr/bin/env bash
# Connector/J: executeQuery rejects MariaDB's SET STATEMENT … FOR SELECT, although it returns rows.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
start_mariadb

words <<'END'
MariaDB sets a variable for one query by SET STATEMENT … FOR SELECT …, as MySQL does by the hint
SET_VAR. The server answers with the rows of the query. But Connector/J judges a statement by its first
word, and executeQuery rejects SET before anything is sent. execute sends it, and getResultSet returns
the rows.
END

program=$(
  cat <<'END'
import java.sql.*;
class Main {
  public static void main(String[] args) throws SQLException {
    String sql = "SET STATEMENT group_concat_max_len = 4 FOR SELECT GROUP_CONCAT(seq) FROM seq_1_to_9";
    try (Connection connection = DriverManager.getConnection(args[0]);
        PreparedStatement query = connection.prepareStatement(sql)) {
      try {
        query.executeQuery();
      } catch (SQLException e) {
        System.out.println(e.getMessage());
      }
      System.out.println(query.execute());
      try (ResultSet row = query.getResultSet()) {
        row.next();
        System.out.println(row.getString(1));
      }
    }
  }
}
END
)
for prepare in false true; do
  show "executeQuery, execute and its rows, useServerPrepStmts=$prepare" \
    'Statement.executeQuery() cannot issue statements that do not produce result sets.
true
1,2,' "$(run_java "$mariadb_port" "&useServerPrepStmts=$prepare" <<<"$program")"
done
finish
