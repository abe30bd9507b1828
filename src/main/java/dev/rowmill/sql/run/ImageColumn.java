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
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Describes a column in an image: converts its values to bytes without loss, and back.
 *
 * @param type full type, such as {@code decimal(10,2)}
 * @param charset null if the column is not text
 */
public record ImageColumn(
    String name, Form form, String type, @Nullable String charset, @Nullable String collation) {

  /** Represents the encoding of a value. */
  public enum Form {
    /** Encodes whole numbers that fit into a Java long. */
    INTEGER(0),
    /** Encodes decimal numbers as the server's text. */
    DECIMAL(1),
    /** Encodes a double, or a float as a double, as text that converts back to the same value. */
    REAL(2),
    /**
     * Encodes the bytes in the column's own character set, since not every text survives a
     * conversion.
     */
    TEXT(3),
    BYTES(4),
    /** Encodes the server's text. */
    PLAIN(5),
    /** Encodes a point in time in seconds, since local times repeat for one hour of the year. */
    INSTANT(6),
    /** Encodes an unsigned number, or the number of a BIT, ENUM or SET value. */
    UNSIGNED(7),
    /** Encodes MySQL's JSON by its text alone, in images older than {@link #TYPED_JSON}. */
    JSON(8),
    /** Encodes MySQL's JSON as {@link TypedJson}; MariaDB's is text. */
    TYPED_JSON(9);

    /**
     * Identifies the encoding in stored images, which outlive a version of Rowmill. Never changes.
     */
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

  /** Lists the character sets whose bytes are UTF-8. */
  private static final Set<String> UTF8 = Set.of("utf8mb4", "utf8mb3", "utf8", "ascii");

  private static final int LONGEST_SMALL = 255;

  /** Limits the characters of a number or a time; a DECIMAL has at most 65 digits. */
  private static final int LONGEST_CELL = 80;

  /** Is the empty text, whose literal is NULL on MariaDB with EMPTY_STRING_IS_NULL. */
  private static final String EMPTY = "SPACE(0)";

  /** Matches the types of bytes that have at most 65,535 of them. */
  private static final Pattern BYTES_THAT_FIT = Pattern.compile("(var)?binary|(tiny)?blob");

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

  /** Returns whether a value may be as large as all other values of the row together. */
  boolean mayBeLarge() {
    return switch (form) {
      case JSON, TYPED_JSON -> true;
      case TEXT, BYTES ->
          type.indexOf('(') < 0
              || Integer.parseInt(type.replaceAll(".*\\((\\d+)\\).*", "$1")) > LONGEST_SMALL;
      default -> false;
    };
  }

  /** Returns whether it is text whose bytes are UTF-8. */
  public boolean isUtf8() {
    return form == Form.TEXT && UTF8.contains(String.valueOf(charset));
  }

  /** Returns whether it is text that must be converted to be UTF-8. */
  boolean isOtherText() {
    return form == Form.TEXT && !isUtf8();
  }

  private static boolean isUnsigned(String type) {
    return type.contains("unsigned") || type.contains("zerofill");
  }

  /** Returns the quoted names of columns, as a list in SQL. */
  static String names(List<ImageColumn> columns) {
    return columns.stream()
        .map(column -> TableName.quoted(column.name))
        .collect(Collectors.joining(", "));
  }

  String in(String qualifier) {
    return TableName.quoted(qualifier) + "." + TableName.quoted(name);
  }

  /** Returns whether a stored value of another column can be restored unchanged to this column. */
  boolean accepts(ImageColumn stored) {
    Form now = form == Form.TYPED_JSON ? Form.JSON : form;
    Form then = stored.form == Form.TYPED_JSON ? Form.JSON : stored.form;
    return now == then
        && name.equalsIgnoreCase(stored.name)
        && (type.equals(stored.type) || type.toLowerCase(Locale.ROOT).equals(stored.type))
        && Objects.equals(charset, stored.charset)
        && Objects.equals(collation, stored.collation);
  }

  /** Returns the number of result columns that {@link #selected} makes. */
  int width() {
    return form == Form.TYPED_JSON ? 2 : 1;
  }

  /** Returns SQL for the value of a text in UTF-8, as the server converts it. */
  String inUtf8(String qualifier) {
    return "CONVERT(" + in(qualifier) + " USING utf8mb4)";
  }

  /** Returns SQL for the value in the format that {@link #read} expects. */
  String selected(String qualifier) {
    String column = in(qualifier);
    return switch (form) {
      case INTEGER, DECIMAL, JSON -> column;
      case TYPED_JSON -> column + ", " + TypedJson.types(column);
      // The driver does not support MySQL's VECTOR.
      case BYTES -> type.startsWith("vector") ? "CAST(" + column + " AS BINARY)" : column;
      case REAL -> "CAST(" + column + " AS DOUBLE)";
      case TEXT -> text(column);
      case PLAIN -> "CAST(" + column + " AS CHAR)";
      case INSTANT -> "CAST(UNIX_TIMESTAMP(" + column + ") AS CHAR)";
      case UNSIGNED -> "CAST(CAST(" + column + " AS UNSIGNED) AS CHAR)";
    };
  }

  /**
   * Returns SQL for the bytes of a text. On MariaDB, a CAST of a value larger than a packet is
   * NULL, and CONVERT of a CHAR or VARCHAR declares a result that is shorter than its bytes:
   * GROUP_CONCAT and temporary tables cut it off. COALESCE declares the length of the CAST.
   */
  private String text(String column) {
    String converted = "CONVERT(" + column + " USING binary)";
    return type.endsWith("text")
        ? converted
        : "COALESCE(CAST(" + column + " AS BINARY), " + converted + ")";
  }

  /** Returns whether values in a {@link ValueList} follow their length. */
  boolean isListedByLength() {
    return form == Form.TEXT || form == Form.BYTES;
  }

  /**
   * Returns SQL for the value in a {@link ValueList}; empty if the value may be lost there. MariaDB
   * and MySQL return NULL for a CONCAT that is larger than a packet.
   */
  Optional<String> listed(String qualifier) {
    boolean fits =
        switch (form) {
          case JSON, TYPED_JSON -> false;
          case TEXT -> !type.startsWith("medium") && !type.startsWith("long");
          case REAL -> type.equals("double");
          case BYTES -> BYTES_THAT_FIT.matcher(type).lookingAt();
          default -> true;
        };
    // Beside a string, the servers cut a DOUBLE to 22 characters, the end of its exponent too. So
    // does MySQL with the result of a CAST, which a FLOAT would need.
    String value =
        form == Form.REAL ? "CAST(" + in(qualifier) + " AS CHAR(40))" : selected(qualifier);
    return Optional.of(
            isListedByLength()
                ? "IF(%1$s IS NULL, %3$s, CONCAT(LENGTH(%1$s), ':', %2$s))"
                    .formatted(in(qualifier), value, EMPTY)
                : "COALESCE(" + value + ", " + EMPTY + ")")
        .filter(sql -> fits);
  }

  /** Returns the bytes of a value; null for NULL. */
  byte @Nullable [] read(ResultSet row, int index) throws SQLException {
    return switch (form) {
      case INTEGER -> {
        // Several times as fast as the driver's text.
        long value = row.getLong(index);
        yield row.wasNull() ? null : ascii(Long.toString(value));
      }
      case REAL -> {
        double value = row.getDouble(index);
        yield row.wasNull() ? null : ascii(Double.toString(value));
      }
      case TYPED_JSON -> TypedJson.of(row.getBytes(index), row.getString(index + 1));
      case JSON -> TypedJson.of(row.getBytes(index), null);
      // Text arrives in the connection's utf8mb4, and the driver returns its bytes unchanged.
      default -> row.getBytes(index);
    };
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /** Returns the type of a {@link #cell}. The servers handle a VARCHAR faster than a LONGTEXT. */
  String cellType() {
    return switch (form) {
      case TEXT, BYTES, JSON, TYPED_JSON -> "LONGTEXT";
      case INTEGER, DECIMAL, REAL, PLAIN, INSTANT, UNSIGNED -> "VARCHAR(" + LONGEST_CELL + ")";
    };
  }

  /** Returns a value as ASCII text without quotes or backslashes, to be sent to the server. */
  String cell(byte[] value) {
    return switch (form) {
      case TEXT, BYTES, JSON, TYPED_JSON -> HexFormat.of().formatHex(bytes(value));
      case INSTANT -> instant(new String(value, StandardCharsets.US_ASCII));
      default -> new String(value, StandardCharsets.US_ASCII);
    };
  }

  /** Returns the bytes to send to the server, for a value that is neither a number nor a time. */
  byte[] bytes(byte[] value) {
    return form == Form.TYPED_JSON ? TypedJson.text(value) : value;
  }

  /** Returns whether writing a value back requires more than its text. */
  boolean isTyped(byte @Nullable [] value) {
    return form == Form.TYPED_JSON && value != null && TypedJson.isTyped(value);
  }

  /** Returns whether two values are equal, or cannot be distinguished in SQL. */
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

  /** Returns a value as readable text. */
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
   * Returns SQL that writes the value of a cell into the column, in a session at UTC.
   *
   * @param cell SQL for the cell's text
   */
  String written(String cell) {
    return switch (form) {
      case INTEGER, DECIMAL, REAL, PLAIN, INSTANT -> cell;
      case UNSIGNED -> "CAST(" + cell + " AS UNSIGNED)";
      case TEXT, BYTES, JSON, TYPED_JSON -> writtenBytes("UNHEX(" + cell + ")");
    };
  }

  /**
   * Returns SQL that writes bytes into the column.
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

  /** Returns SQL for the value of a cell in exactly the column's type, so that an index is used. */
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
        // A zero date has no time zone.
        yield "COALESCE(CONVERT_TZ(" + utc + ", '+00:00', @@session.time_zone), " + utc + ")";
      }
      case PLAIN -> "CAST(" + cell + " AS " + (type.startsWith("year") ? "UNSIGNED" : type) + ")";
      default -> written(cell);
    };
  }
}
