package dev.rowmill.sql;

import dev.rowmill.task.Refusal.Reason;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.DateTimeException;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One value of a caller's, as the server is given it.
 *
 * @param sql what stands for it in the statement
 * @param values for its question mark; none where the value itself is in the text
 */
record ParameterValue(String sql, List<BoundText.Value> values) {

  private static final Pattern LOCAL =
      Pattern.compile("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d(:\\d\\d(\\.\\d{1,9})?)?");
  private static final Pattern ZONED =
      Pattern.compile(LOCAL.pattern() + "(Z|[+-]\\d\\d:\\d\\d)(\\[[A-Za-z0-9/_+-]+])?");
  private static final DateTimeFormatter UTC =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss.SSSSSS", Locale.ROOT);

  // The limits of DECIMAL in MySQL; MariaDB allows more digits behind the point.
  private static final int MAX_DIGITS = 65;
  private static final int MAX_SCALE = 30;

  static ParameterValue of(String name, @Nullable Object value, Set<Reason> reasons) {
    if (value == null) {
      return plain(null);
    }
    if (value instanceof Boolean flag) {
      // Drivers bind a boolean as the number 1 or 0, which JSON functions take for a number.
      return new ParameterValue(flag ? "TRUE" : "FALSE", List.of());
    }
    if (value instanceof String text) {
      return text(text);
    }
    if (value instanceof Integer || value instanceof Long || value instanceof Short) {
      return plain(((Number) value).longValue());
    }
    if (value instanceof BigInteger number) {
      return decimal(name, new BigDecimal(number), reasons);
    }
    if (value instanceof BigDecimal number) {
      return decimal(name, number, reasons);
    }
    if ((value instanceof Double || value instanceof Float)
        && Double.isFinite(((Number) value).doubleValue())) {
      return decimal(name, new BigDecimal(value.toString()), reasons);
    }
    reasons.add(Reason.of("parameter-kind", "parameter", name));
    return plain(null);
  }

  private static ParameterValue plain(@Nullable Object value) {
    return new ParameterValue("?", List.of(new BoundText.Value(value)));
  }

  private static ParameterValue decimal(String name, BigDecimal number, Set<Reason> reasons) {
    BigDecimal exact = number;
    if (exact.scale() > MAX_SCALE || exact.precision() > MAX_DIGITS) {
      exact = exact.stripTrailingZeros();
    }
    long whole = (long) exact.precision() - exact.scale();
    if (exact.scale() > MAX_SCALE || whole + Math.max(0, exact.scale()) > MAX_DIGITS) {
      reasons.add(Reason.of("parameter-number", "parameter", name));
      return plain(null);
    }
    return plain(exact.scale() < 0 ? exact.setScale(0) : exact);
  }

  /** ISO date-times are understood; other text is left as it is. */
  private static ParameterValue text(String text) {
    if (text.length() >= 16 && text.charAt(10) == 'T') {
      try {
        if (LOCAL.matcher(text).matches()) {
          LocalDateTime.parse(text);
          return plain(text.replace('T', ' '));
        }
        if (ZONED.matcher(text).matches()) {
          ZonedDateTime utc = ZonedDateTime.parse(text).withZoneSameInstant(ZoneOffset.UTC);
          return new ParameterValue(
              "CONVERT_TZ(?, '+00:00', @@session.time_zone)",
              List.of(new BoundText.Value(UTC.format(utc))));
        }
      } catch (DateTimeException e) {
        return plain(text);
      }
    }
    return plain(text);
  }
}
