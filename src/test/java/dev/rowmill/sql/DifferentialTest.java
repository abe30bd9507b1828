package dev.rowmill.sql;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rowmill.sql.parse.ParsedStatement;
import dev.rowmill.sql.parse.StatementParser;
import dev.rowmill.sql.parse.StatementParserTest;
import dev.rowmill.sql.run.RowRestorer;
import dev.rowmill.sql.run.RowRestorer.OnConflict;
import dev.rowmill.sql.run.Walk;
import dev.rowmill.sql.table.StatementScope;
import dev.rowmill.task.Chunk;
import dev.rowmill.task.ChunkResult;
import dev.rowmill.task.ChunkedRun;
import dev.rowmill.task.Extent;
import dev.rowmill.task.Refusal;
import dev.rowmill.task.SideReader;
import dev.rowmill.testing.BesideOthers;
import dev.rowmill.testing.Soak;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * Tests that each statement of {@code differential.sql} leaves the same rows as a batch and when
 * run directly. The batch uses chunks of seven rows, on one lane and on three. Then tests that its
 * undo restores the rows. A statement that is generated from an expression or a type runs
 * alternately on one lane or on three; with {@code testing.soak} on both.
 */
@BesideOthers
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DifferentialTest {

  private static final int CHUNK_ROWS = 7;
  private static final int LANES = 3;

  /** Lists each table, and the statements that fill it. */
  private static final List<String> TABLES =
      List.of(
          "item", "other", "third", "parts", "copied", "counted", "filled", "keyless", "pair",
          "worded", "ranked", "typed", "typed2", "typed3");

  /** Lists the columns of the table typed, and a value for each. */
  private static final Map<String, String> TYPES = types();

  private final Map<String, String> shown = new HashMap<>();
  private Database database;
  private Connection beside;
  private Connection undoing;

  /** Holds the statements generated from expressions and types. */
  private final Set<String> derived = new LinkedHashSet<>();

  private int turn;
  private int batches;
  private int undone;

  private static Map<String, String> types() {
    Map<String, String> types = new LinkedHashMap<>();
    types.put("t_tinyint TINYINT", "-7");
    types.put("t_smallint SMALLINT UNSIGNED", "65535");
    types.put("t_mediumint MEDIUMINT", "-8388608");
    types.put("t_int INT ZEROFILL", "42");
    types.put("t_bigint BIGINT", "-9223372036854775808");
    types.put("t_ubigint BIGINT UNSIGNED", "18446744073709551615");
    types.put("t_decimal DECIMAL(30,10)", "-12345678901234567890.0123456789");
    types.put("t_float FLOAT", "0.1");
    types.put("t_double DOUBLE", "1.7976931348623157e308");
    types.put("t_bit BIT(20)", "b'1010'");
    types.put("t_bool BOOLEAN", "TRUE");
    types.put("t_date DATE", "'2024-02-29'");
    types.put("t_time TIME(3)", "'-12:34:56.789'");
    types.put("t_datetime DATETIME(6)", "'1969-07-20 20:17:40.123456'");
    types.put("t_timestamp TIMESTAMP(2) NULL", "'2037-12-31 23:59:59.99'");
    types.put("t_year YEAR", "2155");
    types.put("t_char CHAR(10)", "'Ab  '");
    types.put("t_varchar VARCHAR(60) COLLATE utf8mb4_bin", "'äöü €  '");
    types.put("t_latin VARCHAR(20) CHARACTER SET latin1", "'é'");
    types.put("t_text TEXT", "REPEAT('text ', 200)");
    types.put("t_binary BINARY(4)", "X'00FF0010'");
    types.put("t_varbinary VARBINARY(20)", "X'FF00'");
    types.put("t_blob BLOB", "REPEAT(X'C3', 300)");
    types.put("t_enum ENUM('a','b','c')", "'b'");
    types.put("t_set SET('x','y','z')", "'x,z'");
    types.put("t_json JSON", "'{\"a\": [1, 2.50, \"t\"]}'");
    types.put("t_point POINT", "ST_GeomFromText('POINT(1 2)')");
    return types;
  }

  @BeforeAll
  void fill() throws SQLException {
    database = new Database();
    beside = database.another();
    undoing = database.another();
    undoing.setAutoCommit(false);
    create("");
    create("base_");
    for (String table : TABLES) {
      fill("base_" + table);
      reset(table);
    }
    database.run(
        "CREATE VIEW item_view AS SELECT id AS number, n, status AS state, note FROM item"
            + " WHERE n < 25",
        "CREATE VIEW other_view AS SELECT item, SUM(n) AS total FROM other GROUP BY item",
        "CREATE VIEW third_view AS SELECT t.id, t.n, o.total FROM third t"
            + " LEFT JOIN other_view o ON o.item = t.id",
        "CREATE VIEW copied_view AS SELECT n AS m, id FROM copied WHERE n < 1000 WITH CHECK OPTION");
  }

  @AfterAll
  void close() throws SQLException {
    beside.close();
    undoing.close();
    database.close();
  }

  private void create(String prefix) {
    String columns = String.join(", ", TYPES.keySet());
    database.run(
        "CREATE TABLE "
            + prefix
            + "item (id INT PRIMARY KEY, n INT DEFAULT 3, price DECIMAL(10,2),"
            + " status VARCHAR(10) DEFAULT 'new', note VARCHAR(255), at DATETIME, doc JSON,"
            + " KEY by_status (status)) PARTITION BY KEY (id) PARTITIONS 1",
        "CREATE TABLE " + prefix + "other (id INT PRIMARY KEY, item INT, n INT)",
        "CREATE TABLE " + prefix + "third (id INT PRIMARY KEY, n INT)",
        "CREATE TABLE "
            + prefix
            + "parts (id INT PRIMARY KEY, n INT)"
            + " PARTITION BY HASH (id) PARTITIONS 4",
        "CREATE TABLE " + prefix + "copied (id INT PRIMARY KEY, n INT)",
        "CREATE TABLE "
            + prefix
            + "counted (id INT AUTO_INCREMENT PRIMARY KEY, n INT,"
            + " note VARCHAR(20))",
        "CREATE TABLE " + prefix + "filled (id INT PRIMARY KEY, n INT, note VARCHAR(20))",
        "CREATE TABLE " + prefix + "keyless (n INT)",
        "CREATE TABLE " + prefix + "pair (a VARCHAR(5), b INT, n INT, PRIMARY KEY (a, b))",
        "CREATE TABLE " + prefix + "worded (word VARCHAR(20) PRIMARY KEY, n INT)",
        "CREATE TABLE "
            + prefix
            + "ranked (id INT PRIMARY KEY, grade INT NOT NULL, made DATETIME NOT NULL,"
            + " word VARCHAR(20) NOT NULL, size ENUM('s','m','l') NOT NULL, n INT,"
            + " KEY by_made (made), KEY by_grade (grade, word), UNIQUE KEY by_word (word),"
            + " KEY falling (size DESC, made))",
        "CREATE TABLE " + prefix + "typed (id INT PRIMARY KEY, " + columns + ")",
        "CREATE TABLE " + prefix + "typed2 (id INT PRIMARY KEY, " + columns + ")",
        "CREATE TABLE " + prefix + "typed3 (id INT PRIMARY KEY, " + columns + ")");
  }

  private void fill(String table) {
    String name = table.substring("base_".length());
    for (int i = 1; i <= 30; i++) {
      String values =
          switch (name) {
            case "item" ->
                i
                    + ", "
                    + i
                    + ", "
                    + i
                    + ".25, '"
                    + (i % 2 == 0 ? "even" : "odd")
                    + "', "
                    + (i % 5 == 0 ? "NULL" : "'" + "abcdx".substring(i % 5) + "x'")
                    + ", '2026-01-01' + INTERVAL "
                    + i
                    + " DAY, '{\"a\": "
                    + i % 3
                    + ", \"b\": \"t"
                    + i
                    + "\"}'";
            case "other" -> i + ", " + i % 12 + ", " + i * 7 % 11;
            case "third" -> i > 10 ? "" : i + ", " + i % 4;
            case "parts" -> i % 4 == 3 ? "" : i + ", " + i;
            case "counted" -> i > 15 ? "" : i * 2 + ", " + i + ", 'c'";
            case "filled" -> i > 15 ? "" : i * 2 + ", " + i + ", NULL";
            case "keyless" -> String.valueOf(i);
            case "pair" -> "'" + "abc".charAt(i % 3) + "', " + i / 3 + ", " + i;
            case "worded" -> "'" + "äpfel,Birne,zebra,Mango,ähre".split(",")[i % 5] + i + "', " + i;
            case "ranked" ->
                "%d, %d, '2026-01-01' + INTERVAL %d DAY, '%s', %d, %d"
                    .formatted(
                        i, i * 7 % 4, i * 5 % 9, "äAbBz".charAt(i % 5) + "" + i, i % 3 + 1, i);
            case "typed" -> i + typed(i, i % 4 == 0);
            case "typed2" -> i > 20 ? "" : i + typed(i + 1, i % 3 == 0);
            case "typed3" -> "";
            default -> "";
          };
      if (!values.isEmpty()) {
        database.run("INSERT INTO " + table + " VALUES (" + values + ")");
      }
    }
  }

  private static String typed(int i, boolean empty) {
    return TYPES.keySet().stream()
        .map(type -> empty ? ", NULL" : ", " + value(type.split(" ")[1], i))
        .collect(Collectors.joining());
  }

  private static String value(String type, int i) {
    return switch (type.replaceAll("\\(.*", "")) {
      case "BIT" -> "b'" + Integer.toBinaryString(i) + "'";
      case "BOOLEAN" -> String.valueOf(i % 2);
      case "DATE", "DATETIME", "TIMESTAMP" -> "'2026-01-01' + INTERVAL " + i + " DAY";
      case "TIME" -> "'10:00:" + (10 + i) + "'";
      case "YEAR" -> String.valueOf(2000 + i);
      case "ENUM" -> String.valueOf(1 + i % 3);
      case "SET" -> String.valueOf(i % 8);
      case "JSON" -> "'[" + i + "]'";
      case "POINT" -> "ST_GeomFromText('POINT(" + i + " 1)')";
      case "CHAR", "VARCHAR", "TEXT" -> "'v" + i + "'";
      case "BINARY", "VARBINARY", "BLOB" -> "UNHEX(LPAD(HEX(" + i + "), 8, '0'))";
      default -> String.valueOf(i);
    };
  }

  private List<String> statements() throws IOException {
    List<String> statements = new ArrayList<>();
    for (String line : StatementParserTest.lines("differential.sql")) {
      if (line.startsWith("= ") || line.startsWith("?= ")) {
        String mark = line.startsWith("?") ? "? " : "";
        String expression = line.substring(line.indexOf(' ') + 1);
        derived.add(mark + "UPDATE item SET note = CONCAT(" + expression + ", ''), n = 7");
        derived.add(
            mark
                + "DELETE FROM item WHERE COALESCE(CRC32(CONCAT("
                + expression
                + ", '')) % 2, id % 2)");
      } else if (line.startsWith("* ")) {
        TYPES.forEach(
            (column, value) ->
                derived.add(
                    line.substring(2).replace("{c}", column.split(" ")[0]).replace("{v}", value)));
      } else if (!line.isBlank() && !line.startsWith("#")) {
        statements.add(line);
      }
    }
    statements.addAll(derived);
    return statements;
  }

  @Test
  void each_statement_leaves_the_same_rows_as_a_batch_and_is_undone() throws Exception {
    List<String> statements = statements();
    assertTrue(statements.size() >= 600, "only " + statements.size());
    List<String> wrong = new ArrayList<>();
    for (String statement : statements) {
      boolean everywhere = !statement.startsWith("? ");
      String sql =
          (everywhere ? statement : statement.substring(2))
              .replace("WITHIN_SCHEMA", database.schema());
      if (!everywhere && !isValid(sql)) {
        continue;
      }
      try {
        compare(sql, lanes(derived.contains(statement))).ifPresent(wrong::add);
      } catch (SQLException | Refusal e) {
        wrong.add(sql + "\n    " + e);
        undoing.rollback();
      }
      reset(changedTable(sql));
    }
    assertEquals(List.of(), wrong, String.join("\n", wrong));
    assertTrue(batches > 600 && undone > 550, batches + " batches, " + undone + " undone");
  }

  /** Returns the numbers of lanes on which a statement runs, one after the other. */
  private int[] lanes(boolean isDerived) {
    if (!isDerived || Soak.ON) {
      return new int[] {1, LANES};
    }
    turn++;
    return new int[] {(turn + turn / 2) % 2 == 0 ? 1 : LANES};
  }

  private Optional<String> compare(String sql, int[] numbersOfLanes) throws Exception {
    String table = changedTable(sql);
    List<String> before = rows(table);
    String failed = plain(sql);
    if (failed != null) {
      return Optional.of(sql + "\n    is not valid: " + failed);
    }
    List<String> expected = rows(table);
    for (int lanes : numbersOfLanes) {
      reset(table);
      Deque<byte[]> images = new ArrayDeque<>();
      boolean kept = batch(sql, lanes, images);
      batches++;
      List<String> found = rows(table);
      if (!found.equals(expected)) {
        return Optional.of(sql + "\n    " + lanes + " lanes: " + difference(expected, found));
      }
      if (kept) {
        undo(images);
        undone++;
        List<String> restored = rows(table);
        if (!restored.equals(before)) {
          return Optional.of(sql + "\n    undone: " + difference(before, restored));
        }
      }
    }
    return Optional.empty();
  }

  private static String difference(List<String> expected, List<String> found) {
    List<String> missing = new ArrayList<>(expected);
    missing.removeAll(found);
    List<String> more = new ArrayList<>(found);
    more.removeAll(expected);
    return "missing " + missing + ", more " + more;
  }

  private String changedTable(String sql) throws Refusal {
    ParsedStatement parsed = StatementParser.parse(sql);
    if (parsed.insertInto() != null) {
      return parsed.insertInto().name().replace("_view", "");
    }
    if (sql.matches("(UPDATE|DELETE FROM|DELETE v FROM) item_view.*")) {
      return "item";
    }
    return TABLES.stream()
        .filter(
            name ->
                parsed.tables().stream()
                    .anyMatch(
                        use ->
                            use.name().name().equals(name)
                                && (parsed.tables().size() == 1
                                    || name.equals("item")
                                    || name.equals("typed")
                                    || name.equals("pair")
                                    || name.equals("keyless"))))
        .min((one, two) -> Boolean.compare(!one.equals("pair"), !two.equals("pair")))
        .orElseThrow();
  }

  /**
   * Restores the rows of a table. MariaDB gives a TRUNCATE up if a purge thread uses the table for
   * 0.7 seconds, which happens on a busy machine; a DELETE only waits for open transactions.
   */
  private void reset(String table) {
    database.run("DELETE FROM " + table, "INSERT INTO " + table + " SELECT * FROM base_" + table);
  }

  private boolean isValid(String sql) throws Refusal {
    try {
      return plain(sql) == null;
    } finally {
      reset(changedTable(sql));
    }
  }

  private String plain(String sql) {
    try (Statement statement = database.connection().createStatement()) {
      statement.execute(sql);
      return null;
    } catch (SQLException e) {
      return e.getMessage();
    }
  }

  /** Returns all rows, each value in a form that shows every byte. */
  private List<String> rows(String table) {
    String columns = shown.computeIfAbsent(table, this::shownColumns);
    return database.rows("SELECT " + columns + " FROM " + table).stream().sorted().toList();
  }

  /** Returns the SELECT list of {@link #rows}. */
  private String shownColumns(String table) {
    return database
        .rows(
            "SELECT COLUMN_NAME FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = '"
                + database.schema()
                + "' AND TABLE_NAME = '"
                + table
                + "' ORDER BY ORDINAL_POSITION")
        .stream()
        // Numbers that the server generates may have gaps.
        .filter(name -> !(table.equals("counted") && name.equals("id")))
        .map(name -> "HEX(CONCAT(" + name + (name.equals("t_bit") ? " + 0" : "") + ", ''))")
        .collect(Collectors.joining(", "));
  }

  /** Runs a statement like the engine; returns whether its images were stored. */
  private boolean batch(String sql, int lanes, Deque<byte[]> images) throws Exception {
    SqlTask task = new SqlTask(StatementScope.DEFAULT, 1000);
    // A connection of its own; its prepared statements are closed with it.
    try (Connection connection = database.another()) {
      return batch(task, sql, lanes, images, connection);
    }
  }

  private boolean batch(
      SqlTask task, String sql, int lanes, Deque<byte[]> images, Connection connection)
      throws Exception {
    task.check(Walk.parameters(sql), "p1", connection);
    ChunkedRun run = task.open(Walk.parameters(sql), "p1", connection);
    connection.setAutoCommit(false);
    try {
      boolean keepsUndo = run.undoRefusal(connection, false).isEmpty();
      Optional<Extent> extent = run.extent(connection);
      List<String> ends = new ArrayList<>();
      if (extent.isPresent()) {
        String end = extent.get().end();
        ends.addAll(lanes == 1 ? List.of() : run.splitPoints(connection, null, end, lanes));
        ends.add(end);
      }
      for (int lane = ends.size() - 1; lane >= 0; lane--) {
        String at = lane == 0 ? null : ends.get(lane - 1);
        while (!ends.get(lane).equals(at)) {
          Chunk chunk = run.next(connection, at, ends.get(lane), CHUNK_ROWS);
          if (keepsUndo) {
            ChunkResult work = run.applyAndCapture(connection, chunk, new Beside());
            if (work.image() != null) {
              images.push(work.image().bytes());
            }
          } else {
            run.apply(connection, chunk);
          }
          connection.commit();
          at = chunk.upTo();
        }
      }
      return keepsUndo;
    } finally {
      connection.rollback();
    }
  }

  /** Reads on the second connection, before it says so. */
  private final class Beside implements SideReader {
    @Override
    public <T> Future<T> read(Query<T> query) {
      try {
        return CompletableFuture.completedFuture(query.on(beside));
      } catch (SQLException e) {
        return CompletableFuture.failedFuture(e);
      }
    }
  }

  private void undo(Deque<byte[]> images) throws SQLException {
    for (byte[] image : images) {
      new RowRestorer(image).restore(undoing, 0, Integer.MAX_VALUE, OnConflict.STOP);
      undoing.commit();
    }
  }
}
