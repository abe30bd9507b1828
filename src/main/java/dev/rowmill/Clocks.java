package dev.rowmill;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import java.time.Clock;

/** The only place that asks the machine what time it is; everyone else is given a clock. */
@ApplicationScoped
class Clocks {

  /** UTC, for times that are stored or shown. Thread-safe. */
  @Produces
  @ApplicationScoped
  Clock clock() {
    return Clock.systemUTC();
  }
}
