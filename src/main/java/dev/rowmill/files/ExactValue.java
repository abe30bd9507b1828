package dev.rowmill.files;

import dev.rowmill.changes.ReadableColumn;
import dev.rowmill.sql.run.ImageColumn;
import dev.rowmill.sql.value.TypedJson;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Converts the texts of a column in files to values as {@link ImageColumn} encodes them: the
 * opposite of {@link ReadableColumn}. Not thread-safe.
 */
final class ExactValue {

  private static final Pattern DECIMAL = Pattern.compile("decimal\\(\\d+,(\\d+)\\).*");
  private static final Pattern TIME = Pattern.compile("(?:datetime|timestamp)(?:\\((\\d)\\))?.*");
  private static final String ZERO_DATE = "0000-00-00";

  /** Is the length of a date with a time in seconds. */
  private static final int SECONDS = 19;

  private final ImageColumn column;
  private final String type;
  private final ReadableColumn readable;
  private final Predicate<byte[]> represented;

  /** Holds the labels of an ENUM or SET; empty for other types. */
  private final List<String> labels;

  /** Holds the digits after the point of a DECIMAL or of a second. */
  private final int digits;

  /**
   * @param format format to which values are converted; null if they are read only
   */
  ExactValue(ImageColumn column, @Nullable FileFormat format) {
    this.column = column;
    type = column.type();
    readable = new ReadableColumn(column);
    represented = format == null ? value -> true : format.representable(column);
    labels =
        type.startsWith("enum(") || type.startsWith("set(")
            ? ReadableColumn.labelsOf(type)
            : List.of();
    Matcher decimal = DECIMAL.matcher(type);
    Matcher time = TIME.matcher(type);
    digits =
        decimal.matches()
            ? Integer.parseInt(decimal.group(1))
            : time.matches() && time.group(1) != null ? Integer.parseInt(time.group(1)) : 0;
  }

  String name() {
    return column.name();
  }

  boolean isText() {
    return column.form() == ImageColumn.Form.TEXT;
  }

  /**
   * Returns whether the value can be read from the file as it is.
   *
   * @param text the value, or a text in UTF-8
   */
  boolean isRepresented(byte[] value, byte[] text) {
    return switch (column.form()) {
      case INTEGER, BYTES, JSON -> true;
      case TEXT -> Arrays.equals(value, text) && Utf8Bytes.isValid(text);
      case TYPED_JSON -> !TypedJson.isTyped(value);
      case UNSIGNED -> labels.isEmpty() || isReadBack(value);
      case DECIMAL, REAL, PLAIN, INSTANT -> isReadBack(value) && represented.test(value);
    };
  }

  private boolean isReadBack(byte[] value) {
    byte[] text = Objects.requireNonNull(readable.text(value));
    try {
      return Arrays.equals(value, of(new String(text, StandardCharsets.UTF_8)));
    } catch (RuntimeException e) {
      return false;
    }
  }

  /**
   * Returns the value of a text.
   *
   * @throws RuntimeException if it is none of the column
   */
  byte[] of(String text) {
    return switch (column.form()) {
      case INTEGER -> ascii(Long.toString(Long.parseLong(text)));
      case DECIMAL ->
          ascii(new BigDecimal(text).setScale(digits, RoundingMode.UNNECESSARY).toPlainString());
      case REAL ->
          ascii(
              Double.toString(
                  type.startsWith("float") ? Float.parseFloat(text) : Double.parseDouble(text)));
      case TEXT, JSON, TYPED_JSON -> text.getBytes(StandardCharsets.UTF_8);
      case BYTES -> Base64.getDecoder().decode(text);
      case PLAIN -> ascii(plain(text));
      case INSTANT -> ascii(instant(text));
      case UNSIGNED -> ascii(labels.isEmpty() ? text : Long.toUnsignedString(number(text)));
    };
  }

  private String plain(String text) {
    if (type.startsWith("datetime")) {
      return time(text);
    }
    return type.startsWith("year") ? "%4s".formatted(text).replace(' ', '0') : text;
  }

  /** Returns a date and time with as many digits of a second as the column has. */
  private String time(String text) {
    String seconds = text.substring(0, SECONDS).replace('T', ' ');
    String fraction = text.length() > SECONDS ? text.substring(SECONDS + 1) : "";
    return digits == 0 ? seconds : seconds + "." + (fraction + "000000").substring(0, digits);
  }

  private String instant(String text) {
    String time = time(text);
    long second =
        time.startsWith(ZERO_DATE)
            ? 0
            : LocalDateTime.parse(time.substring(0, SECONDS).replace(' ', 'T'))
                .toEpochSecond(ZoneOffset.UTC);
    return second + time.substring(SECONDS);
  }

  /** Returns the number of an ENUM or SET value. */
  private long number(String text) {
    if (type.startsWith("enum(")) {
      int label = labels.indexOf(text);
      if (label < 0 && !text.isEmpty()) {
        throw new IllegalArgumentException(text);
      }
      return label + 1L;
    }
    long bits = 0;
    for (String each : text.isEmpty() ? new String[0] : text.split(",", -1)) {
      int label = labels.indexOf(each);
      if (label < 0) {
        throw new IllegalArgumentException(each);
      }
      bits |= 1L << label;
    }
    return bits;
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
