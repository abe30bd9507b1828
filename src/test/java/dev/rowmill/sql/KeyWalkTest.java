package dev.rowmill.sql;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rowmill.sql.run.Walk;
import dev.rowmill.testing.BesideOthers;
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

@BesideOthers
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
            Table.of("`we``ird key` INT", "`we``ird key`", "1", "2", "3"),
            // Bytes that are no Unicode character.
            Table.of(
                "k VARCHAR(20) CHARACTER SET hebrew",
                "k",
                "_hebrew X''",
                "_hebrew X'E0'",
                "_hebrew X'FB'",
                "_hebrew X'FC'",
                "_hebrew X'E0FFFC'",
                "_hebrew X'61'"),
            Table.of(
                "k CHAR(20) CHARACTER SET greek",
                "k",
                "_greek X'FF'",
                "_greek X'D2'",
                "'a'",
                "'b'"),
            Table.of(
                "k VARCHAR(9) CHARACTER SET tis620", "k", "_tis620 X'DB'", "_tis620 X'FC'", "'x'"),
            Table.of(
                "k VARCHAR(9) CHARACTER SET swe7",
                "k",
                "_swe7 X'C0'",
                "_swe7 X'FF'",
                "_swe7 X'5B'"),
            Table.of(
                "k VARCHAR(9) CHARACTER SET geostd8",
                "k",
                "_geostd8 X'81'",
                "_geostd8 X'8D'",
                "'a'"),
            Table.of(
                "k VARCHAR(9) CHARACTER SET cp1256 COLLATE cp1256_bin",
                "k",
                "_cp1256 X'81'",
                "'a'"),
            // Two codes for one Unicode character, and an invalid one.
            Table.of(
                "k VARCHAR(20) CHARACTER SET cp932",
                "k",
                "_cp932 X'8790'",
                "_cp932 X'81E0'",
                "_cp932 X'ED40'",
                "_cp932 X'955C'",
                "'a'"),
            Table.of(
                "k VARCHAR(20) CHARACTER SET sjis COLLATE sjis_bin",
                "k",
                "_sjis X'815F'",
                "_sjis X'EFFC'",
                "_sjis X'955C'",
                "_sjis X'5C'"),
            Table.of(
                "k VARCHAR(9) CHARACTER SET big5", "k", "_big5 X'A1FE'", "_big5 X'A2CC'", "'a'"),
            Table.of("k VARCHAR(9) CHARACTER SET gbk", "k", "_gbk X'A2A1'", "_gbk X'FEFE'", "'a'"),
            Table.of(
                "k VARCHAR(9) CHARACTER SET euckr", "k", "_euckr X'FEFE'", "_euckr X'B0A1'", "'a'"),
            Table.of(
                "k VARCHAR(9) CHARACTER SET ujis", "k", "_ujis X'FEFE'", "_ujis X'8FB0A1'", "'a'"),
            Table.of(
                "k VARCHAR(9) CHARACTER SET gb2312", "k", "_gb2312 X'F7FE'", "_gb2312 X'B0A1'"),
            Table.of(
                "k VARCHAR(9) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin", "k", "'\uFFFD'", "'a'"),
            // Searched one by one, in the order of their numbers.
            Table.of("k ENUM('z','1','','b,''c')", "k", "'z'", "'1'", "''", "4"),
            Table.of("k SET('z','y','x')", "k", "0", "1", "2", "3", "5", "7"),
            Table.of(
                "k ENUM('3','2','1'), b INT",
                "k, b",
                "'3',1",
                "'3',2",
                "'1',-5",
                "'1',0",
                "'2',0",
                "'2',7"),
            Table.of(
                "a INT, k ENUM('y','x'), s SET('p','q')",
                "a, k, s",
                "1,'y',0",
                "1,'x',1",
                "1,'x',3",
                "2,'y',2",
                "2,'y',3"),
            // All rows begin with the same value.
            Table.of("a INT, b BIGINT", "a, b", "5,1", "5,2", "5,90", "5,1000"),
            Table.of(
                "a VARCHAR(9), k BINARY(2), b INT",
                "a, k, b",
                "'x',X'0000',1",
                "'x',X'4000',7",
                "'x',X'4000',8",
                "'x',X'FFFF',1"),
            Table.of("k BIT(64)", "k", "0", "1", "9223372036854775808", "18446744073709551615"),
            Table.of("k BIT(3), b INT", "k, b", "1,1", "1,2", "7,0", "7,1"),
            Table.of(
                "k DOUBLE",
                "k",
                "-1.7976931348623157e308",
                "-0e0",
                "4.9e-324",
                "0.1e0",
                "0.30000000000000004e0",
                "0.3e0",
                "1.7976931348623157e308"),
            Table.of(
                "k FLOAT", "k", "-3.40282e38", "0.1", "0.333333343", "16777216", "1.17549e-38"),
            Table.of("k DOUBLE(10,2), b INT", "k, b", "-0.01,1", "-0.01,2", "0.1,1", "12345.67,1"),
            // MySQL confuses the types of values that change from bytes to text.
            Table.of(
                "k VARCHAR(9) CHARACTER SET hp8 COLLATE hp8_bin, b INT",
                "k DESC, b",
                "_hp8 X'FFFE',1",
                "_hp8 X'FFFE',2",
                "_hp8 X'075F',1",
                "_hp8 X'0186',1",
                "_hp8 X'000D',1",
                "_hp8 X'0003',1"),
            Table.of(
                "k VARCHAR(9) CHARACTER SET latin1 COLLATE latin1_bin, b INT",
                "k, b",
                "'a',1",
                "'a',2",
                "_latin1 X'61E9',1",
                "_latin1 X'61E9',2",
                "'b',1",
                "_latin1 X'E9',1",
                "_latin1 X'E9',2"));
    both = Stream.concat(both, opposed());
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
                Table.of("k INET4", "k", "'0.0.0.0'", "'9.1.1.1'", "'10.0.0.1'"),
                // Halves of surrogate pairs.
                Table.of(
                    "k VARCHAR(9) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
                    "k",
                    "CONVERT(X'EDA080' USING utf8mb4)",
                    "CONVERT(X'EDA081' USING utf8mb4)",
                    "'\uFFFD'",
                    "'a'"),
                Table.of(
                    "k VARCHAR(9) CHARACTER SET utf32 COLLATE utf32_bin",
                    "k",
                    "CONVERT(X'0000D800' USING utf32)",
                    "CONVERT(X'0000D801' USING utf32)",
                    "'a'"),
                Table.of(
                    "k VARCHAR(9) CHARACTER SET ascii", "k", "CONVERT(X'FF' USING ascii)", "'a'"),
                Table.of(
                    "k VARCHAR(9) CHARACTER SET latin1 COLLATE latin1_nopad_bin",
                    "k",
                    "'a'",
                    "'a '",
                    "'a  '",
                    "''",
                    "' '"))
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
                    "k VARCHAR(50) COLLATE utf8mb4_0900_as_cs", "k", "'a'", "'A'", "'á'", "'b'"),
                Table.of(
                    "k VARCHAR(9) CHARACTER SET gb18030",
                    "k",
                    "_gb18030 X'81308130'",
                    "_gb18030 X'FE39FE39'",
                    "'a'"),
                Table.of(
                    "k VARCHAR(9) CHARACTER SET ucs2 COLLATE ucs2_bin",
                    "k",
                    "_ucs2 X'D800'",
                    "_ucs2 X'D801'",
                    "'a'"));
    return Stream.concat(both, own);
  }

  /** Generates keys whose columns have different directions. */
  private static Stream<Table> opposed() {
    String[] pairs = {"-1,5", "1,1", "1,2", "1,3", "2,1", "2,2", "3,0", "3,9"};
    String[] triples = {
      "1,'a',1", "1,'a',2", "1,'b',1", "1,'b',2", "2,'a',1", "2,'a',2", "2,'b',0", "3,'c',7"
    };
    return Stream.of(
        Table.of("a INT", "a DESC", "1", "2", "3", "4"),
        Table.of("a INT, b INT", "a, b DESC", pairs),
        Table.of("a INT, b INT", "a DESC, b", pairs),
        Table.of("a INT, b INT", "a DESC, b DESC", pairs),
        Table.of("a INT, b VARCHAR(9), c INT", "a, b DESC, c", triples),
        Table.of("a INT, b VARCHAR(9), c INT", "a DESC, b, c DESC", triples),
        Table.of("a INT, b VARCHAR(9), c INT", "a, b, c DESC", triples),
        Table.of("a INT, b ENUM('c','b','a'), c INT", "a, b DESC, c", triples),
        Table.of("a ENUM('3','2','1'), b VARCHAR(9), c INT", "a DESC, b, c DESC", triples));
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
      String key = table.key().replace(" DESC", "");
      database.run("INSERT INTO `Some Table` (" + key + ") VALUES (" + value + ")");
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
  void every_row_is_in_one_part_of_a_divided_range(Table table) throws SQLException {
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

  /** In Danish, aa is sorted as å, the last letter, so estimates around it are not in order. */
  @Test
  void parts_are_in_order_where_estimates_are_not() throws SQLException {
    Table table =
        Table.of(
            "k VARCHAR(9) COLLATE utf8mb4_danish_ci",
            "k",
            "'a2'",
            "'a9'",
            "'ab'",
            "'b'",
            "'m'",
            "'z'",
            "'åa'",
            "'åz'");
    fill(table, "PRIMARY KEY");
    Walk.Result result =
        Walk.run(database, 2, 2000, Walk.parameters("UPDATE `Some Table` SET n = n + 1"));
    assertEquals(
        "8|1|1",
        database.value("SELECT COUNT(*), MIN(n), MAX(n) FROM `Some Table`"),
        () -> "" + result);
    assertTrue(result.parts() > 3, result::toString);
  }

  @Test
  void an_empty_table_is_proven_empty() throws SQLException {
    database.run("CREATE TABLE nothing (id INT PRIMARY KEY, n INT)");
    Walk.Result result = Walk.run(database, 10, Walk.parameters("DELETE FROM nothing"));
    assertEquals(true, result.extent().isEmpty());
  }
}
