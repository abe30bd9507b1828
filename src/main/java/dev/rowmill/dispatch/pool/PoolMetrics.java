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
        .description("Maximum number of threads of the pool")
        .register(registry);
    Gauge.builder("rowmill.pool.active", queue, it -> it.view().active())
        .description("Threads that run a batch")
        .register(registry);
    Gauge.builder("rowmill.pool.queued", queue, it -> it.view().queued())
        .description("Accepted batches without a thread")
        .register(registry);
    rejected =
        Counter.builder("rowmill.pool.rejected")
            .description("Starts rejected because the pool's queue was full")
            .register(registry);
    Gauge.builder("rowmill.serial.waiting", queue, it -> it.view().serial().waiting().size())
        .description("Serial batches that wait in the serial queue")
        .register(registry);
    serialWait =
        Timer.builder("rowmill.serial.wait")
            .description("Time that serial batches waited in the serial queue")
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
