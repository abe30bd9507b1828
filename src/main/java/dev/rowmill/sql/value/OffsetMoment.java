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
 * A date and time with an offset, which the server gets as the local time of the session that it is
 * bound in. Servers have no type for a moment with its offset.
 *
 * @param parameter its name
 * @param given the text that the caller gave
 * @param digits of the second's fraction, 0 to 6
 * @param target what it is compared with or assigned to
 */
record OffsetMoment(
    String parameter, String given, Instant instant, int digits, ValueTarget target) {

  /** The most that servers keep of a second's fraction. */
  static final int MOST_DIGITS = 6;

  private static final Pattern DATE_TIME =
      Pattern.compile(
          "(\\d{4}-\\d\\d-\\d\\d)[T ](\\d\\d:\\d\\d(?::\\d\\d(?:\\.(\\d{1,30}))?)?)"
              + "(Z|[+-]\\d\\d:\\d\\d)?(\\[[A-Za-z0-9/_+-]{1,60}])?");

  /**
   * A text that is a date and time.
   *
   * @param local what the clock shows, to the microsecond
   * @param instant the moment, where the text has an offset
   * @param digits of the second's fraction, without zeros beyond the sixth; more than 6 where the
   *     server would not keep all of them
   */
  record DateTime(LocalDateTime local, Optional<Instant> instant, int digits) {

    /** Whether servers keep all of the second's fraction. */
    boolean isKept() {
      return digits <= MOST_DIGITS;
    }
  }

  /** Reads a text; empty where it is no date and time of the calendar. */
  static Optional<DateTime> read(String text) {
    if (text.length() < 16 || text.length() > 128 || text.charAt(4) != '-') {
      return Optional.empty();
    }
    Matcher matcher = DATE_TIME.matcher(text);
    if (!matcher.matches() || (matcher.group(5) != null && matcher.group(4) == null)) {
      return Optional.empty();
    }
    int digits = digits(matcher.group(3));
    // Java takes nine digits; what goes beyond the sixth is zeros, or the value is refused.
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

  /** How many digits of a fraction count: zeros behind the sixth don't. */
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

  /** Whether a text is another value, or none, where it meets a column of times. */
  static boolean dependsOnTarget(String text) {
    return read(text).filter(it -> it.instant().isPresent() || !it.isKept()).isPresent();
  }

  /** The text that servers read as a date and time. */
  static String text(LocalDateTime local, int digits) {
    String pattern =
        "uuuu-MM-dd HH:mm:ss"
            + (digits == 0 ? "" : "." + "S".repeat(Math.min(digits, MOST_DIGITS)));
    return DateTimeFormatter.ofPattern(pattern, Locale.ROOT).format(local);
  }

  /** What stands for a date and time in a statement. */
  static String sql(int digits) {
    return "CAST(CONVERT(? USING utf8mb4) AS DATETIME(" + digits + "))";
  }
}
