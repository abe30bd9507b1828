package dev.rowmill.throttle;

import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** Formats measured values for people. */
final class Figures {

  private Figures() {}

  static String time(Duration time) {
    return time(time.toNanos());
  }

  /** Returns the time in milliseconds if it is below a second, else in seconds. */
  static String time(long nanos) {
    return nanos < TimeUnit.SECONDS.toNanos(1)
        ? String.format(Locale.ROOT, "%.0f ms", nanos / 1e6)
        : String.format(Locale.ROOT, "%.1f s", nanos / 1e9);
  }

  /** Returns a replica's lag, always in seconds, as servers report it. */
  static String seconds(double seconds) {
    return String.format(Locale.ROOT, "%.1f s", seconds);
  }
}
