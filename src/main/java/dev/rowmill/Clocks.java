package dev.rowmill;

import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.time.ZoneOffset;

/** Where the time comes from; everything else is given a {@link Clock}. */
class Clocks {

  @Produces
  @Singleton
  Clock clock() {
    // As fine as times are stored.
    return Clock.tickMillis(ZoneOffset.UTC);
  }
}
