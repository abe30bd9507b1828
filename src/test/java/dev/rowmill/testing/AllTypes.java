package dev.rowmill.testing;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Builds the columns of {@link AllTypesTable} for a server's family and version. */
final class AllTypes {

  /**
   * Represents a column with its values.
   *
   * @param change expression that changes most of the values; null to leave them unchanged
   * @param text expression that shows each value exactly
   */
  private record Column(
      String name, String type, @Nullable String change, String text, List<String> values) {}

  /** Limits the number of different rows; each column cycles through its own values. */
  static final int DIFFERENT_ROWS = 60;

  private static final String EVERY_BYTE =
      "x'"
          + IntStream.range(0, 256).mapToObj("%02X"::formatted).collect(Collectors.joining())
          + "'";

  private final boolean mariaDb;
  private final int version;
  private final List<Column> columns = new ArrayList<>();

  private AllTypes(boolean mariaDb, int version) {
    this.mariaDb = mariaDb;
    this.version = version;
    numbers();
    times();
    strings();
    binaries();
    others();
    special();
  }

  /**
   * Returns the columns for a server.
   *
   * @param version version as the server reports it
   */
  static AllTypes of(String version) {
    String[] parts = version.split("[.-]");
    return new AllTypes(
        version.contains("MariaDB"), Integer.parseInt(parts[0]) * 100 + Integer.parseInt(parts[1]));
  }

  private void numbers() {
    plain("c_tiny", "TINYINT", "-1 - c_tiny", "-128", "127", "0", "NULL");
    plain("c_tiny_u", "TINYINT UNSIGNED", "255 - c_tiny_u", "0", "255", "NULL");
    plain("c_bool", "BOOLEAN", "NOT c_bool", "TRUE", "FALSE", "NULL");
    plain("c_small", "SMALLINT", "-1 - c_small", "-32768", "32767", "NULL");
    plain("c_small_u", "SMALLINT UNSIGNED", "65535 - c_small_u", "0", "65535", "NULL");
    plain("c_medium", "MEDIUMINT", "-1 - c_medium", "-8388608", "8388607", "NULL");
    plain("c_medium_u", "MEDIUMINT UNSIGNED", "16777215 - c_medium_u", "0", "16777215", "NULL");
    plain("c_int", "INT", "-1 - c_int", "-2147483648", "2147483647", "NULL", "42");
    plain("c_int_u", "INT UNSIGNED", "4294967295 - c_int_u", "0", "4294967295", "NULL");
    plain("c_zerofill", "INT(7) ZEROFILL", "c_zerofill + 1", "0", "42", "99999999", "NULL");
    plain("c_big", "BIGINT", "-1 - c_big", "-9223372036854775808", "9223372036854775807", "NULL");
    plain(
        "c_big_u",
        "BIGINT UNSIGNED",
        "18446744073709551615 - c_big_u",
        "18446744073709551615",
        "9223372036854775808",
        "0",
        "NULL");
    plain(
        "c_big_zerofill",
        "BIGINT(20) UNSIGNED ZEROFILL",
        "18446744073709551615 - c_big_zerofill",
        "18446744073709551615",
        "7",
        "NULL");
    plain(
        "c_decimal",
        "DECIMAL(65,30)",
        "-c_decimal",
        "99999999999999999999999999999999999.999999999999999999999999999999",
        "-0.000000000000000000000000000001",
        "0.1",
        "NULL");
    plain("c_price", "DECIMAL(10,2)", "c_price * 1.05 + 1", "99.99", "-1.10", "0.00", "NULL");
    plain("c_decimal_u", "DECIMAL(12,0) UNSIGNED", "c_decimal_u + 1", "0", "99999999999", "NULL");
    plain(
        "c_float",
        "FLOAT",
        "-c_float",
        "0.1",
        "3.40282e38",
        "1.17549e-38",
        "16777216",
        "0.333333343",
        "-0e0",
        "NULL");
    plain(
        "c_double",
        "DOUBLE",
        "-c_double / 3",
        "0.1e0",
        "1e-300",
        "1.7976931348623157e308",
        "2.2250738585072014e-308",
        "0.30000000000000004e0",
        "123456789.12345679e0",
        "-0e0",
        "NULL");
    numeric("c_bit", "BIT(1)", "c_bit ^ 1", "b'0'", "b'1'", "NULL");
    numeric("c_bits", "BIT(17)", "c_bits ^ 5", "b'10000000000000001'", "b'0'", "NULL");
    numeric(
        "c_bit64", "BIT(64)", "~c_bit64", "18446744073709551615", "9223372036854775809", "NULL");
  }

  private void times() {
    swapped("c_date", "DATE", "'2024-02-29'", "'0000-00-00'", "'2024-00-00'", "'9999-12-31'");
    swapped("c_time", "TIME", "'-100:00:00'", "'-838:59:59'", "'838:59:59'", "'00:00:00'");
    swapped(
        "c_time6", "TIME(6)", "'-00:00:00.5'", "'-12:34:56.789012'", "'25:00:00.000001'", "'0:0'");
    swapped(
        "c_datetime",
        "DATETIME",
        "'2024-02-29 12:00:00'",
        "'0000-00-00 00:00:00'",
        "'1000-01-01 00:00:00'");
    swapped(
        "c_datetime6",
        "DATETIME(6)",
        "'2024-02-29 12:00:00.123456'",
        "'9999-12-31 23:59:59.999999'",
        "'2025-10-26 02:30:00.000001'",
        "'0000-00-00 00:00:00'");
    // At the end of summer time in Central Europe, both are 02:30 local time.
    swapped(
        "c_timestamp6",
        "TIMESTAMP(6) NULL",
        "'2024-02-29 12:00:00.123456'",
        "'2025-10-26 00:30:00.500000'",
        "'2025-10-26 01:30:00.500000'",
        "'1970-01-01 00:00:01'",
        "'2038-01-19 03:14:07.999999'",
        "'0000-00-00 00:00:00'");
    swapped("c_timestamp", "TIMESTAMP NULL", "'2001-01-01 00:00:00'", "'2025-10-26 01:30:00'");
    swapped("c_year", "YEAR", "2024", "1901", "2155", "0", "2000");
  }

  private void strings() {
    reversed("c_char", "CHAR(12) CHARACTER SET utf8mb4", "'é '", "''", "'😀 a'", "'  x'");
    reversed(
        "c_varchar",
        "VARCHAR(50) CHARACTER SET utf8mb4",
        "'a  '",
        "''",
        "'😀👍🏽 \\' \\\\ \\0 \\n'",
        "'NULL'",
        "'{\"a\":1}'");
    reversed(
        "c_varchar_bin", "VARCHAR(50) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin", "'Aa  '", "' '");
    reversed("c_utf8mb3", "VARCHAR(20) CHARACTER SET utf8mb3", "'é\\t'", "''", "'表示'");
    reversed("c_latin1", "VARCHAR(20) CHARACTER SET latin1", "_latin1 x'80818D8F90A0FF'", "''");
    reversed("c_latin1_bin", "CHAR(9) CHARACTER SET latin1 COLLATE latin1_bin", "'a '", "'éa'");
    reversed("c_ascii", "VARCHAR(20) CHARACTER SET ascii", "x'7F001B'", "'a '");
    // These characters have a backslash or a quote as their second byte.
    reversed("c_sjis", "VARCHAR(20) CHARACTER SET sjis", "_sjis x'955C8EA68365835C'", "''");
    reversed("c_big5", "VARCHAR(20) CHARACTER SET big5", "_big5 x'A55CB35C'", "'a '");
    reversed("c_gbk", "VARCHAR(20) CHARACTER SET gbk", "_gbk x'D55C815C'", "''");
    // Two codes for one character: conversion to Unicode and back yields a different code.
    reversed("c_cp932", "VARCHAR(20) CHARACTER SET cp932", "_cp932 x'879081E0'", "_cp932 x'ED40'");
    reversed("c_ujis", "VARCHAR(20) CHARACTER SET ujis", "_ujis x'C9BD8FB0A1'", "''");
    reversed("c_euckr", "VARCHAR(20) CHARACTER SET euckr", "_euckr x'B0A1B0A2'", "''");
    reversed("c_utf16", "VARCHAR(20) CHARACTER SET utf16", "_utf16 x'D83DDE000041'", "'a '", "''");
    reversed("c_utf32", "VARCHAR(20) CHARACTER SET utf32", "_utf32 x'0001F60000000041'", "''");
    reversed("c_ucs2", "VARCHAR(20) CHARACTER SET ucs2", "_ucs2 x'00410000'", "''");
    reversed("c_cp1251", "VARCHAR(20) CHARACTER SET cp1251", "'Жя'", "''");
    reversed("c_tinytext", "TINYTEXT CHARACTER SET utf8mb4", "'ß  '", "''");
    reversed("c_text", "TEXT CHARACTER SET utf8mb4", "REPEAT('long é 😀 ', 150)", "''", "' '");
    reversed("c_mediumtext", "MEDIUMTEXT CHARACTER SET latin1", "'mé'", "''");
    reversed("c_longtext", "LONGTEXT CHARACTER SET utf16", "'l 😀'", "''");
  }

  private void binaries() {
    reversed("c_binary", "BINARY(5)", "x'0001'", "x''", "x'20FF20'", "'a  '");
    reversed("c_varbinary", "VARBINARY(40)", "x'00'", "x''", "x'FF00FE'", "'a  '", "x'5C27220A1A'");
    reversed("c_char_binary", "VARCHAR(9) CHARACTER SET binary", "x'C341'", "x'0000'", "x''");
    reversed("c_tinyblob", "TINYBLOB", "x'000102'", "x''");
    reversed("c_blob", "BLOB", EVERY_BYTE, "x''", "REPEAT(x'00FF27', 501)", "x'F0'");
    reversed("c_mediumblob", "MEDIUMBLOB", "CONCAT(" + EVERY_BYTE + ", x'FF')", "x''");
    reversed("c_longblob", "LONGBLOB", "x'EFBBBF00'", "x''");
  }

  private void others() {
    // The last value, with index 0, is what a server in non-strict mode stores for invalid values.
    numeric(
        "c_enum",
        "ENUM('a','b','ü','') CHARACTER SET utf8mb4",
        "CASE WHEN c_enum = 'ü' THEN 'a' ELSE 'ü' END",
        "'a'",
        "'ü'",
        "''",
        "NULL",
        "0");
    numeric(
        "c_set",
        "SET('a','b','ü') CHARACTER SET utf8mb4",
        "CASE WHEN c_set = '' THEN 'a,ü' ELSE '' END",
        "''",
        "'a,ü'",
        "'b'",
        "NULL");
    plain(
        "c_json",
        "JSON",
        "JSON_ARRAY(c_json)",
        "'{\"a\": [1, 2.5, {\"b\": null}], \"ü\": \"😀\"}'",
        "'[]'",
        "'12345678901234567890'",
        "'-1.5e300'",
        "'\"\\\\u0000 \\\\\\\\ \\\\\" /\"'",
        "'null'",
        "NULL",
        "'[0.1, 1.0, 1, true]'");
    geometry("c_geometry", "GEOMETRY", "'POINT(1 2)', 4326", "'LINESTRING(0 0,1 1.1)', 0");
    geometry("c_point", "POINT", "'POINT(0.1 -2)', 4326", "'POINT(0.1 -2)', 0");
    geometry("c_line", "LINESTRING", "'LINESTRING(0 0,1 1,2 0.3)', 0");
    geometry(
        "c_polygon", "POLYGON", "'POLYGON((0 0,10 0,10 10,0 10,0 0),(1 1,2 1,2 2,1 2,1 1))', 0");
    geometry("c_points", "MULTIPOINT", "'MULTIPOINT(1 1,2 2)', 0");
    geometry("c_lines", "MULTILINESTRING", "'MULTILINESTRING((0 0,1 1),(2 2,3 3))', 0");
    geometry("c_polygons", "MULTIPOLYGON", "'MULTIPOLYGON(((0 0,1 0,1 1,0 0)))', 0");
    geometry(
        "c_collection", "GEOMETRYCOLLECTION", "'GEOMETRYCOLLECTION(POINT(1 1),POINT(2 2))', 0");
    if (mariaDb) {
      swapped("c_uuid", "UUID", "'12345678-1234-1234-8234-123456789abc'", "UUID()", "REPEAT(0,32)");
      swapped("c_inet6", "INET6", "'::1'", "'2001:db8::ff00:42:8329'", "'::ffff:1.2.3.4'");
      if (version >= 1010) {
        swapped("c_inet4", "INET4", "'1.2.3.4'", "'0.0.0.0'", "'255.255.255.255'");
      }
      if (version >= 1107) {
        vector("VEC_FromText");
      }
    } else {
      geometry("c_srid", "POINT SRID 4326", "'POINT(1 2)', 4326", "'POINT(-89.5 179)', 4326");
      reversed("c_gb18030", "VARCHAR(20) CHARACTER SET gb18030", "_gb18030 x'8130813041'", "''");
      if (version >= 900) {
        vector("STRING_TO_VECTOR");
      }
    }
  }

  private void vector(String fromText) {
    bytes(
        "c_vector",
        "VECTOR(3)",
        "CASE WHEN c_vector IS NULL THEN " + fromText + "('[1,2,3]') END",
        fromText + "('[0.1,-0.0,3e10]')",
        "NULL",
        fromText + "('[0,1.5,-1]')");
  }

  private void special() {
    plain("c_hidden", "INT NULL INVISIBLE", "c_hidden + 1", "5", "NULL");
    plain(
        "c_default",
        "VARCHAR(40) NOT NULL DEFAULT (CONCAT('made ', 'here'))",
        "CONCAT('changed ', n)",
        "'made before'",
        "DEFAULT");
    plain(
        "c_touched",
        "TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6)",
        null,
        "'2020-01-02 03:04:05.678901'",
        "'2025-10-26 00:45:00.000001'",
        "'2025-10-26 01:45:00.000001'");
    plain(
        "c_seen",
        "DATETIME(6) NULL ON UPDATE CURRENT_TIMESTAMP(6)",
        null,
        "NULL",
        "'2020-01-02 03:04:05.678901'");
    plain("c_untouched", "VARCHAR(20) CHARACTER SET sjis", null, "'same'", "NULL");
  }

  private void plain(String name, String type, @Nullable String change, String... values) {
    columns.add(new Column(name, type, change, "CAST(" + name + " AS CHAR)", List.of(values)));
  }

  private void numeric(String name, String type, String change, String... values) {
    columns.add(new Column(name, type, change, "CAST(" + name + " + 0 AS CHAR)", List.of(values)));
  }

  /** Adds a column whose change replaces NULL with a value, and every other value with NULL. */
  private void swapped(String name, String type, String value, String... others) {
    List<String> values = new ArrayList<>(List.of(others));
    values.add("NULL");
    plain(name, type, whereNull(name, value), values.toArray(String[]::new));
  }

  private void geometry(String name, String type, String... others) {
    List<String> values = new ArrayList<>();
    for (String other : others) {
      values.add("ST_GeomFromText(" + other + ")");
    }
    values.add("NULL");
    bytes(name, type, whereNull(name, values.get(0)), values.toArray(String[]::new));
  }

  private static String whereNull(String name, String value) {
    return "CASE WHEN " + name + " IS NULL THEN " + value + " END";
  }

  private void reversed(String name, String type, String... others) {
    List<String> values = new ArrayList<>(List.of(others));
    values.add("NULL");
    bytes(name, type, "REVERSE(" + name + ")", values.toArray(String[]::new));
  }

  private void bytes(String name, String type, String change, String... values) {
    columns.add(new Column(name, type, change, "HEX(" + name + ")", List.of(values)));
  }

  /** Returns the column definitions for CREATE TABLE. */
  String definitions(boolean generated) {
    String all =
        columns.stream().map(it -> it.name + " " + it.type).collect(Collectors.joining(", "));
    return generated
        ? all
            + ", g_stored BIGINT GENERATED ALWAYS AS (c_int * 2) STORED"
            + ", g_virtual BIGINT GENERATED ALWAYS AS (c_small * 3) VIRTUAL"
        : all;
  }

  /** Returns the names of the writable columns, separated by commas. */
  String names() {
    return columns.stream().map(Column::name).collect(Collectors.joining(", "));
  }

  /** Returns the names of all columns, including the generated ones. */
  List<String> all() {
    return List.copyOf(texts().keySet());
  }

  /** Returns the constants of one of the different rows. */
  String values(int row) {
    return columns.stream()
        .map(it -> it.values.get(row % it.values.size()))
        .collect(Collectors.joining(", "));
  }

  /** Returns the assignments for UPDATE. */
  String changes() {
    return columns.stream()
        .filter(it -> it.change != null)
        .map(it -> it.name + " = " + it.change)
        .collect(Collectors.joining(", "));
  }

  /** Returns a condition that excludes rows with zero dates or an invalid ENUM value. */
  String strict() {
    return Stream.of("c_date", "c_datetime", "c_datetime6", "c_timestamp6")
            .map(it -> "COALESCE(MONTH(" + it + "), 1) > 0 AND ")
            .collect(Collectors.joining())
        + "COALESCE(c_enum + 0, 1) > 0";
  }

  /** Returns an expression with an exact text for each column. */
  Map<String, String> texts() {
    Map<String, String> texts = new LinkedHashMap<>();
    columns.forEach(it -> texts.put(it.name, it.text));
    texts.put("g_stored", "g_stored");
    texts.put("g_virtual", "g_virtual");
    return texts;
  }
}
