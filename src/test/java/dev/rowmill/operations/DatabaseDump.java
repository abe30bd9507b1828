package dev.rowmill.operations;

import dev.rowmill.database.OwnSchema;
import dev.rowmill.database.OwnTables;
import dev.rowmill.database.Rows;
import dev.rowmill.database.ServerKind;
import dev.rowmill.testing.TestServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.flywaydb.core.Flyway;

/**
 * Writes the rows of Rowmill's tables, and the tables that its batches change, as a text: comments,
 * and a statement on each line. Rowmill's tables themselves are those of the migrations up to the
 * version of the dump. MariaDB and MySQL have a dump each, because undo data and plans have the
 * types of columns in the words of the server.
 */
final class DatabaseDump {

  private static final Path FOLDER = Path.of("src/test/resources/upgrade");

  private static final String SCHEMA_COMMENT = "-- schema ";
  private static final String TOKEN_COMMENT = "-- token ";
  private static final String PLAN_COMMENT = "-- plan ";

  private final List<String> lines;

  private DatabaseDump(List<String> lines) {
    this.lines = lines;
  }

  static DatabaseDump read(String version, TestServer server) throws IOException, SQLException {
    try (Connection connection = server.connect("")) {
      return new DatabaseDump(Files.readAllLines(file(version, connection)));
    }
  }

  private static Path file(String version, Connection connection) throws SQLException {
    String kind = ServerKind.isMariaDb(connection) ? "mariadb" : "mysql";
    return FOLDER.resolve(version + "-" + kind + ".sql");
  }

  /**
   * Writes a dump.
   *
   * @param version name of the last migration
   * @param token token of an admin
   * @param own schema with Rowmill's tables
   * @param changed schema with tables that have a number for each id
   */
  static void write(TestServer server, String version, String token, String own, String changed)
      throws IOException, SQLException {
    List<String> lines = new ArrayList<>();
    try (Connection connection = utc(server, own)) {
      String schema =
          text(
              connection,
              "SELECT version FROM " + OwnSchema.HISTORY + " ORDER BY installed_rank DESC LIMIT 1");
      lines.add(
          "-- The database of a killed service whose tables are those of migration "
              + version
              + ".");
      lines.add("-- CONTRIBUTING says how it is made.");
      lines.add(SCHEMA_COMMENT + schema);
      lines.add(TOKEN_COMMENT + token);
      lines.add(PLAN_COMMENT + text(connection, "SELECT id FROM batch_plan"));
      lines.add("DROP DATABASE IF EXISTS " + changed + ";");
      lines.add("CREATE DATABASE " + changed + ";");
      for (String table : tables(connection, changed)) {
        lines.add("CREATE TABLE " + table + " (id BIGINT PRIMARY KEY, n INT NOT NULL);");
        addRows(connection, table, lines);
      }
      for (String table : new TreeSet<>(OwnTables.NAMES)) {
        if (!table.equals(OwnSchema.HISTORY)) {
          addRows(connection, table, lines);
        }
      }
      Files.write(file(version, connection), lines);
    }
  }

  private static String text(Connection connection, String sql) throws SQLException {
    return Rows.first(connection, sql, row -> row.getString(1)).orElseThrow();
  }

  private static List<String> tables(Connection connection, String schema) throws SQLException {
    return Rows.query(
        connection,
        "SELECT CONCAT(TABLE_SCHEMA, '.', TABLE_NAME) FROM information_schema.TABLES"
            + " WHERE TABLE_SCHEMA = ? ORDER BY 1",
        row -> row.getString(1),
        schema);
  }

  private static void addRows(Connection connection, String table, List<String> lines)
      throws SQLException {
    String columns =
        " FROM information_schema.COLUMNS WHERE CONCAT(TABLE_SCHEMA, '.', TABLE_NAME) = "
            + (table.contains(".") ? "?" : "CONCAT(DATABASE(), '.', ?)")
            + " AND COALESCE(GENERATION_EXPRESSION, '') = '' ORDER BY ORDINAL_POSITION";
    List<String> names =
        Rows.query(connection, "SELECT COLUMN_NAME" + columns, row -> row.getString(1), table);
    List<String> literals =
        Rows.query(
            connection,
            "SELECT IF(DATA_TYPE LIKE '%blob' OR DATA_TYPE LIKE '%binary',"
                + " CONCAT('COALESCE(CONCAT(''X'''''', HEX(', COLUMN_NAME, '), ''''''''), ''NULL'')'),"
                + " CONCAT('REPLACE(QUOTE(', COLUMN_NAME, '), CHAR(10), ''\\\\\\\\n'')'))"
                + columns,
            row -> row.getString(1),
            table);
    List<String> rows =
        Rows.query(
            connection,
            "SELECT CONCAT_WS(', ', " + String.join(", ", literals) + ") FROM " + table,
            row -> "(" + row.getString(1) + ")");
    if (!rows.isEmpty()) {
      lines.add(
          "REPLACE INTO %s (%s) VALUES %s;"
              .formatted(table, String.join(", ", names), String.join(", ", rows)));
    }
  }

  /** Returns the token of an admin. */
  String token() {
    return comment(TOKEN_COMMENT);
  }

  /** Returns the id of a plan. */
  String plan() {
    return comment(PLAN_COMMENT);
  }

  /** Makes the tables of the dump's version in a schema, with its rows. */
  void load(TestServer server, String schema) throws SQLException {
    Flyway.configure()
        .dataSource(server.url(schema), server.user(), server.password())
        .table(OwnSchema.HISTORY)
        .target(comment(SCHEMA_COMMENT))
        .load()
        .migrate();
    try (Connection connection = utc(server, schema);
        Statement statement = connection.createStatement()) {
      for (String line : lines) {
        if (!line.startsWith("--")) {
          statement.execute(line);
        }
      }
    }
  }

  private String comment(String name) {
    return lines.stream()
        .filter(line -> line.startsWith(name))
        .findFirst()
        .orElseThrow()
        .substring(name.length());
  }

  private static Connection utc(TestServer server, String schema) throws SQLException {
    Connection connection = server.connect(schema);
    try (Statement statement = connection.createStatement()) {
      statement.execute("SET time_zone = '+00:00'");
    }
    return connection;
  }
}
