package dev.rowmill.schedule;

import dev.rowmill.batch.Approval;
import dev.rowmill.batch.BatchView;
import dev.rowmill.schedule.ScheduleRun.Outcome;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.quarkus.runtime.Startup;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Counts firings, and measures how late they are. Thread-safe. */
@ApplicationScoped
@Startup
class ScheduleMetrics {

  private final Map<Outcome, Counter> firings = new EnumMap<>(Outcome.class);
  private final Map<String, Counter> waiting = new ConcurrentHashMap<>();
  private final MeterRegistry registry;
  private final Counter purged;
  private final Timer lateness;

  ScheduleMetrics(MeterRegistry registry) {
    this.registry = registry;
    waiting("many-rows");
    waiting("unusual-rows");
    for (Outcome outcome : Outcome.values()) {
      firings.put(
          outcome,
          Counter.builder("rowmill.schedule.firings")
              .description("Firings of schedules, by outcome")
              .tag("outcome", outcome.text())
              .register(registry));
    }
    purged =
        Counter.builder("rowmill.schedule.runs.purged")
            .description("Expired runs of schedules that were deleted")
            .register(registry);
    lateness =
        Timer.builder("rowmill.schedule.lateness")
            .description("Time from which a firing was due until its batch was stored")
            .publishPercentileHistogram(false)
            .register(registry);
  }

  private Counter waiting(String reason) {
    return waiting.computeIfAbsent(
        reason,
        it ->
            Counter.builder("rowmill.schedule.approvals.awaited")
                .description("Batches of schedules that waited for an approval, by reason")
                .tag("reason", it)
                .register(registry));
  }

  /** Counts a batch that waits for an approval. */
  void started(BatchView batch) {
    Approval approval = batch.approval();
    if (approval != null && approval.isAwaited()) {
      waiting(approval.reason()).increment();
    }
  }

  void fired(Outcome outcome) {
    Counter counter = firings.get(outcome);
    if (counter != null) {
      counter.increment();
    }
  }

  void purged(int runs) {
    purged.increment(runs);
  }

  void late(Duration by) {
    lateness.record(by.isNegative() ? Duration.ZERO : by);
  }
}
