package dev.rowmill.sql.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rowmill.sql.Database;
import dev.rowmill.sql.SqlTask;
import dev.rowmill.sql.run.RowRestorer.OnConflict;
import dev.rowmill.sql.run.RowRestorer.Restored;
import dev.rowmill.sql.statement.SqlParameters;
import dev.rowmill.sql.table.StatementScope;
import dev.rowmill.task.Chunk;
import dev.rowmill.task.ChunkResult;
import dev.rowmill.task.ChunkedRun;
import dev.rowmill.task.Image;
import dev.rowmill.task.Refusal;
import dev.rowmill.task.SideReader;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/**
 * Tests that images of updated rows are complete, whatever others commit between the read that
 * locks the rows and the UPDATE.
 */
class LockedRowsTest {

  private static final int ROWS = 20;
  private static final int ROWS_A_CHUNK = 7;
  private static final String STATE = "SELECT * FROM t ORDER BY id";

  private static Database database;
  private static Connection own;
  private static Connection side;

  private static Connection others;

  private int sideReads;

  @BeforeContainer
  static void open() throws SQLException {
    database = new Database();
    own = database.another();
    side = database.another();
    others = database.another();
  }

  @AfterContainer
  static void close() throws SQLException {
    own.close();
    side.close();
    others.close();
    database.close();
  }

  private static void fill(String columns) {
    database.run(
        "DROP TABLE IF EXISTS t",
        "CREATE TABLE t (id INT PRIMARY KEY, n INT, m INT" + columns + ", KEY (n))");
    for (int id = 1; id <= ROWS; id++) {
      database.run("INSERT INTO t (id, n, m) VALUES (" + 10 * id + ", " + id % 4 + ", " + id + ")");
    }
  }

  /** Counts the reads on the other connection. */
  private final class Beside implements SideReader {
    @Override
    public <T> Future<T> read(Query<T> query) {
      sideReads++;
      try {
        return CompletableFuture.completedFuture(query.on(side));
      } catch (SQLException e) {
        return CompletableFuture.failedFuture(e);
      }
    }
  }

  /** Returns the connection of the batch, which runs an action before each of its UPDATEs. */
  private static Connection before(Runnable action) {
    return (Connection)
        Proxy.newProxyInstance(
            LockedRowsTest.class.getClassLoader(),
            new Class<?>[] {Connection.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("prepareStatement")
                  && arguments[0].toString().startsWith("UPDATE")) {
                action.run();
              }
              try {
                return method.invoke(own, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  /** Runs a statement like a batch with undo, and returns the images of its chunks. */
  private List<Image> run(Connection connection, String sql) throws Exception {
    var task = new SqlTask(StatementScope.DEFAULT, 0);
    var parameters = new SqlParameters(sql, Map.of(), null);
    ChunkedRun run = task.open(parameters, "p1", connection);
    assertEquals(Optional.empty(), run.undoRefusal(connection).map(Refusal::reasons));
    connection.setAutoCommit(false);
    try {
      List<Image> images = new ArrayList<>();
      Optional<String> end = run.extent(connection).map(extent -> extent.end());
      String at = null;
      while (end.isPresent() && !end.get().equals(at)) {
        Chunk chunk = run.next(connection, at, end.get(), ROWS_A_CHUNK);
        ChunkResult done = run.applyAndCapture(connection, chunk, new Beside());
        connection.commit();
        Image image = done.image();
        assertEquals(done.changed(), image == null ? 0 : image.rows());
        if (image != null) {
          images.add(0, image);
        }
        at = chunk.upTo();
      }
      return images;
    } finally {
      connection.rollback();
      connection.setAutoCommit(true);
    }
  }

  /** Restores images, the newest first, and returns those of the restore, also newest first. */
  private static List<Image> undo(List<Image> images) throws SQLException {
    List<Image> again = new ArrayList<>();
    own.setAutoCommit(false);
    try {
      for (Image image : images) {
        var restorer = new RowRestorer(image.bytes());
        restorer.check(own);
        Restored restored = restorer.restore(own, 0, image.rows(), OnConflict.STOP);
        assertEquals(image.rows(), restored.rows());
        own.commit();
        Optional.ofNullable(restored.image()).ifPresent(each -> again.add(0, each));
      }
      return again;
    } finally {
      own.rollback();
      own.setAutoCommit(true);
    }
  }

  private static void commit(String sql) {
    try (Statement statement = others.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new IllegalStateException(sql, e);
    }
  }

  @Example
  void rows_that_are_locked_first_are_not_read_on_another_connection() throws Exception {
    fill("");
    List<String> before = database.rows(STATE);
    List<Image> images = run(own, "UPDATE t SET n = n + 1, m = 5 WHERE n < 3 OR m = 7");
    assertEquals(0, sideReads);
    assertNotEquals(before, database.rows(STATE));
    undo(undo(undo(images)));
    assertEquals(before, database.rows(STATE));
  }

  @Example
  void rows_that_keep_their_values_have_no_image() throws Exception {
    fill("");
    List<String> before = database.rows(STATE);
    List<Image> images = run(own, "UPDATE t SET n = 2 WHERE n < 3");
    assertEquals(0, sideReads);
    assertEquals(10, images.stream().mapToInt(Image::rows).sum());
    undo(images);
    assertEquals(before, database.rows(STATE));
  }

  @Example
  void a_row_that_appears_before_the_update_is_captured_by_two_reads() throws Exception {
    fill("");
    List<Image> images =
        run(
            before(() -> commit("INSERT IGNORE INTO t (id, n, m) VALUES (15, 1, 1)")),
            "UPDATE t SET n = n + 10 WHERE n = 1");
    assertTrue(sideReads > 0);
    assertEquals("11", database.value("SELECT n FROM t WHERE id = 15"));
    undo(images);
    assertEquals("1", database.value("SELECT n FROM t WHERE id = 15"));
    assertEquals("0", database.value("SELECT COUNT(*) FROM t WHERE n > 4"));
  }

  @Provide
  Arbitrary<List<String>> commits() {
    // Rows that the batch has locked would let the other wait.
    Arbitrary<Integer> others =
        Arbitraries.integers().between(1, ROWS).filter(id -> id % 4 != 1).map(id -> 10 * id);
    return Arbitraries.oneOf(
            Arbitraries.integers()
                .between(1, 10 * ROWS)
                .filter(id -> id % 10 != 0)
                .map(id -> "INSERT IGNORE INTO t (id, n, m) VALUES (" + id + ", 1, 1)"),
            others.map(id -> "UPDATE t SET n = 1 WHERE id = " + id),
            others.map(id -> "UPDATE t SET m = -1 WHERE id = " + id),
            others.map(id -> "DELETE FROM t WHERE id = " + id))
        .list()
        .ofMaxSize(4);
  }

  @Provide
  Arbitrary<String> statements() {
    return Arbitraries.of(
        "UPDATE t SET n = n + 10 WHERE n = 1",
        "UPDATE t SET m = m * 2 + n, n = 1 WHERE n = 1",
        "UPDATE t SET n = n + 10 WHERE COALESCE(n, RAND()) = 1",
        "UPDATE t SET n = n + RAND() * 0 + 10 WHERE n = 1");
  }

  @Property(tries = 60)
  void the_undo_restores_what_others_committed(
      @ForAll("statements") String sql, @ForAll("commits") List<String> commits) throws Exception {
    fill("");
    // The reference: what others leave behind if there is no batch.
    List<String> plain = new ArrayList<>(commits);
    List<Image> images =
        run(
            before(
                () -> {
                  plain.forEach(LockedRowsTest::commit);
                  plain.clear();
                }),
            sql);
    List<String> changed = database.rows(STATE);
    List<Image> again = undo(images);
    List<String> restored = database.rows(STATE);
    fill("");
    commits.forEach(LockedRowsTest::commit);
    assertEquals(database.rows(STATE), restored, () -> sql + commits);
    database.run("DELETE FROM t");
    for (String row : restored) {
      database.run(
          row.replace("|", ", ")
              .lines()
              .collect(Collectors.joining("", "INSERT INTO t VALUES (", ")")));
    }
    undo(again);
    assertEquals(changed, database.rows(STATE), () -> sql + commits);
  }
}
