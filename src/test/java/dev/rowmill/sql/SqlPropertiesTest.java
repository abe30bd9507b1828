package dev.rowmill.sql;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.rowmill.sql.parse.StatementParser;
import dev.rowmill.sql.run.Walk;
import dev.rowmill.sql.statement.StatementRenderer;
import dev.rowmill.sql.table.ValueTargets;
import dev.rowmill.sql.value.BoundText;
import dev.rowmill.task.Chunk;
import dev.rowmill.task.Refusal;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
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
  void a_text_is_accepted_or_rejected(@ForAll("sqlLike") String text) {
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
  void any_random_text_is_accepted_or_rejected(@ForAll String text) {
    a_text_is_accepted_or_rejected(text);
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
  void literals_and_values_arrive_unchanged(
      @ForAll("content") String first, @ForAll("content") String second) throws SQLException {
    String literal = "'" + first.replace("\\", "\\\\").replace("'", "''") + "'";
    String other = "\"" + second.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
    String sql = "UPDATE item SET note = CONCAT(" + literal + ", '|', " + other + ", '|', :x)";
    BoundText rendered =
        StatementRenderer.render(
                StatementParser.parse(sql), Map.of("x", second), "p1", ValueTargets.NONE)
            .head();
    assertEquals(sql.replace(", :x)", ", ?)") + " WHERE ", rendered.sql());
    Walk.run(database, 10, Walk.parameters(sql, "x", second));
    assertEquals(
        first + "|" + second + "|" + second, database.value("SELECT note FROM item WHERE id = 1"));
  }

  @Property(tries = 40, shrinking = ShrinkingMode.BOUNDED)
  void chunks_divide_the_keys_without_gap_or_overlap(
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

  /**
   * Represents a type of key columns.
   *
   * @param values SQL for its values; {@code %d} is a number from 0 to 65535
   */
  private record Kind(String type, List<String> values) {}

  /** Represents a key of random columns, and its rows. */
  private record RandomKey(List<Kind> kinds, List<Boolean> descending, List<List<Integer>> rows) {}

  private static List<Kind> kinds() {
    List<Kind> kinds = new ArrayList<>();
    kinds.add(new Kind("INT", List.of("%d - 30000", "%d", "-2147483648 + %d")));
    kinds.add(
        new Kind(
            "BIGINT UNSIGNED",
            List.of(
                "18446744073709551615 - %d", "CAST(9223372036854740000 AS UNSIGNED) + %d", "%d")));
    kinds.add(new Kind("TINYINT", List.of("%d % 256 - 128")));
    kinds.add(new Kind("INT(9) UNSIGNED ZEROFILL", List.of("%d")));
    kinds.add(
        new Kind(
            "DECIMAL(20,6) UNSIGNED ZEROFILL",
            List.of("%d / 1000000", "99999999999999.999999 - %d / 1000000")));
    kinds.add(new Kind("DECIMAL(10,3)", List.of("(%d - 30000) / 1000")));
    kinds.add(
        new Kind(
            "DOUBLE",
            List.of("(%d - 30000) / 7e0", "%d * 1e-310", "-1.7976931348623157e308 + %d * 1e293")));
    kinds.add(new Kind("FLOAT", List.of("(%d - 30000) / 7", "%d * 1e33")));
    kinds.add(new Kind("BIT(64)", List.of("18446744073709551615 - %d", "%d")));
    kinds.add(new Kind("BIT(5)", List.of("%d % 32")));
    kinds.add(new Kind("YEAR", List.of("1901 + %d % 255", "0")));
    kinds.add(
        new Kind(
            "DATE", List.of("'1950-01-01' + INTERVAL %d DAY", "'9999-12-31' - INTERVAL %d DAY")));
    kinds.add(
        new Kind(
            "DATETIME(6)",
            List.of(
                "TIMESTAMP'2024-02-29 23:59:59' + INTERVAL %d MICROSECOND",
                "TIMESTAMP'1000-01-01 00:00:00' + INTERVAL %d DAY")));
    kinds.add(
        new Kind(
            "TIME(6)",
            List.of(
                "SUBTIME('00:00:01', SEC_TO_TIME(%d / 1000000))",
                "SEC_TO_TIME(%d * 40 - 3000000)")));
    kinds.add(new Kind("ENUM('z','3','2','','a''b,c','ü')", List.of("1 + %d % 6")));
    kinds.add(new Kind("SET('p','q','','r')", List.of("%d % 16")));
    kinds.add(new Kind("BINARY(3)", List.of("UNHEX(LPAD(HEX(%d * 251), 6, '0'))")));
    kinds.add(
        new Kind(
            "VARBINARY(600)",
            List.of(
                "CONCAT(REPEAT('x', 300), UNHEX(LPAD(HEX(%d), 6, '0')), REPEAT(X'00', %d % 5))",
                "REPEAT(X'00', %d % 9)")));
    String letters = "'a', 'B', 'é', ' ', '😀', '\\0', 'ß', 'ch', '\\t', ''";
    String text =
        "CONCAT(ELT(1 + %d % 10, "
            + letters
            + "), ELT(1 + %d DIV 10 % 10, "
            + letters
            + "), ELT(1 + %d DIV 100 % 10, "
            + letters
            + "))";
    kinds.add(
        new Kind("VARCHAR(30) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci", List.of(text)));
    kinds.add(
        new Kind("VARCHAR(30) CHARACTER SET utf8mb4 COLLATE utf8mb4_czech_ci", List.of(text)));
    kinds.add(new Kind("CHAR(30) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin", List.of(text)));
    kinds.add(new Kind("VARCHAR(30) CHARACTER SET utf16", List.of(text)));
    String bytes = "CONVERT(UNHEX(LPAD(HEX(%%d), 4, '0')) USING %s)";
    for (String charset :
        List.of(
            "hebrew",
            "greek",
            "tis620",
            "cp1256",
            "dec8",
            "hp8",
            "swe7",
            "armscii8",
            "geostd8",
            "latin1",
            "latin7",
            "cp1250")) {
      for (String collation : List.of("", " COLLATE " + charset + "_bin")) {
        kinds.add(
            new Kind(
                "VARCHAR(9) CHARACTER SET " + charset + collation,
                List.of(bytes.formatted(charset))));
      }
    }
    // A first and a second byte that exist in all of them.
    for (String charset :
        List.of("big5", "gbk", "sjis", "cp932", "euckr", "eucjpms", "gb2312", "ujis")) {
      String two =
          charset.equals("sjis") || charset.equals("cp932")
              ? "HEX(129 + %%d %% 31), HEX(64 + %%d %% 63)"
              : "HEX(176 + %%d %% 71), HEX(161 + %%d %% 94)";
      kinds.add(
          new Kind(
              "CHAR(9) CHARACTER SET " + charset,
              List.of(("CONVERT(UNHEX(CONCAT(" + two + ")) USING %s)").formatted(charset))));
    }
    if (database.mariaDb()) {
      kinds.add(
          new Kind(
              "UUID",
              List.of(
                  "CONCAT(LPAD(HEX(%d), 8, '0'), '-1111-1', LPAD(HEX(%d % 4096), 3, '0'), '-8111-', LPAD(HEX(%d), 12, '0'))")));
      kinds.add(
          new Kind(
              "INET6",
              List.of(
                  "CONCAT('fe80::', HEX(%d))",
                  "CONCAT('::ffff:1.2.', %d DIV 256, '.', %d % 256)")));
      kinds.add(new Kind("INET4", List.of("CONCAT(%d % 256, '.2.', %d DIV 256, '.9')")));
      kinds.add(
          new Kind(
              "VARCHAR(30) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_nopad_ci", List.of(text)));
    } else {
      kinds.add(
          new Kind("CHAR(30) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci", List.of(text)));
      kinds.add(
          new Kind("VARCHAR(30) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_as_cs", List.of(text)));
      kinds.add(new Kind("CHAR(30) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin", List.of(text)));
      kinds.add(
          new Kind(
              "VARCHAR(9) CHARACTER SET gb18030",
              List.of(
                  "CONVERT(UNHEX(CONCAT(HEX(129 + %d % 31), HEX(64 + %d % 63))) USING gb18030)")));
    }
    return kinds;
  }

  @Provide
  Arbitrary<RandomKey> randomKeys() {
    return Combinators.combine(
            Arbitraries.of(kinds()).list().ofMinSize(1).ofMaxSize(4),
            Arbitraries.of(true, false).list().ofSize(4))
        .flatAs(
            (kinds, descending) ->
                Arbitraries.oneOf(
                        Arbitraries.integers().between(0, 65535),
                        Arbitraries.integers().between(0, 3))
                    .list()
                    .ofSize(kinds.size())
                    .list()
                    .ofMinSize(2)
                    .ofMaxSize(40)
                    .map(rows -> new RandomKey(kinds, descending, rows)));
  }

  @Property(tries = 150, shrinking = ShrinkingMode.OFF)
  void every_row_of_any_key_is_visited_exactly_once(
      @ForAll("randomKeys") RandomKey key,
      @ForAll @IntRange(min = 1, max = 9) int rows,
      @ForAll @IntRange(min = 1, max = 3) int parts)
      throws SQLException {
    StringBuilder columns = new StringBuilder();
    StringBuilder index = new StringBuilder();
    for (int i = 0; i < key.kinds().size(); i++) {
      columns
          .append("k")
          .append(i)
          .append(' ')
          .append(key.kinds().get(i).type())
          .append(" NOT NULL, ");
      index.append(i == 0 ? "k" : ", k").append(i).append(key.descending().get(i) ? " DESC" : "");
    }
    database.run(
        "SET SESSION sql_mode = CONCAT(@@sql_mode, ',NO_AUTO_VALUE_ON_ZERO')",
        "DROP TABLE IF EXISTS any_key",
        "CREATE TABLE any_key ("
            + columns
            + "n INT NOT NULL DEFAULT 0, PRIMARY KEY ("
            + index
            + "))");
    for (List<Integer> numbers : key.rows()) {
      StringBuilder values = new StringBuilder();
      for (int i = 0; i < numbers.size(); i++) {
        List<String> all = key.kinds().get(i).values();
        values
            .append(all.get(numbers.get(i) % all.size()).replace("%d", "" + numbers.get(i)))
            .append(", ");
      }
      // Values that equal those of another row in this collation are skipped.
      database.run("INSERT IGNORE INTO any_key VALUES (" + values + "0)");
    }
    String count = database.value("SELECT COUNT(*) FROM any_key");
    Walk.Result result =
        Walk.run(database, rows, parts, Walk.parameters("UPDATE any_key SET n = n + 1"));
    String what = index + " of " + columns + result;
    assertEquals(
        count + "|1|1", database.value("SELECT COUNT(*), MIN(n), MAX(n) FROM any_key"), what);
    assertEquals(count, "" + result.scanned(), what);
    assertEquals(count, "" + result.changed(), what);
  }
}
