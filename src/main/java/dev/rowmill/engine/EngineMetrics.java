package dev.rowmill.engine;

import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.Progress;
import dev.rowmill.database.DatabaseFailure;
import dev.rowmill.throttle.Reason;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.quarkus.runtime.Startup;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/** Counts chunks, rows, waits and retries of the engine. Safe for many threads. */
@Startup
@ApplicationScoped
class EngineMetrics implements EngineListener {

  private static final Duration[] BUCKETS =
      Stream.of(1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 30_000, 60_000)
          .map(Duration::ofMillis)
          .toArray(Duration[]::new);

  private final Counter rows;
  private final Counter skipped;
  private final Timer chunks;
  private final Map<String, Timer> throttled = new HashMap<>();

  /** Counts the waits for any other reason, so the label has a fixed set of values. */
  private final Timer otherwise;

  private final Map<DatabaseFailure, Counter> retries = new EnumMap<>(DatabaseFailure.class);

  EngineMetrics(MeterRegistry registry) {
    rows =
        Counter.builder("rowmill.rows.changed")
            .description("Rows changed by committed chunks")
            .register(registry);
    skipped =
        Counter.builder("rowmill.rows.skipped")
            .description("Rows that rejected their change, and were noted and passed over")
            .register(registry);
    chunks =
        Timer.builder("rowmill.chunk.time")
            .description("Time of a chunk's transaction, up to its commit")
            .serviceLevelObjectives(BUCKETS)
            .register(registry);
    Stream.concat(
            Stream.of(Reason.values()).map(Reason::text),
            Stream.of(ChunkPermit.UNDO_SPACE, WindowGate.WINDOW))
        .forEach(reason -> throttled.put(reason, waits(reason, registry)));
    otherwise = waits("other", registry);
    for (DatabaseFailure failure : DatabaseFailure.values()) {
      retries.put(
          failure,
          Counter.builder("rowmill.chunk.retries")
              .description("Chunks rolled back and retried")
              .tag("reason", failure.name().toLowerCase(Locale.ROOT))
              .register(registry));
    }
  }

  private static Timer waits(String reason, MeterRegistry registry) {
    return Timer.builder("rowmill.throttle.waits")
        .description("Time that threads were held between two chunks")
        .tag("reason", reason)
        .register(registry);
  }

  @Override
  public void chunkDone(BatchView batch, Progress progress, ChunkDone chunk) {
    rows.increment(chunk.rowsChanged());
    skipped.increment(chunk.rowsSkipped());
    if (!chunk.took().isZero()) {
      chunks.record(chunk.took());
    }
  }

  @Override
  public void heldBack(BatchView batch, String reason, Duration held) {
    throttled.getOrDefault(reason, otherwise).record(held);
  }

  @Override
  public void retried(BatchView batch, int lane, DatabaseFailure failure, Duration took) {
    Counter counter = retries.get(failure);
    if (counter != null) {
      counter.increment();
    }
  }
}
