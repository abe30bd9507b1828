package dev.rowmill.archive;

import dev.rowmill.sql.table.TableDefinition.Column;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/** Compares the columns of two tables. Stateless. */
final class ColumnFit {

  private static final List<String> INTEGERS =
      List.of("tinyint", "smallint", "mediumint", "int", "bigint");

  private static final List<String> TEXTS = List.of("tinytext", "text", "mediumtext", "longtext");

  private static final List<String> BLOBS = List.of("tinyblob", "blob", "mediumblob", "longblob");

  private static final Set<String> TIMES = Set.of("time", "datetime", "timestamp");

  private ColumnFit() {}

  /** Returns whether a column stores every value of another one unchanged. */
  static boolean fits(Column from, Column to) {
    if ((from.nullable() && !to.nullable()) || !Objects.equals(from.charset(), to.charset())) {
      return false;
    }
    for (List<String> family : List.of(INTEGERS, TEXTS, BLOBS)) {
      int narrow = family.indexOf(from.type());
      if (narrow >= 0) {
        return narrow <= family.indexOf(to.type()) && isUnsigned(from) == isUnsigned(to);
      }
    }
    if (!from.type().equals(to.type())) {
      return false;
    }
    if (TIMES.contains(from.type())) {
      return from.fraction() <= to.fraction();
    }
    return switch (from.type()) {
      case "decimal" ->
          from.scale() <= to.scale()
              && from.precision() - from.scale() <= to.precision() - to.scale()
              && (isUnsigned(from) || !isUnsigned(to));
      case "char", "varchar", "varbinary" -> length(from) <= length(to);
      default -> from.fullType().equals(to.fullType());
    };
  }

  private static boolean isUnsigned(Column column) {
    return column.fullType().contains("unsigned") || column.fullType().contains("zerofill");
  }

  private static int length(Column column) {
    return Integer.parseInt(column.fullType().replaceAll("^[^(]*\\((\\d+)\\).*", "$1"));
  }

  /** Returns the type of a column as a message shows it. */
  static String described(Column column) {
    return column.fullType()
        + (column.charset() == null ? "" : " " + column.charset())
        + (column.nullable() ? "" : " NOT NULL");
  }
}
