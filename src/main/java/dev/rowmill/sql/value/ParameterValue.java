package dev.rowmill.sql.value;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.rowmill.sql.value.OffsetMoment.DateTime;
import dev.rowmill.task.Refusal.Reason;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Holds one value of a caller in the form that the server receives.
 *
 * @param sql SQL for it in the statement
 * @param values values for its question mark; none if the value itself is in the text
 */
public record ParameterValue(String sql, List<BoundText.Value> values) {

  private static final Pattern DATE = Pattern.compile("\\d{4}-\\d\\d-\\d\\d");
  private static final Pattern TIME =
      Pattern.compile("(-?)(\\d{1,3}):([0-5]\\d)(?::([0-5]\\d)(?:\\.(\\d{1,30}))?)?");
  private static final Pattern DECIMAL =
      Pattern.compile("[+-]?(\\d{1,200}(\\.\\d{0,200})?|\\.\\d{1,200})([eE][+-]?\\d{1,9})?");

  private static final ObjectMapper JSON = new ObjectMapper();

  // The limits of DECIMAL in MySQL; MariaDB allows more digits after the point.
  private static final int MAX_DIGITS = 65;
  private static final int MAX_SCALE = 30;

  /** Limits the hours of a TIME: both servers allow up to 838:59:59. */
  private static final int MAX_HOURS = 838;

  private static final int MAX_SECONDS = 59 * 60 + 59;

  /** Limits the levels of a document to what MariaDB can read. */
  private static final int DEEPEST_JSON = 31;

  /**
   * Returns a value in the form that the server receives.
   *
   * @param name name of the parameter
   * @param value a text, a number, a boolean, null, or a map of one member that names a type
   * @param target column that the value is directly compared with or assigned to
   * @param reasons receives the reasons why the value is invalid
   */
  public static ParameterValue of(
      String name, @Nullable Object value, ValueTarget target, Set<Reason> reasons) {
    if (value == null) {
      return plain(null);
    }
    if (value instanceof Boolean flag) {
      // Drivers bind a boolean as 1 or 0, which JSON functions treat as a number.
      return new ParameterValue(flag ? "TRUE" : "FALSE", List.of());
    }
    if (value instanceof String text) {
      return text(name, text, target, reasons);
    }
    Optional<BigDecimal> number = number(value);
    if (number.isPresent()) {
      return value instanceof Integer || value instanceof Long || value instanceof Short
          ? plain(((Number) value).longValue())
          : decimal(name, number.get(), reasons);
    }
    if (value instanceof Map<?, ?> typed && typed.size() == 1) {
      Map.Entry<?, ?> member = typed.entrySet().iterator().next();
      return typed(name, String.valueOf(member.getKey()), member.getValue(), target, reasons);
    }
    return refused("parameter-kind", name, reasons);
  }

  private static ParameterValue plain(@Nullable Object value) {
    return new ParameterValue("?", List.of(new BoundText.Value(value)));
  }

  /**
   * Returns the value with the type of its number, for a use without a column. When MySQL prepares
   * an expression, it treats a parameter as a decimal with 30 places. It shows in text made from
   * the value, and a division is computed to nine places.
   */
  public ParameterValue withType() {
    Object value = sql.equals("?") && values.size() == 1 ? values.get(0).value() : null;
    if (value instanceof BigDecimal number && isUnsigned(number)) {
      return new ParameterValue("CAST(CAST(? AS DECIMAL(20,0)) AS UNSIGNED)", values);
    }
    if (value instanceof BigDecimal number) {
      int digits = Math.max(number.precision(), number.scale());
      String type = "DECIMAL(" + digits + "," + number.scale() + ")";
      return new ParameterValue("CAST(? AS " + type + ")", values);
    }
    return value instanceof Long ? new ParameterValue("CAST(? AS SIGNED)", values) : this;
  }

  /** Returns whether it is a whole number that fits into 64 bits only without a sign. */
  private static boolean isUnsigned(BigDecimal number) {
    return number.scale() == 0
        && number.signum() > 0
        && number.unscaledValue().bitLength() == Long.SIZE;
  }

  private static ParameterValue refused(String code, String name, Set<Reason> reasons) {
    reasons.add(Reason.of(code, "parameter", name));
    return plain(null);
  }

  private static Optional<BigDecimal> number(Object value) {
    if (value instanceof Integer || value instanceof Long || value instanceof Short) {
      return Optional.of(BigDecimal.valueOf(((Number) value).longValue()));
    } else if (value instanceof BigInteger whole) {
      return Optional.of(new BigDecimal(whole));
    } else if (value instanceof BigDecimal decimal) {
      return Optional.of(decimal);
    } else if (value instanceof Double || value instanceof Float) {
      return Double.isFinite(((Number) value).doubleValue())
          ? Optional.of(new BigDecimal(value.toString()))
          : Optional.empty();
    }
    return Optional.empty();
  }

  private static ParameterValue decimal(String name, BigDecimal number, Set<Reason> reasons) {
    BigDecimal exact = number;
    if (exact.scale() > MAX_SCALE || exact.precision() > MAX_DIGITS) {
      exact = exact.stripTrailingZeros();
    }
    // A zero with any exponent is a zero; other numbers are expanded only once they are known to
    // fit.
    if (exact.signum() == 0 && (exact.scale() < 0 || exact.scale() > MAX_SCALE)) {
      exact = BigDecimal.ZERO;
    }
    long whole = (long) exact.precision() - exact.scale();
    if (exact.scale() > MAX_SCALE || whole + Math.max(0, exact.scale()) > MAX_DIGITS) {
      return refused("parameter-number", name, reasons);
    }
    return plain(exact.scale() < 0 ? exact.setScale(0) : exact);
  }

  /**
   * Returns a text unchanged, unless it has an offset and is used with a date and time column:
   * MariaDB would ignore the offset.
   */
  private static ParameterValue text(
      String name, String text, ValueTarget target, Set<Reason> reasons) {
    Optional<DateTime> time = target.isTemporal() ? OffsetMoment.read(text) : Optional.empty();
    if (time.isPresent() && !time.get().fitsServer()) {
      return refused("parameter-fraction", name, reasons);
    }
    return time.isPresent() && time.get().instant().isPresent()
        ? dateTime(name, text, time.get(), target)
        : plain(text);
  }

  private static ParameterValue dateTime(
      String name, String given, DateTime time, ValueTarget target) {
    Object bound =
        time.instant().isPresent()
            ? new OffsetMoment(name, given, time.instant().get(), time.digits(), target)
            : OffsetMoment.text(time.local(), time.digits());
    return new ParameterValue(OffsetMoment.sql(time.digits()), List.of(new BoundText.Value(bound)));
  }

  private static ParameterValue typed(
      String name, String type, @Nullable Object content, ValueTarget target, Set<Reason> reasons) {
    if (type.equals("json")) {
      return json(name, content, reasons);
    }
    if (type.equals("decimal") && content != null && !(content instanceof String)) {
      Optional<BigDecimal> number = number(content);
      return number.isPresent()
          ? decimal(name, number.get(), reasons)
          : refused("parameter-decimal", name, reasons);
    }
    String text = content instanceof String given ? given : "";
    return switch (type) {
      case "datetime" -> typedDateTime(name, text, target, reasons);
      case "date" -> date(name, text, reasons);
      case "time" -> time(name, text, reasons);
      case "decimal" ->
          DECIMAL.matcher(text).matches()
              ? decimal(name, new BigDecimal(text), reasons)
              : refused("parameter-decimal", name, reasons);
      case "base64" -> bytes(name, content, reasons);
      default -> refused("parameter-kind", name, reasons);
    };
  }

  private static ParameterValue typedDateTime(
      String name, String text, ValueTarget target, Set<Reason> reasons) {
    Optional<DateTime> time = OffsetMoment.read(text);
    if (time.isEmpty()) {
      return refused("parameter-datetime", name, reasons);
    }
    return time.get().fitsServer()
        ? dateTime(name, text, time.get(), target)
        : refused("parameter-fraction", name, reasons);
  }

  private static ParameterValue date(String name, String text, Set<Reason> reasons) {
    try {
      if (DATE.matcher(text).matches() && LocalDate.parse(text).getYear() > 0) {
        return new ParameterValue(
            "CAST(CONVERT(? USING utf8mb4) AS DATE)", List.of(new BoundText.Value(text)));
      }
    } catch (DateTimeException e) {
      // A day that is not in the calendar.
    }
    return refused("parameter-date", name, reasons);
  }

  private static ParameterValue time(String name, String text, Set<Reason> reasons) {
    Matcher time = TIME.matcher(text);
    if (!time.matches()) {
      return refused("parameter-time", name, reasons);
    }
    int hours = Integer.parseInt(time.group(2));
    String second = time.group(4) == null ? "00" : time.group(4);
    int seconds = Integer.parseInt(time.group(3)) * 60 + Integer.parseInt(second);
    String fraction = time.group(5) == null ? "" : time.group(5);
    boolean none = fraction.chars().allMatch(digit -> digit == '0');
    if (hours > MAX_HOURS || (hours == MAX_HOURS && seconds == MAX_SECONDS && !none)) {
      return refused("parameter-time", name, reasons);
    }
    int digits = OffsetMoment.digits(fraction);
    if (digits > OffsetMoment.MOST_DIGITS) {
      return refused("parameter-fraction", name, reasons);
    }
    String full =
        time.group(1)
            + (hours < 10 ? "0" : "")
            + hours
            + ":"
            + time.group(3)
            + ":"
            + second
            + (digits == 0 ? "" : "." + fraction.substring(0, digits));
    return new ParameterValue(
        "CAST(CONVERT(? USING utf8mb4) AS TIME(" + digits + "))",
        List.of(new BoundText.Value(full)));
  }

  /**
   * Returns a document. Both servers treat the result of JSON_EXTRACT as JSON, and a plain text as
   * text.
   */
  private static ParameterValue json(String name, @Nullable Object content, Set<Reason> reasons) {
    if (depth(content) > DEEPEST_JSON) {
      return refused("parameter-json", name, reasons);
    }
    try {
      String text = JSON.writeValueAsString(content);
      return new ParameterValue(
          "JSON_EXTRACT(?, '$')",
          List.of(new BoundText.Value(new BoundText.Json(name, text, isRounded(content)))));
    } catch (JsonProcessingException e) {
      return refused("parameter-json", name, reasons);
    }
  }

  private static int depth(@Nullable Object content) {
    int deepest = 0;
    for (Object inner : inner(content)) {
      deepest = Math.max(deepest, depth(inner));
    }
    return 1 + deepest;
  }

  private static Iterable<? extends @Nullable Object> inner(@Nullable Object content) {
    return content instanceof Map<?, ?> members
        ? members.values()
        : content instanceof List<?> items ? items : List.of();
  }

  /**
   * Returns whether it contains a number that neither a double nor a 64-bit integer can represent.
   */
  private static boolean isRounded(@Nullable Object content) {
    for (Object inner : inner(content)) {
      if (isRounded(inner)) {
        return true;
      }
    }
    if (content instanceof BigInteger whole) {
      return whole.bitLength() > (whole.signum() < 0 ? Long.SIZE - 1 : Long.SIZE);
    }
    if (content instanceof BigDecimal number) {
      double rounded = number.doubleValue();
      return !Double.isFinite(rounded) || BigDecimal.valueOf(rounded).compareTo(number) != 0;
    }
    return false;
  }

  private static ParameterValue bytes(String name, @Nullable Object content, Set<Reason> reasons) {
    if (content instanceof String text) {
      try {
        byte[] bytes = Base64.getDecoder().decode(text);
        // Unused bits must be zero, so that one value has only one text.
        if (Base64.getEncoder().encodeToString(bytes).equals(text)) {
          return plain(new BoundText.Bytes(text));
        }
      } catch (IllegalArgumentException e) {
        // A character that is not Base64.
      }
    }
    return refused("parameter-bytes", name, reasons);
  }
}
