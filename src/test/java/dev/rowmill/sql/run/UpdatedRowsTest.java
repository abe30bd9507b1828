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
import java.sql.Connection;
import java.sql.ResultSet;
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
 * locks the rows and the UPDATE, and whether new values are stored or computed again.
 */
class UpdatedRowsTest {

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
    return WatchedConnection.of(own, action);
  }

  /** Runs a statement like a batch with undo, and returns the images of its chunks. */
  private List<Image> run(Connection connection, String sql) throws Exception {
    return run(connection, new SqlParameters(sql, Map.of(), null), false);
  }

  private List<Image> run(Connection connection, SqlParameters parameters, boolean secret)
      throws Exception {
    var task = new SqlTask(StatementScope.DEFAULT, 0);
    ChunkedRun run = task.open(parameters, "p1", connection);
    assertEquals(Optional.empty(), run.undoRefusal(connection, secret).map(Refusal::reasons));
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

  private static boolean hasFormula(Image image) {
    return RowImage.read(image.bytes()).get(0).formula() != null;
  }

  /**
   * Changes, undoes, undoes the undo, and undoes that.
   *
   * @param formula whether all images have a formula instead of new values
   */
  private void roundTrip(boolean formula, String sql) throws Exception {
    List<String> before = database.rows(STATE);
    List<Image> images = run(own, sql);
    List<String> after = database.rows(STATE);
    assertNotEquals(before, after, sql);
    for (Image image : images) {
      assertEquals(formula, hasFormula(image), sql);
    }
    List<Image> undone = undo(images);
    assertEquals(before, database.rows(STATE), sql);
    List<Image> again = undo(undone);
    assertEquals(after, database.rows(STATE), sql);
    undo(again);
    assertEquals(before, database.rows(STATE), sql);
  }

  @Example
  void new_values_of_the_row_alone_are_computed_again() throws Exception {
    fill(
        ", s VARCHAR(40) NOT NULL DEFAULT 'é', d DECIMAL(12, 4) DEFAULT 1.5, f FLOAT DEFAULT 0.1,"
            + " e ENUM('Neu', 'alt') DEFAULT 'Neu', u BIGINT UNSIGNED DEFAULT 18446744073709551615,"
            + " at TIMESTAMP(3) NULL DEFAULT '2026-10-25 01:30:00', day DATE DEFAULT '2026-01-31',"
            + " b VARBINARY(9) DEFAULT x'00ff', bits BIT(5) DEFAULT b'101',"
            + " g INT AS (n + 1), h INT AS (n + 2) STORED, c CHAR(3) CHARACTER SET latin1 DEFAULT"
            + " 'ä'");
    String schema = database.schema();
    for (String sql :
        List.of(
            // The servers assign from left to right.
            "UPDATE t SET n = n + 100, m = n, d = d / 3",
            "UPDATE t SET m = n, n = m WHERE n <> m",
            "UPDATE t AS x SET x.m = x.m * 2, s = CONCAT(x.s, '-', x.id) WHERE x.n < 3",
            "UPDATE " + schema + ".t SET " + schema + ".t.m = t.m + 1000",
            "UPDATE t SET f = f * 1.1, u = u - id, e = IF(n = 1, 'alt', e) WHERE n <> 0",
            "UPDATE t SET e = 'ALT', bits = bits ^ 3, b = CONCAT(b, x'27')",
            "UPDATE t SET at = at + INTERVAL id MINUTE, day = day + INTERVAL 1 MONTH",
            "UPDATE t SET s = UPPER(TRIM(s)), c = LEFT(CONCAT('ö', c), 3)",
            "UPDATE t SET s = NULLIF(n, 8), d = NULL WHERE UPPER(s) = 'É'",
            "UPDATE t SET s = CASE WHEN n IN (1, 2) THEN 'few' WHEN s LIKE 'x%' THEN s ELSE"
                + " CONCAT(s, 'x')"
                + " END")) {
      roundTrip(true, sql);
    }
    assertEquals(0, sideReads);
  }

  @Example
  void new_values_that_depend_on_more_are_stored() throws Exception {
    fill(
        ", s VARCHAR(40) DEFAULT 's', r DOUBLE, w TIME DEFAULT '10:00', at DATETIME(6),"
            + " g INT AS (n + 1), body TEXT, st TIMESTAMP NOT NULL DEFAULT '2026-01-01'");
    database.run("UPDATE t SET body = id");
    for (String sql :
        List.of(
            "UPDATE t SET r = RAND()",
            "UPDATE t SET at = SYSDATE()",
            "UPDATE t SET at = NOW() + INTERVAL 1 DAY",
            "UPDATE t SET at = NOW(), s = DATE(at)",
            "UPDATE t SET s = DATE(at), at = NOW(6)",
            "UPDATE t SET at = NOW(), at = '2026-01-01' + INTERVAL id DAY",
            "UPDATE t SET s = UUID()",
            "UPDATE t SET n = DEFAULT",
            "UPDATE t SET at = w",
            "UPDATE t SET at = CAST('10:00' AS TIME)",
            "UPDATE t SET at = TIME '10:00'",
            "UPDATE t SET m = g",
            "UPDATE t SET s = LEFT(body, 9)",
            "UPDATE t SET st = '2026-02-02'",
            "UPDATE t SET n = n + (SELECT 1 FROM DUAL)",
            "UPDATE t SET s = CONNECTION_ID()")) {
      roundTrip(false, sql);
    }
    assertEquals(0, sideReads);
  }

  @Example
  void a_column_that_changes_with_the_row_is_a_constant_of_the_image() throws Exception {
    fill(
        ", at TIMESTAMP(6) NULL DEFAULT '2026-01-01' ON UPDATE CURRENT_TIMESTAMP(6), dt DATETIME"
            + " DEFAULT '2026-01-01' ON UPDATE CURRENT_TIMESTAMP");
    roundTrip(true, "UPDATE t SET n = n + 1");
    roundTrip(true, "UPDATE t SET n = n + 1, dt = dt + INTERVAL 1 DAY WHERE m > 3");
    roundTrip(true, "UPDATE t SET n = DAY(dt) + 4 WHERE m > 3");
  }

  @Example
  void the_current_time_is_a_constant_of_the_image() throws Exception {
    fill(", at DATETIME(6), st TIMESTAMP(6) NOT NULL DEFAULT '2026-01-01', u BIGINT, day DATE");
    for (String sql :
        List.of(
            "UPDATE t SET at = NOW(6), n = n + 1",
            "UPDATE t SET t.at = CURRENT_TIMESTAMP, st = utc_timestamp(3), n = n + 1",
            "UPDATE t SET day = CURDATE(), st = LocalTime, u = UNIX_TIMESTAMP() WHERE m > 3")) {
      roundTrip(true, sql);
    }
    assertEquals(0, sideReads);
  }

  @Example
  void an_image_does_not_store_a_secret_of_the_assignments() throws Exception {
    fill(", s VARCHAR(80) DEFAULT 's'");
    String secret = "a-key-that-nobody-may-read";
    var parameters =
        new SqlParameters(
            "UPDATE t SET s = SHA2(CONCAT(s, :key), 256)", Map.of("key", secret), null);
    for (boolean isSecret : List.of(false, true)) {
      for (Image image : run(own, parameters, isSecret)) {
        RowImage stored = RowImage.read(image.bytes()).get(0);
        assertEquals(!isSecret, String.valueOf(stored.formula()).contains(secret));
      }
    }
  }

  @Example
  void a_trigger_lets_new_values_be_stored() throws Exception {
    fill("");
    database.run("CREATE TRIGGER t_counts BEFORE UPDATE ON t FOR EACH ROW SET NEW.m = NEW.m");
    roundTrip(false, "UPDATE t SET n = n + 1");
  }

  @Example
  void an_account_that_may_not_see_triggers_or_make_tables_stores_new_values() throws Exception {
    for (String missing : List.of("TRIGGER", "CREATE TEMPORARY TABLES", "")) {
      fill("");
      String user = "undo_" + Long.toHexString(System.nanoTime());
      database.run(
          "CREATE USER " + user + " IDENTIFIED BY 'secret'",
          ("GRANT SELECT, INSERT, UPDATE, DELETE, TRIGGER, CREATE TEMPORARY TABLES ON `%s`.* TO %s")
              .formatted(database.schema().replace("_", "\\_"), user)
              .replace(missing.isEmpty() ? "none" : ", " + missing, ""));
      Connection administrator = own;
      try (Connection limited = database.as(user, "secret")) {
        own = limited;
        roundTrip(missing.isEmpty(), "UPDATE t SET n = n + 1");
      } finally {
        own = administrator;
        database.run("DROP USER " + user);
      }
    }
  }

  @Example
  void the_session_of_the_statement_is_that_of_the_recomputation() throws Exception {
    fill(", s VARCHAR(40) DEFAULT '', d DECIMAL(30, 12), at TIMESTAMP NULL, dt DATETIME");
    database.run("UPDATE t SET at = '2026-07-01 10:00:00'");
    List<String> before = database.rows(STATE);
    List<Image> images;
    Connection usual = own;
    try (Connection unusual = database.another();
        Statement statement = unusual.createStatement()) {
      statement.execute(
          "SET sql_mode = 'PIPES_AS_CONCAT', time_zone = '+05:30', div_precision_increment = 9,"
              + " collation_connection = 'utf8mb4_bin'");
      own = unusual;
      images =
          run(
              own,
              "UPDATE t SET s = id || IF('a' = 'A', 'ci', 'cs'), d = id / 7, dt = at, n = n - 5000000000");
    } finally {
      own = usual;
    }
    assertEquals("10cs", database.value("SELECT s FROM t WHERE id = 10"));
    assertTrue(images.stream().allMatch(UpdatedRowsTest::hasFormula));
    String session = "SELECT @@sql_mode, @@time_zone, @@div_precision_increment";
    try (Statement statement = own.createStatement();
        ResultSet row = statement.executeQuery(session)) {
      row.next();
      String was = row.getString(1) + row.getString(2) + row.getString(3);
      undo(images);
      try (ResultSet now = own.createStatement().executeQuery(session)) {
        now.next();
        assertEquals(was, now.getString(1) + now.getString(2) + now.getString(3));
      }
    }
    assertEquals(before, database.rows(STATE));
  }

  @Example
  void texts_with_blanks_at_the_end_are_restored() throws Exception {
    fill(
        ", c CHAR(5) DEFAULT 'x', v VARCHAR(9) DEFAULT 'y  ',"
            + " two CHAR(5) CHARACTER SET utf16 DEFAULT 'x',"
            + " four CHAR(5) CHARACTER SET utf32 DEFAULT 'x',"
            + " old CHAR(5) CHARACTER SET ucs2 DEFAULT 'x'");
    List<String> before = database.rows(STATE);
    Connection usual = own;
    try (Connection padded = database.another();
        Statement statement = padded.createStatement()) {
      statement.execute("SET sql_mode = 'PAD_CHAR_TO_FULL_LENGTH'");
      own = padded;
      roundTrip(true, "UPDATE t SET c = CONCAT(n, 'z')");
      roundTrip(true, "UPDATE t SET v = CONCAT(c, '|')");
      roundTrip(true, "UPDATE t SET two = n, four = n + 1, old = n + 2");
      undo(run(own, "DELETE FROM t WHERE n = 1"));
    } finally {
      own = usual;
    }
    assertEquals(before, database.rows(STATE));
  }

  @Example
  void texts_of_the_longest_characters_are_restored() throws Exception {
    fill(
        ", c CHAR(5) CHARACTER SET utf8mb4, v VARCHAR(300) CHARACTER SET utf8mb4,"
            + " two VARCHAR(5) CHARACTER SET utf16, four VARCHAR(5) CHARACTER SET utf32");
    database.run(
        "UPDATE t SET c = REPEAT('\uD83D\uDE00', 5), v = REPEAT(c, 60), two = c, four = c");
    roundTrip(true, "UPDATE t SET c = n, v = n, two = n, four = n");
    roundTrip(true, "UPDATE t SET v = CONCAT(n, SUBSTR(v, 10)), two = LEFT(c, 4), four = two");
  }

  @Example
  void rows_changed_since_are_conflicts_of_a_recomputed_image() throws Exception {
    fill("");
    List<Image> images = run(own, "UPDATE t SET n = n + 1, m = m * 2");
    commit("UPDATE t SET m = m + 1 WHERE id = 20");
    commit("UPDATE t SET n = n + 1, m = 1 WHERE id = 30");
    commit("DELETE FROM t WHERE id = 40");
    commit("UPDATE t SET n = n + 0 WHERE id = 50");
    own.setAutoCommit(false);
    List<String> conflicts = new ArrayList<>();
    for (Image image : images) {
      Restored restored =
          new RowRestorer(image.bytes()).restore(own, 0, image.rows(), OnConflict.SKIP);
      own.commit();
      restored.conflicts().forEach(each -> conflicts.add(each.key() + " " + each.detail()));
    }
    own.setAutoCommit(true);
    assertEquals(
        List.of(
            "{\"id\":\"40\"} the row no longer exists",
            "{\"id\":\"30\"} changed since: n, m",
            "{\"id\":\"20\"} changed since: m"),
        conflicts);
    assertEquals("3|5", database.value("SELECT n, m FROM t WHERE id = 20"));
    assertEquals("1|5", database.value("SELECT n, m FROM t WHERE id = 50"));
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

  @Example
  void a_row_that_appears_is_not_taken_for_one_that_keeps_its_values() throws Exception {
    fill("");
    // In the first chunk, the rows 10 and 50 match, and 10 keeps its values.
    List<Image> images =
        run(
            before(() -> commit("INSERT IGNORE INTO t (id, n, m) VALUES (15, 1, 5)")),
            "UPDATE t SET m = 1 WHERE n = 1");
    assertTrue(sideReads > 0);
    undo(images);
    assertEquals(
        List.of("10|1|1", "15|1|5", "50|1|5"),
        database.rows("SELECT * FROM t WHERE n = 1 AND id < 60 ORDER BY id"));
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
        "UPDATE t SET m = m * 2 + n, n = n WHERE n = 1",
        "UPDATE t SET n = n + 10 WHERE COALESCE(n, RAND()) = 1",
        "UPDATE t SET n = n + RAND() * 0 + 10 WHERE n = 1",
        "DELETE FROM t WHERE n = 1");
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
                  plain.forEach(UpdatedRowsTest::commit);
                  plain.clear();
                }),
            sql);
    List<String> changed = database.rows(STATE);
    List<Image> again = undo(images);
    List<String> restored = database.rows(STATE);
    fill("");
    commits.forEach(UpdatedRowsTest::commit);
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
