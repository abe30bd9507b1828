package dev.rowmill.throttle;

import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** Writes measured values as people read them. */
final class Figures {

  private Figures() {}

  static String time(Duration time) {
    return time(time.toNanos());
  }

  /** Milliseconds below a second, else seconds. */
  static String time(long nanos) {
    return nanos < TimeUnit.SECONDS.toNanos(1)
        ? String.format(Locale.ROOT, "%.0f ms", nanos / 1e6)
        : String.format(Locale.ROOT, "%.1f s", nanos / 1e9);
  }

  /** A replica's lag is always seconds, as servers tell it. */
  static String seconds(double seconds) {
    return String.format(Locale.ROOT, "%.1f s", seconds);
  }
}
