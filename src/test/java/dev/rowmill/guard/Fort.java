package dev.rowmill.guard;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;

/**
 * Holds the targets of hostile requests: a schema {@code guard} with tables of many kinds,
 * Rowmill's own tables and the system's. Reads executed statements from the server's general log.
 * Not thread-safe.
 */
final class Fort {

  private final DataSource database;
  private final String own;
  private final boolean mariaDb;

  Fort(DataSource database) throws SQLException {
    this.database = database;
    own = rows("SELECT DATABASE()").get(0);
    mariaDb = rows("SELECT VERSION()").get(0).contains("MariaDB");
    run(
        "DROP DATABASE IF EXISTS guard",
        "CREATE DATABASE guard",
        "CREATE TABLE guard.item (id INT PRIMARY KEY, n INT, note VARCHAR(200), project INT)",
        "INSERT INTO guard.item VALUES (1, 1, 'a', 1), (2, 2, 'b', 2), (3, 3, 'c', 3)",
        "CREATE TABLE guard.other (id INT PRIMARY KEY, n INT)",
        "INSERT INTO guard.other VALUES (1, 1)",
        "CREATE TABLE guard.old (id INT) ENGINE = MyISAM",
        "CREATE TABLE guard.merged (id INT) ENGINE = MERGE UNION = (old)",
        "CREATE VIEW guard.hidden AS SELECT * FROM " + own + ".batch",
        "CREATE VIEW guard.hidden2 AS SELECT * FROM guard.hidden",
        "CREATE VIEW guard.hidden_user AS SELECT user FROM mysql.user",
        "CREATE TABLE guard.told (id INT PRIMARY KEY, n INT)",
        "INSERT INTO guard.told VALUES (1, 1)",
        "CREATE TRIGGER guard.tells BEFORE UPDATE ON guard.told FOR EACH ROW DELETE FROM "
            + own
            + ".batch WHERE id = 0",
        "CREATE FUNCTION guard.meddle() RETURNS INT DETERMINISTIC MODIFIES SQL DATA"
            + " BEGIN UPDATE guard.other SET n = -5; RETURN 1; END");
    // MySQL has no sequences; there, another object with unchangeable rows has the name.
    run(mariaDb ? "CREATE SEQUENCE guard.numbers" : "CREATE VIEW guard.numbers AS SELECT 1 AS n");
  }

  /** Names Rowmill's schema. */
  String own() {
    return own;
  }

  /** Returns a value that changes with any row of the targets. */
  List<String> state() throws SQLException {
    List<String> tables = new ArrayList<>();
    tables.addAll(List.of("guard.item", "guard.other", "guard.old", "guard.told"));
    tables.add(mariaDb ? "mysql.global_priv" : "mysql.user");
    for (String table :
        List.of("batch", "batch_plan", "batch_wait", "lane", "project", "chunk_record")) {
      tables.add(own + "." + table);
    }
    return rows("CHECKSUM TABLE " + String.join(", ", tables));
  }

  /** Starts to log the statements that the server runs. */
  void listen() throws SQLException {
    run(
        "SET GLOBAL general_log = 0",
        "TRUNCATE mysql.general_log",
        "SET GLOBAL log_output = 'TABLE'",
        "SET GLOBAL general_log = 1");
  }

  /**
   * Returns the statements that the server ran on the targets; excludes those that were only
   * prepared.
   */
  List<String> executed() throws SQLException {
    run("SET GLOBAL general_log = 0", "SET GLOBAL log_output = 'FILE'");
    return rows(
        "SELECT CONCAT(command_type, ' ', CONVERT(argument USING utf8mb4)) FROM mysql.general_log"
            + " WHERE command_type IN ('Query', 'Execute') AND (argument LIKE '%guard.%' OR argument"
            + " LIKE '%sleep(%' OR argument LIKE '%mysql.%') AND argument NOT LIKE"
            + " '%information_schema%' AND argument NOT LIKE '%general_log%'"
            // The audit stores the texts of requests.
            + " AND argument NOT LIKE 'INSERT INTO audit (%'");
  }

  void run(String... statements) throws SQLException {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }

  /** Returns the columns of each row, separated by spaces. */
  List<String> rows(String sql) throws SQLException {
    List<String> rows = new ArrayList<>();
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      while (row.next()) {
        var line = new StringBuilder();
        for (int i = 1; i <= row.getMetaData().getColumnCount(); i++) {
          line.append(i == 1 ? "" : " ").append(row.getString(i));
        }
        rows.add(line.toString());
      }
    }
    return rows;
  }
}
