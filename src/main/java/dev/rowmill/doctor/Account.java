package dev.rowmill.doctor;

import dev.rowmill.database.Rows;
import java.sql.Connection;
import java.sql.SQLException;

/**
 * Represents the account whose privileges a connection has.
 *
 * @param name as the server shows it, such as {@code rowmill@%}
 */
record Account(String name) {

  static Account current(Connection connection) throws SQLException {
    return new Account(
        Rows.first(connection, "SELECT CURRENT_USER()", row -> row.getString(1)).orElse(""));
  }

  /** Returns the statement that grants it privileges. */
  String grant(String privileges, String on) {
    int at = name.lastIndexOf('@');
    String user = at < 0 ? name : name.substring(0, at);
    String host = at < 0 ? "%" : name.substring(at + 1);
    return "GRANT " + privileges + " ON " + on + " TO " + quoted(user) + "@" + quoted(host) + ";";
  }

  /** Returns an identifier in backquotes. */
  static String identifier(String name) {
    return "`" + name.replace("`", "``") + "`";
  }

  private static String quoted(String text) {
    return "'" + text.replace("'", "''") + "'";
  }
}
