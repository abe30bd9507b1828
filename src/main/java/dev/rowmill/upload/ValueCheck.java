package dev.rowmill.upload;

import dev.rowmill.changes.ReadableColumn;
import dev.rowmill.sql.table.TableDefinition.Column;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Checks that a column stores a value of a file exactly as it was sent. What the server itself
 * rejects in strict mode is left to it. Immutable.
 */
final class ValueCheck {

  private static final Pattern INTEGER = Pattern.compile("-?[0-9]{1,30}");
  private static final Pattern NUMBER =
      Pattern.compile("-?([0-9]{1,400}(\\.[0-9]{0,400})?|\\.[0-9]{1,400})([eE][+-]?[0-9]{1,3})?");
  private static final Pattern DATE = Pattern.compile("([0-9]{4})-([0-9]{2})-([0-9]{2})");
  private static final Pattern DATETIME =
      Pattern.compile("(\\d{4}-\\d{2}-\\d{2})[ T](\\d{2}):(\\d{2}):(\\d{2})(?:\\.(\\d{1,9}))?");
  private static final Pattern TIME =
      Pattern.compile("-?(\\d{1,3}):(\\d{2}):(\\d{2})(?:\\.(\\d{1,9}))?");
  private static final int MOST_HOURS = 838;
  private static final int SHOWN = 60;

  private static final Map<String, Integer> INTEGER_BITS =
      Map.of("tinyint", 8, "smallint", 16, "mediumint", 24, "int", 32, "bigint", 64);

  private static final Set<String> BINARY =
      Set.of("binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob", "vector");

  private static final Set<String> GEOMETRY =
      Set.of(
          "geometry",
          "point",
          "linestring",
          "polygon",
          "multipoint",
          "multilinestring",
          "multipolygon",
          "geometrycollection",
          "geomcollection");

  private final Column column;
  private final boolean nullable;
  private final boolean unsigned;

  /** Holds the number in the parentheses of the type; the maximum without one. */
  private final int length;

  private final Set<String> labels = new LinkedHashSet<>();

  /**
   * @param nullable whether NULL is accepted
   */
  ValueCheck(Column column, boolean nullable) {
    this.column = column;
    this.nullable = nullable;
    unsigned = column.fullType().contains("unsigned") || column.fullType().contains("zerofill");
    Matcher inParentheses = Pattern.compile("^[a-z0-9]+\\((\\d+)\\)").matcher(column.fullType());
    length = inParentheses.find() ? Integer.parseInt(inParentheses.group(1)) : Integer.MAX_VALUE;
    if (column.type().equals("enum") || column.type().equals("set")) {
      labels.addAll(ReadableColumn.labelsOf(column.fullType()));
    }
  }

  /** Returns whether values are Base64. */
  static boolean isBinary(String type) {
    return BINARY.contains(type) || GEOMETRY.contains(type);
  }

  /** Returns why the column can't store a value, in English; null if it can. */
  @Nullable String problem(@Nullable String value) {
    String problem = value == null ? (nullable ? null : "NULL is not allowed") : of(value);
    return problem == null
        ? null
        : "column " + column.name() + ": " + (value == null ? "" : shown(value) + " ") + problem;
  }

  private static String shown(String value) {
    String some = value.length() > SHOWN ? value.substring(0, SHOWN) + "…" : value;
    return '"' + some.replace('\n', ' ') + '"';
  }

  private @Nullable String of(String value) {
    String type = column.type();
    if (INTEGER_BITS.containsKey(type)) {
      return integer(value, INTEGER_BITS.getOrDefault(type, 0));
    } else if (isBinary(type)) {
      return binary(value);
    }
    return switch (type) {
      case "decimal" -> decimal(value);
      case "float", "double" -> real(value);
      case "bit" -> bit(value);
      case "date" -> date(value) ? null : "is no date such as 2026-03-01";
      case "datetime", "timestamp" -> dateTime(value);
      case "time" -> time(value);
      case "year" -> year(value);
      case "char", "varchar" -> text(value);
      case "enum" -> labels.contains(value) ? null : "is none of its values";
      case "set" ->
          value.isEmpty() || labels.containsAll(Arrays.asList(value.split(",", -1)))
              ? null
              : "is no list of its values";
      default -> null;
    };
  }

  private @Nullable String integer(String value, int bits) {
    if (!INTEGER.matcher(value).matches()) {
      return "is no whole number";
    }
    BigInteger number = new BigInteger(value);
    BigInteger size = BigInteger.ONE.shiftLeft(unsigned ? bits : bits - 1);
    BigInteger least = unsigned ? BigInteger.ZERO : size.negate();
    return number.compareTo(least) < 0 || number.compareTo(size) >= 0 ? "is out of range" : null;
  }

  private @Nullable String decimal(String value) {
    if (!NUMBER.matcher(value).matches()) {
      return "is no number";
    }
    BigDecimal number = new BigDecimal(value).stripTrailingZeros();
    if (number.scale() > column.scale()) {
      return "has more than " + column.scale() + " digits after the point";
    }
    boolean fits = number.precision() - number.scale() <= column.precision() - column.scale();
    return number.signum() != 0 && (!fits || (unsigned && number.signum() < 0))
        ? "is out of range"
        : null;
  }

  private @Nullable String real(String value) {
    if (!NUMBER.matcher(value).matches()) {
      return "is no number";
    }
    double number = Double.parseDouble(value);
    boolean tooLarge =
        column.type().equals("float")
            ? Float.isInfinite((float) number)
            : Double.isInfinite(number);
    if (tooLarge || (unsigned && number < 0)) {
      return "is out of range";
    }
    boolean rounds = column.fullType().contains(",");
    return rounds && new BigDecimal(value).stripTrailingZeros().scale() > column.scale()
        ? "has more than " + column.scale() + " digits after the point"
        : null;
  }

  private @Nullable String bit(String value) {
    if (!INTEGER.matcher(value).matches() || value.startsWith("-")) {
      return "is no number of a BIT";
    }
    return new BigInteger(value).bitLength() > length ? "is out of range" : null;
  }

  private static boolean date(String value) {
    Matcher date = DATE.matcher(value);
    if (!date.matches()) {
      return false;
    }
    int month = Integer.parseInt(date.group(2));
    int day = Integer.parseInt(date.group(3));
    if (month == 0 || day == 0) {
      return month <= 12 && day <= 31;
    }
    try {
      LocalDate.of(Integer.parseInt(date.group(1)), month, day);
      return true;
    } catch (DateTimeException e) {
      return false;
    }
  }

  private @Nullable String dateTime(String value) {
    Matcher parts = DATETIME.matcher(value);
    if (!parts.matches()
        || !date(parts.group(1))
        || Integer.parseInt(parts.group(2)) > 23
        || Integer.parseInt(parts.group(3)) > 59
        || Integer.parseInt(parts.group(4)) > 59) {
      return "is no date and time such as 2026-03-01 10:15:00";
    }
    return fraction(parts.group(5));
  }

  private @Nullable String time(String value) {
    Matcher parts = TIME.matcher(value);
    if (!parts.matches()
        || Integer.parseInt(parts.group(1)) > MOST_HOURS
        || Integer.parseInt(parts.group(2)) > 59
        || Integer.parseInt(parts.group(3)) > 59) {
      return "is no time from -838:59:59 to 838:59:59";
    }
    return fraction(parts.group(4));
  }

  private @Nullable String fraction(@Nullable String digits) {
    int needed = digits == null ? 0 : digits.replaceAll("0+$", "").length();
    return needed > column.fraction()
        ? "has more than " + column.fraction() + " digits of a second"
        : null;
  }

  private static @Nullable String year(String value) {
    // A number as in Parquet has no zeros before it.
    return value.equals("0000")
            || value.equals("0")
            || (value.matches("[0-9]{4}")
                && value.compareTo("1901") >= 0
                && value.compareTo("2155") <= 0)
        ? null
        : "is no year from 1901 to 2155";
  }

  private @Nullable String text(String value) {
    if (value.length() > length && value.codePointCount(0, value.length()) > length) {
      return "has more than " + length + " characters";
    }
    return column.type().equals("char") && value.endsWith(" ")
        ? "ends with a blank, which a CHAR does not keep"
        : null;
  }

  private @Nullable String binary(String value) {
    byte[] bytes;
    try {
      bytes = Base64.getDecoder().decode(value);
    } catch (IllegalArgumentException e) {
      return "is no Base64";
    }
    if (column.type().equals("binary") && bytes.length != length) {
      return "has %d bytes, not %d".formatted(bytes.length, length);
    }
    return column.type().equals("varbinary") && bytes.length > length
        ? "has more than " + length + " bytes"
        : null;
  }
}
