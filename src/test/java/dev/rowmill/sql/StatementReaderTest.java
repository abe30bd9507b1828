package dev.rowmill.sql;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rowmill.task.Refusal;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class StatementReaderTest {

  static List<String> lines(String file) throws IOException {
    try (InputStream in = StatementReaderTest.class.getResourceAsStream(file)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    }
  }

  static Stream<String> accepted() throws IOException {
    return lines("accepted.sql").stream();
  }

  static Stream<String> refused() throws IOException {
    return lines("refused.txt").stream();
  }

  static Set<String> codes(String sql) {
    Refusal refusal = assertThrows(Refusal.class, () -> StatementReader.read(sql), sql);
    assertEquals("unsupported-statement", refusal.type());
    return refusal.reasons().stream()
        .map(Refusal.Reason::code)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @ParameterizedTest
  @MethodSource("accepted")
  void a_statement_over_one_table_is_read(String sql) {
    Reading reading = StatementReader.read(sql);
    assertEquals(sql.stripLeading().substring(0, 6), reading.kind().toString(), reading.toString());
  }

  @ParameterizedTest
  @MethodSource("refused")
  void a_statement_that_cannot_be_chunked_is_refused_with_all_reasons(String line) {
    String[] parts = line.split(" \\| ", 2);
    assertEquals(new TreeSet<>(List.of(parts[0].split(" "))), codes(parts[1]), line);
  }

  @Test
  void tables_of_subqueries_are_found_wherever_they_are() {
    Reading reading =
        StatementReader.read(
            "UPDATE a.t SET x = (SELECT 1 FROM `b`.`u v` WHERE EXISTS (SELECT 1 FROM c, d AS e, f"
                + " JOIN (g, h) ON 1 = (SELECT 2 FROM i LIMIT 1))), y = TRIM(LEADING 'x' FROM z)"
                + " WHERE k IN (WITH w AS (SELECT 1 FROM l), m AS (SELECT 1 FROM w) SELECT 1 FROM m"
                + " UNION SELECT 1 FROM n ORDER BY (SELECT 1 FROM o)) AND EXTRACT(YEAR FROM q) = 1"
                + " AND EXISTS (SELECT 1 FROM p USE INDEX (ix), r)");
    assertEquals(
        Set.of("b.u v", "c", "d", "f", "g", "h", "i", "l", "w", "m", "n", "o", "p", "r"),
        reading.subqueryTables().stream().map(TableName::written).collect(Collectors.toSet()));
    assertEquals(Set.of("w", "m"), reading.withNames());
    assertEquals("a.t", reading.target().written());
  }

  @Test
  void quotes_do_not_hide_a_clause_and_clauses_in_quotes_are_text() {
    assertEquals(
        List.of("note"),
        StatementReader.read("UPDATE item SET note = ' LIMIT 1 -- ; @x /* :y ? #'").assigned());
    assertEquals(Set.of("limit"), codes("UPDATE item SET note = 'x\\\\' LIMIT 1"));
    assertEquals(Set.of("limit"), codes("UPDATE item SET note = '\\'' LIMIT 1"));
    assertEquals(Set.of("limit"), codes("UPDATE item SET `a``` = \"'\" LIMIT 1"));
  }

  @Test
  void control_characters_outside_of_text_are_refused() {
    assertEquals(Set.of("control-character"), codes("UPDATE item SET a = 1\0 WHERE b = 2"));
    assertEquals(Set.of("control-character"), codes("UPDATE item\u000bSET a = 1"));
    assertEquals(Set.of("control-character"), codes("UPDATE item SET a = '\ud800'"));
  }

  @Test
  void a_statement_of_64_kilobytes_is_read_and_a_longer_one_refused() {
    String base = "UPDATE item SET note = '";
    String text = "x".repeat(StatementReader.MAX_LENGTH - base.length() - 1);
    assertEquals("item", StatementReader.read(base + text + "'").target().name());
    assertEquals(Set.of("too-long"), codes(base + text + "x'"));
    assertEquals(Set.of("too-long"), codes("x".repeat(1 << 20)));
  }

  @Test
  void parentheses_beyond_32_levels_are_refused() {
    String deep = "UPDATE item SET a = " + "(".repeat(33) + "1" + ")".repeat(33);
    assertEquals(Set.of("too-deep"), codes(deep));
  }

  @ParameterizedTest
  @ValueSource(strings = {"1+", "NOT ", "- ", "a AND ", "a OR b AND ", "a=1 OR ", "~", "!"})
  void a_long_chain_is_read_or_refused_in_bounded_time(String link) {
    String sql = "UPDATE item SET a = 1 WHERE " + link.repeat(65_000 / link.length()) + "1";
    assertTimeoutPreemptively(
        Duration.ofSeconds(10),
        () -> {
          try {
            StatementReader.read(sql);
          } catch (Refusal e) {
            assertTrue(
                Set.of("too-complex", "not-understood").contains(e.reasons().get(0).code()),
                e.getMessage());
          }
        });
  }

  @Test
  void no_thread_is_left_behind() {
    String nested = "CASE WHEN (1 = (".repeat(15) + "1" + ")) THEN 2 END".repeat(15);
    try {
      StatementReader.read("UPDATE item SET a = " + nested);
    } catch (Refusal e) {
      assertEquals("unsupported-statement", e.type());
    }
    org.awaitility.Awaitility.await()
        .atMost(Duration.ofSeconds(10))
        .until(
            () ->
                Thread.getAllStackTraces().keySet().stream()
                    .noneMatch(thread -> thread.getName().equals("rowmill-sql-reading")));
  }
}
