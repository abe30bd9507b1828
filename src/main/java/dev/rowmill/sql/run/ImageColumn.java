package dev.rowmill.sql.run;

import dev.rowmill.sql.parse.TableName;
import dev.rowmill.sql.table.TableDefinition.Column;
import dev.rowmill.sql.value.TypedJson;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A column in an image: how its value becomes bytes that lose nothing, and how these become the
 * same value again.
 *
 * @param type in full, such as {@code decimal(10,2)}
 * @param charset null for what is no text
 */
public record ImageColumn(
    String name, Form form, String type, @Nullable String charset, @Nullable String collation) {

  /** How a value is written. */
  enum Form {
    /** Whole numbers that Java's longs hold. */
    INTEGER(0),
    /** Decimal numbers, as the server's text. */
    DECIMAL(1),
    /** As a double, which every float is, by a text that gives the same one again. */
    REAL(2),
    /** The bytes in the column's own character set, since not every text survives another. */
    TEXT(3),
    BYTES(4),
    /** As the server's text. */
    PLAIN(5),
    /** A point in time, in seconds, since an hour of the year has two of the same name. */
    INSTANT(6),
    /** The unsigned number that a value is, or that is behind a set of bits or of names. */
    UNSIGNED(7),
    /** MySQL's own, by its text alone: in images that are older than {@link #TYPED_JSON}. */
    JSON(8),
    /** MySQL's own, as {@link TypedJson}; elsewhere it is text. */
    TYPED_JSON(9);

    /** What images hold, which outlive a version of Rowmill: never another one. */
    private final int code;

    Form(int code) {
      this.code = code;
    }

    int code() {
      return code;
    }

    static Optional<Form> of(int code) {
      return Arrays.stream(values()).filter(form -> form.code == code).findFirst();
    }
  }

  private static final DateTimeFormatter UTC =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss.SSSSSS", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  private static final int LONGEST_SMALL = 255;

  private static final String NO_TIME = "0000-00-00 00:00:00";

  static ImageColumn of(Column column) {
    Form form =
        switch (column.type()) {
          case "tinyint", "smallint", "mediumint", "int" -> Form.INTEGER;
          case "bigint" -> isUnsigned(column.fullType()) ? Form.UNSIGNED : Form.INTEGER;
          case "decimal" -> Form.DECIMAL;
          case "float", "double" -> Form.REAL;
          case "char", "varchar", "tinytext", "text", "mediumtext", "longtext" -> Form.TEXT;
          case "timestamp" -> Form.INSTANT;
          case "bit", "enum", "set" -> Form.UNSIGNED;
          case "json" -> Form.TYPED_JSON;
          case "year", "date", "time", "datetime", "uuid", "inet4", "inet6" -> Form.PLAIN;
          default -> Form.BYTES;
        };
    return new ImageColumn(
        column.name(), form, column.fullType(), column.charset(), column.collation());
  }

  /** Whether its values may take as much as all the others of a row. */
  boolean mayBeLarge() {
    return switch (form) {
      case JSON, TYPED_JSON -> true;
      case TEXT, BYTES ->
          type.indexOf('(') < 0
              || Integer.parseInt(type.replaceAll(".*\\((\\d+)\\).*", "$1")) > LONGEST_SMALL;
      default -> false;
    };
  }

  private static boolean isUnsigned(String type) {
    return type.contains("unsigned") || type.contains("zerofill");
  }

  String in(String qualifier) {
    return TableName.quoted(qualifier) + "." + TableName.quoted(name);
  }

  /** Whether a value that was kept of another column can be put into this one just as it was. */
  boolean takes(ImageColumn kept) {
    Form now = form == Form.TYPED_JSON ? Form.JSON : form;
    Form then = kept.form == Form.TYPED_JSON ? Form.JSON : kept.form;
    return now == then
        && name.equalsIgnoreCase(kept.name)
        && type.equals(kept.type)
        && Objects.equals(charset, kept.charset)
        && Objects.equals(collation, kept.collation);
  }

  /** How many columns of a result {@link #selected} makes. */
  int width() {
    return form == Form.TYPED_JSON ? 2 : 1;
  }

  /** The value as {@link #read} takes it. */
  String selected(String qualifier) {
    String column = in(qualifier);
    return switch (form) {
      case INTEGER, DECIMAL, JSON -> column;
      case TYPED_JSON -> column + ", " + TypedJson.types(column);
      // The driver knows no VECTOR of MySQL's.
      case BYTES -> type.startsWith("vector") ? "CAST(" + column + " AS BINARY)" : column;
      case REAL -> "CAST(" + column + " AS DOUBLE)";
      // A CAST of what is larger than a packet is NULL on MariaDB.
      case TEXT -> "CONVERT(" + column + " USING binary)";
      case PLAIN -> "CAST(" + column + " AS CHAR)";
      case INSTANT -> "CAST(UNIX_TIMESTAMP(" + column + ") AS CHAR)";
      case UNSIGNED -> "CAST(CAST(" + column + " AS UNSIGNED) AS CHAR)";
    };
  }

  /** The bytes of a value; null for NULL. */
  byte @Nullable [] read(ResultSet row, int index) throws SQLException {
    return switch (form) {
      case INTEGER -> {
        // Several times as fast as by the driver's text.
        long value = row.getLong(index);
        yield row.wasNull() ? null : ascii(Long.toString(value));
      }
      case REAL -> {
        double value = row.getDouble(index);
        yield row.wasNull() ? null : ascii(Double.toString(value));
      }
      case TYPED_JSON -> TypedJson.of(row.getBytes(index), row.getString(index + 1));
      case JSON -> TypedJson.of(row.getBytes(index), null);
      // What the server sends as text, in the connection's utf8mb4, the driver hands on untouched.
      default -> row.getBytes(index);
    };
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /** A value as ASCII text without quotes or backslashes, to be given to the server. */
  String cell(byte[] value) {
    return switch (form) {
      case TEXT, BYTES, JSON, TYPED_JSON -> HexFormat.of().formatHex(bytes(value));
      case INSTANT -> instant(new String(value, StandardCharsets.US_ASCII));
      default -> new String(value, StandardCharsets.US_ASCII);
    };
  }

  /** What is to be given to the server of a value that is no number and no time. */
  byte[] bytes(byte[] value) {
    return form == Form.TYPED_JSON ? TypedJson.text(value) : value;
  }

  /** Whether a value takes more than its text to be written as it was. */
  boolean isTyped(byte @Nullable [] value) {
    return form == Form.TYPED_JSON && value != null && TypedJson.isTyped(value);
  }

  /** Whether two values are the same, or one can't be told from the other by SQL. */
  boolean isSame(byte @Nullable [] one, byte @Nullable [] other) {
    return one != null && other != null ? Arrays.equals(bytes(one), bytes(other)) : one == other;
  }

  private static String instant(String seconds) {
    if (seconds.chars().allMatch(c -> c == '0' || c == '.')) {
      return NO_TIME;
    }
    int point = seconds.indexOf('.');
    String whole = point < 0 ? seconds : seconds.substring(0, point);
    String fraction = point < 0 ? "" : seconds.substring(point + 1);
    long nanos = Long.parseLong((fraction + "000000000").substring(0, 9));
    return UTC.format(Instant.ofEpochSecond(Long.parseLong(whole), nanos));
  }

  /** A value for people to read. */
  String shown(byte @Nullable [] value) {
    if (value == null) {
      return "NULL";
    }
    boolean readable =
        form != Form.BYTES && (form != Form.TEXT || "utf8mb4".equals(charset) || isAscii(value));
    return readable
        ? new String(value, StandardCharsets.UTF_8)
        : "0x" + HexFormat.of().formatHex(value);
  }

  private static boolean isAscii(byte[] value) {
    for (byte each : value) {
      if (each < ' ') {
        return false;
      }
    }
    return true;
  }

  /**
   * The value of a cell, to be written into the column by a session that is at UTC.
   *
   * @param cell SQL for its text
   */
  String written(String cell) {
    return switch (form) {
      case INTEGER, DECIMAL, REAL, PLAIN, INSTANT -> cell;
      case UNSIGNED -> "CAST(" + cell + " AS UNSIGNED)";
      case TEXT, BYTES, JSON, TYPED_JSON -> writtenBytes("UNHEX(" + cell + ")");
    };
  }

  /**
   * The value of bytes, to be written into the column.
   *
   * @param bytes SQL for {@link #bytes}
   */
  String writtenBytes(String bytes) {
    return switch (form) {
      case TEXT -> "CONVERT(" + bytes + " USING " + charset + ")";
      case BYTES -> bytes;
      case JSON, TYPED_JSON -> "CAST(CONVERT(" + bytes + " USING utf8mb4) AS JSON)";
      default -> throw new IllegalStateException(form + " is not given as bytes");
    };
  }

  /** The value of a cell, of the very type of the column, so that an index finds it. */
  String compared(String cell) {
    return switch (form) {
      case INTEGER, DECIMAL ->
          "CAST("
              + cell
              + " AS "
              + (type.startsWith("decimal")
                  ? type.replaceAll(" .*", "")
                  : isUnsigned(type) ? "UNSIGNED" : "SIGNED")
              + ")";
      case TEXT -> written(cell) + " COLLATE " + collation;
      case INSTANT -> {
        String utc = "CAST(" + cell + " AS DATETIME(6))";
        // A zero date has no zone.
        yield "COALESCE(CONVERT_TZ(" + utc + ", '+00:00', @@session.time_zone), " + utc + ")";
      }
      case PLAIN -> "CAST(" + cell + " AS " + (type.startsWith("year") ? "UNSIGNED" : type) + ")";
      default -> written(cell);
    };
  }
}
