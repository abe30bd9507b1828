package dev.rowmill.undo;

import static dev.rowmill.undo.UndoCalls.chunk;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rowmill.testing.DatabaseResource;
import dev.rowmill.testing.RowmillApi;
import dev.rowmill.testing.Sequence;
import dev.rowmill.testing.Sql;
import io.agroal.api.AgroalDataSource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Tests that changes by others between a batch and its undo are neither lost nor overlooked. */
@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class UndoConflictsTest {

  private static final RowmillApi API = RowmillApi.local();

  private static final int ROWS = 20_000;
  private static final int THEIRS = 1_000;

  /** Sets the distance between two rows that others change. */
  private static final int STEP = ROWS / THEIRS;

  private static final AtomicInteger COUNT = new AtomicInteger();

  @Inject AgroalDataSource database;

  @RegisterExtension final UndoCalls calls = new UndoCalls();
  private final String table = "rowmill_work.stock" + COUNT.incrementAndGet();
  private final String archive = table + "_archive";

  @BeforeEach
  void create_table() throws SQLException {
    Sql.execute(database, "CREATE DATABASE IF NOT EXISTS rowmill_work");
    for (String name : new String[] {table, archive}) {
      Sql.execute(database, "DROP TABLE IF EXISTS " + name);
      Sql.execute(
          database,
          "CREATE TABLE "
              + name
              + " (id BIGINT PRIMARY KEY, price DECIMAL(12,2) NOT NULL, amount INT NOT NULL,"
              + " note VARCHAR(40) NULL)");
    }
    Sql.execute(
        database,
        "INSERT INTO "
            + table
            + " SELECT i, i / 100, i % 1000, IF(i % 3 = 0, NULL, CONCAT('note ', i)) FROM ("
            + Sequence.sql(1, ROWS + 1)
            + ") numbers");
  }

  @AfterEach
  void clean_up() throws SQLException {
    Sql.execute(database, "DROP TABLE " + table + ", " + archive);
  }

  @Test
  void rows_changed_by_others_are_skipped_and_listed_and_all_others_restored() throws SQLException {
    Map<Long, String> before = rows(table);
    long id = calls.done(raise(), chunk(700));
    Sql.execute(database, "UPDATE " + table + " SET price = price + 1" + theirs(7));
    Sql.execute(database, "DELETE FROM " + table + theirs(11));
    // A column that the batch did not change.
    Sql.execute(database, "UPDATE " + table + " SET amount = -1" + theirs(13));
    Map<Long, String> changed = rows(table);
    long undo = calls.undone(id, Map.of("onConflict", "skip", "chunk", Map.of("rows", 300)));
    Map<Long, String> expected = new TreeMap<>(before);
    Map<Long, String> conflicts = new HashMap<>();
    for (long row = 1; row <= ROWS; row++) {
      if (row % STEP == 7) {
        expected.put(row, changed.get(row));
        conflicts.put(row, "changed");
      } else if (row % STEP == 11) {
        expected.remove(row);
        conflicts.put(row, "gone");
      } else if (row % STEP == 13) {
        expected.put(row, before.get(row).replaceFirst("\\|\\d+\\|", "|-1|"));
      }
    }
    assertRows(expected, rows(table));
    assertConflicts(undo, conflicts);
    assertEquals(ROWS - 2 * THEIRS, calls.batch(undo).getInt("progress.rowsChanged"));
  }

  @Test
  void a_row_that_was_changed_and_changed_back_is_in_no_conflict() throws SQLException {
    Map<Long, String> before = rows(table);
    long id = calls.done(raise(), chunk(700));
    Sql.execute(database, "UPDATE " + table + " SET price = price + 1" + theirs(7));
    Sql.execute(database, "UPDATE " + table + " SET price = price - 1" + theirs(7));
    long undo = calls.undone(id, Map.of());
    assertRows(before, rows(table));
    assertConflicts(undo, Map.of());
  }

  @Test
  void conflicts_are_skipped_by_default() throws SQLException {
    long id = calls.done(raise(), chunk(700));
    Sql.execute(database, "UPDATE " + table + " SET note = 'theirs' WHERE id = 5");
    long undo = calls.undone(id, Map.of());
    assertConflicts(undo, Map.of(5L, "changed"));
    assertEquals("theirs", text("SELECT note FROM " + table + " WHERE id = 5"));
  }

  @Test
  void keys_of_deleted_rows_that_others_reused_are_conflicts() throws SQLException {
    Map<Long, String> before = rows(table);
    long id = calls.done("DELETE FROM " + table + " WHERE id % 2 = 1", chunk(700));
    Sql.execute(
        database,
        "INSERT INTO "
            + table
            + " SELECT i, 0, 0, 'theirs' FROM ("
            + Sequence.sql(1, ROWS + 1)
            + ") numbers WHERE i % "
            + STEP
            + " = 7");
    long undo = calls.undone(id, Map.of("onConflict", "skip"));
    Map<Long, String> expected = new TreeMap<>(before);
    Map<Long, String> conflicts = new HashMap<>();
    for (long row = 7; row <= ROWS; row += STEP) {
      expected.put(row, "0.00|0|theirs");
      conflicts.put(row, "taken");
    }
    assertRows(expected, rows(table));
    assertConflicts(undo, conflicts);
    assertEquals(ROWS / 2 - THEIRS, calls.batch(undo).getInt("progress.rowsChanged"));
  }

  @Test
  void inserted_rows_that_others_changed_remain_and_deleted_ones_are_listed() throws SQLException {
    Sql.execute(database, "INSERT INTO " + archive + " VALUES (-1, 1, 1, 'was there before')");
    long id = calls.done(archiving(), chunk(700));
    Sql.execute(database, "UPDATE " + archive + " SET amount = amount + 1" + theirs(7));
    Sql.execute(database, "DELETE FROM " + archive + theirs(11));
    Map<Long, String> changed = rows(archive);
    long undo = calls.undone(id, Map.of("onConflict", "skip", "chunk", Map.of("rows", 300)));
    Map<Long, String> expected = new TreeMap<>();
    expected.put(-1L, changed.get(-1L));
    Map<Long, String> conflicts = new HashMap<>();
    for (long row = 1; row <= ROWS; row++) {
      if (row % STEP == 7) {
        expected.put(row, changed.get(row));
        conflicts.put(row, "changed");
      } else if (row % STEP == 11) {
        conflicts.put(row, "gone");
      }
    }
    assertRows(expected, rows(archive));
    assertConflicts(undo, conflicts);
    assertEquals(ROWS - 2 * THEIRS, calls.batch(undo).getInt("progress.rowsChanged"));
  }

  @Test
  void overwriting_replaces_values_of_others_by_the_old_ones() throws SQLException {
    Map<Long, String> before = rows(table);
    long id = calls.done(raise(), chunk(700));
    Sql.execute(database, "UPDATE " + table + " SET price = price + 1, note = NULL" + theirs(7));
    long undo = calls.undone(id, Map.of("onConflict", "overwrite"));
    assertRows(before, rows(table));
    assertEquals(ROWS, calls.batch(undo).getInt("progress.rowsChanged"));
  }

  @Test
  void overwriting_restores_the_keys_of_deleted_rows() throws SQLException {
    Map<Long, String> before = rows(table);
    long id = calls.done("DELETE FROM " + table + " WHERE id % 2 = 1", chunk(700));
    Sql.execute(
        database, "INSERT INTO " + table + " VALUES (7, 0, 0, 'theirs'), (27, 0, 0, 'theirs')");
    calls.undone(id, Map.of("onConflict", "overwrite"));
    assertRows(before, rows(table));
  }

  @Test
  void overwriting_deletes_inserted_rows_that_others_changed() throws SQLException {
    long id = calls.done(archiving(), chunk(700));
    Sql.execute(database, "UPDATE " + archive + " SET amount = amount + 1" + theirs(7));
    calls.undone(id, Map.of("onConflict", "overwrite"));
    assertRows(Map.of(), rows(archive));
  }

  @Test
  void overwritten_values_are_restored_by_the_undo_of_the_undo() throws SQLException {
    long id = calls.done(raise(), chunk(700));
    Sql.execute(
        database, "UPDATE " + table + " SET price = price + 1, note = 'theirs'" + theirs(7));
    Map<Long, String> theirs = rows(table);
    long undo = calls.undone(id, Map.of("onConflict", "overwrite"));
    calls.undone(undo, Map.of());
    assertRows(theirs, rows(table));
  }

  @Test
  void stopping_fails_at_the_first_conflict_and_can_be_continued() throws SQLException {
    Map<Long, String> before = rows(table);
    long id = calls.done(raise(), chunk(700));
    Sql.execute(database, "UPDATE " + table + " SET price = -5, note = 'theirs' WHERE id = 10007");
    Map<Long, String> changed = rows(table);
    long stopped =
        calls.undoAccepted(id, Map.of("onConflict", "stop", "chunk", Map.of("rows", 100)));
    JsonPath batch = calls.ended(stopped);
    assertEquals("failed", batch.getString("status"), batch::prettify);
    assertEquals("/problems/undo-conflict", batch.getString("error.type"), batch::prettify);
    assertTrue(batch.getString("error.detail").contains("10007"), batch::prettify);
    Map<Long, String> now = rows(table);
    assertEquals(changed.get(10007L), now.get(10007L));
    long back = 0;
    for (long row = 1; row <= ROWS; row++) {
      String value = now.get(row);
      assertTrue(
          value.equals(before.get(row)) || value.equals(changed.get(row)),
          "row " + row + " is neither as it was nor as it became: " + value);
      back += value.equals(before.get(row)) ? 1 : 0;
    }
    assertEquals(back, batch.getLong("progress.rowsChanged"), batch::prettify);
    assertTrue(back < ROWS, "all rows are back");
    assertTrue(calls.batch(id).get("undoneBy") == null);
    long rest = calls.undone(id, Map.of("onConflict", "skip"));
    Map<Long, String> expected = new TreeMap<>(before);
    expected.put(10007L, changed.get(10007L));
    assertRows(expected, rows(table));
    assertConflicts(rest, Map.of(10007L, "changed"));
  }

  @Test
  void a_conflict_reports_the_found_values() throws SQLException {
    long id = calls.done(raise(), chunk(700));
    Sql.execute(database, "UPDATE " + table + " SET price = 123.45 WHERE id = 5");
    long undo = calls.undone(id, Map.of());
    API.get("/batches/" + undo + "/conflicts")
        .statusCode(200)
        .body("items[0].key", equalTo(Map.of("id", "5")))
        .body("items[0].reason", equalTo("changed"))
        .body("items[0].detail", containsString("price"))
        .body("next", nullValue());
  }

  private String raise() {
    return "UPDATE "
        + table
        + " SET price = price * 2 + 1, note = CONCAT(COALESCE(note, 'no'), ' raised')";
  }

  private String archiving() {
    return "INSERT INTO "
        + archive
        + " (id, price, amount, note) SELECT id, price, amount, note FROM "
        + table;
  }

  private static String theirs(int rest) {
    return " WHERE id % " + STEP + " = " + rest + " AND id > 0";
  }

  private void assertConflicts(long undo, Map<Long, String> expected) {
    assertEquals(expected.size(), calls.batch(undo).getInt("conflicts"));
    assertEquals(new TreeMap<>(expected), new TreeMap<>(UndoCalls.conflicts(undo, 300)));
  }

  /** Fails with the rows that differ. */
  private static void assertRows(Map<Long, String> expected, Map<Long, String> actual) {
    Map<Long, String> missing = new TreeMap<>(expected);
    missing.entrySet().removeIf(row -> row.getValue().equals(actual.get(row.getKey())));
    Map<Long, String> wrong = new TreeMap<>(actual);
    wrong.entrySet().removeIf(row -> row.getValue().equals(expected.get(row.getKey())));
    assertEquals(missing, wrong);
  }

  private Map<Long, String> rows(String of) throws SQLException {
    Map<Long, String> rows = new TreeMap<>();
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT id, price, amount, note FROM " + of)) {
      while (row.next()) {
        rows.put(
            row.getLong(1), row.getString(2) + "|" + row.getString(3) + "|" + row.getString(4));
      }
    }
    return rows;
  }

  private String text(String sql) throws SQLException {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getString(1);
    }
  }
}
