package dev.rowmill.sql.plan;

import dev.rowmill.sql.parse.TableName;
import dev.rowmill.sql.table.TableDefinition.Column;
import java.math.BigDecimal;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Formats a column's value for callers: numbers as numbers, binary data in hexadecimal, and
 * everything else as the server's text. Long values are truncated.
 */
record DisplayColumn(Column column) {

  /** Limits the length of a value, in characters. */
  static final int LONGEST = 1000;

  private static final Set<String> NUMBERS =
      Set.of(
          "tinyint",
          "smallint",
          "mediumint",
          "int",
          "bigint",
          "decimal",
          "float",
          "double",
          "year",
          "bit");
  private static final Set<String> BINARY =
      Set.of(
          "binary",
          "varbinary",
          "tinyblob",
          "blob",
          "mediumblob",
          "longblob",
          "vector",
          "geometry",
          "point",
          "linestring",
          "polygon",
          "multipoint",
          "multilinestring",
          "multipolygon",
          "geomcollection",
          "geometrycollection");

  /**
   * Returns SQL for the value as text.
   *
   * @param qualifier table or alias
   */
  String selected(String qualifier) {
    String name = in(qualifier);
    if (column.type().equals("bit")) {
      return "CAST(" + name + " + 0 AS CHAR)";
    }
    if (NUMBERS.contains(column.type())) {
      return "CAST(" + name + " AS CHAR)";
    }
    // MySQL does not support LEFT of a VECTOR.
    String bytes = column.type().equals("vector") ? "CAST(" + name + " AS BINARY)" : name;
    return BINARY.contains(column.type())
        ? "HEX(LEFT(" + bytes + ", " + (LONGEST / 2 + 1) + "))"
        : "LEFT(CONVERT(CAST(" + name + " AS CHAR) USING utf8mb4), " + (LONGEST + 1) + ")";
  }

  /** Returns SQL for the approximate number of bytes of the value. */
  String bytes(String qualifier) {
    return "COALESCE(OCTET_LENGTH(" + in(qualifier) + "), 0)";
  }

  private String in(String qualifier) {
    return TableName.quoted(qualifier) + "." + TableName.quoted(column.name());
  }

  @Nullable Object shown(@Nullable String text) {
    if (text == null) {
      return null;
    }
    if (NUMBERS.contains(column.type())) {
      return new BigDecimal(text);
    }
    return text.codePointCount(0, text.length()) <= LONGEST
        ? text
        : text.substring(0, text.offsetByCodePoints(0, LONGEST)) + "…";
  }
}
