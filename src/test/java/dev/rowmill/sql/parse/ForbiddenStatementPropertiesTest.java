package dev.rowmill.sql.parse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rowmill.database.OwnTables;
import dev.rowmill.sql.table.StatementScope;
import dev.rowmill.task.Refusal;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

/**
 * Tests that forbidden names are found when wrapped at random, and that allowed ones are accepted.
 */
class ForbiddenStatementPropertiesTest {

  private static final String OWN = "rowmill";

  /** {@code ~} stands for white space, {@code %} for what is wrapped. */
  private static final List<String> AROUND_QUERY =
      List.of(
          "SELECT~1~FROM~(~%~)~AS~q",
          "SELECT~1~FROM~item~WHERE~id~IN~(~%~)",
          "SELECT~1~FROM~item~WHERE~EXISTS(~%~)~AND~1=1",
          "SELECT~(~%~)~FROM~item",
          "SELECT~1~FROM~item~UNION~%",
          "SELECT~1~FROM~item~UNION~ALL~(~%~)",
          "SELECT~COALESCE(1,~(~%~))",
          "SELECT~CASE~WHEN~1=(~%~)~THEN~2~END",
          "WITH~w~AS~(~%~)~SELECT~1~FROM~w",
          "SELECT~1~FROM~item~ORDER~BY~(~%~)",
          "SELECT~1~FROM~item~JOIN~(~%~)~z~ON~1=1");

  private static final List<String> FROM =
      List.of(
          "SELECT~1~FROM~%",
          "SELECT~x.id~FROM~%~AS~x",
          "SELECT~1~FROM~item~JOIN~%",
          "SELECT~1~FROM~item~a,~%~b",
          "SELECT~1~FROM~item~a~LEFT~JOIN~%~b~ON~a.id=b.id",
          "SELECT~1~FROM~(~item~CROSS~JOIN~%~)",
          "SELECT~1~FROM~item~NATURAL~JOIN~%",
          "SELECT~1~FROM~item~STRAIGHT_JOIN~%");

  private static final List<String> AROUND_EXPRESSION =
      List.of(
          "(~%~)",
          "1~+~%",
          "NOT~%",
          "IF(~%,~1,~2)",
          "COALESCE(~NULL,~%~)",
          "CASE~WHEN~%~THEN~1~END",
          "CAST(~%~AS~CHAR)",
          "CONCAT('(',~%,~\"')\")",
          "(SELECT~%)",
          "(SELECT~MAX(~%~)~FROM~other~WHERE~1=%)",
          "EXISTS~(SELECT~1~FROM~other~HAVING~%)",
          "1~BETWEEN~0~AND~%",
          "1~IN~(2,~%)");

  private static final List<String> AROUND_GOOD =
      List.of(
          "(~%~)",
          "1~+~%",
          "IF(~%~>~0,~1,~2)",
          "COALESCE(~NULL,~%~)",
          "CASE~WHEN~%~>~1~THEN~1~END",
          "CAST(~%~AS~CHAR)",
          "(SELECT~MAX(~%~)~FROM~other)");

  @Provide
  Arbitrary<String> space() {
    return Arbitraries.of(" ", "  ", "\n", "\t", "\r\n", " \n ");
  }

  @Provide
  Arbitrary<List<Integer>> choices() {
    return Arbitraries.integers().between(0, 1_000).list().ofMinSize(1).ofMaxSize(4);
  }

  @Provide
  Arbitrary<String> table() {
    Arbitrary<String> system =
        Combinators.combine(
                Arbitraries.of("mysql", "sys", "information_schema", "performance_schema"),
                Arbitraries.of("user", "tables", "x"))
            .as((schema, name) -> schema + "." + name);
    Arbitrary<String> own =
        Combinators.combine(
                Arbitraries.of("", OWN + "."), Arbitraries.of(new HashSet<>(OwnTables.NAMES)))
            .as(String::concat);
    return Arbitraries.oneOf(system, own);
  }

  private static String odd(String name, int how) {
    StringBuilder text = new StringBuilder();
    for (String part : name.split("\\.")) {
      StringBuilder cased = new StringBuilder();
      for (int i = 0; i < part.length(); i++) {
        String c = part.substring(i, i + 1);
        cased.append((how >> (i % 7)) % 2 == 0 ? c : c.toUpperCase(Locale.ROOT));
      }
      text.append(text.isEmpty() ? "" : how % 5 == 0 ? " . " : ".");
      text.append(how % 3 == 0 ? "`" + cased + "`" : cased);
    }
    return text.toString();
  }

  private static String wrapped(List<String> patterns, List<Integer> choices, String inner) {
    String text = inner;
    for (int choice : choices) {
      text = patterns.get(choice % patterns.size()).replace("%", text);
    }
    return text;
  }

  private static boolean findsOut(String sql) {
    try {
      ParsedStatement reading = StatementParser.parse(sql);
      Set<TableName> all = new HashSet<>(reading.subqueryTables());
      reading.tables().forEach(use -> all.add(use.name()));
      if (reading.insertInto() != null) {
        all.add(reading.insertInto());
      }
      return all.stream().anyMatch(table -> !StatementScope.DEFAULT.allows(table.in(OWN), OWN))
          || reading.withNames().stream().anyMatch(StatementScope::isOwn);
    } catch (Refusal refusal) {
      return true;
    }
  }

  @Property(tries = 300, seed = "20261124")
  void a_protected_table_is_found_in_any_position(
      @ForAll("table") String table,
      @ForAll @IntRange(min = 0, max = 1000) int how,
      @ForAll("choices") List<Integer> choices,
      @ForAll("space") String space) {
    String from = FROM.get(how % FROM.size()).replace("%", odd(table, how));
    String query = wrapped(AROUND_QUERY, choices, from);
    for (String change :
        List.of(
            "UPDATE item SET n = (" + query + ")",
            "DELETE FROM item WHERE n = 1 OR id IN (" + query + ")",
            "INSERT INTO item (n) SELECT (" + query + ") FROM other")) {
      String sql = change.replace("~", space);
      assertTrue(findsOut(sql), sql);
    }
    for (String change :
        List.of(
            "UPDATE " + odd(table, how) + " AS item SET n = 1",
            "DELETE FROM " + odd(table, how) + " item",
            "INSERT INTO " + odd(table, how) + " (n) SELECT n FROM other",
            "INSERT INTO item (n) SELECT n FROM " + odd(table, how))) {
      assertTrue(findsOut(change), change);
    }
  }

  @Property(tries = 300, seed = "20261124")
  void a_forbidden_function_is_found_in_any_position(
      @ForAll("choices") List<Integer> choices,
      @ForAll @IntRange(min = 0, max = 1000) int how,
      @ForAll("space") String space) {
    List<String> functions =
        List.of("sleep", "benchmark", "get_lock", "load_file", "last_insert_id", "sys_exec");
    String call = odd(functions.get(how % functions.size()), how) + (how % 2 == 0 ? "~(1)" : "(1)");
    String expression = wrapped(AROUND_EXPRESSION, choices, call).replace("~", space);
    for (String sql :
        List.of(
            "UPDATE item SET n = " + expression,
            "DELETE FROM item WHERE " + expression,
            "INSERT INTO item (n) SELECT " + expression + " FROM other")) {
      assertThrows(Refusal.class, () -> StatementParser.parse(sql), sql);
    }
    assertThrows(
        Refusal.class, () -> StatementParser.parseCheck("SELECT " + expression), expression);
  }

  @Property(tries = 150, seed = "20261124")
  void a_valid_statement_remains_valid_with_any_white_space_comment_and_case(
      @ForAll("space") String space,
      @ForAll @IntRange(min = 0, max = 1000) int how,
      @ForAll("choices") List<Integer> choices) {
    String expression = wrapped(AROUND_GOOD, choices, "ABS(n)");
    for (String change :
        List.of(
            "UPDATE~shop.item~SET~n~=~" + expression + "~WHERE~status~=~:status",
            "DELETE~FROM~shop.item~WHERE~" + expression + "~>~1",
            "INSERT~INTO~shop.log~(n,~id)~SELECT~n,~id~FROM~shop.item~WHERE~n~=~" + expression)) {
      String sql = change.replace("~", space);
      assertTrue(sql.contains("item"), sql);
      ParsedStatement reading = StatementParser.parse(cased(sql, how));
      assertEquals(Set.of(), reading.functions());
      String commented = change.replaceFirst("~", "/**/").replace("~", space);
      assertEquals(Set.of(), StatementParser.parse(cased(commented, how)).functions());
      String executed = change.replaceFirst("~", "/*! */").replace("~", space);
      assertThrows(Refusal.class, () -> StatementParser.parse(executed), executed);
    }
  }

  /** Changes the case of keywords, but not of texts and parameters. */
  private static String cased(String sql, int how) {
    return how % 2 == 0 ? sql : sql.replace("SELECT", "select").replace("WHERE", "wHeRe");
  }
}
