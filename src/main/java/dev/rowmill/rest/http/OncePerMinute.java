package dev.rowmill.rest.http;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/** Admits each name at most once per minute. Safe for many threads. */
final class OncePerMinute {

  private static final Duration MINUTE = Duration.ofMinutes(1);

  /** Limits the names stored, and so the memory; further new names are not admitted. */
  private static final int MOST = 10_000;

  private final Clock clock;
  private final Map<String, Instant> passed = new HashMap<>();

  OncePerMinute(Clock clock) {
    this.clock = clock;
  }

  synchronized boolean isFirst(String name) {
    Instant now = clock.instant();
    Instant before = passed.get(name);
    if (before != null && now.isBefore(before.plus(MINUTE))) {
      return false;
    }
    if (passed.size() >= MOST) {
      passed.values().removeIf(at -> !now.isBefore(at.plus(MINUTE)));
    }
    if (passed.size() >= MOST) {
      return false;
    }
    passed.put(name, now);
    return true;
  }
}
