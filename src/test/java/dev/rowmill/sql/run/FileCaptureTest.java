package dev.rowmill.sql.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.rowmill.sql.Database;
import dev.rowmill.sql.parse.TableName;
import dev.rowmill.sql.run.FileChange.Action;
import dev.rowmill.sql.run.FileChange.Pair;
import dev.rowmill.sql.table.Catalog;
import dev.rowmill.sql.table.KeyChoice;
import dev.rowmill.sql.table.TableDefinition;
import dev.rowmill.task.Chunk;
import dev.rowmill.task.ChunkResult;
import dev.rowmill.task.ChunkedRun.LeftRow;
import dev.rowmill.task.RowKey;
import dev.rowmill.task.SideReader;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransactionRollbackException;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Tests that the image of rows that a file changes has exactly these, whatever another session
 * commits between the read that locks the rows and their change.
 */
class FileCaptureTest {

  private static final SideReader NO_SIDE =
      new SideReader() {
        @Override
        public <T> Future<T> read(Query<T> query) {
          throw new IllegalStateException("nothing is read beside");
        }
      };

  private static Database database;
  private static Connection own;

  @BeforeAll
  static void open() throws SQLException {
    database = new Database();
    own = database.another();
    own.setAutoCommit(false);
  }

  @AfterAll
  static void close() throws SQLException {
    own.close();
    database.close();
  }

  /** Makes rows of which one is not as the file expects, and one is missing. */
  @BeforeEach
  void fill() {
    database.run(
        "DROP TABLE IF EXISTS t, lines_of_file",
        "CREATE TABLE t (id INT PRIMARY KEY, sku INT, price INT, KEY (sku))",
        "CREATE TABLE lines_of_file (line BIGINT PRIMARY KEY, f1 INT, f2 INT, f3 INT)",
        "INSERT INTO t VALUES (1, 1, 10), (2, 2, 5), (4, 4, 40)",
        "INSERT INTO lines_of_file VALUES (2, 1, 11, 10), (3, 2, 21, 20), (4, 3, 31, 30), (5, 4,"
            + " 41, 40)");
  }

  @AfterEach
  void roll_back() throws SQLException {
    own.rollback();
  }

  private static FileRun run(Action action) throws SQLException {
    TableName table = new TableName(database.schema(), "t");
    TableDefinition definition = new Catalog(own).definition(table);
    var change =
        new FileChange(
            action,
            new TableName(database.schema(), "lines_of_file"),
            table,
            KeyChoice.of(definition, "t", true),
            "sku",
            List.of(pair(definition, "sku", "f1")),
            action == Action.DELETE ? List.of() : List.of(pair(definition, "price", "f2")),
            List.of(pair(definition, "price", "f3")));
    var run = new FileRun(change, 4);
    assertEquals(true, run.undoRefusal(own, false).isEmpty());
    return run;
  }

  private static Pair pair(TableDefinition definition, String column, String source) {
    return new Pair(definition.column(column).orElseThrow(), source);
  }

  /** Applies all lines, and returns the changed rows that the image has. */
  private static String changed(FileRun run, Connection connection) throws Exception {
    ChunkResult result = run.applyAndCapture(connection, new Chunk(null, "5", 4), NO_SIDE);
    List<String> rows =
        RowImage.read(Objects.requireNonNull(result.image()).bytes()).stream()
            .flatMap(image -> image.rows().stream())
            .map(row -> text(row.key()[0]) + ":" + text(row.before()[row.before().length - 1]))
            .toList();
    assertEquals(rows.size(), result.changed());
    return String.join(" ", rows);
  }

  private static String text(byte[] value) {
    return new String(value, StandardCharsets.US_ASCII);
  }

  @ParameterizedTest
  @EnumSource(
      value = Action.class,
      names = {"UPDATE", "DELETE"})
  void the_image_has_the_rows_that_are_as_expected(Action action) throws Exception {
    FileRun run = run(action);
    assertEquals("1:10 4:40", changed(run, own));
    own.commit();
    assertEquals(
        List.of("3"), run.leftRows().stream().map(LeftRow::row).map(RowKey::cursor).toList());
    assertEquals(action == Action.UPDATE ? "57" : "5", database.value("SELECT SUM(price) FROM t"));
  }

  @ParameterizedTest
  @EnumSource(
      value = Action.class,
      names = {"UPDATE", "DELETE"})
  void a_row_that_another_session_adds_is_not_taken_for_one_that_differs(Action action)
      throws Exception {
    FileRun run = run(action);
    Connection others =
        WatchedConnection.of(own, () -> database.run("INSERT INTO t VALUES (3, 3, 30)"));
    assertThrows(SQLTransactionRollbackException.class, () -> changed(run, others));
    own.rollback();
    assertEquals("85", database.value("SELECT SUM(price) FROM t"));
    // The chunk is repeated with the row.
    assertEquals("1:10 3:30 4:40", changed(run, own));
    own.commit();
  }

  @Test
  void rows_that_are_swapped_meanwhile_are_not_mixed_up() throws Exception {
    FileRun run = run(Action.UPDATE);
    database.run("INSERT INTO t VALUES (9, 9, 30)");
    Connection others =
        WatchedConnection.of(own, () -> database.run("UPDATE t SET sku = 3 WHERE id = 9"));
    assertThrows(SQLTransactionRollbackException.class, () -> changed(run, others));
  }
}
