package dev.rowmill.undo;

import static dev.rowmill.undo.UndoCalls.DEFAULTS;
import static dev.rowmill.undo.UndoCalls.SMALL;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.rowmill.testing.DatabaseResource;
import dev.rowmill.testing.WorkTable;
import io.agroal.api.AgroalDataSource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.sql.SQLException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tests that rows of an INSERT … SELECT have undo images where their keys are certain. Otherwise
 * the start is rejected or has no undo; no running batch fails for this reason.
 */
@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class UndoInsertTest {

  @Inject AgroalDataSource database;

  @RegisterExtension final UndoCalls calls = new UndoCalls();

  @ParameterizedTest
  @ValueSource(
      strings = {
        "id BIGINT, n INT",
        "id BIGINT NULL UNIQUE, n INT",
        "id BIGINT, n INT, FULLTEXT KEY (name)",
        "id BIGINT NOT NULL, n INT, UNIQUE KEY by_name (id, name(5))"
      })
  void rows_of_a_table_without_a_usable_key_are_inserted_without_an_undo(String columns)
      throws SQLException {
    WorkTable source = WorkTable.create(database, 100);
    String target = target(source, columns + ", name VARCHAR(50) NOT NULL DEFAULT 'x'");
    String sql = "INSERT INTO " + target + " (id, n) SELECT id, n FROM " + source.name();
    refusedAndElseNotKept(source, target, sql, "primary key", 100);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "VARBINARY(16) | BINARY(16)",
        "BINARY(8) | BINARY(16)",
        "BINARY(8) | VARBINARY(16)",
        "VARCHAR(20) | CHAR(20)",
        "VARCHAR(20) | VARCHAR(12)",
        "CHAR(20) | VARCHAR(20)"
      })
  void a_key_that_a_conversion_may_change_has_no_undo_image(String from, String to)
      throws SQLException {
    WorkTable source = WorkTable.create(database, 0);
    String keys = source.name() + "_keys";
    source.execute("DROP TABLE IF EXISTS " + keys);
    source.execute("CREATE TABLE " + keys + " (code " + from + " PRIMARY KEY)");
    source.execute("INSERT INTO " + keys + " VALUES ('a'), ('b'), ('c')");
    String target = target(source, "code " + to + " PRIMARY KEY");
    String sql = "INSERT INTO " + target + " (code) SELECT code FROM " + keys;
    refusedAndElseNotKept(source, target, sql, "code", 3);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "INT | BIGINT",
        "INT | INT",
        "SMALLINT UNSIGNED | INT UNSIGNED",
        "VARCHAR(10) CHARACTER SET latin1 | VARCHAR(20) CHARACTER SET latin1",
        "CHAR(10) | CHAR(20)",
        "BINARY(8) | BINARY(8)",
        "VARBINARY(8) | VARBINARY(16)",
        "DECIMAL(10,2) | DECIMAL(10,2)"
      })
  void a_key_that_every_value_fits_into_has_an_undo_image(String from, String to)
      throws SQLException {
    WorkTable source = WorkTable.create(database, 50);
    String keys = source.name() + "_keys";
    source.execute("DROP TABLE IF EXISTS " + keys);
    source.execute("CREATE TABLE " + keys + " (code " + from + " PRIMARY KEY)");
    source.execute("INSERT INTO " + keys + " SELECT id FROM " + source.name());
    String target = target(source, "code " + to + " PRIMARY KEY");
    source.execute("INSERT INTO " + target + " VALUES (70)");
    String sql = "INSERT INTO " + target + " (code) SELECT code FROM " + keys;
    long id = calls.done(sql, Map.of("undo", true, "chunk", Map.of("rows", 10)));
    assertEquals(51, source.number("SELECT COUNT(*) FROM " + target));
    calls.undone(id, DEFAULTS);
    assertEquals(1, source.number("SELECT COUNT(*) FROM " + target));
  }

  @Test
  void a_zero_that_becomes_an_auto_increment_is_undone() throws SQLException {
    WorkTable source = WorkTable.create(database, 100);
    source.execute("INSERT INTO " + source.name() + " SELECT -id, 3 FROM " + source.name());
    source.execute("INSERT INTO " + source.name() + " VALUES (0, 5)");
    String target = target(source, "id BIGINT AUTO_INCREMENT PRIMARY KEY, n INT");
    source.execute("INSERT INTO " + target + " VALUES (5000, 1)");
    String sql = "INSERT INTO " + target + " (id, n) SELECT id, n FROM " + source.name();
    for (int rows : new int[] {10, 1000}) {
      long id = calls.done(sql, Map.of("undo", true, "chunk", Map.of("rows", rows)));
      assertEquals(202, source.number("SELECT COUNT(*) FROM " + target));
      assertEquals(1, source.number("SELECT n = 5 FROM " + target + " WHERE id > 5000"));
      assertEquals(201, calls.batch(id).getLong("undo.rows"));
      long undo = calls.undone(id, SMALL);
      assertEquals(0, calls.batch(undo).getLong("conflicts"));
      assertEquals(1, source.number("SELECT COUNT(*) FROM " + target));
    }
  }

  @Test
  void an_auto_increment_in_a_longer_key_has_no_undo_image() throws SQLException {
    WorkTable source = WorkTable.create(database, 0);
    String pairs = source.name() + "_pairs";
    String pair = "shop INT NOT NULL, id INT NOT NULL %s, PRIMARY KEY (shop, id), KEY by_id (id)";
    source.execute("DROP TABLE IF EXISTS " + pairs);
    source.execute("CREATE TABLE " + pairs + " (" + pair.formatted("") + ")");
    source.execute("INSERT INTO " + pairs + " VALUES (1, 0), (1, 1), (2, 0), (2, 7)");
    String target = target(source, pair.formatted("AUTO_INCREMENT"));
    source.execute("ALTER TABLE " + target + " AUTO_INCREMENT = 100");
    String sql = "INSERT INTO " + target + " (shop, id) SELECT shop, id FROM " + pairs;
    refusedAndElseNotKept(source, target, sql, "AUTO_INCREMENT", 4);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SET NEW.id = NEW.id + 100000",
        "SET NEW.n = 1, new . `id` = 100000 + NEW.n",
        "SET NEW.n = 1, NEW.id/* moves */= NEW.id + 100000"
      })
  void a_key_that_a_trigger_may_set_has_no_undo_image(String body) throws SQLException {
    WorkTable source = WorkTable.create(database, 20);
    source.execute("UPDATE " + source.name() + " SET n = id");
    for (String counted : new String[] {"", "AUTO_INCREMENT"}) {
      String target = target(source, "id BIGINT " + counted + " PRIMARY KEY, n INT");
      source.execute(
          "CREATE TRIGGER %s_moves BEFORE INSERT ON %s FOR EACH ROW %s"
              .formatted(
                  target,
                  target,
                  body.replace(
                      "100000 + NEW.n", "100000 + (SELECT COUNT(*) FROM " + target + ")")));
      String sql = "INSERT INTO " + target + " (id, n) SELECT id, n FROM " + source.name();
      refusedAndElseNotKept(source, target, sql, "trigger", 20);
    }
  }

  @Test
  void a_trigger_that_only_reads_the_key_does_not_prevent_an_undo_image() throws SQLException {
    WorkTable source = WorkTable.create(database, 20);
    String target = target(source, "id BIGINT PRIMARY KEY, n INT");
    source.execute(
        "CREATE TRIGGER %s_reads BEFORE INSERT ON %s FOR EACH ROW SET NEW.n = 7 * NEW.id"
            .formatted(target, target));
    String sql = "INSERT INTO " + target + " (id, n) SELECT id, n FROM " + source.name();
    long id = calls.done(sql, Map.of("undo", true));
    assertEquals(20, source.number("SELECT COUNT(*) FROM " + target + " WHERE n = 7 * id"));
    calls.undone(id, DEFAULTS);
    assertEquals(0, source.number("SELECT COUNT(*) FROM " + target));
  }

  private static String target(WorkTable source, String columns) throws SQLException {
    String target = source.name() + "_target";
    source.execute("DROP TABLE IF EXISTS " + target);
    source.execute("CREATE TABLE " + target + " (" + columns + ")");
    return target;
  }

  private void refusedAndElseNotKept(
      WorkTable source, String target, String sql, String reason, long rows) throws SQLException {
    calls
        .start(sql, Map.of("undo", true))
        .statusCode(422)
        .body("type", equalTo("/problems/undo-impossible"))
        .body("reasons", hasItem(containsString(reason)));
    assertEquals(0, source.number("SELECT COUNT(*) FROM " + target));
    long id = calls.done(sql, SMALL);
    assertEquals(rows, source.number("SELECT COUNT(*) FROM " + target));
    assertEquals(false, calls.batch(id).getBoolean("undo.available"));
    UndoCalls.undo(id, DEFAULTS).statusCode(409).body("reason", equalTo("nothing-kept"));
  }
}
