package dev.rowmill.httptask;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rowmill.changes.ReadableColumn;
import dev.rowmill.sql.run.ImageColumn;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads the values that an answer sets, in the form in which rows are sent, as the bytes of an
 * {@link ImageColumn}. Stateless.
 */
final class ColumnValues {

  /** Maps the server's names of character sets to those of Java. */
  private static final Map<String, Charset> CHARSETS =
      Map.of(
          "utf8mb4", StandardCharsets.UTF_8,
          "utf8mb3", StandardCharsets.UTF_8,
          "utf8", StandardCharsets.UTF_8,
          "ascii", StandardCharsets.US_ASCII,
          "latin1", Charset.forName("windows-1252"));

  /** Limits the digits of a number; a DOUBLE has at most about 310 before its point. */
  private static final int MOST_DIGITS = 400;

  private static final Pattern PRECISION = Pattern.compile("\\((?:\\d+,)?(\\d+)\\)");

  private static final Pattern TIME =
      Pattern.compile("(\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d)(?:\\.(\\d{1,6}))?");

  private static final Pattern FRACTION = Pattern.compile("(.*:\\d\\d)(?:\\.(\\d{1,6}))?");

  /** Reports a value that a column can't hold exactly. */
  static final class UnfitException extends Exception {
    private static final long serialVersionUID = 1L;

    UnfitException(ImageColumn column, String wanted) {
      super("column " + column.name() + " " + column.type() + " takes " + wanted);
    }
  }

  private ColumnValues() {}

  /** Returns the bytes of a value; null for null. */
  static byte @Nullable [] bytes(ImageColumn column, JsonNode value) throws UnfitException {
    if (value.isNull()) {
      return null;
    }
    return switch (column.form()) {
      case INTEGER -> ascii(integer(column, value).toString());
      case UNSIGNED -> ascii(unsigned(column, value).toString());
      case DECIMAL -> ascii(decimal(column, value));
      case REAL -> ascii(real(column, value));
      case TEXT -> text(column, value);
      case PLAIN -> ascii(plain(column, value));
      case INSTANT -> ascii(instant(column, value));
      case BYTES -> base64(column, value);
      case JSON, TYPED_JSON -> utf8(string(column, value, "JSON as text"));
    };
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String string(ImageColumn column, JsonNode value, String wanted)
      throws UnfitException {
    if (!value.isTextual()) {
      throw new UnfitException(column, wanted);
    }
    return value.textValue();
  }

  private static BigInteger integer(ImageColumn column, JsonNode value) throws UnfitException {
    try {
      return new BigDecimal(number(column, value, "a whole number")).toBigIntegerExact();
    } catch (ArithmeticException e) {
      throw new UnfitException(column, "a whole number");
    }
  }

  private static String number(ImageColumn column, JsonNode value, String wanted)
      throws UnfitException {
    if (!value.isNumber() || isHuge(value.decimalValue())) {
      throw new UnfitException(column, wanted);
    }
    return value.decimalValue().toString();
  }

  /** Returns whether a number would take very many digits without its exponent. */
  private static boolean isHuge(BigDecimal number) {
    return number.precision() > MOST_DIGITS || Math.abs((long) number.scale()) > MOST_DIGITS;
  }

  private static BigInteger unsigned(ImageColumn column, JsonNode value) throws UnfitException {
    String type = column.type();
    if (!type.startsWith("enum(") && !type.startsWith("set(")) {
      BigInteger number = integer(column, value);
      if (number.signum() < 0) {
        throw new UnfitException(column, "a number of at least 0");
      }
      return number;
    }
    List<String> labels = ReadableColumn.labelsOf(type);
    String text = string(column, value, "a label");
    if (type.startsWith("enum(")) {
      return BigInteger.valueOf(label(column, labels, text) + 1L);
    }
    BigInteger bits = BigInteger.ZERO;
    for (String each : text.isEmpty() ? List.<String>of() : Arrays.asList(text.split(",", -1))) {
      bits = bits.setBit(label(column, labels, each));
    }
    return bits;
  }

  private static int label(ImageColumn column, List<String> labels, String text)
      throws UnfitException {
    int index = labels.indexOf(text);
    if (index < 0) {
      throw new UnfitException(column, "one of its labels");
    }
    return index;
  }

  private static int digits(ImageColumn column) {
    Matcher precision = PRECISION.matcher(column.type());
    return precision.find() ? Integer.parseInt(precision.group(1)) : 0;
  }

  private static String decimal(ImageColumn column, JsonNode value) throws UnfitException {
    int scale = column.type().contains(",") ? digits(column) : 0;
    String wanted = "a decimal number with at most " + scale + " digits behind the point";
    try {
      BigDecimal number =
          value.isTextual() ? new BigDecimal(value.textValue()) : value.decimalValue();
      if ((!value.isTextual() && !value.isNumber()) || isHuge(number)) {
        throw new UnfitException(column, wanted);
      }
      return number.setScale(scale, RoundingMode.UNNECESSARY).toPlainString();
    } catch (ArithmeticException | NumberFormatException e) {
      throw new UnfitException(column, wanted);
    }
  }

  private static String real(ImageColumn column, JsonNode value) throws UnfitException {
    String digits = number(column, value, "a number");
    double real =
        column.type().startsWith("float") ? Float.parseFloat(digits) : Double.parseDouble(digits);
    if (Double.isInfinite(real)) {
      throw new UnfitException(column, "a smaller number");
    }
    return Double.toString(real);
  }

  private static byte[] text(ImageColumn column, JsonNode value) throws UnfitException {
    String text = string(column, value, "text");
    Charset charset = CHARSETS.get(String.valueOf(column.charset()));
    if (charset == null) {
      throw new UnfitException(
          column, "no text from an HTTP task, because its character set is " + column.charset());
    }
    try {
      ByteBuffer bytes =
          charset
              .newEncoder()
              .onMalformedInput(CodingErrorAction.REPORT)
              .onUnmappableCharacter(CodingErrorAction.REPORT)
              .encode(CharBuffer.wrap(text));
      byte[] exact = new byte[bytes.remaining()];
      bytes.get(exact);
      return exact;
    } catch (CharacterCodingException e) {
      throw new UnfitException(column, "characters of " + column.charset());
    }
  }

  private static String plain(ImageColumn column, JsonNode value) throws UnfitException {
    String text = string(column, value, "text, as it is sent");
    boolean timed = column.type().startsWith("datetime") || column.type().startsWith("time");
    Matcher time = FRACTION.matcher(text);
    if (!StandardCharsets.US_ASCII.newEncoder().canEncode(text) || (timed && !time.matches())) {
      throw new UnfitException(column, "a time, as it is sent");
    }
    return timed ? time.group(1) + fraction(column, time.group(2)) : text;
  }

  /** Returns a fraction of a second with as many digits as the column has. */
  private static String fraction(ImageColumn column, @Nullable String digits)
      throws UnfitException {
    int precision = digits(column);
    String given = digits == null ? "" : digits.replaceAll("0+$", "");
    if (given.length() > precision) {
      throw new UnfitException(column, precision + " digits of a second at most");
    }
    return precision == 0 ? "" : "." + given + "0".repeat(precision - given.length());
  }

  private static String instant(ImageColumn column, JsonNode value) throws UnfitException {
    String wanted = "a time in UTC, such as 2027-01-31 02:00:00";
    Matcher time = TIME.matcher(string(column, value, wanted));
    if (!time.matches()) {
      throw new UnfitException(column, wanted);
    }
    try {
      long seconds =
          LocalDateTime.parse(time.group(1).replace(' ', 'T')).toEpochSecond(ZoneOffset.UTC);
      if (seconds <= 0) {
        throw new UnfitException(column, "a time after 1970-01-01 00:00:00");
      }
      return seconds + fraction(column, time.group(2));
    } catch (DateTimeException e) {
      throw new UnfitException(column, wanted);
    }
  }

  private static byte[] base64(ImageColumn column, JsonNode value) throws UnfitException {
    try {
      return Base64.getDecoder().decode(string(column, value, "Base64"));
    } catch (IllegalArgumentException e) {
      throw new UnfitException(column, "Base64");
    }
  }
}
