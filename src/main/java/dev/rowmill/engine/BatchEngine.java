package dev.rowmill.engine;

import dev.rowmill.batch.Claim;
import dev.rowmill.batch.store.RunStore;
import dev.rowmill.batch.store.UndoSpace;
import dev.rowmill.task.BatchTask;
import dev.rowmill.task.ChunkedTask;
import dev.rowmill.task.PlainTask;
import dev.rowmill.throttle.Throttles;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.quarkus.agroal.DataSource;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Instance;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * Runs a claimed batch on the calling thread, from its checkpoint to its end. Depends on the work
 * only through the {@code task} package. Safe for many threads, each with its own batch.
 */
@ApplicationScoped
public class BatchEngine {

  private final javax.sql.DataSource pool;
  private final RetryConfig retry;
  private final ChunkConfig chunk;
  private final Throttles throttles;
  private final RunStore runs;
  private final UndoSpace space;
  private final LaneSharing sharing;
  private final Instance<EngineListener> listeners;

  /** Runs the lookaheads: at most one per active lane, so not more than the threads of the pool. */
  private final ExecutorService lookers =
      Executors.newCachedThreadPool(new DefaultThreadFactory("rowmill-look-ahead", true));

  BatchEngine(
      @DataSource("data") javax.sql.DataSource pool,
      RetryConfig retry,
      ChunkConfig chunk,
      Throttles throttles,
      RunStore runs,
      UndoSpace space,
      LaneSharing sharing,
      @Any Instance<EngineListener> listeners) {
    this.pool = pool;
    this.retry = retry;
    this.chunk = chunk;
    this.throttles = throttles;
    this.runs = runs;
    this.space = space;
    this.sharing = sharing;
    this.listeners = listeners;
  }

  @PreDestroy
  void close() {
    lookers.shutdown();
  }

  /**
   * Runs until the end, an error, or a stop. Leaves no connection, transaction and thread behind.
   * An exception of the work is not thrown but returned as a failed outcome.
   *
   * @param parameters of the task's parameter type
   * @param guard check of the run of a chunked task; null for none
   * @param threads for further lanes; one that is full or late only makes the batch slower
   * @throws InterruptedException when the thread is interrupted; the current chunk is rolled back
   */
  public <P extends Record> RunOutcome run(
      Claim claim,
      BatchTask<P> task,
      P parameters,
      @Nullable CheckSpec guard,
      RunControl control,
      LanePool threads)
      throws InterruptedException {
    RunContext run = begin(claim, control);
    RunOutcome outcome = null;
    try {
      run.begins();
      // The type is sealed, but a switch over its two kinds requires Java 21.
      outcome =
          task instanceof ChunkedTask<P> chunked
              ? workers(run, chunked, parameters, guard, sharing.helpers(threads, lookers), null)
                  .run()
              : PlainRun.run(run, (PlainTask<P>) task, parameters, pool);
      return outcome;
    } finally {
      run.ends(outcome);
    }
  }

  /**
   * Works on one lane that another node has leased to this one, until its end, an error, or a stop.
   * Otherwise behaves as {@link #run}.
   *
   * @param claim claim with the lane among its lanes
   * @param lane number of the lane
   */
  public <P extends Record> RunOutcome runLeased(
      Claim claim, int lane, BatchTask<P> task, P parameters, RunControl control)
      throws InterruptedException {
    RunContext run = begin(claim, control);
    run.control().time().begin();
    return workers(run, (ChunkedTask<P>) task, parameters, null, lookers::execute, lane)
        .runLeased();
  }

  private <P extends Record> LaneWorkers<P> workers(
      RunContext run,
      ChunkedTask<P> task,
      P parameters,
      @Nullable CheckSpec guard,
      LanePool threads,
      @Nullable Integer leasedLane) {
    return new LaneWorkers<>(
        new LaneContext<>(run, task, parameters, guard, pool, leasedLane),
        sharing.budget(),
        pool,
        threads,
        lookers,
        throttles.begin());
  }

  private RunContext begin(Claim claim, RunControl control) {
    return new RunContext(
        claim,
        control,
        new Backoff(retry.initialDelay(), retry.maxDelay()),
        retry.maxAttempts(),
        chunk.rows(),
        space,
        new RunBounds(
            claim.batch().safeguards().bounds(),
            Duration.ofMillis(claim.batch().ranMillis()),
            control.time(),
            control.clock()),
        throttles.defaults(),
        sharing,
        runs,
        listeners);
  }
}
