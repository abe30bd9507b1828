package dev.rowmill.bench;

import java.util.List;

/** Represents the columns of a table of items beyond those that all such tables have. */
enum TableShape {
  /** Has a number as its key. */
  NUMBER_KEY("id BIGINT NOT NULL AUTO_INCREMENT", "id", "i + 1", "id", List.of()),

  /** Has 16 bytes in random order as its key. */
  BYTES_KEY("id BINARY(16) NOT NULL", "id", "LEFT(UNHEX(SHA2(i, 256)), 16)", "id", List.of()),

  /** Has a text and a number as its key; ten rows have the same text. */
  TEXT_KEY(
      "customer VARCHAR(40) NOT NULL, id BIGINT NOT NULL",
      "customer, id",
      "CONCAT('customer-', LPAD(i DIV 10, 8, '0')), i",
      "customer, id",
      List.of()),

  /** Has 20 columns of many types, seven of which are changed. */
  WIDE(
      """
      id BIGINT NOT NULL AUTO_INCREMENT,
      big BIGINT NOT NULL, ratio DOUBLE NOT NULL, due DATE NOT NULL, seen DATETIME(3) NOT NULL,
      note TEXT NOT NULL, tiny TINYINT NOT NULL, small SMALLINT NOT NULL, share FLOAT NOT NULL,
      took TIME NOT NULL, since YEAR NOT NULL, kind ENUM('a', 'b', 'c') NOT NULL,
      flags SET('x', 'y', 'z') NOT NULL, token BINARY(16) NOT NULL, document JSON NOT NULL""",
      "id, big, ratio, due, seen, note, tiny, small, share, took, since, kind, flags, token,"
          + " document",
      "i + 1, i * 1000003, i / 7, '2020-01-01' + INTERVAL (i % 1000) DAY,"
          + " '2020-01-01' + INTERVAL i SECOND, CONCAT('note ', i), i % 100, i % 30000, i / 3,"
          + " SEC_TO_TIME(i % 86400), 2000 + i % 100, 1 + i % 3, i % 8, LEFT(UNHEX(SHA2(i, 256)), 16),"
          + " CONCAT('{\"i\": ', i, '}')",
      "id",
      List.of(
          "big = big + 1",
          "ratio = ratio + 0.5",
          "due = due + INTERVAL 1 DAY",
          "seen = seen + INTERVAL 1 SECOND",
          "note = REVERSE(note)"));

  private final String definition;
  private final String names;
  private final String rowValues;
  private final String key;
  private final List<String> changes;

  TableShape(String definition, String names, String rowValues, String key, List<String> changes) {
    this.definition = definition;
    this.names = names;
    this.rowValues = rowValues;
    this.key = key;
    this.changes = changes;
  }

  /** Returns the definitions of the columns and of the primary key. */
  String definition() {
    return definition + ", PRIMARY KEY (" + key + ")";
  }

  /** Returns the names of the columns. */
  String names() {
    return names;
  }

  /** Returns SQL for the values of the columns in row {@code i}. */
  String rowValues() {
    return rowValues;
  }

  /** Returns the columns of the key. */
  String key() {
    return key;
  }

  /** Returns the assignments that change a row, beyond those of all tables. */
  List<String> changes() {
    return changes;
  }
}
