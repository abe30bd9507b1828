package dev.rowmill.doctor;

import dev.rowmill.database.Rows;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Reads settings of the server. Stateless. */
final class Variables {

  private Variables() {}

  /** Returns the global values by name, without those that the server does not have. */
  static Map<String, String> global(Connection connection, String... names) throws SQLException {
    Map<String, String> values = new TreeMap<>();
    Rows.query(
            connection,
            "SHOW GLOBAL VARIABLES WHERE Variable_name IN ('" + String.join("', '", names) + "')",
            row -> Map.entry(row.getString(1).toLowerCase(Locale.ROOT), row.getString(2)))
        .forEach(entry -> values.put(entry.getKey(), entry.getValue()));
    return values;
  }
}
