package dev.rowmill.engine;

import dev.rowmill.batch.Claim;
import dev.rowmill.task.BatchTask;
import dev.rowmill.task.ChunkedTask;
import dev.rowmill.task.PlainTask;
import io.quarkus.agroal.DataSource;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Instance;
import org.jboss.logging.MDC;

/**
 * Runs a claimed batch on the calling thread, from its checkpoint to its end. Knows no kind of work
 * but through the {@code task} package. Safe for many threads, each with its own batch.
 */
@ApplicationScoped
public class BatchEngine {

  private final javax.sql.DataSource pool;
  private final RetryConfig retry;
  private final Instance<EngineListener> listeners;

  BatchEngine(
      @DataSource("data") javax.sql.DataSource pool,
      RetryConfig retry,
      @Any Instance<EngineListener> listeners) {
    this.pool = pool;
    this.retry = retry;
    this.listeners = listeners;
  }

  /**
   * Runs until the end, an error, or a stop. Leaves no connection and no transaction behind, and
   * doesn't throw for what the work throws: that is a failed outcome.
   *
   * @param parameters of the type that the task asks for
   * @throws InterruptedException when the thread is interrupted; the chunk in hand is rolled back
   */
  public <P extends Record> Outcome run(
      Claim claim, BatchTask<P> task, P parameters, StopSignal stop) throws InterruptedException {
    var run =
        new Run(
            claim,
            stop,
            new Backoff(retry.initialDelay(), retry.maxDelay()),
            retry.maxAttempts(),
            listeners);
    MDC.put("batch", claim.batch().id());
    MDC.put("project", claim.batch().project());
    try (var connection = new RunConnection(pool)) {
      return run(run, task, parameters, connection);
    } finally {
      MDC.remove("batch");
      MDC.remove("project");
    }
  }

  private static <P extends Record> Outcome run(
      Run run, BatchTask<P> task, P parameters, RunConnection connection)
      throws InterruptedException {
    // Both kinds of a sealed type: a switch over them has to wait for Java 21.
    return task instanceof ChunkedTask<P> chunked
        ? new ChunkLoop<>(run, chunked, parameters, connection).run()
        : new PlainRun<>(run, parameters, connection).run((PlainTask<P>) task);
  }
}
