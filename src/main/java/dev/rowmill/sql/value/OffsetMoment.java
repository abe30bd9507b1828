package dev.rowmill.sql.value;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Holds a date and time with an offset. The server receives it as the local time of the session,
 * since servers have no type for a moment with its offset.
 *
 * @param parameter name of the parameter
 * @param given text from the caller
 * @param digits number of digits of the second's fraction, 0 to 6
 * @param target column that it is compared with or assigned to
 */
record OffsetMoment(
    String parameter, String given, Instant instant, int digits, ValueTarget target) {

  /** Limits the digits of a second's fraction that servers store. */
  static final int MOST_DIGITS = 6;

  private static final Pattern DATE_TIME =
      Pattern.compile(
          "(\\d{4}-\\d\\d-\\d\\d)[T ](\\d\\d:\\d\\d(?::\\d\\d(?:\\.(\\d{1,30}))?)?)"
              + "(Z|[+-]\\d\\d:\\d\\d)?(\\[[A-Za-z0-9/_+-]{1,60}])?");

  /**
   * Holds a text that is a date and time.
   *
   * @param local local date and time, to the microsecond
   * @param instant the moment, if the text has an offset
   * @param digits number of digits of the second's fraction, without zeros after the sixth; more
   *     than 6 if the server would not store all of them
   */
  record DateTime(LocalDateTime local, Optional<Instant> instant, int digits) {

    /** Returns whether servers store all of the second's fraction. */
    boolean fitsServer() {
      return digits <= MOST_DIGITS;
    }
  }

  /** Reads a text; empty if it is not a date and time of the calendar. */
  static Optional<DateTime> read(String text) {
    if (text.length() < 16 || text.length() > 128 || text.charAt(4) != '-') {
      return Optional.empty();
    }
    Matcher matcher = DATE_TIME.matcher(text);
    if (!matcher.matches() || (matcher.group(5) != null && matcher.group(4) == null)) {
      return Optional.empty();
    }
    int digits = digits(matcher.group(3));
    // Java accepts nine digits; digits after the sixth are zeros, or the value is rejected.
    String time = shortened(matcher.group(2));
    String zone = matcher.group(4);
    String region = matcher.group(5);
    try {
      LocalDateTime local = LocalDateTime.parse(matcher.group(1) + "T" + time);
      if (local.getYear() == 0) {
        return Optional.empty();
      }
      String iso = local + (zone == null ? "" : zone);
      Optional<Instant> instant =
          zone == null
              ? Optional.empty()
              : Optional.of(
                  region == null
                      ? OffsetDateTime.parse(iso).toInstant()
                      : ZonedDateTime.parse(iso + region).toInstant());
      return Optional.of(new DateTime(local, instant, digits));
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  private static String shortened(String time) {
    int most = "00:00:00.".length() + MOST_DIGITS;
    return time.length() > most ? time.substring(0, most) : time;
  }

  /** Returns the number of significant digits of a fraction, without zeros after the sixth. */
  static int digits(@Nullable String fraction) {
    if (fraction == null) {
      return 0;
    }
    int digits = fraction.length();
    while (digits > MOST_DIGITS && fraction.charAt(digits - 1) == '0') {
      digits--;
    }
    return digits;
  }

  /** Returns whether a text is changed or rejected when it meets a date and time column. */
  static boolean dependsOnTarget(String text) {
    return read(text).filter(it -> it.instant().isPresent() || !it.fitsServer()).isPresent();
  }

  /** Returns the text that servers read as a date and time. */
  static String text(LocalDateTime local, int digits) {
    String pattern =
        "uuuu-MM-dd HH:mm:ss"
            + (digits == 0 ? "" : "." + "S".repeat(Math.min(digits, MOST_DIGITS)));
    return DateTimeFormatter.ofPattern(pattern, Locale.ROOT).format(local);
  }

  /** Returns SQL for a date and time in a statement. */
  static String sql(int digits) {
    return "CAST(CONVERT(? USING utf8mb4) AS DATETIME(" + digits + "))";
  }
}
