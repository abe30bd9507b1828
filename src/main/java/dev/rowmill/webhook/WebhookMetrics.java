package dev.rowmill.webhook;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.context.ApplicationScoped;

/** Counts deliveries. Thread-safe. */
@ApplicationScoped
class WebhookMetrics {

  private final Counter delivered;
  private final Counter refused;
  private final Counter givenUp;
  private volatile double pending = Double.NaN;
  private volatile double failed = Double.NaN;

  WebhookMetrics(MeterRegistry registry) {
    delivered = attempts(registry, "delivered");
    refused = attempts(registry, "refused");
    givenUp = attempts(registry, "given_up");
    Gauge.builder("rowmill.webhook.pending", () -> pending)
        .description("Pending deliveries; NaN without a webhook")
        .register(registry);
    Gauge.builder("rowmill.webhook.failed", () -> failed)
        .description("Failed deliveries that are retained; NaN without a webhook")
        .register(registry);
  }

  private static Counter attempts(MeterRegistry registry, String outcome) {
    return Counter.builder("rowmill.webhook.attempts")
        .description("Delivery attempts by result")
        .tag("outcome", outcome)
        .register(registry);
  }

  void delivered() {
    delivered.increment();
  }

  void refused() {
    refused.increment();
  }

  void givenUp() {
    givenUp.increment();
  }

  void counted(DeliveryTable.Counts counts) {
    pending = counts.pending();
    failed = counts.failed();
  }
}
