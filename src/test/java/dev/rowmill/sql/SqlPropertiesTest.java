package dev.rowmill.sql;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.rowmill.task.Chunk;
import dev.rowmill.task.Refusal;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

class SqlPropertiesTest {

  private static Database database;

  @BeforeContainer
  static void open() {
    database = new Database();
    database.run("CREATE TABLE item (id INT PRIMARY KEY, a INT, b INT, note TEXT)");
    database.run("INSERT INTO item VALUES (1, 1, 1, '')");
  }

  @AfterContainer
  static void close() {
    database.close();
  }

  @Provide
  Arbitrary<String> sqlLike() {
    Arbitrary<String> piece =
        Arbitraries.of(
            "UPDATE ",
            "DELETE ",
            "INSERT INTO ",
            "FROM ",
            "item ",
            "SET ",
            "a ",
            "= ",
            "1 ",
            "WHERE ",
            "SELECT ",
            "(",
            ")",
            ",",
            ".",
            "'",
            "\"",
            "`",
            "\\",
            ":x ",
            "--",
            "-- ",
            "/*",
            "*/",
            "#",
            ";",
            "@",
            "?",
            "\0",
            "\ud800",
            "é",
            "😀",
            "LIMIT ",
            "ORDER BY ",
            "IN ",
            "WITH ",
            "JOIN ",
            "AS ",
            "CASE WHEN ",
            "END ",
            "0x",
            "1e",
            "_utf8mb4",
            "N'",
            "->>",
            "VALUES ",
            "\n",
            "UNION ",
            "NOT ",
            "INTERVAL ",
            "DAY ");
    return piece.list().ofMaxSize(25).map(list -> String.join("", list));
  }

  @Property(tries = 1500)
  void a_text_is_read_or_refused_and_nothing_else(@ForAll("sqlLike") String text) {
    for (String sql : List.of(text, "UPDATE item SET a = " + text, "DELETE FROM item " + text)) {
      try {
        StatementParser.parse(sql);
      } catch (Refusal refusal) {
        assertEquals("unsupported-statement", refusal.type());
        assertEquals(false, refusal.reasons().isEmpty());
      }
    }
  }

  @Property(tries = 300)
  void any_text_at_all_is_read_or_refused(@ForAll String text) {
    a_text_is_read_or_refused_and_nothing_else(text);
  }

  @Provide
  Arbitrary<String> content() {
    return Arbitraries.of(
            "a",
            "'",
            "\"",
            "`",
            "\\",
            "{",
            "}",
            "{fn now()}",
            "{d ",
            ":x",
            "?",
            "--",
            " ",
            "/*",
            "*/",
            "#",
            ";",
            "@",
            "%",
            "_",
            "é",
            "😀",
            "\n",
            "$",
            "(",
            ")")
        .list()
        .ofMaxSize(12)
        .map(list -> String.join("", list));
  }

  @Property(tries = 200, shrinking = ShrinkingMode.BOUNDED)
  void literals_and_values_arrive_as_they_were_written(
      @ForAll("content") String first, @ForAll("content") String second) throws SQLException {
    String literal = "'" + first.replace("\\", "\\\\").replace("'", "''") + "'";
    String other = "\"" + second.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
    String sql = "UPDATE item SET note = CONCAT(" + literal + ", '|', " + other + ", '|', :x)";
    BoundText rendered =
        StatementRenderer.render(StatementParser.parse(sql), Map.of("x", second), "p1").head();
    assertEquals(sql.replace(", :x)", ", ?)") + " WHERE ", rendered.sql());
    Walk.run(database, 10, Walk.parameters(sql, "x", second));
    assertEquals(
        first + "|" + second + "|" + second, database.value("SELECT note FROM item WHERE id = 1"));
  }

  @Property(tries = 40, shrinking = ShrinkingMode.BOUNDED)
  void chunks_part_the_keys_without_gap_or_overlap(
      @ForAll Set<@IntRange(min = -30, max = 30) Integer> keys,
      @ForAll @IntRange(min = 1, max = 9) int rows,
      @ForAll @IntRange(min = 1, max = 7) int leading)
      throws SQLException {
    database.run(
        "DROP TABLE IF EXISTS keyed",
        "CREATE TABLE keyed (a INT, b VARCHAR(9), n INT, PRIMARY KEY (a, b))");
    Map<String, String> inserted = new LinkedHashMap<>();
    for (int key : keys) {
      inserted.put("(" + key / leading + ", '" + key + "', 0)", "");
    }
    if (!inserted.isEmpty()) {
      database.run("INSERT INTO keyed VALUES " + String.join(",", inserted.keySet()));
    }
    Walk.Result result = Walk.run(database, rows, Walk.parameters("UPDATE keyed SET n = n + 1"));
    assertEquals(
        keys.size() + "|" + keys.size(),
        database.value("SELECT COUNT(*), COALESCE(SUM(n = 1), 0) FROM keyed"));
    assertEquals(keys.size(), result.scanned());
    String after = null;
    for (Chunk chunk : result.chunks()) {
      assertEquals(after, chunk.after());
      after = chunk.upTo();
    }
  }
}
