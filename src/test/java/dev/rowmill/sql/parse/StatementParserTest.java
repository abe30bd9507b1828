package dev.rowmill.sql.parse;

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

public class StatementParserTest {

  public static List<String> lines(String file) throws IOException {
    try (InputStream in = StatementParserTest.class.getResourceAsStream(file)) {
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
    Refusal refusal = assertThrows(Refusal.class, () -> StatementParser.parse(sql), sql);
    assertEquals("unsupported-statement", refusal.type());
    return refusal.reasons().stream()
        .map(Refusal.Reason::code)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @ParameterizedTest
  @MethodSource("accepted")
  void a_statement_is_read(String sql) {
    ParsedStatement reading = StatementParser.parse(sql);
    assertTrue(sql.contains(reading.kind().toString()), reading.toString());
  }

  @ParameterizedTest
  @MethodSource("refused")
  void forbidden_syntax_is_rejected_with_all_reasons(String line) {
    String[] parts = line.split(" \\| ", 2);
    assertEquals(new TreeSet<>(List.of(parts[0].split(" "))), codes(parts[1]), line);
  }

  static Stream<String> undivided() throws IOException {
    return lines("undivided.txt").stream();
  }

  @ParameterizedTest
  @MethodSource("undivided")
  void an_undivided_statement_has_a_reason(String line) {
    String[] parts = line.split(" \\| ", 2);
    assertEquals(
        new TreeSet<>(List.of(parts[0].split(" "))),
        StatementParser.parse(parts[1]).undivided().stream()
            .map(Refusal.Reason::code)
            .collect(Collectors.toCollection(TreeSet::new)),
        line);
  }

  @Test
  void tables_of_subqueries_are_found_in_any_position() {
    ParsedStatement reading =
        StatementParser.parse(
            "UPDATE a.t SET x = (SELECT 1 FROM `b`.`u v` WHERE EXISTS (SELECT 1 FROM c, d AS e, f"
                + " JOIN (g, h) ON 1 = (SELECT 2 FROM i LIMIT 1))), y = TRIM(LEADING 'x' FROM z)"
                + " WHERE k IN (WITH w AS (SELECT 1 FROM l), m AS (SELECT 1 FROM w) SELECT 1 FROM m"
                + " UNION SELECT 1 FROM n ORDER BY (SELECT 1 FROM o)) AND EXTRACT(YEAR FROM q) = 1"
                + " AND EXISTS (SELECT 1 FROM p USE INDEX (ix), r)");
    assertEquals(
        Set.of("b.u v", "c", "d", "f", "g", "h", "i", "l", "n", "o", "p", "r"),
        reading.subqueryTables().stream().map(TableName::written).collect(Collectors.toSet()));
    assertEquals(Set.of("w", "m"), reading.withNames());
    assertEquals("a.t", reading.tables().get(0).name().written());
  }

  @Test
  void quotes_do_not_hide_a_clause_and_clauses_in_quotes_are_text() {
    ParsedStatement quoted =
        StatementParser.parse("UPDATE item SET note = ' LIMIT 1 -- ; @x /* :y ? #'");
    assertEquals("note", quoted.assigned().get(0).name());
    assertTrue(quoted.limit().isEmpty());
    for (String limited :
        List.of(
            "UPDATE item SET note = 'x\\\\' LIMIT 1",
            "UPDATE item SET note = '\\'' LIMIT 1",
            "UPDATE item SET `a``` = \"'\" LIMIT 1")) {
      assertTrue(StatementParser.parse(limited).limit().isPresent(), limited);
    }
  }

  @Test
  void control_characters_outside_of_text_are_rejected() {
    assertEquals(Set.of("control-character"), codes("UPDATE item SET a = 1\0 WHERE b = 2"));
    assertEquals(Set.of("control-character"), codes("UPDATE item\u000bSET a = 1"));
    assertEquals(Set.of("control-character"), codes("UPDATE item SET a = '\ud800'"));
  }

  @Test
  void a_statement_of_64_kilobytes_is_read_and_a_longer_one_rejected() {
    String base = "UPDATE item SET note = '";
    String text = "x".repeat(StatementParser.MAX_LENGTH - base.length() - 1);
    assertEquals("item", StatementParser.parse(base + text + "'").tables().get(0).name().name());
    assertEquals(Set.of("too-long"), codes(base + text + "x'"));
    assertEquals(Set.of("too-long"), codes("x".repeat(1 << 20)));
  }

  @Test
  void parentheses_beyond_64_levels_are_rejected() {
    String deep = "UPDATE item SET a = " + "(".repeat(65) + "1" + ")".repeat(65);
    assertEquals(Set.of("too-deep"), codes(deep));
  }

  @ParameterizedTest
  @ValueSource(strings = {"1+", "NOT ", "- ", "a AND ", "a OR b AND ", "a=1 OR ", "~", "!"})
  void a_long_chain_is_read_or_rejected_in_bounded_time(String link) {
    String sql = "UPDATE item SET a = 1 WHERE " + link.repeat(65_000 / link.length()) + "1";
    assertTimeoutPreemptively(
        Duration.ofMinutes(2),
        () -> {
          try {
            StatementParser.parse(sql);
          } catch (Refusal e) {
            assertTrue(
                Set.of("too-complex", "not-understood").contains(e.reasons().get(0).code()),
                e.getMessage());
          }
        });
  }

  @Test
  void too_deep_nesting_is_rejected_before_the_stack_is_full() {
    String cases = "CASE WHEN ".repeat(3_000) + "1" + " THEN 2 END".repeat(3_000);
    assertEquals(Set.of("too-complex"), codes("UPDATE item SET a = " + cases));
    assertEquals(
        Set.of("too-complex"),
        codes("UPDATE item SET a = " + "INTERVAL ".repeat(5_000) + "1" + " DAY".repeat(5_000)));
  }

  @Test
  void the_positions_of_parameters_are_known_with_their_columns() {
    ParsedStatement parsed =
        StatementParser.parse(
            "UPDATE item i SET i.at = :a, n = :b + 1 WHERE at > :c AND :d = `at` OR x.at IN (:e, 1,"
                + " :f) AND at BETWEEN :g AND :h AND at IN :i AND at + 1 = :j AND f(:k) = 1");
    assertEquals(
        List.of(
            "a VALUE at",
            "b VALUE -",
            "c VALUE at",
            "d VALUE at",
            "e IN_LIST at",
            "f IN_LIST at",
            "g VALUE at",
            "h VALUE at",
            "i BEHIND_IN at",
            "j VALUE -",
            "k VALUE -"),
        parsed.parameters().stream()
            .map(
                use ->
                    use.name()
                        + " "
                        + use.position()
                        + " "
                        + (use.column() == null ? "-" : use.column().name()))
            .toList());
  }
}
