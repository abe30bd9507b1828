package dev.rowmill.changes;

import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.endsWith;
import static org.hamcrest.Matchers.equalTo;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rowmill.testing.AllTypesTable;
import dev.rowmill.testing.AllTypesTable.Key;
import dev.rowmill.testing.AllTypesTable.State;
import dev.rowmill.testing.Batches;
import dev.rowmill.testing.CommandLineClient;
import dev.rowmill.testing.DatabaseResource;
import dev.rowmill.testing.RowmillApi;
import dev.rowmill.testing.WorkTable;
import io.agroal.api.AgroalDataSource;
import io.quarkus.agroal.DataSource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Tests that the command-line client restores a table with a script, and makes the changes again
 * with another, by the server's own checksum, and that rows which others have changed stay as they
 * are.
 */
@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class ChangeScriptTest {

  private static final RowmillApi API = RowmillApi.local();
  private static final int ROWS = 500;

  @Inject AgroalDataSource database;

  @Inject
  @DataSource("data")
  AgroalDataSource data;

  private final String project = Batches.newProject();
  @RegisterExtension final WorkTable work = WorkTable.ofRows(20);

  private String in(String sql) {
    return sql.replace("{t}", work.name());
  }

  private void execute(String... statements) throws SQLException {
    for (String sql : statements) {
      work.execute(in(sql));
    }
  }

  private long count(String condition) throws SQLException {
    return work.number(in("SELECT COUNT(*) FROM {t} WHERE " + condition));
  }

  @ParameterizedTest
  @EnumSource
  void an_update_of_every_type(Key key) throws SQLException, IOException, InterruptedException {
    AllTypesTable table = AllTypesTable.create(database, key, ROWS);
    roundTrip(table, table.update() + " WHERE n % 10 <> 3");
  }

  @ParameterizedTest
  @EnumSource
  void a_delete_of_a_part(Key key) throws SQLException, IOException, InterruptedException {
    AllTypesTable table = AllTypesTable.create(database, key, ROWS);
    roundTrip(table, "DELETE FROM " + table.name() + " WHERE n % 3 = 0");
  }

  @ParameterizedTest
  // The numbers of an ENUM may represent other texts in another table.
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "UNUSUAL")
  void an_insert_with_its_key(Key key) throws SQLException, IOException, InterruptedException {
    AllTypesTable table = AllTypesTable.create(database, key, ROWS);
    AllTypesTable archive = table.likeThis();
    roundTrip(archive, table.copyTo(archive) + " WHERE n % 7 <> 0 AND " + table.strict());
  }

  private void roundTrip(AllTypesTable table, String sql)
      throws SQLException, IOException, InterruptedException {
    State before = table.state();
    long id = done(sql);
    State after = table.state();
    assertNotEquals(before, after);
    String redo = script(id, "redo");
    String undo = script(id, "undo");
    assertTrue(undo.contains(" 0 left out\n"), () -> undo.substring(undo.length() - 200));
    assertNotFound(0, CommandLineClient.run(undo));
    assertEquals(before, table.state());
    assertNotFound(0, CommandLineClient.run(redo));
    assertEquals(after, table.state());
  }

  private long done(String sql) {
    return API.start(project)
        .sql(in(sql))
        .with("wholeTable", true)
        .chunkRows(50)
        .with("lanes", 2)
        .waiting()
        .send()
        .statusCode(200)
        .body("status", equalTo("succeeded"))
        .id();
  }

  private static void assertNotFound(int rows, String output) {
    assertTrue(output.contains("rows_not_found\n" + rows + "\n"), output);
  }

  @ParameterizedTest
  @CsvSource({"ascii, k", "latin1, ä", "utf8mb3, 表", "utf8mb4, 😀"})
  void an_update_of_rows_with_a_text_as_their_key(String charset, String text)
      throws SQLException, IOException, InterruptedException {
    execute(
        "DROP TABLE IF EXISTS {t}_text",
        "CREATE TABLE {t}_text (k VARCHAR(20) CHARACTER SET %1$s COLLATE %1$s_bin PRIMARY KEY, n INT)"
            .formatted(charset),
        "INSERT INTO {t}_text SELECT CONCAT('" + text + "''b ', id), n FROM {t}");
    long before = work.checksum(in("{t}_text"));
    long id = done("UPDATE {t}_text SET n = n + 1");
    long after = work.checksum(in("{t}_text"));
    assertNotFound(0, CommandLineClient.run(script(id, "undo")));
    assertEquals(before, work.checksum(in("{t}_text")));
    assertNotFound(0, CommandLineClient.run(script(id, "redo")));
    assertEquals(after, work.checksum(in("{t}_text")));
    execute("DROP TABLE {t}_text");
  }

  @Test
  void updated_rows_that_have_changed_since_stay_and_are_counted() throws Exception {
    long id = done("UPDATE {t} SET n = n + 1");
    execute("UPDATE {t} SET n = 7 WHERE id = 3", "DELETE FROM {t} WHERE id = 4");
    assertNotFound(2, CommandLineClient.run(script(id, "undo")));
    assertEquals(18, work.rowsWith(0));
    assertEquals(1, count("id = 3 AND n = 7"));
  }

  @Test
  void deleted_rows_are_only_deleted_again_with_their_old_values() throws Exception {
    long id = done("DELETE FROM {t} WHERE id <= 5");
    assertNotFound(0, CommandLineClient.run(script(id, "undo")));
    assertEquals(20, work.rowsWith(0));
    execute("UPDATE {t} SET n = 7 WHERE id = 3");
    assertNotFound(1, CommandLineClient.run(script(id, "redo")));
    assertEquals(1, count("id <= 5"));
    assertEquals(1, count("id = 3 AND n = 7"));
  }

  @Test
  void inserted_rows_are_only_deleted_with_their_new_values() throws Exception {
    execute("DROP TABLE IF EXISTS {t}_copy", "CREATE TABLE {t}_copy LIKE {t}");
    long id = done("INSERT INTO {t}_copy SELECT id, n FROM {t} WHERE id <= 4");
    String undo = script(id, "undo");
    execute("UPDATE {t}_copy SET n = 7 WHERE id = 2");
    assertNotFound(1, CommandLineClient.run(undo));
    assertEquals(2, work.number(in("SELECT SUM(id) FROM {t}_copy")));
    execute("DROP TABLE {t}_copy");
  }

  @Test
  void a_script_stops_at_a_value_that_the_table_does_not_hold_any_more() throws Exception {
    execute("ALTER TABLE {t} ADD v VARCHAR(9) NOT NULL DEFAULT 'long text'");
    long id = done("UPDATE {t} SET v = 'x'");
    String undo = script(id, "undo");
    execute("ALTER TABLE {t} MODIFY v VARCHAR(4) NOT NULL");
    CommandLineClient.fail(undo);
    assertEquals(20, count("v = 'x'"));
  }

  @Test
  void there_is_no_script_for_a_table_that_was_altered() throws Exception {
    execute("ALTER TABLE {t} ADD v VARCHAR(9) NOT NULL DEFAULT 'long text'");
    long id = done("UPDATE {t} SET v = 'x'");
    execute("ALTER TABLE {t} MODIFY v VARCHAR(10) NOT NULL");
    API.get("/batches/" + id + "/changes?format=sql")
        .statusCode(409)
        .body("type", endsWith("undo-table-changed"))
        .body("column", equalTo("v"));
    API.get("/batches/" + id + "/changes").statusCode(200).body(containsString("long text"));
  }

  @Test
  void rows_are_found_if_sessions_read_a_char_with_its_blanks() throws Exception {
    execute(
        "ALTER TABLE {t} ADD c CHAR(9) CHARACTER SET utf8mb4 NOT NULL DEFAULT 'a b', DROP PRIMARY"
            + " KEY, ADD k CHAR(9) NOT NULL, ADD v VARCHAR(9) DEFAULT 'v  '",
        "UPDATE {t} SET k = id",
        "ALTER TABLE {t} ADD PRIMARY KEY (k)");
    long before = work.checksum(work.name());
    String mode;
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT @@GLOBAL.sql_mode")) {
      row.next();
      mode = row.getString(1);
    }
    execute("SET GLOBAL sql_mode = '" + mode + ",PAD_CHAR_TO_FULL_LENGTH'");
    try {
      data.flush(AgroalDataSource.FlushMode.ALL);
      long id = done("UPDATE {t} SET c = CONCAT('n', id), v = 'u '");
      assertTrue(API.get("/batches/" + id + "/changes").text().contains("\"c\":\"a b      \""));
      long after = work.checksum(work.name());
      assertNotFound(0, CommandLineClient.run(script(id, "undo")));
      assertEquals(before, work.checksum(work.name()));
      assertNotFound(0, CommandLineClient.run(script(id, "redo")));
      assertEquals(after, work.checksum(work.name()));
    } finally {
      execute("SET GLOBAL sql_mode = '" + mode + "'");
      data.flush(AgroalDataSource.FlushMode.ALL);
    }
  }

  private static String script(long batch, String direction) {
    return API.get("/batches/" + batch + "/changes?format=sql&direction=" + direction)
        .statusCode(200)
        .contentType("application/sql")
        .text();
  }
}
