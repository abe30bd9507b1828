package dev.rowmill.throttle;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;

/** Exports the last sampled values; NaN while no batch needs them, or where they can't be read. */
final class ThrottleMetrics {

  private ThrottleMetrics() {}

  static void main(MeterRegistry registry, Measures measures) {
    Gauge.builder("rowmill.throttle.threads.running", measures.threads(), Measure::shown)
        .description("Running threads of the main server")
        .register(registry);
    Gauge.builder("rowmill.throttle.history.length", measures.history(), Measure::shown)
        .description("Length of InnoDB's history list on the main server")
        .register(registry);
  }

  static void replica(MeterRegistry registry, String address, Measure lag) {
    Gauge.builder("rowmill.throttle.replica.lag.seconds", lag, Measure::shown)
        .description("Lag of a replica")
        .tag("replica", address)
        .register(registry);
  }
}
