package dev.rowmill.sql;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.rowmill.task.Refusal;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The first rows in an order are walked along an index that has this order. */
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
    database.run("CREATE TABLE ranked " + COLUMNS, "CREATE TABLE copied (id INT PRIMARY KEY)");
  }

  @AfterAll
  static void close() {
    database.close();
  }

  private static ChunkableStatement compiled(String sql) throws SQLException {
    return ChunkableStatement.compile(
        Walk.parameters(sql), "p1", database.connection(), Reach.DEFAULT, 0);
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
  void any_other_order_is_refused(String sql, String code) {
    Refusal refusal = assertThrows(Refusal.class, () -> compiled(sql));
    assertEquals(code, refusal.reasons().get(0).code());
  }

  @Test
  void the_first_rows_are_changed_in_chunks_and_no_others() throws SQLException {
    database.run(
        "CREATE TABLE walked " + COLUMNS,
        "INSERT INTO walked SELECT seq, seq * 7 % 4, '2026-01-01' + INTERVAL seq * 5 % 9 DAY, NULL,"
            + " CONCAT('w', seq), 0 FROM ("
            + IntStream.rangeClosed(1, 60)
                .mapToObj(i -> "SELECT " + i + " AS seq")
                .collect(Collectors.joining(" UNION ALL "))
            + ") AS numbers");
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
}
