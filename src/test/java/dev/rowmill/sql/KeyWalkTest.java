package dev.rowmill.sql;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class KeyWalkTest {

  private static Database database;

  @BeforeAll
  static void open() {
    database = new Database();
  }

  @AfterAll
  static void close() {
    database.close();
  }

  /**
   * @param columns of the key, with their types
   * @param key names of the key's columns
   * @param values SQL of the key's values, a row each
   */
  record Table(String columns, String key, List<String> values) {
    static Table of(String columns, String key, String... values) {
      return new Table(columns, key, Arrays.asList(values));
    }
  }

  static Stream<Table> keys() {
    Stream<Table> both =
        Stream.of(
            Table.of("k INT", "k", "-2147483648", "-1", "0", "1", "7", "2147483647"),
            Table.of("k TINYINT UNSIGNED", "k", "0", "1", "127", "128", "255"),
            Table.of("k BIGINT", "k", "-9223372036854775808", "-1", "0", "9223372036854775807"),
            Table.of(
                "k BIGINT UNSIGNED",
                "k",
                "0",
                "1",
                "9223372036854775807",
                "9223372036854775808",
                "9223372036854775809",
                "18446744073709551614",
                "18446744073709551615"),
            Table.of("k INT(6) UNSIGNED ZEROFILL", "k", "0", "42", "1000000"),
            Table.of(
                "k DECIMAL(65,30)",
                "k",
                "-1.5",
                "0",
                "0.000000000000000000000000000001",
                "0.000000000000000000000000000002",
                "99999999999999999999999999999999999.999999999999999999999999999999"),
            Table.of("k DECIMAL(5,2)", "k", "-999.99", "-0.01", "0", "0.01", "10", "999.99"),
            Table.of(
                "k VARCHAR(50) COLLATE utf8mb4_unicode_ci",
                "k",
                "''",
                "'a'",
                "'B'",
                "'c d'",
                "'Éa'",
                "'ß'",
                "'中文'",
                "'😀'",
                "'it''s \"q\" \\\\ % _'",
                "'z?'"),
            Table.of(
                "k VARCHAR(50) COLLATE utf8mb4_bin",
                "k",
                "'a'",
                "'A'",
                "'á'",
                "'a b'",
                "'😀'",
                "'😁'",
                "'\\n'",
                "'\\0'"),
            Table.of(
                "k VARCHAR(20) CHARACTER SET latin1 COLLATE latin1_swedish_ci",
                "k",
                "'a'",
                "'b'",
                "'ä'",
                "'ö'",
                "'€'",
                "_latin1 X'81'",
                "_latin1 X'ff'"),
            Table.of(
                "k VARCHAR(20) CHARACTER SET latin1 COLLATE latin1_german2_ci",
                "k",
                "'Muffler'",
                "'Mueller'",
                "'Mtz'",
                "'Mxy'"),
            Table.of("k CHAR(5) CHARACTER SET ascii", "k", "'a'", "'ab '", "'b'", "'B1'"),
            Table.of("k VARCHAR(20) CHARACTER SET utf16", "k", "'a'", "'é'", "'😀'", "'中'"),
            Table.of("k VARCHAR(20) CHARACTER SET cp1251", "k", "'а'", "'б'", "'я'", "'z'"),
            Table.of("k DATE", "k", "'1000-01-01'", "'2024-02-29'", "'9999-12-31'"),
            Table.of(
                "k DATETIME(6)",
                "k",
                "'2024-01-01 00:00:00.000000'",
                "'2024-01-01 00:00:00.000001'",
                "'2024-01-01 00:00:00.999999'",
                "'9999-12-31 23:59:59.999999'"),
            Table.of("k DATETIME", "k", "'2024-01-01'", "'2024-01-01 00:00:01'", "'1970-01-01'"),
            Table.of(
                "k TIME(3)", "k", "'-838:59:59.000'", "'-0:00:00.001'", "'0'", "'838:59:59.000'"),
            Table.of("k YEAR", "k", "1901", "2000", "2155", "0"),
            Table.of(
                "k TIMESTAMP(6) NULL",
                "k",
                "'1970-01-02 00:00:01.000001'",
                "'2037-01-01 12:00:00.5'",
                "'2024-10-27 02:30:00'"),
            Table.of(
                "k BINARY(4)",
                "k",
                "X'00000000'",
                "X'00000001'",
                "X'7fffffff'",
                "X'ffffffff'",
                "'ab'"),
            Table.of("k VARBINARY(9)", "k", "X''", "X'00'", "X'0000'", "X'ff'", "X'ff00'", "'a '"),
            Table.of(
                "a INT, b INT", "a, b", "-1,5", "1,1", "1,2", "1,3", "2,1", "2,2", "3,0", "3,9"),
            Table.of(
                "a VARCHAR(9) COLLATE utf8mb4_general_ci, b BIGINT UNSIGNED, c DATE",
                "a, b, c",
                "'x',1,'2024-01-01'",
                "'x',1,'2024-01-02'",
                "'X',2,'2024-01-01'",
                "'x',18446744073709551615,'2024-01-01'",
                "'y',0,'2024-01-01'",
                "'Y',0,'2025-01-01'",
                "'',7,'2024-01-01'"),
            Table.of(
                "a INT, b INT, c INT, d INT",
                "a, b, c, d",
                "1,1,1,1",
                "1,1,1,2",
                "1,1,2,1",
                "1,2,1,1",
                "2,1,1,1",
                "2,1,1,2",
                "2,2,2,2"),
            Table.of("`we``ird key` INT", "`we``ird key`", "1", "2", "3"));
    Stream<Table> own =
        database.mariaDb()
            ? Stream.of(
                Table.of(
                    "k UUID",
                    "k",
                    "'00000000-0000-0000-0000-000000000000'",
                    "'123e4567-e89b-12d3-a456-426655440000'",
                    "'123e4567-e89b-12d3-b456-426655440001'",
                    "'f23e4567-e89b-42d3-a456-426655440000'",
                    "'ffffffff-ffff-ffff-ffff-ffffffffffff'"),
                Table.of("k INET6", "k", "'::'", "'::1'", "'fe80::1'", "'::ffff:1.2.3.4'"),
                Table.of("k INET4", "k", "'0.0.0.0'", "'9.1.1.1'", "'10.0.0.1'"))
            : Stream.of(
                Table.of(
                    "k VARCHAR(50) COLLATE utf8mb4_0900_ai_ci",
                    "k",
                    "''",
                    "'a'",
                    "'a '",
                    "'B'",
                    "'ß'",
                    "'😀'"),
                Table.of(
                    "k VARCHAR(50) COLLATE utf8mb4_0900_as_cs", "k", "'a'", "'A'", "'á'", "'b'"));
    return Stream.concat(both, own);
  }

  private static void fill(Table table, String keyed) {
    String notNull =
        Arrays.stream(table.columns().split(", "))
            .map(column -> column.replace(" NULL", "") + " NOT NULL")
            .collect(Collectors.joining(", "));
    database.run(
        "SET SESSION sql_mode = CONCAT(@@sql_mode, ',NO_AUTO_VALUE_ON_ZERO')",
        "DROP TABLE IF EXISTS `Some Table`",
        "CREATE TABLE `Some Table` ("
            + notNull
            + ", n INT NOT NULL DEFAULT 0, "
            + keyed
            + " ("
            + table.key()
            + "))");
    for (String value : table.values()) {
      database.run("INSERT INTO `Some Table` (" + table.key() + ") VALUES (" + value + ")");
    }
  }

  @ParameterizedTest
  @MethodSource("keys")
  void every_row_is_visited_exactly_once(Table table) throws SQLException {
    for (String keyed : List.of("PRIMARY KEY", "UNIQUE KEY `the key`")) {
      for (int rows : new int[] {1, 2, 7}) {
        fill(table, keyed);
        Walk.Result result =
            Walk.run(database, rows, Walk.parameters("UPDATE `Some Table` SET n = n + 1"));
        assertEquals(
            table.values().size() + "|1|1",
            database.value("SELECT COUNT(*), MIN(n), MAX(n) FROM `Some Table`"),
            table + " in chunks of " + rows + ": " + result);
        assertEquals(table.values().size(), result.changed());
        assertEquals(table.values().size(), result.scanned());
        assertEquals(
            result.extent().orElseThrow().end(),
            result.chunks().get(result.chunks().size() - 1).upTo());
        assertEquals(
            (table.values().size() + rows - 1) / rows, result.chunks().size(), result.toString());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("keys")
  void every_row_is_in_one_part_of_a_range_that_is_cut(Table table) throws SQLException {
    for (int parts : new int[] {2, 3, 16}) {
      fill(table, "PRIMARY KEY");
      Walk.Result result =
          Walk.run(database, 2, parts, Walk.parameters("UPDATE `Some Table` SET n = n + 1"));
      assertEquals(
          table.values().size() + "|1|1",
          database.value("SELECT COUNT(*), MIN(n), MAX(n) FROM `Some Table`"),
          table + " in " + parts + " parts: " + result);
      assertTrue(result.parts() > 1 && result.parts() <= parts, result::toString);
    }
  }

  @Test
  void an_empty_table_is_proven_empty() throws SQLException {
    database.run("CREATE TABLE nothing (id INT PRIMARY KEY, n INT)");
    Walk.Result result = Walk.run(database, 10, Walk.parameters("DELETE FROM nothing"));
    assertEquals(true, result.extent().isEmpty());
  }
}
