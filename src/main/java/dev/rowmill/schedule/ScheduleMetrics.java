package dev.rowmill.schedule;

import dev.rowmill.schedule.ScheduleRun.Outcome;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.quarkus.runtime.Startup;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;

/** Counts firings, and measures how late they are. Thread-safe. */
@ApplicationScoped
@Startup
class ScheduleMetrics {

  private final Map<Outcome, Counter> firings = new EnumMap<>(Outcome.class);
  private final Timer lateness;

  ScheduleMetrics(MeterRegistry registry) {
    for (Outcome outcome : Outcome.values()) {
      firings.put(
          outcome,
          Counter.builder("rowmill.schedule.firings")
              .description("Firings of schedules, by outcome")
              .tag("outcome", outcome.text())
              .register(registry));
    }
    lateness =
        Timer.builder("rowmill.schedule.lateness")
            .description("Time from which a firing was due until its batch was stored")
            .publishPercentileHistogram(false)
            .register(registry);
  }

  void fired(Outcome outcome) {
    Counter counter = firings.get(outcome);
    if (counter != null) {
      counter.increment();
    }
  }

  void late(Duration by) {
    lateness.record(by.isNegative() ? Duration.ZERO : by);
  }
}
