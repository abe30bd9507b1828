package dev.rowmill.rest.batch;

import dev.rowmill.rest.http.JsonBody;
import dev.rowmill.task.Refusal.Reason;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/** Reads the times at which batches start. Stateless. */
public final class StartTime {

  /** Limits the characters of a time. */
  public static final int LONGEST = 64;

  private static final int MOST_DAYS = 366;

  private StartTime() {}

  /** Checks that a start time, unless it is null, is a time with an offset. */
  static void check(JsonBody body, String name, @Nullable String text) {
    check(body, name, text, reason());
  }

  /** Checks that a text, unless it is null, is a time with an offset. */
  public static void check(JsonBody body, String name, @Nullable String text, Reason reason) {
    if (text != null) {
      try {
        of(text);
      } catch (DateTimeException | ArithmeticException e) {
        body.violation(name, reason);
      }
    }
  }

  /**
   * Returns the time that a text names, to the millisecond.
   *
   * @throws DateTimeException when it is no time with an offset
   */
  public static Instant of(String text) {
    return OffsetDateTime.parse(text).toInstant().truncatedTo(ChronoUnit.MILLIS);
  }

  /** Checks whether a time is in the future, and not too far ahead. */
  static boolean isAllowed(Instant time, Instant now) {
    return time.isAfter(now) && !time.isAfter(now.plus(Duration.ofDays(MOST_DAYS)));
  }

  /** Returns the reason why a time is rejected. */
  static Reason reason() {
    return Reason.of("start-time", "days", String.valueOf(MOST_DAYS));
  }
}
