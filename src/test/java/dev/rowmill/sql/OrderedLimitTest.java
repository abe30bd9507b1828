package dev.rowmill.sql;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.rowmill.sql.run.ImageColumn;
import dev.rowmill.sql.run.ImageLayout;
import dev.rowmill.sql.run.UndoRefusal;
import dev.rowmill.sql.run.Walk;
import dev.rowmill.sql.statement.ChunkableStatement;
import dev.rowmill.sql.table.ChunkKey;
import dev.rowmill.sql.table.StatementScope;
import dev.rowmill.task.Chunk;
import dev.rowmill.task.ChunkedRun;
import dev.rowmill.task.Refusal;
import dev.rowmill.testing.BesideOthers;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The first rows in an order are walked along an index that has this order. */
@BesideOthers
class OrderedLimitTest {

  private static final String COLUMNS =
      "(id INT PRIMARY KEY, grade INT NOT NULL, made DATETIME NOT NULL, seen DATETIME,"
          + " word VARCHAR(20) NOT NULL, n INT, KEY by_made (made), KEY by_grade (grade, made),"
          + " KEY falling (word DESC), UNIQUE KEY by_word (word, grade), KEY by_seen (seen),"
          + " KEY by_start (grade, word(3)))";

  private static Database database;

  @BeforeAll
  static void fill() {
    database = new Database();
    database.run(
        "CREATE TABLE ranked " + COLUMNS,
        "CREATE TABLE copied (id INT PRIMARY KEY)",
        "CREATE TABLE numbers (id INT PRIMARY KEY)",
        "INSERT INTO numbers VALUES "
            + IntStream.rangeClosed(1, 60)
                .mapToObj(i -> "(" + i + ")")
                .collect(Collectors.joining(", ")));
  }

  @AfterEach
  void drop() {
    database.run("DROP TABLE IF EXISTS kept, held");
  }

  @AfterAll
  static void close() {
    database.close();
  }

  private static ChunkableStatement compiled(String sql) throws SQLException {
    return ChunkableStatement.compile(
        Walk.parameters(sql), "p1", database.connection(), StatementScope.DEFAULT, 0);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "id|PRIMARY: id",
        "id DESC, n|PRIMARY: id DESC",
        "made|by_made: made, id",
        "ranked.MADE DESC|by_made: made DESC, id DESC",
        "made, id, n|by_made: made, id",
        "grade, made|by_grade: grade, made, id",
        "grade DESC, made DESC, id DESC|by_grade: grade DESC, made DESC, id DESC",
        "word DESC, grade DESC|by_word: word DESC, grade DESC",
        "word, grade, seen|by_word: word, grade"
      })
  void an_index_with_the_order_is_walked(String order, String expected) throws SQLException {
    ChunkKey key = compiled("DELETE FROM ranked ORDER BY " + order + " LIMIT 100").key();
    String columns =
        key.columns().stream()
            .map(column -> column.name() + (column.descending() ? " DESC" : ""))
            .collect(Collectors.joining(", "));
    assertEquals(expected, key.index() + ": " + columns);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "UPDATE ranked SET n = 1 ORDER BY seen LIMIT 9|limit-order",
        "UPDATE ranked SET n = 1 ORDER BY n LIMIT 9|limit-order",
        "UPDATE ranked SET n = 1 ORDER BY made, id DESC LIMIT 9|limit-order",
        "UPDATE ranked SET n = 1 ORDER BY grade, made DESC LIMIT 9|limit-order",
        "UPDATE ranked SET n = 1 ORDER BY made + 0 LIMIT 9|limit-order",
        "UPDATE ranked SET made = NOW() ORDER BY made LIMIT 9|assigns-key",
        "INSERT INTO copied SELECT -id AS id FROM ranked ORDER BY id LIMIT 9|limit-order",
        "INSERT INTO copied SELECT grade AS made FROM ranked ORDER BY made, word LIMIT 9|limit-order"
      })
  void any_other_order_is_rejected(String sql, String code) {
    Refusal refusal = assertThrows(Refusal.class, () -> compiled(sql));
    assertEquals(code, refusal.reasons().get(0).code());
  }

  @Test
  void the_first_rows_are_changed_in_chunks_and_no_others() throws SQLException {
    database.run(
        "CREATE TABLE walked " + COLUMNS,
        "INSERT INTO walked SELECT id, id * 7 % 4, '2026-01-01' + INTERVAL id * 5 % 9 DAY, NULL,"
            + " CONCAT('w', id), 0 FROM numbers");
    List<String> first =
        database.rows(
            "SELECT id FROM (SELECT id FROM walked ORDER BY made DESC, id DESC LIMIT 31) AS f"
                + " ORDER BY id");
    Walk.Result result =
        Walk.run(
            database,
            7,
            3,
            Walk.parameters("UPDATE walked SET n = 1 ORDER BY made DESC, id DESC LIMIT 31"));
    assertEquals(31, result.changed());
    assertEquals(3, result.parts());
    assertEquals(first, database.rows("SELECT id FROM walked WHERE n = 1 ORDER BY id"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "KEY k_a (a)|ADD UNIQUE KEY a_b (a, b)|walk-changed",
        "KEY k_a (a)|DROP KEY k_a|limit-order",
        "KEY k_a (a)|DROP KEY k_a, ADD KEY k_b (a)|walk-changed",
        "KEY k_a (a)|ADD KEY k_c (b)|",
      })
  void a_batch_resumes_along_the_key_that_it_began_with_or_fails(
      String key, String change, String code) throws SQLException {
    database.run(
        "CREATE TABLE kept (id INT PRIMARY KEY, a INT NOT NULL, b INT NOT NULL, x INT, "
            + key
            + ")",
        "INSERT INTO kept SELECT id, id % 3, id, 0 FROM numbers");
    String sql = "UPDATE kept SET x = x + 1 ORDER BY a LIMIT 50";
    Connection connection = database.connection();
    SqlTask task = new SqlTask(StatementScope.DEFAULT, 0);
    ChunkedRun run = task.open(Walk.parameters(sql), "p1", connection);
    String end = run.extent(connection).orElseThrow().end();
    Chunk first = run.next(connection, null, end, 10);
    run.apply(connection, first);
    database.run("ALTER TABLE kept " + change);
    if (code == null) {
      ChunkedRun again =
          new SqlTask(StatementScope.DEFAULT, 0).open(Walk.parameters(sql), "p1", connection);
      assertEquals(10, again.next(connection, first.upTo(), end, 10).rows());
      return;
    }
    Refusal refusal =
        assertThrows(
            Refusal.class,
            () ->
                new SqlTask(StatementScope.DEFAULT, 0)
                    .open(Walk.parameters(sql), "p1", connection)
                    .next(connection, first.upTo(), end, 10));
    assertEquals(code, refusal.reasons().get(0).code());
    // It does not start again either when the table is small enough to be changed undivided.
    if (code.equals("limit-order")) {
      ChunkedRun whole =
          new SqlTask(StatementScope.DEFAULT, 1000).open(Walk.parameters(sql), "p1", connection);
      refusal = assertThrows(Refusal.class, () -> whole.next(connection, first.upTo(), end, 10));
      assertEquals("walk-changed", refusal.reasons().get(0).code());
      database.run("ALTER TABLE kept ADD KEY k_a (a)");
      refusal =
          assertThrows(
              Refusal.class,
              () ->
                  new SqlTask(StatementScope.DEFAULT, 0)
                      .open(Walk.parameters(sql), "p1", connection)
                      .next(connection, null, "[]", 10));
      assertEquals("walk-changed", refusal.reasons().get(0).code());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "UPDATE held SET n = 5 ORDER BY a LIMIT 20",
        "DELETE FROM held ORDER BY a DESC LIMIT 20",
        "UPDATE held SET a = 9 ORDER BY a LIMIT 20"
      })
  void undo_images_identify_rows_by_their_own_key(String sql) throws SQLException {
    database.run("CREATE TABLE held (id INT PRIMARY KEY, a INT NOT NULL, n INT, KEY by_a (a))");
    ChunkableStatement statement =
        ChunkableStatement.compile(
            Walk.parameters(sql), "p1", database.connection(), StatementScope.DEFAULT, 1000);
    ImageLayout layout = ImageLayout.of(database.connection(), statement);
    assertEquals("PRIMARY", layout.image().index());
    assertEquals(List.of("id"), layout.image().keys().stream().map(ImageColumn::name).toList());
    assertEquals(Optional.empty(), UndoRefusal.of(database.connection(), statement));
  }

  @ParameterizedTest
  @ValueSource(strings = {"nosuch.made", "copied.id", "made, id, nosuch"})
  void names_that_the_table_does_not_have_are_rejected(String order) {
    Refusal refusal =
        assertThrows(
            Refusal.class,
            () -> compiled("UPDATE ranked SET n = 1 ORDER BY " + order + " LIMIT 9"));
    assertEquals("unknown-column", refusal.reasons().get(0).code());
  }
}
