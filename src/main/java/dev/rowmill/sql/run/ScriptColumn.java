package dev.rowmill.sql.run;

import dev.rowmill.sql.parse.TableName;
import dev.rowmill.sql.run.ImageColumn.Form;
import dev.rowmill.sql.value.TypedJson;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Writes the values of a column as SQL, for a session of {@link ChangeScript#SESSION}. Immutable.
 */
final class ScriptColumn {

  /** Stands for a value; no name contains a zero byte. */
  private static final String VALUE = "\0";

  private static final String QUOTED = "'" + VALUE + "'";
  private static final String BYTES = "x'" + VALUE + "'";
  private static final char REPLACEMENT = '\uFFFD';
  private static final byte[] NOTHING = {};

  /** Represents the SQL before and after a value. */
  private record Around(String before, String after) {

    /**
     * @param sql SQL with one {@link #VALUE}
     */
    static Around of(String sql) {
      int at = sql.indexOf(VALUE);
      return new Around(sql.substring(0, at), sql.substring(at + VALUE.length()));
    }
  }

  /**
   * Represents SQL with a value.
   *
   * @param readable is for a text that a script contains as it is
   */
  private record Template(Around any, Around readable) {

    static Template of(String any, String readable) {
      return new Template(Around.of(any), Around.of(readable));
    }

    static Template of(String any) {
      return of(any, any);
    }
  }

  private final ImageColumn column;
  private final String name;
  private final boolean isText;
  private final boolean isEnum;

  /** Is a blank in the character set of a CHAR; empty for other types. */
  private final byte[] blank;

  private final Template written;
  private final Template same;
  private final Template key;

  ScriptColumn(ImageColumn column) {
    this.column = column;
    name = TableName.quoted(column.name());
    isText = column.isUtf8();
    isEnum = column.type().startsWith("enum");
    blank = column.type().startsWith("char") ? blank(column) : NOTHING;
    String literal =
        switch (column.form()) {
          case INTEGER, UNSIGNED, DECIMAL -> VALUE;
          case REAL, PLAIN, INSTANT -> QUOTED;
          case TEXT, BYTES, JSON, TYPED_JSON -> BYTES;
        };
    String converted =
        switch (column.form()) {
          case TEXT, JSON, TYPED_JSON -> column.writtenBytes(BYTES);
          default -> literal;
        };
    written = Template.of(converted, QUOTED);
    same =
        switch (column.form()) {
          case INTEGER, DECIMAL, PLAIN, INSTANT -> Template.of(name + " = " + literal);
          case UNSIGNED -> Template.of("CAST(" + name + " AS UNSIGNED) = " + literal);
          case REAL -> Template.of("CAST(" + name + " AS DOUBLE) = " + literal);
          case TEXT, BYTES -> {
            String bytes = "CAST(" + name + " AS BINARY) = ";
            yield Template.of(bytes + literal, bytes + "CAST(" + QUOTED + " AS BINARY)");
          }
          case JSON, TYPED_JSON ->
              Template.of("CONVERT(CAST(" + name + " AS CHAR) USING binary) = " + literal);
        };
    // A text must have the character set of its collation.
    String own =
        "utf8mb4".equals(column.charset())
            ? QUOTED
            : "CONVERT(" + QUOTED + " USING " + column.charset() + ")";
    String collate = column.form() == Form.TEXT ? " COLLATE " + column.collation() : "";
    key = Template.of(name + " = " + converted + collate, name + " = " + own + collate);
  }

  private static byte[] blank(ImageColumn column) {
    return switch (Objects.requireNonNull(column.charset())) {
      case "ucs2", "utf16" -> new byte[] {0, ' '};
      case "utf16le" -> new byte[] {' ', 0};
      case "utf32" -> new byte[] {0, 0, 0, ' '};
      default -> new byte[] {' '};
    };
  }

  /** Returns whether a strict session does not write a value that the column may have. */
  boolean isInvalid(byte @Nullable [] value) {
    return isEnum && value != null && value.length == 1 && value[0] == '0';
  }

  /** Appends a value that is written. */
  void appendWritten(StringBuilder out, byte @Nullable [] value) {
    if (value == null) {
      out.append("NULL");
    } else if (column.isTyped(value)) {
      var document = new StringBuilder();
      append(document, written, value);
      out.append(TypedJson.written(value, document.toString()));
    } else {
      append(out, written, value);
    }
  }

  /** Appends an assignment. */
  void appendAssigned(StringBuilder out, byte @Nullable [] value) {
    out.append(name).append(" = ");
    appendWritten(out, value);
  }

  /** Appends a condition that is true if the column has exactly this value. */
  void appendSame(StringBuilder out, byte @Nullable [] value) {
    if (value == null) {
      out.append(name).append(" IS NULL");
    } else {
      append(out, same, value);
    }
  }

  /** Appends a condition by which an index finds this value of a key. */
  void appendKey(StringBuilder out, byte[] value) {
    append(out, key, value);
  }

  private void append(StringBuilder out, Template template, byte[] value) {
    byte[] bytes = withoutBlanks(value);
    String text = isText ? readable(bytes) : null;
    Around around = text == null ? template.any : template.readable;
    out.append(around.before).append(text == null ? column.cell(bytes) : text).append(around.after);
  }

  /**
   * Returns a value of a CHAR without the blanks at its end, with which sessions with {@code
   * PAD_CHAR_TO_FULL_LENGTH} read it; any other value as it is.
   */
  private byte[] withoutBlanks(byte[] value) {
    int width = blank.length;
    int end = value.length;
    while (width > 0 && end >= width && Arrays.equals(value, end - width, end, blank, 0, width)) {
      end -= width;
    }
    return end == value.length ? value : Arrays.copyOf(value, end);
  }

  /**
   * Returns a text for a literal; null if a script can't contain it as it is. A client changes ends
   * of lines and zero bytes, and may read a backslash in its own way.
   */
  private static @Nullable String readable(byte[] value) {
    for (byte each : value) {
      if ((each >= 0 && each < ' ') || each == '\\' || each == 0x7f) {
        return null;
      }
    }
    String text = new String(value, StandardCharsets.UTF_8);
    // Servers may hold bytes that are no character.
    return text.indexOf(REPLACEMENT) < 0 ? text.replace("'", "''") : null;
  }
}
