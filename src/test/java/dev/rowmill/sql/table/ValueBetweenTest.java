package dev.rowmill.sql.table;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ValueBetweenTest {

  @ParameterizedTest
  @CsvSource({
    "0, 10, 1, 2, 5",
    "-10, 10, 1, 2, 0",
    "0, 18446744073709551615, 3, 4, 13835058055282163711",
    "7, 7, 1, 2, 7",
  })
  void numbers(String low, String high, int part, int parts, String between) {
    assertEquals(
        KeyValue.text(between),
        ValueBetween.numbers(KeyValue.text(low), KeyValue.text(high), part, parts));
  }

  @ParameterizedTest
  @CsvSource({
    "00, FF, 1, 2, 7F",
    "00000000, FFFFFFFF, 1, 4, 3FFFFFFF",
    "'', 80, 1, 2, 40",
    "0A, 0B00, 1, 2, 0A80",
    "0000, 0001, 1, 2, 0000",
  })
  void bytes(String low, String high, int part, int parts, String between) {
    assertEquals(
        KeyValue.text(between),
        ValueBetween.bytes(KeyValue.text(low), KeyValue.text(high), part, parts));
  }

  @ParameterizedTest
  @CsvSource({
    "customer-0000, customer-8000, 1, 2, customer-4000",
    "0, f, 1, 2, 7hhhhhhhhhhh",
    "0A, FF, 1, 2, 7V",
    "00-1f, 80-1f, 1, 2, 40",
    "'', b, 1, 2, 5",
    "😀a, 😀c, 1, 2, 😀b",
  })
  void texts(String low, String high, int part, int parts, String between) {
    assertEquals(
        Optional.of(KeyValue.text(between)),
        ValueBetween.texts(KeyValue.text(low), KeyValue.text(high), part, parts));
  }

  @ParameterizedTest
  @CsvSource({"中, 文", "a, A", "b, a", "x-, x+", "😀, 😁"})
  void textsWithoutAnEstimate(String low, String high) {
    assertEquals(
        Optional.empty(), ValueBetween.texts(KeyValue.text(low), KeyValue.text(high), 1, 2));
  }

  @Test
  void columnsWithoutAnEstimate() {
    KeyColumn date =
        new KeyColumn("k", "%s", "CAST(%s AS DATE)", KeyColumn.Form.PLAIN, 1, 0, false);
    assertEquals(
        Optional.empty(),
        date.between(KeyValue.text("2024-01-01"), KeyValue.text("2024-12-31"), 1, 2));
  }

  @Test
  void bytesThatAreNoText() {
    KeyColumn text = new KeyColumn("k", "HEX(%s)", "%s", KeyColumn.Form.UTF8, 4, 0, false);
    assertEquals(Optional.empty(), text.between(KeyValue.bytes("ED"), KeyValue.text("z"), 1, 2));
  }
}
