package dev.rowmill.sql.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.rowmill.database.DatabaseFailure;
import dev.rowmill.sql.Database;
import dev.rowmill.sql.SqlTask;
import dev.rowmill.sql.run.RowRestorer.OnConflict;
import dev.rowmill.sql.run.RowRestorer.Restored;
import dev.rowmill.sql.statement.ChunkQueries;
import dev.rowmill.sql.statement.ChunkableStatement;
import dev.rowmill.sql.statement.SqlParameters;
import dev.rowmill.sql.table.StatementScope;
import dev.rowmill.task.Chunk;
import dev.rowmill.task.ChunkResult;
import dev.rowmill.task.ChunkedRun;
import dev.rowmill.task.Image;
import dev.rowmill.task.Refusal;
import dev.rowmill.task.SideReader;
import dev.rowmill.testing.BesideOthers;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the chunks of a statement keep puts the rows back just as they were. */
@BesideOthers
class ImageLayoutTest {

  private static final int ROWS_A_CHUNK = 7;

  private final Database database = new Database();
  private final List<Connection> opened = new ArrayList<>();

  @AfterEach
  void close() throws SQLException {
    for (Connection connection : opened) {
      connection.close();
    }
    database.close();
  }

  private Connection another() throws SQLException {
    Connection another = database.another();
    another.setCatalog(database.schema());
    opened.add(another);
    return another;
  }

  /** Reads on another connection, at once. */
  private record Beside(Connection other) implements SideReader {
    @Override
    public <T> Future<T> read(Query<T> query) {
      try {
        return CompletableFuture.completedFuture(query.on(other));
      } catch (SQLException e) {
        return CompletableFuture.failedFuture(e);
      }
    }
  }

  /** Runs a statement like a batch with undo, and returns the images of its chunks. */
  private List<Image> run(Connection connection, String sql) throws SQLException {
    SqlTask task = new SqlTask(StatementScope.DEFAULT, 0);
    var parameters = new SqlParameters(sql, Map.of(), null);
    task.check(parameters, "p1", connection);
    ChunkedRun run = task.open(parameters, "p1", connection);
    assertEquals(Optional.empty(), run.undoRefusal(connection, false).map(Refusal::reasons));
    connection.setAutoCommit(false);
    try {
      String end = run.extent(connection).orElseThrow().end();
      List<Image> images = new ArrayList<>();
      String at = null;
      while (!end.equals(at)) {
        Chunk chunk = run.next(connection, at, end, ROWS_A_CHUNK);
        ChunkResult work = run.applyAndCapture(connection, chunk, new Beside(another()));
        connection.commit();
        if (work.image() != null) {
          images.add(work.image());
        }
        at = chunk.upTo();
      }
      return images;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    } finally {
      connection.rollback();
      connection.setAutoCommit(true);
    }
  }

  @Test
  void deleted_rows_with_a_fulltext_document_id_have_no_image() throws SQLException {
    database.run(
        "CREATE TABLE numbered (id INT PRIMARY KEY, FTS_DOC_ID BIGINT UNSIGNED NOT NULL,"
            + " words TEXT, UNIQUE KEY FTS_DOC_ID_INDEX (FTS_DOC_ID), FULLTEXT KEY (words))");
    Connection connection = another();
    for (String sql :
        List.of("DELETE FROM numbered", "UPDATE numbered SET FTS_DOC_ID = FTS_DOC_ID + 9")) {
      Refusal refusal =
          new SqlTask(StatementScope.DEFAULT, 0)
              .open(new SqlParameters(sql, Map.of(), null), "p1", connection)
              .undoRefusal(connection, false)
              .orElseThrow();
      assertEquals("undo-document-id", refusal.reasons().get(0).code(), sql);
    }
  }

  /** Restores the rows of images, and returns the images of that change. */
  private static List<Image> undo(Connection connection, List<Image> images) throws SQLException {
    List<Image> newestFirst = new ArrayList<>(images);
    Collections.reverse(newestFirst);
    List<Image> kept = new ArrayList<>();
    connection.setAutoCommit(false);
    try {
      for (Image image : newestFirst) {
        var restorer = new RowRestorer(image.bytes());
        restorer.check(connection);
        Restored restored = restorer.restore(connection, 0, image.rows(), OnConflict.STOP);
        assertEquals(image.rows(), restored.rows());
        connection.commit();
        if (restored.image() != null) {
          kept.add(restored.image());
        }
      }
      return kept;
    } finally {
      connection.rollback();
      connection.setAutoCommit(true);
    }
  }

  /** Changes, undoes, undoes the undo, and undoes that. */
  private void roundTrip(Connection connection, String sql, String state) throws SQLException {
    List<String> before = database.rows(state);
    List<Image> images = run(connection, sql);
    List<String> after = database.rows(state);
    assertNotEquals(before, after);
    List<Image> undone = undo(connection, images);
    assertEquals(before, database.rows(state), "undone");
    List<Image> again = undo(connection, undone);
    assertEquals(after, database.rows(state), "the undo undone");
    undo(connection, again);
    assertEquals(before, database.rows(state), "undone again");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "id INT PRIMARY KEY, n INT",
        "id INT PRIMARY KEY, n INT, since TIMESTAMP(6) GENERATED ALWAYS AS ROW START, until"
            + " TIMESTAMP(6) GENERATED ALWAYS AS ROW END, PERIOD FOR SYSTEM_TIME (since, until)",
        "id INT PRIMARY KEY, n INT, since BIGINT UNSIGNED GENERATED ALWAYS AS ROW START, until"
            + " BIGINT UNSIGNED GENERATED ALWAYS AS ROW END, PERIOD FOR SYSTEM_TIME (since, until)",
        "id INT PRIMARY KEY, n INT, m INT WITHOUT SYSTEM VERSIONING"
      })
  void rows_of_versioned_tables_are_restored(String columns) throws SQLException {
    assumeTrue(database.mariaDb());
    database.run(
        "CREATE TABLE t (" + columns + ") WITH SYSTEM VERSIONING",
        "CREATE TABLE s (id INT PRIMARY KEY, n INT)",
        "INSERT INTO s SELECT seq, seq FROM seq_1_to_30",
        "INSERT INTO t (id, n) SELECT id, n FROM s WHERE id <= 20",
        "DELETE FROM t WHERE id = 3",
        "UPDATE t SET n = n + 0");
    String state = "SELECT id, n FROM t ORDER BY id";
    Connection connection = database.connection();
    // A row that is set to its own values gets a new version, and is counted.
    roundTrip(connection, "UPDATE t SET n = IF(id % 3 = 0, n, n + 100) WHERE id <> 5", state);
    roundTrip(connection, "UPDATE t SET n = 7 WHERE n IN (7, 8)", state);
    roundTrip(connection, "DELETE FROM t WHERE id % 2 = 0", state);
    roundTrip(connection, "INSERT INTO t (id, n) SELECT id, n FROM s WHERE id > 20", state);
    assertTrue(
        Integer.parseInt(database.value("SELECT COUNT(*) FROM t FOR SYSTEM_TIME ALL")) > 100);
    database.run("CREATE TABLE u LIKE s");
    roundTrip(connection, "INSERT INTO u (id, n) SELECT id, n FROM t", "SELECT * FROM u");
  }

  @Test
  void rows_of_periods_that_may_not_overlap_are_restored() throws SQLException {
    assumeTrue(database.mariaDb());
    database.run(
        "CREATE TABLE t (room INT, d1 DATE, d2 DATE, n INT, PERIOD FOR stay (d1, d2), PRIMARY KEY"
            + " (room, stay WITHOUT OVERLAPS))",
        "INSERT INTO t SELECT seq % 4, '2026-01-01' + INTERVAL seq DAY, '2026-01-01' + INTERVAL seq"
            + " + 4 DAY, seq FROM seq_1_to_40");
    String state = "SELECT * FROM t ORDER BY room, d1";
    roundTrip(database.connection(), "UPDATE t SET n = n + 1 WHERE n % 3 = 0", state);
    roundTrip(database.connection(), "DELETE FROM t WHERE n % 3 = 0", state);
  }

  @Test
  void a_document_of_which_only_types_changed_is_restored() throws SQLException {
    assumeFalse(database.mariaDb());
    String typed =
        "JSON_OBJECT('at', CAST('2026-01-01' AS DATETIME), 'a \"b', JSON_ARRAY(CAST(1.50 AS"
            + " DECIMAL(5,2)), JSON_OBJECT('', CAST(5 AS UNSIGNED), 'é', CAST('2026-01-02' AS"
            + " DATE)), 'x', NULL), 'long name', TRUE, 't', CAST('-10:00:01.5' AS TIME(6)), 'big',"
            + " 18446744073709551615, 'd', 1e100)";
    database.run(
        "CREATE TABLE t (id INT PRIMARY KEY, doc JSON, n INT)",
        "INSERT INTO t SELECT 1, " + typed + ", 1",
        "INSERT INTO t SELECT 2, CAST(CAST(doc AS CHAR) AS JSON), 1 FROM t WHERE id = 1",
        "INSERT INTO t VALUES (3, CAST(CAST(1.50 AS DECIMAL(5,2)) AS JSON), 1), (4, '1.50', 1),"
            + " (5, NULL, 1), (6, 'null', 1), (7, '[]', 1), (8, '{\"a\": {}}', 1)");
    String types =
        "SELECT id, n, doc, JSON_TYPE(doc), (SELECT JSON_ARRAYAGG(JSON_TYPE(v)) FROM"
            + " JSON_TABLE(t.doc, '$**.*' COLUMNS (v JSON PATH '$')) x), (SELECT"
            + " JSON_ARRAYAGG(JSON_TYPE(v)) FROM JSON_TABLE(t.doc, '$**[*]' COLUMNS (v JSON PATH"
            + " '$')) x) FROM t ORDER BY id";
    String toText = "UPDATE t SET doc = CAST(CAST(doc AS CHAR) AS JSON)";
    Connection connection = database.connection();
    roundTrip(connection, toText, types);
    roundTrip(connection, "DELETE FROM t WHERE id <> 4", types);
    roundTrip(
        connection, "UPDATE t SET doc = JSON_SET(doc, '$.at', NOW()), n = 2 WHERE id < 3", types);
    database.run("CREATE TABLE s (id INT PRIMARY KEY, doc JSON, n INT)");
    roundTrip(
        connection,
        "INSERT INTO s (id, doc, n) SELECT id, doc, n FROM t",
        types.replace("FROM t", "FROM s").replace("t.doc", "s.doc"));
  }

  @Test
  void a_document_with_binary_values_is_restored_as_its_text() throws SQLException {
    assumeFalse(database.mariaDb());
    database.run(
        "CREATE TABLE t (id INT PRIMARY KEY, doc JSON, n INT)",
        "INSERT INTO t SELECT 1, JSON_OBJECT('b', x'00ff', 'at', NOW(), 'u', 1), 1");
    String state = "SELECT id, n, doc FROM t";
    roundTrip(database.connection(), "UPDATE t SET doc = JSON_SET(doc, '$.u', 2)", state);
    roundTrip(database.connection(), "UPDATE t SET doc = NULL", state);
  }

  @Test
  void rows_larger_than_a_packet_are_restored() throws SQLException {
    withPacketsOfOneMegabyte(
        connection -> {
          // One value has the maximum size of a packet.
          database.run(
              "CREATE TABLE t (id INT PRIMARY KEY, a LONGBLOB, b LONGTEXT CHARACTER SET latin1, c"
                  + " LONGBLOB, n INT)",
              "INSERT INTO t VALUES (1, REPEAT(x'00ff27', 349000), REPEAT('ä', 1000000),"
                  + " REPEAT(x'5c', 900000), 1), (2, '', 'b', NULL, 2), (3, REPEAT('a', 300000),"
                  + " REPEAT('b', 300000), REPEAT('c', 300000), 3)");
          String state =
              "SELECT id, SHA2(a, 256), SHA2(b, 256), SHA2(c, 256), LENGTH(b), n FROM t ORDER BY id";
          roundTrip(connection, "DELETE FROM t", state);
          roundTrip(connection, "UPDATE t SET a = NULL, b = 'x', c = UPPER(c)", state);
        });
  }

  @Test
  void a_value_larger_than_a_packet_is_stored_and_restored_with_larger_packets()
      throws SQLException {
    database.run(
        "CREATE TABLE t (id INT PRIMARY KEY, a LONGTEXT, b LONGBLOB)",
        "INSERT INTO t VALUES (1, REPEAT('a', 3000000), REPEAT('b', 2000000))");
    String state = "SELECT id, SHA2(a, 256), SHA2(b, 256) FROM t ORDER BY id";
    List<String> before = database.rows(state);
    List<Image> images = new ArrayList<>();
    withPacketsOfOneMegabyte(
        connection -> {
          images.addAll(run(connection, "DELETE FROM t"));
          SQLException error = assertThrows(SQLException.class, () -> undo(connection, images));
          assertEquals(Optional.of(DatabaseFailure.PERMANENT), DatabaseFailure.of(error));
          assertTrue(String.valueOf(error.getMessage()).contains("max_allowed_packet"));
        });
    undo(database.connection(), images);
    assertEquals(before, database.rows(state));
  }

  @Test
  void a_truncated_document_is_not_stored() throws SQLException {
    assumeFalse(database.mariaDb());
    database.run(
        "CREATE TABLE t (id INT PRIMARY KEY, doc JSON)",
        "INSERT INTO t VALUES (1, JSON_QUOTE(REPEAT('a', 3000000)))");
    withPacketsOfOneMegabyte(
        connection -> {
          SQLException error =
              assertThrows(SQLException.class, () -> run(connection, "DELETE FROM t"));
          assertTrue(String.valueOf(error.getMessage()).contains("max_allowed_packet"));
        });
    assertEquals("1", database.value("SELECT COUNT(*) FROM t"));
  }

  @Test
  void keys_larger_than_a_packet_are_found() throws SQLException {
    withPacketsOfOneMegabyte(
        connection -> {
          database.run(
              "CREATE TABLE t (a VARBINARY(700), b VARBINARY(700), n INT, PRIMARY KEY (a, b), KEY"
                  + " (n))",
              "INSERT INTO t WITH RECURSIVE s AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM s"
                  + " WHERE i < 900) SELECT RPAD(i, 700, 'x'), RPAD(i, 700, 'y'), i FROM s");
          var task = new SqlTask(StatementScope.DEFAULT, 0);
          String state = "SELECT SUM(n), COUNT(*) FROM t";
          List<Image> images = new ArrayList<>();
          List<String> before = database.rows(state);
          var parameters = new SqlParameters("UPDATE t SET n = n + 1", Map.of(), null);
          ChunkedRun run = task.open(parameters, "p1", connection);
          assertEquals(Optional.empty(), run.undoRefusal(connection, false));
          connection.setAutoCommit(false);
          String end = run.extent(connection).orElseThrow().end();
          Chunk chunk = run.next(connection, null, end, 1000);
          try {
            images.add(
                Objects.requireNonNull(
                    run.applyAndCapture(connection, chunk, new Beside(another())).image()));
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
          connection.commit();
          undo(connection, images);
          assertEquals(before, database.rows(state));
        });
  }

  /** Runs a statement on a connection. */
  private interface Part {
    void on(Connection connection) throws SQLException;
  }

  private void withPacketsOfOneMegabyte(Part part) throws SQLException {
    String packet = database.value("SELECT @@GLOBAL.max_allowed_packet");
    database.run("SET GLOBAL max_allowed_packet = 1048576");
    try {
      part.on(another());
    } finally {
      database.run("SET GLOBAL max_allowed_packet = " + packet);
    }
  }

  @Test
  void a_change_invisible_to_other_connections_fails_the_batch_with_advice() throws SQLException {
    database.run(
        "CREATE TABLE t (id INT PRIMARY KEY, n INT, m INT)",
        "INSERT INTO t VALUES (1, 1, 1), (2, 1, 1)");
    Connection connection = another();
    var statement =
        ChunkableStatement.compile(
            Walk.parameters("UPDATE t SET n = 1"), "p1", connection, StatementScope.DEFAULT, 0);
    ImageLayout.of(connection, statement);
    // Like one that is hidden from the account.
    database.run("CREATE TRIGGER t_writes BEFORE UPDATE ON t FOR EACH ROW SET NEW.m = OLD.m + 1");
    var run = new SqlChunkedRun(new ChunkQueries(statement, null), 2);
    assertEquals(Optional.empty(), run.undoRefusal(connection, false));
    connection.setAutoCommit(false);
    Chunk chunk =
        run.next(connection, null, run.extent(connection).orElseThrow().end(), ROWS_A_CHUNK);
    var beside = new Beside(another());
    SQLException first =
        assertThrows(SQLException.class, () -> run.applyAndCapture(connection, chunk, beside));
    assertEquals("40001", first.getSQLState());
    assertTrue(connection.isClosed());
    Connection next = another();
    next.setAutoCommit(false);
    var besideNext = new Beside(another());
    SQLException error =
        assertThrows(SQLException.class, () -> run.applyAndCapture(next, chunk, besideNext));
    assertEquals(Optional.of(DatabaseFailure.PERMANENT), DatabaseFailure.of(error));
    String message = String.valueOf(error.getMessage());
    assertTrue(message.contains("2 rows") && message.contains("TRIGGER"), message);
    assertTrue(message.contains("\"undo\": false"), message);
    assertEquals(List.of("1|1|1", "2|1|1"), database.rows("SELECT * FROM t"));
  }

  @Test
  void a_column_whose_values_may_be_masked_has_no_image() throws SQLException {
    assumeFalse(database.mariaDb());
    database.run(
        "CREATE TABLE t (id INT PRIMARY KEY, a INT MASKING POLICY hides, b INT)",
        "INSERT INTO t VALUES (1, 2, 3)");
    SqlTask task = new SqlTask(StatementScope.DEFAULT, 0);
    Connection connection = database.connection();
    for (String sql : List.of("UPDATE t SET a = 5", "DELETE FROM t WHERE b = 3")) {
      var parameters = new SqlParameters(sql, Map.of(), null);
      Refusal refusal =
          assertThrows(Refusal.class, () -> task.checkUndoable(parameters, "p1", connection));
      assertEquals(List.of(Refusal.Reason.of("undo-masked", "column", "a")), refusal.reasons());
    }
    roundTrip(connection, "UPDATE t SET b = b + 1", "SELECT id, b FROM t");
  }
}
