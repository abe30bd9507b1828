package dev.rowmill.dispatch.pool;

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
 * The threads that batches run on, and nothing else: not those that serve HTTP. They come as a
 * {@link ManagedExecutor}, that carries no request's context into a batch. Safe for many threads.
 */
@ApplicationScoped
public class PoolThreads {

  private static final int SPARE_CONNECTIONS = 10;

  private static final Duration IDLE = Duration.ofMinutes(1);

  /** How long an interrupted thread is given to roll back. */
  private static final Duration AFTER_INTERRUPT = Duration.ofSeconds(2);

  private final ThreadPoolExecutor threads;
  private final ManagedExecutor executor;

  PoolThreads(PoolConfig config, @DataSource("data") AgroalDataSource data) {
    // Whoever gets a thread gets a connection and one to look ahead by, and requests can still be
    // checked.
    AgroalConnectionPoolConfiguration connections =
        data.getConfiguration().connectionPoolConfiguration();
    connections.setMaxSize(Math.max(connections.maxSize(), 2 * config.size() + SPARE_CONNECTIONS));
    var number = new AtomicInteger();
    // How many may wait is decided before a batch is stored, so nothing is refused here.
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

  /** The threads as they are handed to a scheduler; not to be shut down by it. */
  public ManagedExecutor executor() {
    return executor;
  }

  void execute(Runnable work) {
    executor.execute(work);
  }

  /**
   * Waits for the threads to end, and interrupts those that don't.
   *
   * @return whether all ended by themselves
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
