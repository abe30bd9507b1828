package dev.rowmill.sql.run;

import dev.rowmill.sql.parse.TableName;
import dev.rowmill.sql.run.ImageColumn.Form;
import dev.rowmill.sql.value.TypedJson;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Renders changed rows as SQL for the command-line clients of MariaDB and MySQL: statements that
 * undo the changes, or make them again. Each concerns one row, and an UPDATE only finds a row that
 * has the values that it expects. Stateless.
 */
public enum ChangeScript {
  /** Restores the old values. */
  UNDO,
  /** Writes the new values again. */
  REDO;

  /** Sets up a session for the statements. Values that a session would reject are written, too. */
  public static final String SESSION =
      """
      SET NAMES utf8mb4;
      SET time_zone = '+00:00', sql_mode = 'ALLOW_INVALID_DATES,NO_AUTO_VALUE_ON_ZERO,NO_BACKSLASH_ESCAPES';
      """;

  /** Lists the character sets whose text a script may contain as it is. */
  private static final Set<String> UTF8 = Set.of("utf8mb4", "utf8mb3", "utf8", "ascii");

  /** Returns the name in requests, in lower case. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * Appends the statement of a row. If a value that it needs is unknown, appends a comment instead.
   *
   * @return whether it appended a statement
   */
  public boolean append(StringBuilder script, ChangedRows rows, ChangedRows.Row row) {
    boolean needsNew = rows.change().hasAfter();
    if (needsNew && !row.unknown().isEmpty()) {
      script
          .append("-- left out: the row ")
          .append(condition(rows, row).replaceAll("\\R", " "))
          .append(" has changed since\n");
      return false;
    }
    String statement =
        switch (rows.change()) {
          case UPDATE ->
              this == UNDO
                  ? update(rows, row, row.after(), row.before())
                  : update(rows, row, row.before(), row.after());
          case DELETE -> this == UNDO ? insert(rows, row, row.before()) : delete(rows, row);
          case INSERT -> this == UNDO ? delete(rows, row) : insert(rows, row, row.after());
        };
    script.append(statement).append(";\n");
    return true;
  }

  private static String update(
      ChangedRows rows, ChangedRows.Row row, byte[] @Nullable [] from, byte[] @Nullable [] to) {
    List<ImageColumn> columns = rows.columns();
    String assignments =
        IntStream.range(0, columns.size())
            .mapToObj(i -> quoted(columns.get(i)) + " = " + written(columns.get(i), to[i]))
            .collect(Collectors.joining(", "));
    String expected =
        IntStream.range(0, columns.size())
            .mapToObj(i -> " AND " + same(columns.get(i), from[i]))
            .collect(Collectors.joining());
    return "UPDATE "
        + rows.table().quoted()
        + " SET "
        + assignments
        + " WHERE "
        + condition(rows, row)
        + expected;
  }

  private static String insert(ChangedRows rows, ChangedRows.Row row, byte[] @Nullable [] values) {
    List<ImageColumn> columns = new ArrayList<>(rows.keys());
    columns.addAll(rows.columns());
    List<String> literals = new ArrayList<>();
    for (int i = 0; i < rows.keys().size(); i++) {
      literals.add(written(rows.keys().get(i), row.key()[i]));
    }
    for (int i = 0; i < rows.columns().size(); i++) {
      literals.add(written(rows.columns().get(i), values[i]));
    }
    return "INSERT INTO "
        + rows.table().quoted()
        + " ("
        + ImageColumn.names(columns)
        + ") VALUES ("
        + String.join(", ", literals)
        + ")";
  }

  private static String delete(ChangedRows rows, ChangedRows.Row row) {
    return "DELETE FROM " + rows.table().quoted() + " WHERE " + condition(rows, row);
  }

  private static String condition(ChangedRows rows, ChangedRows.Row row) {
    return IntStream.range(0, rows.keys().size())
        .mapToObj(
            i -> {
              ImageColumn column = rows.keys().get(i);
              byte[] value = row.key()[i];
              String literal =
                  isReadable(column, value)
                      ? quoted(value) + " COLLATE " + column.collation()
                      : column.compared(cell(column, value));
              return quoted(column)
                  + " = "
                  + (column.form() == Form.INTEGER ? text(value) : literal);
            })
        .collect(Collectors.joining(" AND "));
  }

  /** Returns SQL for a value that is written. */
  private static String written(ImageColumn column, byte @Nullable [] value) {
    if (value == null) {
      return "NULL";
    } else if (isReadable(column, value)) {
      return quoted(value);
    }
    return switch (column.form()) {
      case INTEGER, UNSIGNED, DECIMAL -> text(value);
      case BYTES -> bytes(value);
      default -> {
        String sql = column.written(cell(column, value));
        yield column.isTyped(value) ? TypedJson.written(value, sql) : sql;
      }
    };
  }

  /** Returns a condition that is true if a column has exactly this value. */
  private static String same(ImageColumn column, byte @Nullable [] value) {
    String name = quoted(column);
    if (value == null) {
      return name + " IS NULL";
    }
    return switch (column.form()) {
      case INTEGER, DECIMAL -> name + " = " + text(value);
      case UNSIGNED -> "CAST(" + name + " AS UNSIGNED) = " + text(value);
      case REAL -> "CAST(" + name + " AS DOUBLE) = " + text(value);
      case PLAIN, INSTANT -> name + " = " + cell(column, value);
      case TEXT -> "CAST(" + name + " AS BINARY) = " + sameText(column, value);
      case BYTES -> "CAST(" + name + " AS BINARY) = " + bytes(value);
      case JSON, TYPED_JSON ->
          "CONVERT(CAST(" + name + " AS CHAR) USING binary) = " + bytes(column.bytes(value));
    };
  }

  private static String sameText(ImageColumn column, byte[] value) {
    return isReadable(column, value) ? "CAST(" + quoted(value) + " AS BINARY)" : bytes(value);
  }

  private static String cell(ImageColumn column, byte[] value) {
    return "'" + column.cell(value) + "'";
  }

  private static String bytes(byte[] value) {
    return "x'" + HexFormat.of().formatHex(value) + "'";
  }

  private static String text(byte[] value) {
    return new String(value, StandardCharsets.US_ASCII);
  }

  /**
   * Returns whether a script may contain a text as it is. A client changes ends of lines and zero
   * bytes, and may read a backslash in its own way.
   */
  private static boolean isReadable(ImageColumn column, byte[] value) {
    if (column.form() != Form.TEXT || !UTF8.contains(column.charset())) {
      return false;
    }
    for (byte each : value) {
      if ((each >= 0 && each < ' ') || each == '\\' || each == 0x7f) {
        return false;
      }
    }
    return true;
  }

  private static String quoted(ImageColumn column) {
    return TableName.quoted(column.name());
  }

  private static String quoted(byte[] value) {
    return "'" + new String(value, StandardCharsets.UTF_8).replace("'", "''") + "'";
  }
}
