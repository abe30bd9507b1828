package dev.rowmill.sql.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rowmill.sql.Database;
import dev.rowmill.sql.SqlCheck;
import dev.rowmill.sql.SqlTask;
import dev.rowmill.sql.parse.StatementParser;
import dev.rowmill.sql.run.Walk;
import dev.rowmill.task.Refusal;
import dev.rowmill.testing.BesideOthers;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What statements and checks reach, in a schema that holds tables of Rowmill's own. */
@BesideOthers
class StatementScopeTest {

  private static Database database;
  private static Database neighbour;

  @BeforeAll
  static void open() {
    database = new Database();
    neighbour = new Database();
    neighbour.run("CREATE TABLE other (id INT PRIMARY KEY, n INT)");
    database.run(
        "CREATE TABLE batch (id INT PRIMARY KEY, project INT)",
        "INSERT INTO batch VALUES (1, 1)",
        "CREATE TABLE item (id INT PRIMARY KEY, n INT, project INT)",
        "INSERT INTO item VALUES (1, 1, 1)",
        "CREATE TABLE seen (id INT PRIMARY KEY)",
        "CREATE VIEW hidden AS SELECT * FROM batch",
        "CREATE VIEW hidden2 AS SELECT * FROM hidden",
        "CREATE VIEW hidden3 AS SELECT id FROM item WHERE id IN (SELECT COUNT(*) FROM mysql.user)",
        "CREATE VIEW item_seen AS SELECT i.id AS number, n FROM item i",
        "CREATE VIEW item_seen2 AS SELECT number, n FROM item_seen WHERE number > 0",
        "CREATE TABLE plain (id INT) ENGINE = MyISAM",
        "CREATE TABLE merged (id INT) ENGINE = MERGE UNION = (plain)",
        "CREATE FUNCTION meddle() RETURNS INT DETERMINISTIC MODIFIES SQL DATA"
            + " BEGIN UPDATE item SET n = -5; RETURN 1; END",
        "CREATE TABLE told (id INT PRIMARY KEY, project INT)",
        "CREATE TRIGGER tells AFTER UPDATE ON told FOR EACH ROW UPDATE batch SET project = 1",
        "CREATE VIEW told_seen AS SELECT * FROM told",
        "CREATE VIEW merged_seen AS SELECT * FROM merged",
        "CREATE VIEW meddling AS SELECT id, meddle() AS n FROM item",
        "CREATE VIEW sleeping AS SELECT id, SLEEP(0) AS n FROM item",
        "CREATE TABLE told2 (id INT PRIMARY KEY, project INT)",
        "CREATE TRIGGER tells2 BEFORE DELETE ON told2 FOR EACH ROW INSERT IGNORE INTO "
            + database.schema()
            + ".`Batch` VALUES (2, 2)",
        "CREATE TABLE kept (id INT PRIMARY KEY, project INT)",
        "CREATE TRIGGER keeps BEFORE UPDATE ON kept FOR EACH ROW SET NEW.project = OLD.project");
  }

  @AfterAll
  static void close() {
    database.close();
    neighbour.close();
  }

  private static void statement(StatementScope scope, String sql) throws SQLException {
    new SqlTask(scope, 0).check(Walk.parameters(sql), "p1", database.connection());
  }

  private static void check(StatementScope scope, String sql) throws SQLException {
    new SqlCheck(scope).prepare(sql, Map.of(), "p1", database.connection());
  }

  private static String why(Refusal refusal) {
    return refusal.reasons().isEmpty() ? refusal.type() : refusal.reasons().get(0).code();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "unknown-table|SELECT COUNT(*) FROM batch",
        "unknown-table|SELECT COUNT(*) FROM `BATCH`",
        "unknown-table|SELECT COUNT(*) FROM sys.version",
        "unknown-table|SELECT COUNT(*) FROM `mysql `.user",
        "unknown-table|SELECT COUNT(*) FROM ndbinfo.x",
        "view|SELECT COUNT(*) FROM hidden",
        "view|SELECT COUNT(*) FROM hidden2",
        "view|SELECT COUNT(*) FROM hidden3",
        "view|SELECT COUNT(*) FROM meddling",
        "view|SELECT COUNT(*) FROM sleeping",
        "engine|SELECT COUNT(*) FROM merged_seen",
        "engine|SELECT COUNT(*) FROM merged",
        "view|SELECT (WITH hidden AS (SELECT 1 AS id) SELECT id FROM hidden) + id FROM hidden",
        "with-name|WITH batch AS (SELECT 1 AS id) SELECT id FROM batch",
        "foreign-function|SELECT meddle()",
        "foreign-function|SELECT `meddle`()",
        "forbidden-function|SELECT `sleep`(5)"
      })
  void no_statement_reaches_protected_tables(String why, String query) {
    String select = query.startsWith("WITH") ? "SELECT (" + query + ")" : query;
    assertEquals(
        why, why(assertThrows(Refusal.class, () -> check(StatementScope.DEFAULT, select))));
    String change = "UPDATE item SET n = (" + query + ")";
    assertEquals(
        why, why(assertThrows(Refusal.class, () -> statement(StatementScope.DEFAULT, change))));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "UPDATE told SET project = 1",
        "UPDATE told_seen SET project = 1",
        "DELETE FROM told2",
      })
  void no_trigger_reaches_protected_tables(String sql) {
    Refusal refusal = assertThrows(Refusal.class, () -> statement(StatementScope.DEFAULT, sql));
    assertEquals("trigger-reaches", why(refusal));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "UPDATE hidden SET project = 2",
        "DELETE FROM hidden2",
        "INSERT INTO hidden (id) SELECT id FROM item",
        "INSERT INTO item (id) SELECT id + 10 FROM hidden2",
        "UPDATE item i JOIN hidden3 h ON h.id = i.id SET i.n = 1",
        "UPDATE sleeping SET id = 2"
      })
  void no_view_reaches_protected_tables(String sql) {
    Refusal refusal =
        assertThrows(
            Refusal.class,
            () ->
                new SqlTask(StatementScope.DEFAULT, 1000)
                    .check(Walk.parameters(sql), "p1", database.connection()));
    assertEquals("view", why(refusal));
  }

  @Test
  void a_view_of_allowed_tables_is_read() throws SQLException {
    check(StatementScope.DEFAULT, "SELECT COUNT(*) FROM item_seen2");
    statement(StatementScope.DEFAULT, "INSERT INTO told SELECT i.id, s.n FROM item i, item_seen s");
    statement(StatementScope.DEFAULT, "UPDATE kept SET project = (SELECT MAX(n) FROM item_seen2)");
    StatementScope elsewhere = new StatementScope(Set.of("nowhere"), Set.of());
    assertThrows(Refusal.class, () -> check(elsewhere, "SELECT COUNT(*) FROM item_seen2"));
    neighbour.run("CREATE VIEW lent AS SELECT * FROM " + database.schema() + ".item");
    StatementScope neighbours = new StatementScope(Set.of(neighbour.schema()), Set.of());
    String sql = "SELECT COUNT(*) FROM " + neighbour.schema() + ".lent";
    check(StatementScope.DEFAULT, sql);
    assertEquals("view", why(assertThrows(Refusal.class, () -> check(neighbours, sql))));
  }

  @Test
  void a_view_with_a_hidden_definition_is_rejected() throws SQLException {
    String user = "blind_" + database.schema().substring(database.schema().length() - 8);
    database.run(
        "CREATE USER " + user + " IDENTIFIED BY 'Blind-1-account'",
        "GRANT SELECT ON " + database.schema() + ".* TO " + user);
    try (Connection blind = database.as(user, "Blind-1-account")) {
      String sql = "SELECT COUNT(*) FROM item_seen2";
      SqlCheck check = new SqlCheck(StatementScope.DEFAULT);
      Refusal refusal =
          assertThrows(Refusal.class, () -> check.prepare(sql, Map.of(), "p1", blind));
      assertEquals("view-hidden", why(refusal));
      database.run("GRANT SHOW VIEW ON " + database.schema() + ".* TO " + user);
      // The server checks such grants again when a schema is selected.
      blind.setCatalog("information_schema");
      blind.setCatalog(database.schema());
      check.prepare(sql, Map.of(), "p1", blind);
    } finally {
      database.run("DROP USER " + user);
    }
  }

  @Test
  void similar_names_are_accepted() throws SQLException {
    statement(StatementScope.DEFAULT, "UPDATE kept SET project = 1");
    statement(StatementScope.DEFAULT, "DELETE FROM told");
    statement(StatementScope.DEFAULT, "UPDATE item batch SET batch.n = batch.project");
    check(StatementScope.DEFAULT, "SELECT batch.n FROM item AS batch, plain");
    // Names of columns that look like calls.
    assertEquals(
        Set.of(),
        StatementParser.parseCheck("SELECT 1 FROM (SELECT 1) AS d (a) JOIN (SELECT 2) e (b)")
            .functions());
    check(StatementScope.DEFAULT, "SELECT (WITH RECURSIVE c (a) AS (SELECT 1) SELECT a FROM c)");
  }

  @Test
  void only_configured_schemas_are_reached() throws SQLException {
    String other = neighbour.schema() + ".other";
    statement(StatementScope.DEFAULT, "UPDATE " + other + " SET n = (SELECT MAX(id) FROM item)");
    StatementScope own = new StatementScope(Set.of(database.schema()), Set.of());
    statement(own, "UPDATE item SET n = 1");
    for (String sql :
        List.of(
            "UPDATE " + other + " SET n = 1",
            "UPDATE item SET n = (SELECT MAX(n) FROM " + other + ")",
            "INSERT INTO item (id) SELECT id FROM " + other)) {
      assertEquals(
          "unknown-table", why(assertThrows(Refusal.class, () -> statement(own, sql))), sql);
    }
    StatementScope neighbours = new StatementScope(Set.of(neighbour.schema(), "mysql"), Set.of());
    statement(neighbours, "UPDATE " + other + " SET n = 1");
    for (String table : List.of("item", "batch", "mysql.user")) {
      String sql = "SELECT COUNT(*) FROM " + table;
      assertEquals("unknown-table", why(assertThrows(Refusal.class, () -> check(neighbours, sql))));
    }
  }

  @Test
  void a_function_that_is_configured_may_be_called_and_a_check_still_changes_nothing() {
    StatementScope scope =
        new StatementScope(null, Set.of("Meddle", database.schema() + ".meddle"));
    for (String call : List.of("meddle()", database.schema() + ".MEDDLE()")) {
      Throwable error =
          assertThrows(
              Exception.class,
              () -> {
                check(scope, "SELECT " + call);
                new SqlCheck(scope)
                    .evaluate("SELECT " + call, Map.of(), "p1", database.connection());
              });
      assertFalse(error instanceof Refusal refusal && why(refusal).equals("foreign-function"));
      assertTrue(error.toString().contains("READ ONLY"), error.toString());
    }
    assertEquals("0", database.value("SELECT COUNT(*) FROM item WHERE n = -5"));
  }

  @Test
  void a_table_that_became_a_view_is_not_read_by_the_next_check() throws SQLException {
    String sql = "SELECT COUNT(*) >= 0 FROM seen";
    var sqlCheck = new SqlCheck(StatementScope.DEFAULT);
    sqlCheck.prepare(sql, Map.of(), "p1", database.connection());
    assertTrue(sqlCheck.evaluate(sql, Map.of(), "p1", database.connection()).isEmpty());
    database.run("DROP TABLE seen", "CREATE VIEW seen AS SELECT id FROM batch");
    SQLException refused =
        assertThrows(
            SQLException.class,
            () -> sqlCheck.evaluate(sql, Map.of(), "p1", database.connection()));
    assertTrue(refused.getMessage().contains("view"), refused.getMessage());
  }
}
