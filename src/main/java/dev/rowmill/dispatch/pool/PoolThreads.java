package dev.rowmill.dispatch.pool;

import dev.rowmill.engine.LanePool;
import io.agroal.api.AgroalDataSource;
import io.agroal.api.configuration.AgroalConnectionPoolConfiguration;
import io.quarkus.agroal.DataSource;
import io.smallrye.context.SmallRyeManagedExecutor;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.microprofile.context.ManagedExecutor;
import org.eclipse.microprofile.context.ThreadContext;

/**
 * Holds the threads that run batches only, and serve no HTTP. Their {@link ManagedExecutor} clears
 * the context of the request before a batch runs. Safe for many threads.
 */
@ApplicationScoped
public class PoolThreads implements LanePool {

  private static final int SPARE_CONNECTIONS = 10;

  private static final Duration IDLE = Duration.ofMinutes(1);

  /** Limits how long an interrupted thread may take to roll back. */
  private static final Duration AFTER_INTERRUPT = Duration.ofSeconds(2);

  private final ThreadPoolExecutor threads;
  private final ManagedExecutor executor;

  PoolThreads(PoolConfig config, @DataSource("data") AgroalDataSource data) {
    // Each thread needs a connection and a side connection, and requests need some for their
    // checks.
    AgroalConnectionPoolConfiguration connections =
        data.getConfiguration().connectionPoolConfiguration();
    connections.setMaxSize(Math.max(connections.maxSize(), 2 * config.size() + SPARE_CONNECTIONS));
    var number = new AtomicInteger();
    // Slots limit the queue before a batch is stored, so this executor rejects nothing.
    threads =
        new ThreadPoolExecutor(
            config.size(),
            config.size(),
            IDLE.toSeconds(),
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            work -> new Thread(work, "rowmill-" + number.incrementAndGet()));
    threads.allowCoreThreadTimeOut(true);
    executor =
        SmallRyeManagedExecutor.builder()
            .withExecutorService(threads)
            .propagated()
            .cleared(ThreadContext.ALL_REMAINING)
            .build();
  }

  /** Returns the executor for a scheduler, which must not shut it down. */
  public ManagedExecutor executor() {
    return executor;
  }

  @Override
  public void execute(Runnable work) {
    executor.execute(work);
  }

  @Override
  public int spare() {
    return threads.getMaximumPoolSize() - threads.getActiveCount() - threads.getQueue().size();
  }

  /**
   * Waits for the threads to end, and interrupts the rest.
   *
   * @return whether all ended without an interrupt
   */
  public boolean end(Duration atMost) {
    threads.shutdown();
    try {
      if (threads.awaitTermination(atMost.toMillis(), TimeUnit.MILLISECONDS)) {
        return true;
      }
      threads.shutdownNow();
      threads.awaitTermination(AFTER_INTERRUPT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return false;
  }
}
