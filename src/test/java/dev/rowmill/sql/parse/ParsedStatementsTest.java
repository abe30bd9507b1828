package dev.rowmill.sql.parse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.rowmill.task.Refusal;
import org.junit.jupiter.api.Test;

class ParsedStatementsTest {

  private final ParsedStatements readings = new ParsedStatements();

  private static String statement(int number) {
    return "UPDATE item SET price = " + number;
  }

  @Test
  void a_text_is_parsed_once() {
    ParsedStatement first = readings.read(statement(1));

    assertEquals(statement(1), first.sql());
    assertSame(first, readings.read(statement(1)));
    assertNotSame(first, readings.read(statement(2)));
  }

  @Test
  void the_same_text_is_rejected_each_time() {
    Refusal first = assertThrows(Refusal.class, () -> readings.read("TRUNCATE item"));
    Refusal second = assertThrows(Refusal.class, () -> readings.read("TRUNCATE item"));

    assertEquals(first.reasons(), second.reasons());
  }

  @Test
  void the_most_recently_used_statements_are_cached() {
    ParsedStatement first = readings.read(statement(0));
    ParsedStatement second = readings.read(statement(1));
    for (int i = 2; i < ParsedStatements.MOST; i++) {
      readings.read(statement(i));
    }
    assertSame(first, readings.read(statement(0)));
    readings.read(statement(ParsedStatements.MOST));

    assertSame(first, readings.read(statement(0)));
    assertNotSame(second, readings.read(statement(1)));
  }

  @Test
  void long_texts_are_not_cached() {
    String longText =
        statement(1) + " WHERE name <> '" + "x".repeat(ParsedStatements.LONGEST) + "'";

    assertNotSame(readings.read(longText), readings.read(longText));
  }
}
