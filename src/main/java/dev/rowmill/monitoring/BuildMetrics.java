package dev.rowmill.monitoring;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.Startup;
import jakarta.inject.Singleton;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Publishes the version of the build as a metric. */
@Startup
@Singleton
class BuildMetrics {

  BuildMetrics(
      @ConfigProperty(name = "quarkus.application.version") String version,
      MeterRegistry registry) {
    Gauge.builder("rowmill.build", () -> 1)
        .description("The running build; always 1")
        .tag("version", version)
        .register(registry);
  }
}
