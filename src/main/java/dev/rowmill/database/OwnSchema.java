package dev.rowmill.database;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/** Reads which tables are in the schema of a connection, and how far they are. Stateless. */
public final class OwnSchema {

  /** Names the table in which Flyway records the migrations of Rowmill's tables. */
  public static final String HISTORY = "rowmill_schema_history";

  private static final String OWN = "('" + String.join("', '", OwnTables.NAMES) + "')";

  private static final String FOUND =
      "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE()"
          + " AND TABLE_NAME IN "
          + OWN;

  private static final String OTHER_ENGINES =
      "SELECT TABLE_NAME, ENGINE FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE()"
          + " AND ENGINE <> 'InnoDB' AND LOWER(TABLE_NAME) IN "
          + OWN
          + " ORDER BY TABLE_NAME";

  private static final String FAILED = "SELECT COUNT(*) FROM " + HISTORY + " WHERE NOT success";

  private static final String FORGET_FAILED = "DELETE FROM " + HISTORY + " WHERE NOT success";

  private static final String SUCCEEDED = "SELECT COUNT(*) FROM " + HISTORY + " WHERE success";

  private OwnSchema() {}

  /** Returns the names of the tables that have a name of Rowmill's own, in lower case. */
  public static Set<String> tables(Connection connection) throws SQLException {
    return new TreeSet<>(
        Rows.query(connection, FOUND, row -> row.getString(1).toLowerCase(Locale.ROOT)));
  }

  /**
   * Returns the tables of an application that have a name of Rowmill's own. The schema is Rowmill's
   * when it has the table of the migrations.
   */
  public static Set<String> tablesOfOthers(Connection connection) throws SQLException {
    Set<String> found = tables(connection);
    return found.contains(HISTORY) ? Set.of() : found;
  }

  /** Returns Rowmill's tables that are not stored by InnoDB, each with its engine. */
  public static List<String> tablesOfOtherEngines(Connection connection) throws SQLException {
    return Rows.query(
        connection, OTHER_ENGINES, row -> row.getString(1) + " (" + row.getString(2) + ")");
  }

  /**
   * Returns a number that grows with each step of the migrations, on any node: of the migrations
   * that succeeded; -1 if their table does not exist.
   */
  public static int progress(Connection connection) throws SQLException {
    return tables(connection).contains(HISTORY) ? (int) Rows.number(connection, SUCCEEDED) : -1;
  }

  /** Deletes the records of failed migrations. Flyway migrates no schema that has such a record. */
  public static void forgetFailedMigrations(Connection connection) throws SQLException {
    // The deletion would wait for a node that is migrating.
    if (tables(connection).contains(HISTORY) && Rows.number(connection, FAILED) > 0) {
      Rows.update(connection, FORGET_FAILED);
    }
  }
}
