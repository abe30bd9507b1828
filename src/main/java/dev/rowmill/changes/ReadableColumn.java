package dev.rowmill.changes;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.rowmill.sql.run.ImageColumn;
import dev.rowmill.sql.value.TypedJson;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Converts the values of a column to text that programs in any language read without loss: numbers
 * in digits, a TIMESTAMP in UTC, binary values in Base64, the labels of ENUM and SET, other values
 * as the server shows them. Not thread-safe.
 */
public final class ReadableColumn {

  private static final DateTimeFormatter SECONDS =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss", Locale.ROOT);

  private static final String NO_TIME = "0000-00-00 00:00:00";

  /** Converts one value. */
  private interface Conversion {
    byte[] text(byte[] value);
  }

  private final String name;

  /** Stores whether its texts are numbers in JSON. Those of DECIMAL are not, to stay exact. */
  private final boolean number;

  private final Conversion conversion;

  /**
   * @param column column whose text is in UTF-8
   */
  public ReadableColumn(ImageColumn column) {
    name = column.name();
    String type = column.type();
    boolean labelled = type.startsWith("enum(") || type.startsWith("set(");
    number =
        switch (column.form()) {
          case INTEGER, REAL -> true;
          case UNSIGNED -> !labelled;
          default -> false;
        };
    conversion =
        switch (column.form()) {
          case INTEGER, DECIMAL, TEXT, PLAIN -> value -> value;
          case REAL -> type.startsWith("float") ? ReadableColumn::ofFloat : value -> value;
          case BYTES -> Base64.getEncoder()::encode;
          case JSON, TYPED_JSON -> TypedJson::text;
          case INSTANT -> ReadableColumn::ofInstant;
          case UNSIGNED -> labelled ? labels(type) : value -> value;
        };
  }

  public String name() {
    return name;
  }

  /** Returns whether its texts are numbers in JSON. Those of DECIMAL are not, to stay exact. */
  public boolean isNumber() {
    return number;
  }

  /** Returns a value as UTF-8; null for NULL. */
  public byte @Nullable [] text(byte @Nullable [] value) {
    return value == null ? null : conversion.text(value);
  }

  /** Writes the column and a value as a member of a JSON object. */
  public void write(JsonGenerator json, byte @Nullable [] value) throws IOException {
    json.writeFieldName(name);
    byte[] text = text(value);
    if (text == null) {
      json.writeNull();
    } else if (number) {
      json.writeNumber(new String(text, StandardCharsets.US_ASCII));
    } else {
      json.writeUTF8String(text, 0, text.length);
    }
  }

  /** Returns a value as text. */
  String shown(byte[] value) {
    return new String(conversion.text(value), StandardCharsets.UTF_8);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static String string(byte[] value) {
    return new String(value, StandardCharsets.US_ASCII);
  }

  /** Returns the shortest text of a FLOAT, which is stored as a double. */
  private static byte[] ofFloat(byte[] value) {
    return ascii(Float.toString((float) Double.parseDouble(string(value))));
  }

  private static byte[] ofInstant(byte[] value) {
    String seconds = string(value);
    int point = seconds.indexOf('.');
    String whole = point < 0 ? seconds : seconds.substring(0, point);
    String fraction = point < 0 ? "" : seconds.substring(point);
    boolean zero = seconds.chars().allMatch(c -> c == '0' || c == '.');
    String time =
        zero
            ? NO_TIME
            : LocalDateTime.ofInstant(Instant.ofEpochSecond(Long.parseLong(whole)), ZoneOffset.UTC)
                .format(SECONDS);
    return ascii(time + fraction);
  }

  private static Conversion labels(String type) {
    List<String> labels = labelsOf(type);
    boolean several = type.startsWith("set(");
    return value -> {
      long bits = Long.parseUnsignedLong(string(value));
      String text =
          several
              ? IntStream.range(0, labels.size())
                  .filter(i -> (bits >>> i & 1) == 1)
                  .mapToObj(labels::get)
                  .collect(Collectors.joining(","))
              // The number 0 is the empty text that a value outside of the labels became.
              : bits == 0 ? "" : labels.get((int) bits - 1);
      return text.getBytes(StandardCharsets.UTF_8);
    };
  }

  /** Returns the labels in a type such as {@code enum('a','it''s')}, as the server escapes them. */
  public static List<String> labelsOf(String type) {
    List<String> labels = new ArrayList<>();
    var label = new StringBuilder();
    boolean inside = false;
    for (int i = type.indexOf('('); i < type.length(); i++) {
      char c = type.charAt(i);
      if (c == '\'') {
        boolean doubled = inside && i + 1 < type.length() && type.charAt(i + 1) == '\'';
        if (doubled) {
          label.append(c);
          i++;
        } else if (inside) {
          labels.add(label.toString());
          label.setLength(0);
          inside = false;
        } else {
          inside = true;
        }
      } else if (inside && c == '\\' && i + 1 < type.length()) {
        i++;
        label.append(unescaped(type.charAt(i)));
      } else if (inside) {
        label.append(c);
      }
    }
    return labels;
  }

  private static char unescaped(char escaped) {
    return switch (escaped) {
      case 'n' -> '\n';
      case 'r' -> '\r';
      case '0' -> '\0';
      default -> escaped;
    };
  }
}
