package dev.rowmill.dispatch.pool;

import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.Claim;
import dev.rowmill.batch.Failure;
import dev.rowmill.batch.FencedException;
import dev.rowmill.batch.LaneState;
import dev.rowmill.batch.Mode;
import dev.rowmill.batch.SecretValues;
import dev.rowmill.batch.store.ChunkRanges;
import dev.rowmill.batch.store.LaneLeases;
import dev.rowmill.batch.store.ProjectQueues;
import dev.rowmill.batch.store.RunStore;
import dev.rowmill.database.ClusterConfig;
import dev.rowmill.database.DatabaseFailure;
import dev.rowmill.dispatch.task.BoundTask;
import dev.rowmill.dispatch.task.TaskRegistry;
import dev.rowmill.engine.BatchEngine;
import dev.rowmill.engine.CheckSpec;
import dev.rowmill.engine.RunControl;
import dev.rowmill.engine.RunOutcome;
import dev.rowmill.task.Refusal;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Executes one run of a batch on the calling thread: enters the tracker, claims, runs the engine,
 * stores the outcome. Leaves the tracker after any error, too. Safe for many threads.
 */
@ApplicationScoped
public class BatchRunner {

  private static final Logger LOG = Logger.getLogger(BatchRunner.class);

  /** Limits the attempts to store a status after an error that is not transient. */
  private static final int TRIES = 10;

  /** Limits the attempts during shutdown. The next start recovers a status that was not stored. */
  private static final int TRIES_AT_THE_END = 3;

  private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
  private static final int MAX_DOUBLINGS = 6;

  private final ProjectTracker tracker;
  private final ProjectQueues queues;
  private final RunStore runs;
  private final LaneLeases leases;
  private final ChunkRanges ranges;
  private final TaskRegistry tasks;
  private final BatchEngine engine;
  private final ClusterConfig cluster;
  private final CheckConfig check;
  private final PoolThreads threads;
  private final Node node;

  BatchRunner(
      ProjectTracker tracker,
      ProjectQueues queues,
      RunStore runs,
      LaneLeases leases,
      ChunkRanges ranges,
      TaskRegistry tasks,
      BatchEngine engine,
      ClusterConfig cluster,
      CheckConfig check,
      PoolThreads threads,
      Node node) {
    this.tracker = tracker;
    this.queues = queues;
    this.runs = runs;
    this.leases = leases;
    this.ranges = ranges;
    this.tasks = tasks;
    this.engine = engine;
    this.cluster = cluster;
    this.check = check;
    this.threads = threads;
    this.node = node;
  }

  /**
   * Runs a queued batch. Stores any error of the work; throws the error that prevented a status
   * from being stored.
   *
   * @param ending whether the service is shutting down
   * @return the next batch of the project, now queued; may be the same batch. Empty while the
   *     service shuts down
   */
  public Optional<BatchView> run(BatchView batch, RunControl control, BooleanSupplier ending) {
    try {
      Settled settled = runOnce(batch, control, ending);
      if (ending.getAsBoolean()) {
        return Optional.empty();
      }
      // A resume or a retry could not launch the batch while this run was tracked.
      return settled.next.isEmpty() && (!settled.succeeded || control.stop().isRequested())
          ? queues.queueNext(batch.project())
          : settled.next;
    } catch (InterruptedException e) {
      LOG.warnf("Batch %d was interrupted; it resumes at the next start", batch.id());
      return Optional.empty();
    }
  }

  /**
   * Processes a lane that the run of a batch on another node has leased, if the lease is still
   * open.
   *
   * @param lease number of the lease
   * @param control stops the work where the batch has stopped, or has another run by now
   * @param ending whether the service is shutting down
   */
  public void runLeased(
      LaneLeases.Lane lane, int lease, RunControl control, BooleanSupplier ending) {
    Optional<Claim> claim = leases.take(lane.batch(), lane.lane(), lease);
    if (claim.isEmpty()) {
      return;
    }
    LaneState taken =
        claim.get().lanes().stream()
            .filter(each -> each.lane() == lane.lane())
            .findFirst()
            .orElseThrow();
    RunOutcome outcome =
        work(
            claim.get(),
            control,
            ending,
            task -> task.runLeased(engine, claim.get(), lane.lane(), control));
    Failure failure = outcome instanceof RunOutcome.Failed failed ? failed.failure() : null;
    try {
      insist("lane", claim.get().batch(), ending, () -> leases.release(taken, failure));
    } catch (InterruptedException e) {
      throw new IllegalStateException("interrupted before lane " + lane + " was returned", e);
    }
  }

  /**
   * Represents what follows a run.
   *
   * @param next next batch of the project, now queued
   * @param succeeded whether the batch has succeeded, so that nothing can queue it again
   */
  private record Settled(Optional<BatchView> next, boolean succeeded) {}

  private Settled runOnce(BatchView batch, RunControl control, BooleanSupplier ending)
      throws InterruptedException {
    // Across nodes the queue in the database decides; a hanging run here must not block it.
    boolean locks = batch.mode() == Mode.SERIAL && !cluster.enabled();
    try (Ticket ticket = tracker.enter(batch.project(), batch.id(), locks)) {
      Optional<Claim> claim =
          insist(
              "claim",
              batch,
              ending,
              () ->
                  cluster.enabled()
                      ? runs.claim(batch.id(), node.name())
                      : runs.claim(batch, node.name()));
      if (claim.isEmpty()) {
        return new Settled(queues.queueNext(batch.project()), false);
      }
      if (claim.get().batch().wanted() != null) {
        // The request was made to a run that never ended.
        control.stop().request();
      }
      RunOutcome outcome =
          work(
              claim.get(),
              control,
              ending,
              task -> task.run(engine, claim.get(), guard(claim.get().batch()), control, threads));
      Duration ran = control.ran();
      return insist("end", batch, ending, () -> settle(claim.get(), outcome, ran));
    }
  }

  /** Calls the engine. */
  private interface Work {
    RunOutcome of(BoundTask<?> task) throws InterruptedException;
  }

  private RunOutcome work(
      Claim claim, RunControl control, BooleanSupplier ending, Work engineWork) {
    try {
      RunOutcome outcome = engineWork.of(tasks.bind(claim.batch().spec()));
      return outcome instanceof RunOutcome.Failed && interruptedToStop(control)
          ? new RunOutcome.Stopped()
          : outcome;
    } catch (InterruptedException e) {
      // Only a shutdown and a forced stop interrupt a run. Any other interrupt comes from the work
      // itself.
      return ending.getAsBoolean() || control.stop().isForced()
          ? new RunOutcome.Stopped()
          : failed(claim, e);
    } catch (Refusal e) {
      return new RunOutcome.Failed(Failure.of(e, claim.batch().secrets()));
    } catch (RuntimeException | Error e) {
      return failed(claim, e);
    } finally {
      // The next steps on this thread must complete; the interrupt was meant for the work.
      Thread.interrupted();
    }
  }

  private @Nullable CheckSpec guard(BatchView batch) {
    return tasks
        .check(batch.spec())
        .map(bound -> new CheckSpec(bound, batch.safeguards().canaryChunks(), check.interval()))
        .orElse(null);
  }

  /**
   * Checks for a stop by interrupt, which may surface as any error, such as one of the connection
   * pool.
   */
  private static boolean interruptedToStop(RunControl control) {
    return control.stop().isRequested() && Thread.currentThread().isInterrupted();
  }

  private static RunOutcome failed(Claim claim, Throwable error) {
    SecretValues secrets = claim.batch().secrets();
    String why = secrets.message(error.toString());
    LOG.errorf(
        // Exception messages may quote values that the server reported.
        secrets.isEmpty() ? error : null,
        "Batch %d of %s fails: %s",
        claim.batch().id(),
        claim.batch().project(),
        why);
    return new RunOutcome.Failed(new Failure("task-failed", Map.of("message", why), List.of()));
  }

  private Settled settle(Claim claim, RunOutcome outcome, Duration ran) {
    try {
      if (outcome instanceof RunOutcome.Succeeded succeeded) {
        Failure failure = verified(claim, succeeded);
        return new Settled(runs.end(claim, failure, ran), failure == null);
      } else if (outcome instanceof RunOutcome.Failed failed) {
        return new Settled(runs.end(claim, failed.failure(), ran), false);
      } else if (outcome instanceof RunOutcome.CheckFailed check) {
        return new Settled(runs.hold(claim, ran, "check-failed", check.detail()), false);
      } else if (outcome instanceof RunOutcome.Stopped) {
        return new Settled(runs.putBack(claim, ran), false);
      }
    } catch (FencedException e) {
      LOG.warnf("The outcome of this run is not stored: %s", e.getMessage());
    }
    return new Settled(Optional.empty(), false);
  }

  /**
   * Returns why the batch fails although its work succeeded; null where the planned range is
   * complete.
   */
  private @Nullable Failure verified(Claim claim, RunOutcome.Succeeded succeeded) {
    Optional<Failure> failure = ranges.verify(claim, succeeded.lanes());
    failure.ifPresent(
        it ->
            LOG.errorf(
                "The verification of batch %d failed: %s", claim.batch().id(), it.members()));
    return failure.orElse(null);
  }

  /** Runs a transaction, and retries it while the database is away. */
  private static <T> T insist(
      String what, BatchView batch, BooleanSupplier ending, Supplier<T> transaction)
      throws InterruptedException {
    for (int tries = 1; ; tries++) {
      try {
        return transaction.get();
      } catch (RuntimeException e) {
        boolean passing = DatabaseFailure.isTransient(e);
        int most = ending.getAsBoolean() ? TRIES_AT_THE_END : passing ? Integer.MAX_VALUE : TRIES;
        if (tries >= most) {
          throw e;
        }
        LOG.warnf("The %s of batch %d can't be stored yet: %s", what, batch.id(), e.getMessage());
        pause(FIRST_PAUSE.multipliedBy(1L << Math.min(tries - 1, MAX_DOUBLINGS)), ending);
      }
    }
  }

  private static void pause(Duration pause, BooleanSupplier ending) throws InterruptedException {
    for (Duration left = pause;
        left.compareTo(Duration.ZERO) > 0 && !ending.getAsBoolean();
        left = left.minus(FIRST_PAUSE)) {
      Thread.sleep(FIRST_PAUSE.toMillis());
    }
  }
}
