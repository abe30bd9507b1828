package dev.rowmill.dispatch.pool;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.concurrent.TimeUnit;

/** Publishes metrics of the pool and the serial queue. Safe for many threads. */
public final class PoolMetrics {

  private final Counter rejected;
  private final Timer serialWait;

  public PoolMetrics(MeterRegistry registry, LaunchQueue queue) {
    Gauge.builder("rowmill.pool.size", queue, it -> it.view().size())
        .description("Threads that the pool may have")
        .register(registry);
    Gauge.builder("rowmill.pool.active", queue, it -> it.view().active())
        .description("Threads of the pool that work on a batch")
        .register(registry);
    Gauge.builder("rowmill.pool.queued", queue, it -> it.view().queued())
        .description("Batches accepted that have no thread yet")
        .register(registry);
    rejected =
        Counter.builder("rowmill.pool.rejected")
            .description("Starts refused because the pool and its queue were full")
            .register(registry);
    Gauge.builder("rowmill.serial.waiting", queue, it -> it.view().serial().waiting().size())
        .description("Serial batches in line behind the one whose turn it is")
        .register(registry);
    serialWait =
        Timer.builder("rowmill.serial.wait")
            .description("Time that a serial batch stood in line before its turn")
            .register(registry);
  }

  /** Counts a start that was rejected because the pool and its queue were full. */
  public void rejected() {
    rejected.increment();
  }

  /**
   * Records how long a serial batch was queued.
   *
   * @param joined when it joined the serial queue, by {@link System#nanoTime}
   */
  public void serialTurn(long joined) {
    serialWait.record(System.nanoTime() - joined, TimeUnit.NANOSECONDS);
  }
}
