package dev.rowmill.sql.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.rowmill.sql.Database;
import dev.rowmill.sql.SqlTask;
import dev.rowmill.sql.statement.SqlParameters;
import dev.rowmill.sql.table.StatementScope;
import dev.rowmill.task.Chunk;
import dev.rowmill.task.ChunkedRun;
import dev.rowmill.task.Extent;
import dev.rowmill.task.Refusal;
import dev.rowmill.testing.BesideOthers;
import java.sql.Connection;
import java.sql.SQLDataException;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is told of rows that IGNORE passes over, and of a LIMIT that is reached. */
@BesideOthers
class IgnoredRowsTest {

  private final Database database = new Database();
  private Connection connection = database.connection();

  @AfterEach
  void close() throws SQLException {
    connection.close();
    database.close();
  }

  /** Configures the connection like those of the service on MariaDB. */
  @BeforeEach
  void connect() {
    connection = database.another();
    run("SET SESSION max_error_count = 65535");
  }

  private void run(String... statements) {
    for (String sql : statements) {
      try (var statement = connection.createStatement()) {
        statement.execute(sql);
      } catch (SQLException e) {
        throw new IllegalStateException(sql, e);
      }
    }
  }

  /** Represents the result of all chunks. */
  private record Done(long changed, Long ignored, boolean limitReached) {}

  private Done done(String sql) throws SQLException {
    return done(sql, 2, 100);
  }

  private Done done(String sql, int rows, int undividedRows) throws SQLException {
    var task = new SqlTask(StatementScope.DEFAULT, undividedRows);
    var parameters = new SqlParameters(sql, Map.of(), null);
    task.check(parameters, "p1", connection);
    ChunkedRun run = task.open(parameters, "p1", connection);
    connection.setAutoCommit(false);
    try {
      long changed = 0;
      Long ignored = 0L;
      Optional<Extent> extent = run.extent(connection);
      boolean limit = run.limitReached();
      String at = null;
      while (extent.isPresent() && !extent.get().end().equals(at)) {
        Chunk chunk = run.next(connection, at, extent.get().end(), rows);
        changed += run.apply(connection, chunk);
        Long more = run.ignored();
        ignored = ignored == null || more == null ? null : Long.valueOf(ignored + more);
        limit |= run.limitReached();
        connection.commit();
        at = chunk.upTo();
      }
      return new Done(changed, ignored, limit);
    } finally {
      connection.rollback();
      connection.setAutoCommit(true);
    }
  }

  private static Done of(long changed, long ignored) {
    return new Done(changed, ignored, false);
  }

  /** Returns the expected result, with unknown figures on MariaDB. */
  private Done known(long changed, long ignored) {
    return database.mariaDb() ? new Done(changed, null, false) : of(changed, ignored);
  }

  private void items() {
    database.run(
        "CREATE TABLE t (id INT PRIMARY KEY, u INT UNIQUE, n INT, c TINYINT NOT NULL DEFAULT 1)",
        "INSERT INTO t (id, u, n) VALUES (1, 1, 1), (2, 2, 1), (3, 3, 1), (4, 4, 1), (5, 5, 1),"
            + " (9, 90, 1)");
  }

  @Test
  void an_update_ignores_duplicates_but_not_unchanged_rows() throws SQLException {
    items();
    // One row changes, one is unchanged, four have the key of the first.
    assertEquals(of(1, 4), done("UPDATE IGNORE t SET u = IF(id = 2, 2, 80)"));
    assertEquals(of(0, 0), done("UPDATE IGNORE t SET n = 1"));
    assertEquals(of(3, 3), done("UPDATE IGNORE t SET n = 2, u = IF(id > 3, 80, u) WHERE n <> 2"));
    assertEquals(List.of("3"), database.rows("SELECT COUNT(*) FROM t WHERE n = 2"));
  }

  @Test
  void a_converted_value_does_not_count_as_ignored() throws SQLException {
    items();
    assertEquals(of(6, 0), done("UPDATE IGNORE t SET c = 1000"));
    assertEquals(of(6, 0), done("UPDATE IGNORE t SET c = NULL"));
    assertEquals(of(6, 0), done("UPDATE IGNORE t SET c = '5x'"));
    // Both errors in one row.
    assertEquals(of(0, 5), done("UPDATE IGNORE t SET c = 1000, u = 90 WHERE id < 9"));
  }

  @Test
  void rows_rejected_by_foreign_keys_are_ignored() throws SQLException {
    database.run(
        "CREATE TABLE p (id INT PRIMARY KEY)",
        "CREATE TABLE k (id INT PRIMARY KEY, p INT, FOREIGN KEY (p) REFERENCES p (id))",
        "CREATE TABLE o (id INT PRIMARY KEY)",
        "INSERT INTO p VALUES (1), (2), (3), (4), (5)",
        "INSERT INTO o VALUES (1), (2), (3), (4), (5)",
        "INSERT INTO k VALUES (1, 1), (2, 2), (3, 3)");
    assertEquals(of(1, 2), done("UPDATE IGNORE k SET p = IF(id = 1, 5, 50)"));
    assertEquals(of(2, 3), done("INSERT IGNORE INTO k SELECT id + 10, id + 3 FROM o"));
    assertEquals(of(1, 4), done("DELETE IGNORE FROM p WHERE id < 6"));
    assertEquals(
        known(0, 4), done("DELETE IGNORE p FROM p JOIN o ON o.id = p.id"), "of two tables");
    assertEquals(known(0, 4), done("DELETE IGNORE FROM p AS a WHERE a.id < 6"), "with an alias");
    assertEquals(
        known(0, 4), done("DELETE IGNORE FROM p USING p WHERE p.id < 6"), "with a table list");
    assertEquals(
        of(0, 4), done("DELETE IGNORE FROM p WHERE CONVERT(id USING utf8mb4) < '6'"), "USING");
  }

  @Test
  void an_insert_ignores_existing_rows() throws SQLException {
    items();
    database.run("CREATE TABLE s AS SELECT id + 3 AS id, u + 3 AS u FROM t WHERE id < 9");
    database.run("ALTER TABLE s ADD PRIMARY KEY (id)");
    assertEquals(of(3, 2), done("INSERT IGNORE INTO t (id, u) SELECT id, u FROM s"));
    assertEquals(
        of(0, 5),
        done("INSERT IGNORE INTO t (id, u) SELECT id, 1 FROM s ON DUPLICATE KEY UPDATE u = 90"));
  }

  @Test
  void rows_rejected_by_partitions_or_checks_are_ignored() throws SQLException {
    database.run(
        "CREATE TABLE s (id INT PRIMARY KEY, v INT)",
        "INSERT INTO s VALUES (1, 1), (2, 2), (3, 3), (4, 4)",
        "CREATE TABLE q (id INT PRIMARY KEY, v INT, CONSTRAINT low CHECK (v < 8)) PARTITION BY"
            + " RANGE (id) (PARTITION a VALUES LESS THAN (10), PARTITION b VALUES LESS THAN (20))");
    assertEquals(of(2, 2), done("INSERT IGNORE INTO q SELECT id + 17, v FROM s"));
    assertEquals(of(0, 4), done("INSERT IGNORE INTO q PARTITION (a) SELECT id + 17, v FROM s"));
    assertEquals(of(1, 3), done("INSERT IGNORE INTO q SELECT id, v * 4 FROM s"));
    database.run("ALTER TABLE s ADD CONSTRAINT few CHECK (v < 20), ADD UNIQUE (v)");
    assertEquals(of(2, 2), done("UPDATE IGNORE s SET v = v * 8"), "a check");
  }

  @Test
  void a_count_that_mariadb_does_not_report_is_unknown() throws SQLException {
    items();
    database.run(
        "CREATE TABLE o (id INT PRIMARY KEY)",
        "INSERT INTO o VALUES (1), (2), (3)",
        "CREATE TABLE q (id INT PRIMARY KEY, v INT) PARTITION BY RANGE (id)"
            + " (PARTITION a VALUES LESS THAN (10), PARTITION b VALUES LESS THAN (20))",
        "INSERT INTO q VALUES (1, 1), (2, 2), (12, 1), (13, 2)");
    assertEquals(of(4, 0), done("UPDATE IGNORE q SET v = v + 1"));
    assertEquals(known(0, 0), done("UPDATE IGNORE q SET v = v"), "unchanged before");
    assertEquals(
        database.mariaDb() ? null : 3L,
        done("UPDATE IGNORE t JOIN o ON o.id = t.id SET u = 90").ignored());
    assertEquals(
        database.mariaDb() ? null : 3L,
        done("UPDATE IGNORE t SET u = 90 WHERE id IN (SELECT id FROM o)").ignored());
    database.run(
        "CREATE TABLE log (n INT)",
        "INSERT INTO log VALUES (0)",
        "CREATE TRIGGER tells AFTER UPDATE ON t FOR EACH ROW UPDATE log SET n = n + 1");
    assertEquals(of(6, 0), done("UPDATE IGNORE t SET n = n + 1"));
    assertEquals(known(1, 4), done("UPDATE IGNORE t SET u = 80 WHERE id < 6"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "UPDATE IGNORE t JOIN o ON o.id = t.id SET u = 90",
        "UPDATE IGNORE t SET u = 90 WHERE id IN (SELECT id FROM o)"
      })
  void mariadb_stores_no_undo_data_for_miscounted_rows(String sql) throws SQLException {
    items();
    database.run("CREATE TABLE o (id INT PRIMARY KEY)", "INSERT INTO o VALUES (1), (2), (3)");
    ChunkedRun run =
        new SqlTask(StatementScope.DEFAULT, 0)
            .open(new SqlParameters(sql, Map.of(), null), "p1", connection);
    List<Refusal.Reason> expected =
        database.mariaDb() ? List.of(Refusal.Reason.of("undo-miscounted")) : List.of();
    assertEquals(
        expected, run.undoRefusal(connection, false).map(Refusal::reasons).orElse(List.of()));
  }

  @Test
  void a_trigger_s_own_errors_do_not_count() throws SQLException {
    items();
    database.run(
        "CREATE TABLE log (n INT PRIMARY KEY)",
        "INSERT INTO log VALUES (0)",
        "CREATE TRIGGER tells AFTER UPDATE ON t FOR EACH ROW INSERT IGNORE INTO log VALUES (0)");
    assertEquals(of(6, 0), done("UPDATE IGNORE t SET n = n + 1"));
  }

  @Test
  void more_warnings_than_the_server_stores_reduce_the_chunk() throws SQLException {
    items();
    database.run("CREATE TABLE s AS SELECT id FROM t", "ALTER TABLE s ADD PRIMARY KEY (id)");
    run("SET SESSION max_error_count = 3");
    String sql = "INSERT IGNORE INTO t (id) SELECT id FROM s";
    assertEquals(of(0, 6), done(sql, 4, 0));
    // One more for each row.
    String converted = "INSERT IGNORE INTO t (id, c) SELECT id, 1000 FROM s";
    assertThrows(SQLDataException.class, () -> done(converted, 4, 0));
    assertEquals(of(0, 6), done(converted, 1, 0));
    run("SET SESSION max_error_count = 0");
    assertEquals(new Done(0, null, false), done(sql, 4, 0), "a single row");
  }

  @Test
  void ignored_rows_do_not_count_as_changed() throws SQLException {
    items();
    connection.close();
    connection = database.another(false);
    // For an UPDATE, it counts matching rows.
    assertEquals(of(2, 4), done("UPDATE IGNORE t SET u = IF(id = 2, 2, 80)"));
    database.run("CREATE TABLE s AS SELECT id FROM t", "ALTER TABLE s ADD PRIMARY KEY (id)");
    assertEquals(
        of(1, 5),
        done("INSERT IGNORE INTO t (id) SELECT id FROM s ON DUPLICATE KEY UPDATE u = 80"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"UPDATE t SET n = n + 1", "UPDATE t SET n = n", "DELETE FROM t"})
  void a_limit_is_reached_where_as_many_rows_match(String sql) throws SQLException {
    Map<String, Boolean> reached = new LinkedHashMap<>();
    reached.put(" LIMIT 0", true);
    reached.put(" WHERE id < 9 LIMIT 2", true);
    reached.put(" WHERE id < 9 LIMIT 5", true);
    reached.put(" WHERE id < 9 LIMIT 6", false);
    reached.put(" LIMIT 7", false);
    reached.put(" WHERE id = 9 ORDER BY id LIMIT 1", true);
    reached.put(" WHERE id > 20 LIMIT 1", false);
    reached.put(" WHERE id > 2", false);
    for (Map.Entry<String, Boolean> each : reached.entrySet()) {
      database.run("DROP TABLE IF EXISTS t");
      items();
      assertEquals(each.getValue(), done(sql + each.getKey()).limitReached(), each::getKey);
    }
  }

  @Test
  void an_undivided_statement_reaches_its_limit_too() throws SQLException {
    items();
    database.run("CREATE TABLE g (n INT PRIMARY KEY, m INT)");
    // Three groups.
    String query = "SELECT n + id DIV 3, COUNT(*) FROM t GROUP BY 1";
    assertEquals(false, done("INSERT INTO g " + query + " LIMIT 4").limitReached());
    for (String insert : List.of("REPLACE INTO g ", "INSERT IGNORE INTO g ")) {
      assertEquals(true, done(insert + query + " LIMIT 3").limitReached(), insert);
      assertEquals(false, done(insert + query + " LIMIT 4").limitReached(), insert);
      assertEquals(true, done(insert + query + " LIMIT 0").limitReached(), insert);
    }
    assertEquals(of(0, 3), done("INSERT IGNORE INTO g " + query + " LIMIT 4"));
    // Ordered by columns that are not a key.
    assertEquals(true, done("UPDATE t SET n = n ORDER BY u DESC LIMIT 6").limitReached());
    assertEquals(false, done("UPDATE t SET n = n ORDER BY u DESC LIMIT 7").limitReached());
    assertEquals(
        new Done(0, database.mariaDb() ? null : Long.valueOf(2), true),
        done("UPDATE IGNORE t SET u = 90 WHERE id < 9 ORDER BY u DESC LIMIT 2"));
    assertEquals(false, done("DELETE FROM t ORDER BY u DESC LIMIT 7").limitReached());
    database.run("INSERT INTO t (id, u) VALUES (1, 1), (2, 2)");
    assertEquals(true, done("DELETE FROM t ORDER BY u DESC LIMIT 2").limitReached());
  }
}
