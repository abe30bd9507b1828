package dev.rowmill.sql.parse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rowmill.sql.statement.StatementRenderer;
import dev.rowmill.sql.table.ValueTargets;
import dev.rowmill.sql.value.BoundText;
import dev.rowmill.task.Refusal;
import dev.rowmill.task.Refusal.Reason;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CheckParserTest {

  private static List<String> reasons(String sql) {
    return assertThrows(Refusal.class, () -> StatementParser.parseCheck(sql), sql)
        .reasons()
        .stream()
        .map(Reason::code)
        .toList();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "UPDATE t SET n = 1 | not-a-select",
        "WITH a AS (SELECT 1) UPDATE t SET n = 1 | not-a-select",
        "TABLE t | not-a-select",
        "SELECT 1; DELETE FROM t | stacked-statements",
        "SELECT /*! 1 */ 2 | executable-comment",
        "SELECT 1 /* open | unclosed-comment",
        "SELECT n FROM t FOR UPDATE | locking-read",
        "SELECT n FROM t FOR SHARE | locking-read",
        "SELECT n FROM t LOCK IN SHARE MODE | locking-read",
        "SELECT n FROM t WHERE EXISTS (SELECT 1 FROM u FOR UPDATE) | locking-read",
        "SELECT 1 INTO OUTFILE '/tmp/x' | select-into",
        "SELECT n INTO DUMPFILE 'x' FROM t | select-into",
        "SELECT @a | user-variable",
        "SELECT ? | placeholder",
        "SELECT SLEEP(5) | forbidden-function",
        "SELECT GET_LOCK('a', 1) | forbidden-function",
        "SELECT NEXT VALUE FOR s | forbidden-function",
        "SELECT LOAD_FILE('/etc/passwd') | forbidden-function",
        "SELECT (1 | unbalanced-parentheses",
        "SELECT FROM WHERE | not-understood",
      })
  void a_check_that_is_no_select_is_rejected_with_its_reason(String sql, String reason) {
    assertTrue(reasons(sql).contains(reason), () -> sql + ": " + reasons(sql));
  }

  @Test
  void empty_text_is_not_a_select() {
    assertEquals(List.of("not-a-select"), reasons(";"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT 1",
        "SELECT COUNT(*) = 0 FROM shop.item WHERE price < 0;",
        "SELECT MIN(price) > :floor FROM shop.item i JOIN shop.kind k ON k.id = i.kind",
        "SELECT (SELECT SUM(n) FROM a) = (SELECT SUM(n) FROM b)",
        "SELECT NOT EXISTS (SELECT 1 FROM t WHERE project = :project)",
        "SELECT COUNT(*) FROM t GROUP BY k HAVING COUNT(*) > 1 ORDER BY 1 LIMIT 1",
        "SELECT 1 FROM t UNION SELECT 0 FROM u",
        "WITH a AS (SELECT 1) SELECT * FROM a",
        "(SELECT 1) -- yes",
      })
  void a_select_is_read(String sql) {
    assertEquals(ParsedStatement.Kind.SELECT, StatementParser.parseCheck(sql).kind());
  }

  @Test
  void every_table_is_found() {
    ParsedStatement reading =
        StatementParser.parseCheck(
            "SELECT COUNT(*) FROM a, b.c JOIN d ON d.x = (SELECT y FROM e) WHERE z IN (SELECT w FROM"
                + " (SELECT 1 AS w FROM f) g) UNION SELECT 1 FROM h");
    assertEquals(
        Set.of("a", "b.c", "d", "e", "f", "h"),
        reading.subqueryTables().stream().map(TableName::written).collect(Collectors.toSet()));
  }

  @Test
  void named_values_are_bound_and_other_text_is_unchanged() {
    ParsedStatement reading =
        StatementParser.parseCheck("SELECT n < :most FROM t WHERE p = :project AND k IN :list;");
    BoundText query =
        StatementRenderer.query(
            reading,
            Map.of("most", 5, "list", List.of(1, 2), "factor", 3),
            "p1",
            ValueTargets.NONE);
    assertEquals("SELECT n < ? FROM t WHERE p = ? AND k IN (?,?)", query.sql());
    assertEquals(
        List.of(5L, "p1", 1L, 2L), query.values().stream().map(BoundText.Value::value).toList());
    Refusal refusal =
        assertThrows(
            Refusal.class,
            () -> StatementRenderer.query(reading, Map.of("most", 5), "p1", ValueTargets.NONE));
    assertEquals("parameter-mismatch", refusal.type());
    assertEquals(List.of("list"), refusal.members().get("missing"));
  }
}
