package dev.rowmill.sql;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rowmill.sql.parse.StatementParser;
import dev.rowmill.sql.parse.TableName;
import dev.rowmill.sql.statement.ChunkableStatement;
import dev.rowmill.sql.statement.Derived;
import dev.rowmill.sql.statement.StatementRenderer;
import dev.rowmill.sql.table.ChunkKey;
import dev.rowmill.sql.value.BoundText;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class FrequentStatementsTest {

  private static final String SQL = "DELETE FROM t WHERE a = :a";
  private static final String RENDERED = "DELETE FROM t WHERE a = ?";

  private long now = Long.MAX_VALUE - 5;
  private final FrequentStatements statements = new FrequentStatements(() -> now);

  private static ChunkableStatement statement(String rendered) {
    return new ChunkableStatement(
        new TableName("s", "t"),
        new TableName("s", "t"),
        null,
        "",
        new ChunkKey("PRIMARY", List.of()),
        new ChunkKey("PRIMARY", List.of()),
        new StatementRenderer.Rendered(
            BoundText.EMPTY,
            BoundText.EMPTY,
            null,
            null,
            new BoundText(rendered, List.of()),
            BoundText.EMPTY,
            BoundText.EMPTY,
            List.of()),
        "t",
        StatementParser.parse(SQL),
        List.of(),
        false,
        List.of(),
        List.of(),
        OptionalLong.empty(),
        new Derived());
  }

  private Optional<ChunkableStatement> ask() {
    return statements.find(SQL, RENDERED);
  }

  private void millisPass(int millis) {
    now += TimeUnit.MILLISECONDS.toNanos(millis);
  }

  /** Requests a statement like a caller, and checks it if it is not cached. */
  private boolean isCheckedWhenAsked() {
    if (ask().isPresent()) {
      return false;
    }
    statements.passed(SQL, statement(RENDERED));
    return true;
  }

  @Test
  void an_infrequent_statement_is_checked_each_time() {
    for (int i = 0; i < 30; i++) {
      assertTrue(isCheckedWhenAsked(), "time " + i);
      millisPass(150);
    }
  }

  @Test
  void a_frequent_statement_is_checked_four_times_per_second() {
    for (int i = 0; i < 20; i++) {
      isCheckedWhenAsked();
      millisPass(10);
    }
    int checks = 0;
    for (int i = 0; i < 100; i++) {
      checks += isCheckedWhenAsked() ? 1 : 0;
      millisPass(10);
    }
    assertEquals(4, checks);
  }

  @Test
  void during_a_check_other_callers_use_the_last_check_for_a_second() {
    for (int i = 0; i < 20; i++) {
      isCheckedWhenAsked();
    }
    millisPass(300);
    assertTrue(ask().isEmpty());
    assertTrue(ask().isPresent());
    millisPass(800);
    assertTrue(ask().isEmpty());
  }

  @Test
  void an_unused_statement_is_checked_again() {
    for (int i = 0; i < 20; i++) {
      isCheckedWhenAsked();
    }
    assertFalse(isCheckedWhenAsked());
    millisPass(2000);
    assertTrue(isCheckedWhenAsked());
    assertTrue(isCheckedWhenAsked());
  }

  @Test
  void another_text_is_another_statement() {
    for (int i = 0; i < 20; i++) {
      isCheckedWhenAsked();
    }
    assertTrue(ask().isPresent());
    assertTrue(statements.find(SQL, RENDERED + " ").isEmpty());
    assertTrue(statements.find(SQL + " ", RENDERED).isEmpty());
  }

  @Test
  void the_number_of_statements_is_limited() {
    for (int i = 0; i < 20; i++) {
      isCheckedWhenAsked();
    }
    for (int i = 0; i < 200; i++) {
      statements.passed(
          SQL, statement("DELETE FROM t WHERE (a IN (?" + ",?".repeat(i) + ")) AND "));
    }
    assertTrue(ask().isEmpty());
  }
}
