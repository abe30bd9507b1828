package dev.rowmill.undo;

import static dev.rowmill.undo.UndoCalls.DEFAULTS;
import static dev.rowmill.undo.UndoCalls.SMALL;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

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

/** Tests that undo images hold the rows that a chunk has changed. */
@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class UndoKeepingTest {

  @Inject AgroalDataSource database;

  @RegisterExtension final UndoCalls calls = new UndoCalls();

  @Test
  void randomly_deleted_rows_are_restored() throws SQLException {
    WorkTable table = WorkTable.create(database, 1000);
    table.execute("UPDATE " + table.name() + " SET n = id * 7");
    long id = calls.done("DELETE FROM " + table.name() + " WHERE RAND() < 0.5", SMALL);
    assertNotEquals(1000, table.number("SELECT COUNT(*) FROM " + table.name()));
    long undo = calls.undone(id, DEFAULTS);
    assertEquals(0, calls.batch(undo).getLong("conflicts"));
    assertEquals(1000, table.number("SELECT COUNT(*) FROM " + table.name() + " WHERE n = id * 7"));
  }

  @Test
  void rows_inserted_into_the_own_schema_from_another_are_undone() throws SQLException {
    WorkTable source = WorkTable.create(database, 100);
    source.execute("DROP TABLE IF EXISTS kept_here");
    source.execute("CREATE TABLE kept_here LIKE " + source.name());
    String sql = "INSERT INTO kept_here (id, n) SELECT id, n FROM " + source.name();
    long id = calls.done(sql, SMALL);
    assertEquals(100, source.number("SELECT COUNT(*) FROM kept_here"));
    calls.undone(id, DEFAULTS);
    assertEquals(0, source.number("SELECT COUNT(*) FROM kept_here"));
    source.execute("DROP TABLE kept_here");
  }

  @Test
  void rows_inserted_under_a_key_with_mixed_directions_are_undone() throws SQLException {
    WorkTable source = WorkTable.create(database, 100);
    source.execute(
        "ALTER TABLE "
            + source.name()
            + " ADD COLUMN part INT NOT NULL DEFAULT 1, DROP PRIMARY KEY");
    source.execute("UPDATE " + source.name() + " SET part = id % 7");
    source.execute("ALTER TABLE " + source.name() + " ADD PRIMARY KEY (part, id)");
    String copy = source.name() + "_copy";
    source.execute("DROP TABLE IF EXISTS " + copy);
    source.execute(
        "CREATE TABLE " + copy + " (id BIGINT, part INT, n INT, PRIMARY KEY (part, id DESC))");
    source.execute("INSERT INTO " + copy + " VALUES (1000, 3, 0), (-1, 4, 0)");
    long id =
        calls.done(
            "INSERT INTO " + copy + " (part, id, n) SELECT part, id, n FROM " + source.name(),
            SMALL);
    assertEquals(102, source.number("SELECT COUNT(*) FROM " + copy));
    calls.undone(id, DEFAULTS);
    assertEquals(2, source.number("SELECT COUNT(*) FROM " + copy));
    source.execute("DROP TABLE " + copy);
  }

  @Test
  void large_values_are_stored_in_small_chunks() throws SQLException {
    WorkTable table = WorkTable.create(database, 400);
    table.execute("ALTER TABLE " + table.name() + " ADD COLUMN big LONGTEXT");
    table.execute("UPDATE " + table.name() + " SET big = REPEAT(id % 10, 400000)");
    table.execute("ANALYZE TABLE " + table.name());
    long id =
        calls.done(
            "UPDATE " + table.name() + " SET big = CONCAT(big, 'x')",
            Map.of("chunk", Map.of("rows", 400)));
    long chunks = calls.batch(id).getLong("progress.chunks");
    assertTrue(chunks >= 20, chunks + " chunks");
    calls.undone(id, DEFAULTS);
    assertEquals(
        400,
        table.number(
            "SELECT COUNT(*) FROM " + table.name() + " WHERE big = REPEAT(id % 10, 400000)"));
  }

  @Test
  void large_values_without_statistics_are_stored_in_smaller_chunks() throws SQLException {
    WorkTable table = WorkTable.create(database, 2000);
    table.execute("ALTER TABLE " + table.name() + " ADD COLUMN big LONGTEXT");
    table.execute(
        "UPDATE " + table.name() + " SET big = REPEAT(id % 10, IF(id > 1900, 1000000, 0))");
    long id =
        calls.done(
            "UPDATE " + table.name() + " SET big = CONCAT(big, 'x')",
            Map.of("chunk", Map.of("rows", 2000)));
    long chunks = calls.batch(id).getLong("progress.chunks");
    assertTrue(chunks >= 2, chunks + " chunks");
    calls.undone(id, DEFAULTS);
    assertEquals(
        2000,
        table.number(
            "SELECT COUNT(*) FROM "
                + table.name()
                + " WHERE big = REPEAT(id % 10, IF(id > 1900, 1000000, 0))"));
  }
}
