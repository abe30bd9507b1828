package dev.rowmill.sql;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rowmill.sql.run.Walk;
import dev.rowmill.testing.BesideOthers;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Changes of few rows of a large table: found by the index that the server would take. */
@BesideOthers
class SparseTest {

  private static final int ROWS = 20_000;
  private static final int MATCHING = 100;

  private static Database database;

  @BeforeAll
  static void open() {
    database = new Database();
    database.run(
        "CREATE TABLE digit (d INT PRIMARY KEY)",
        "INSERT INTO digit VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)");
  }

  @AfterAll
  static void close() {
    database.close();
  }

  /**
   * Inserts rows, of which every 200th is of kind 7. Those have the ranks 0 to 99, the others high
   * ranks.
   */
  @BeforeEach
  void fill() {
    database.run(
        "DROP TABLE IF EXISTS item, found",
        "CREATE TABLE found (id INT PRIMARY KEY)",
        "CREATE TABLE item (id INT PRIMARY KEY, kind INT NOT NULL, ranked INT NOT NULL,"
            + " n INT NOT NULL DEFAULT 0, KEY by_kind (kind), KEY by_rank (ranked))",
        "INSERT INTO item (id, kind, ranked) SELECT i, IF(i % 200 = 0, 7, 1000 + i % 50),"
            + " IF(i % 200 = 0, i / 200, 1000000 - i) FROM (SELECT a.d + 10 * b.d + 100 * c.d"
            + " + 1000 * e.d + 10000 * f.d AS i FROM digit a, digit b, digit c, digit e, digit f"
            + " WHERE f.d < 2) numbers",
        "ANALYZE TABLE item");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "UPDATE item SET n = n + 1 WHERE kind = :kind",
        "UPDATE item AS x SET n = n + 1 WHERE x.kind = :kind AND x.n < 5",
        "UPDATE item SET n = n + 1, ranked = ranked + 1 WHERE ranked < 100 AND kind = :kind",
        "UPDATE item SET n = n + 1, kind = kind + 100000 WHERE kind = :kind",
        "UPDATE item SET n = n + 1 WHERE id % 2 = 0 AND kind IN (:kind, -1)",
        "UPDATE item SET n = n + 1 WHERE item.id IN (SELECT d * 200 FROM digit) AND kind = :kind"
            + " OR kind = :kind",
      })
  void only_matching_rows_are_walked_and_each_changes_once(String sql) throws SQLException {
    for (int parts : new int[] {1, 3}) {
      Walk.Result result = Walk.run(database, 30, parts, Walk.parameters(sql, "kind", 7));
      assertEquals(MATCHING, result.changed(), result::toString);
      assertTrue(result.scanned() <= MATCHING, result::toString);
      assertTrue(result.chunks().size() <= MATCHING / 30 + 1 + parts, result::toString);
      assertEquals(
          MATCHING + "|1", database.value("SELECT SUM(n), MAX(n) FROM item"), result.toString());
      fill();
    }
  }

  @Test
  void a_range_of_the_primary_key_is_all_that_is_walked() throws SQLException {
    Walk.Result result =
        Walk.run(
            database,
            30,
            Walk.parameters("UPDATE item SET n = n + 1 WHERE id BETWEEN 15000 AND 15099"));
    assertEquals(100, result.changed());
    assertEquals(100, result.scanned());
    assertEquals("100", database.value("SELECT SUM(n) FROM item"));
  }

  @Test
  void deletes_and_inserts_find_their_rows_the_same_way() throws SQLException {
    Walk.Result inserted =
        Walk.run(
            database,
            30,
            Walk.parameters("INSERT INTO found (id) SELECT i.id FROM item i WHERE i.kind = 7"));
    assertEquals(MATCHING, inserted.changed());
    assertEquals(MATCHING, inserted.scanned());
    Walk.Result deleted =
        Walk.run(database, 30, Walk.parameters("DELETE FROM item WHERE kind = 7"));
    assertEquals(MATCHING, deleted.changed());
    assertEquals(MATCHING, deleted.scanned());
    assertEquals(String.valueOf(ROWS - MATCHING), database.value("SELECT COUNT(*) FROM item"));
  }

  @Test
  void without_matching_rows_there_is_no_chunk() throws SQLException {
    Walk.Result result =
        Walk.run(database, 30, Walk.parameters("UPDATE item SET n = 1 WHERE kind = 8"));
    assertEquals(0, result.changed());
    assertEquals(0, result.chunks().size());
  }

  @Test
  void a_missing_key_is_not_searched_in_all_rows() throws SQLException {
    Walk.Result result =
        Walk.run(database, 30, Walk.parameters("UPDATE item SET n = 1 WHERE id = -5"));
    assertEquals(0, result.changed());
    assertEquals(0, result.chunks().size());
  }

  @Test
  void a_join_that_a_subquery_becomes_names_no_index_of_another_table() throws SQLException {
    database.run(
        "CREATE TABLE IF NOT EXISTS promo (code CHAR(5) NOT NULL, item INT NOT NULL,"
            + " KEY by_code (code, item))",
        "DELETE FROM promo",
        "INSERT INTO promo SELECT IF(id % 400 = 0, 'x', 'y'), id FROM item",
        "ANALYZE TABLE promo");
    Walk.Result result =
        Walk.run(
            database,
            3000,
            Walk.parameters(
                "UPDATE item SET n = n + 1"
                    + " WHERE id IN (SELECT item FROM promo WHERE code = 'x')"));
    assertEquals(50, result.changed());
    assertEquals("50", database.value("SELECT SUM(n) FROM item"));
  }

  @Test
  void a_condition_that_matches_many_rows_walks_the_table() throws SQLException {
    Walk.Result result =
        Walk.run(database, 1000, Walk.parameters("UPDATE item SET n = n + 1 WHERE kind > 1"));
    assertEquals(ROWS, result.changed());
    assertEquals(ROWS, result.scanned());
    assertEquals(ROWS / 1000, result.chunks().size());
  }
}
