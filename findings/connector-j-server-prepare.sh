#!/usr/bin/env bash
# Connector/J: with useServerPrepStmts, preparing a statement that the server rejects succeeds.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
start_mariadb

words <<'END'
With useServerPrepStmts=true, prepareStatement() is expected to throw the server's error for an
invalid statement. When the server rejects the statement, for any reason, Connector/J prepares it in
the client instead, without a warning, and the error occurs at the execution. It is thrown at once
only with emulateUnsupportedPstmts=false, whose name refers to statements that can't be prepared, not
to invalid ones.
END

program=$(
  cat <<'END'
import java.sql.*;
class Main {
  public static void main(String[] args) throws SQLException {
    try (Connection connection = DriverManager.getConnection(args[0])) {
      for (String sql : new String[] {"SELECT 1", "SELECT weight FROM no_such_table", "SELEKT 1"}) {
        String step = "prepare";
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
          step = statement.getClass().getSimpleName() + ", execute";
          statement.execute();
          System.out.println(step + ": done");
        } catch (SQLException e) {
          System.out.println(step + ": error " + e.getErrorCode());
        }
      }
    }
  }
}
END
)
show 'SELECT 1, a missing table, and invalid SQL, with useServerPrepStmts=true' \
  'ServerPreparedStatement, execute: done
ClientPreparedStatement, execute: error 1146
ClientPreparedStatement, execute: error 1064' \
  "$(run_java "$mariadb_port" '&useServerPrepStmts=true' <<<"$program")"
show 'the same with emulateUnsupportedPstmts=false' \
  'ServerPreparedStatement, execute: done
prepare: error 1146
prepare: error 1064' \
  "$(run_java "$mariadb_port" '&useServerPrepStmts=true&emulateUnsupportedPstmts=false' <<<"$program")"
finish
