package dev.rowmill.undo;

import static dev.rowmill.undo.UndoCalls.DEFAULTS;
import static dev.rowmill.undo.UndoCalls.SMALL;
import static dev.rowmill.undo.UndoCalls.chunk;
import static org.hamcrest.Matchers.equalTo;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rowmill.testing.AllTypesTable;
import dev.rowmill.testing.AllTypesTable.Key;
import dev.rowmill.testing.AllTypesTable.State;
import dev.rowmill.testing.DatabaseResource;
import dev.rowmill.testing.RowmillApi;
import dev.rowmill.testing.Soak;
import dev.rowmill.testing.WorkTable;
import io.agroal.api.AgroalDataSource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Tests that the undo restores a table of all types, by the server's own checksum. {@code
 * testing.undo.types.rows} sets the number of rows.
 */
@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class UndoRoundTripTest {

  private static final RowmillApi API = RowmillApi.local();

  private static final int ROWS = Integer.getInteger("testing.undo.types.rows", 2_000);

  /** Sets the number of rows of the tests that run once for each key. */
  private static final int ROWS_OF_EACH_KEY = Soak.number("testing.undo.types.rows", 500, 2_000);

  @Inject AgroalDataSource database;

  @RegisterExtension final UndoCalls calls = new UndoCalls();

  @ParameterizedTest
  @EnumSource
  void an_update_of_every_type_is_undone_and_redone(Key key) throws SQLException {
    AllTypesTable table = AllTypesTable.create(database, key, ROWS_OF_EACH_KEY);
    roundTrip(table, table.update() + " WHERE n % 10 <> 3", DEFAULTS, DEFAULTS);
  }

  @ParameterizedTest
  @EnumSource
  void a_delete_of_a_part_is_undone_and_redone(Key key) throws SQLException {
    AllTypesTable table = AllTypesTable.create(database, key, ROWS_OF_EACH_KEY);
    roundTrip(table, "DELETE FROM " + table.name() + " WHERE n % 3 = 0", DEFAULTS, DEFAULTS);
  }

  @ParameterizedTest
  @EnumSource
  void a_delete_of_all_is_undone_and_redone(Key key) throws SQLException {
    AllTypesTable table = AllTypesTable.create(database, key, ROWS_OF_EACH_KEY);
    roundTrip(table, "DELETE FROM " + table.name(), DEFAULTS, DEFAULTS);
    assertEquals(ROWS_OF_EACH_KEY, table.state().rows());
  }

  @ParameterizedTest
  // The numbers of an ENUM may represent other texts in another table.
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "UNUSUAL")
  void an_insert_with_its_key_is_undone_and_redone(Key key) throws SQLException {
    AllTypesTable table = AllTypesTable.create(database, key, ROWS_OF_EACH_KEY);
    AllTypesTable archive = table.likeThis();
    archive.execute(table.copyTo(archive) + " WHERE n % 7 = 0 AND " + table.strict());
    roundTrip(
        archive,
        table.copyTo(archive) + " WHERE n % 7 <> 0 AND " + table.strict(),
        DEFAULTS,
        DEFAULTS);
  }

  @Test
  void an_insert_whose_key_the_server_counts_goes_and_comes_back_again() throws SQLException {
    AllTypesTable table = AllTypesTable.create(database, Key.BIGINT, ROWS_OF_EACH_KEY);
    AllTypesTable archive = table.likeThis();
    String copy = table.copyWithoutKeyTo(archive) + " WHERE " + table.strict();
    archive.execute(copy + " AND n <= 100");
    roundTrip(archive, copy, SMALL, SMALL);
  }

  @ParameterizedTest
  @EnumSource
  void chunks_of_ten_rows_are_undone_in_chunks_of_ten(Key key) throws SQLException {
    AllTypesTable table = AllTypesTable.create(database, key, ROWS_OF_EACH_KEY);
    roundTrip(table, table.update(), SMALL, SMALL);
  }

  @ParameterizedTest
  @EnumSource
  void four_lanes_are_undone_in_four_lanes(Key key) throws SQLException {
    AllTypesTable table = AllTypesTable.create(database, key, ROWS_OF_EACH_KEY);
    Map<String, Object> lanes = Map.of("lanes", 4, "chunk", Map.of("rows", 50));
    roundTrip(table, table.update() + " WHERE n % 10 <> 3", lanes, lanes);
    roundTrip(table, "DELETE FROM " + table.name() + " WHERE n % 3 = 0", lanes, lanes);
  }

  @Test
  void large_chunks_come_back_in_small_ones_and_small_ones_in_large_ones() throws SQLException {
    AllTypesTable table = AllTypesTable.create(database, Key.TEXT_AND_INT, ROWS_OF_EACH_KEY);
    roundTrip(table, table.update(), chunk(100_000), SMALL);
    roundTrip(table, table.update(), SMALL, chunk(100_000));
    roundTrip(table, "DELETE FROM " + table.name(), chunk(100_000), SMALL);
  }

  @Test
  void an_undo_of_many_chunks_prepares_few_statements() throws SQLException {
    WorkTable table = WorkTable.create(database, ROWS);
    long id = calls.done("UPDATE " + table.name() + " SET n = n + 1", SMALL);
    long before = prepared();
    long undo = calls.undoAccepted(id, slow());
    calls.underWay(undo, ROWS * 3 / 4);
    long more = prepared() - before;
    assertTrue(more < 50, () -> more + " statements");
    calls.succeeded(undo);
  }

  /** Counts the prepared statements; the server allows 16,382. */
  private long prepared() throws SQLException {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SHOW GLOBAL STATUS LIKE 'Prepared_stmt_count'")) {
      row.next();
      return row.getLong(2);
    }
  }

  @Test
  void the_body_reports_the_stored_and_the_restored_rows() throws SQLException {
    AllTypesTable table = AllTypesTable.create(database, Key.BIGINT, ROWS);
    long id = calls.done("DELETE FROM " + table.name() + " WHERE n % 2 = 0", DEFAULTS);
    JsonPath change = calls.batch(id);
    assertTrue(change.getBoolean("undo.available"), change::prettify);
    assertEquals(ROWS / 2, change.getInt("undo.rows"), change::prettify);
    assertTrue(change.getLong("undo.bytes") > ROWS / 2, change::prettify);
    assertTrue(change.get("undo.expiresAt") != null, change::prettify);
    long undo = calls.undone(id, Map.of("reason", "the wrong rows"));
    JsonPath back = calls.batch(undo);
    assertEquals("undo", back.getString("kind"));
    assertEquals("the wrong rows", back.getString("reason"));
    assertEquals(ROWS / 2, back.getInt("progress.rowsChanged"), back::prettify);
    assertEquals(100.0f, back.getFloat("progress.percent"), back::prettify);
    assertEquals(0, back.getInt("conflicts"), back::prettify);
    assertEquals(Map.of(), UndoCalls.conflicts(undo, 50));
    assertTrue(back.getBoolean("undo.available"), back::prettify);
  }

  @Test
  void the_finished_chunks_of_a_cancelled_batch_are_undone() throws SQLException {
    AllTypesTable table = AllTypesTable.create(database, Key.BINARY16, ROWS);
    State before = table.state();
    long id = calls.accepted(table.update(), slow());
    calls.underWay(id, ROWS / 4);
    JsonPath cancelled = calls.cancelled(id);
    int changed = cancelled.getInt("progress.rowsChanged");
    assertTrue(changed > 0 && changed < ROWS, cancelled::prettify);
    assertNotEquals(before, table.state());
    long undo = calls.undone(id, DEFAULTS);
    assertEquals(before, table.state());
    assertEquals(changed, calls.batch(undo).getInt("progress.rowsChanged"));
  }

  @Test
  void the_finished_chunks_of_a_failed_batch_are_undone() throws SQLException {
    AllTypesTable table = AllTypesTable.create(database, Key.DATETIME, ROWS);
    State before = table.state();
    long id =
        calls.accepted(
            table.update() + ", c_tiny = IF(n = " + ROWS * 3 / 4 + ", 1000, 5)",
            Map.of("chunk", Map.of("rows", 50), "lanes", 1));
    JsonPath failed = calls.ended(id);
    assertEquals("failed", failed.getString("status"), failed::prettify);
    assertEquals(ROWS * 3 / 4 - 1, failed.getInt("progress.rowsChanged"), failed::prettify);
    assertTrue(failed.getBoolean("undo.available"), failed::prettify);
    calls.undone(id, SMALL);
    assertEquals(before, table.state());
  }

  @Test
  void a_cancelled_undo_can_be_started_again() throws SQLException {
    AllTypesTable table = AllTypesTable.create(database, Key.BIGINT, ROWS);
    State before = table.state();
    long id = calls.done("DELETE FROM " + table.name() + " WHERE n % 4 <> 0", chunk(100));
    long first = calls.undoAccepted(id, slow());
    calls.underWay(first, ROWS / 4);
    calls.cancelled(first);
    assertTrue(calls.batch(id).get("undoneBy") == null);
    calls.undone(id, chunk(100));
    assertEquals(before, table.state());
  }

  @Test
  void a_paused_undo_resumes() throws SQLException {
    AllTypesTable table = AllTypesTable.create(database, Key.BIGINT, ROWS);
    State before = table.state();
    long id = calls.done(table.update(), chunk(100));
    long undo = calls.undoAccepted(id, slow());
    calls.underWay(undo, ROWS / 4);
    calls.paused(undo);
    State halfway = table.state();
    assertNotEquals(before, halfway);
    calls.resume(undo);
    calls.succeeded(undo);
    assertEquals(before, table.state());
  }

  @Test
  void a_column_that_a_trigger_changes_along_comes_back() throws SQLException {
    AllTypesTable table = AllTypesTable.create(database, Key.BIGINT, ROWS_OF_EACH_KEY);
    table.execute(
        "CREATE TRIGGER "
            + table.name()
            + "_closes BEFORE UPDATE ON "
            + table.name()
            + " FOR EACH ROW SET NEW.c_untouched = IF(NEW.c_default = 'closed', 'by trigger',"
            + " NEW.c_untouched), NEW.c_datetime = IF(NEW.c_default = 'closed', '2001-02-03',"
            + " NEW.c_datetime)");
    roundTrip(
        table,
        "UPDATE " + table.name() + " SET c_default = 'closed' WHERE n % 2 = 0",
        SMALL,
        SMALL);
  }

  @Test
  void shifted_values_of_a_unique_key_are_restored() throws SQLException {
    WorkTable table = WorkTable.create(database, ROWS);
    table.execute("UPDATE " + table.name() + " SET n = id");
    table.execute("ALTER TABLE " + table.name() + " ADD UNIQUE KEY by_place (n)");
    long id = calls.done("UPDATE " + table.name() + " SET n = n - 1", SMALL);
    assertEquals(ROWS, table.number("SELECT SUM(n = id - 1) FROM " + table.name()));
    long undo = calls.undone(id, SMALL);
    assertEquals(ROWS, table.number("SELECT SUM(n = id) FROM " + table.name()));
    calls.undone(undo, SMALL);
    assertEquals(ROWS, table.number("SELECT SUM(n = id - 1) FROM " + table.name()));
  }

  @Test
  void rows_that_the_batch_did_not_change_are_not_restored() throws SQLException {
    AllTypesTable table = AllTypesTable.create(database, Key.BIGINT, ROWS);
    long id =
        calls.done(
            "UPDATE " + table.name() + " SET c_default = IF(n % 2 = 0, 'even', c_default)",
            DEFAULTS);
    table.execute("UPDATE " + table.name() + " SET c_default = 'theirs' WHERE n % 2 = 1");
    long undo = calls.undone(id, DEFAULTS);
    assertEquals(ROWS / 2, calls.batch(undo).getInt("progress.rowsChanged"));
    assertEquals(0, calls.batch(undo).getInt("conflicts"));
    assertEquals(ROWS / 2, table.number("SELECT SUM(c_default = 'theirs') FROM " + table.name()));
  }

  @Test
  void without_undo_no_image_is_stored() throws SQLException {
    AllTypesTable table = AllTypesTable.create(database, Key.BIGINT, ROWS);
    long id = calls.done(table.update(), Map.of("undo", false));
    JsonPath batch = calls.batch(id);
    assertFalse(batch.getBoolean("undo.available"), batch::prettify);
    assertEquals(0, batch.getInt("undo.rows"), batch::prettify);
    assertEquals(0, batch.getInt("undo.bytes"), batch::prettify);
    UndoCalls.undo(id, DEFAULTS)
        .statusCode(409)
        .body("type", equalTo("/problems/not-undoable"))
        .body("reason", equalTo("nothing-kept"));
  }

  /** Changes, undoes, and undoes the undo. */
  private void roundTrip(
      AllTypesTable table, String sql, Map<String, Object> change, Map<String, Object> back)
      throws SQLException {
    State before = table.state();
    long id = calls.done(sql, change);
    State changed = table.state();
    assertNotEquals(before.checksum(), changed.checksum());
    JsonPath batch = calls.batch(id);
    assertEquals(
        batch.getLong("progress.rowsChanged"), batch.getLong("undo.rows"), batch::prettify);
    long undo = calls.undone(id, back);
    assertEquals(before, table.state(), "undone");
    long undoOfUndo = calls.undone(undo, change);
    assertEquals(changed, table.state(), "the undo undone");
    calls.undone(undoOfUndo, back);
    assertEquals(before, table.state(), "undone again");
  }

  /** Returns the settings of a batch that takes five seconds, so that it can be observed. */
  private static Map<String, Object> slow() {
    return Map.of("chunk", Map.of("rows", 20), "limits", Map.of("rowsPerSecond", ROWS / 5));
  }
}
