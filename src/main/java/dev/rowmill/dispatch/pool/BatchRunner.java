package dev.rowmill.dispatch.pool;

import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.Claim;
import dev.rowmill.batch.Failure;
import dev.rowmill.batch.FencedException;
import dev.rowmill.batch.LaneState;
import dev.rowmill.batch.Mode;
import dev.rowmill.batch.SecretValues;
import dev.rowmill.batch.store.BatchStore;
import dev.rowmill.batch.store.ChunkRanges;
import dev.rowmill.batch.store.LaneLeases;
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
 * Takes a batch through one run, on the calling thread: takes part in the tracker, claims, lets the
 * engine work, stores how it came out, and leaves the tracker whatever was thrown. Safe for many
 * threads.
 */
@ApplicationScoped
public class BatchRunner {

  private static final Logger LOG = Logger.getLogger(BatchRunner.class);

  /** Tries to store a state after an error that does not look like one that passes. */
  private static final int TRIES = 10;

  /** Tries once the service is ending: what can't be stored is recovered at the next start. */
  private static final int TRIES_AT_THE_END = 3;

  private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
  private static final int MAX_DOUBLINGS = 6;

  private final ProjectTracker tracker;
  private final BatchStore store;
  private final LaneLeases loans;
  private final ChunkRanges ranges;
  private final TaskRegistry tasks;
  private final BatchEngine engine;
  private final DispatchConfig config;
  private final PoolThreads threads;
  private final Node node;

  BatchRunner(
      ProjectTracker tracker,
      BatchStore store,
      LaneLeases loans,
      ChunkRanges ranges,
      TaskRegistry tasks,
      BatchEngine engine,
      DispatchConfig config,
      PoolThreads threads,
      Node node) {
    this.tracker = tracker;
    this.store = store;
    this.loans = loans;
    this.ranges = ranges;
    this.tasks = tasks;
    this.engine = engine;
    this.config = config;
    this.threads = threads;
    this.node = node;
  }

  /**
   * Runs a queued batch. Whatever the work throws is stored; throws what kept a state from being
   * stored.
   *
   * @param ending whether the service is ending
   * @return the next batch of the project, which is queued now; perhaps the same again. Empty when
   *     the service is ending
   */
  public Optional<BatchView> run(BatchView batch, RunControl control, BooleanSupplier ending) {
    try {
      Optional<BatchView> next = runOnce(batch, control, ending);
      if (ending.getAsBoolean()) {
        return Optional.empty();
      }
      // What was asked for while this run still had the batch could not be brought to a thread.
      return next.isEmpty() && control.stop().isRequested()
          ? store.queueNext(batch.project())
          : next;
    } catch (InterruptedException e) {
      LOG.warnf("Batch %d was interrupted; it goes on at the next start", batch.id());
      return Optional.empty();
    }
  }

  /**
   * Works on a lane that the run of a batch on another node has lent, if it still has.
   *
   * @param loan by which it is taken
   * @param control is asked to stop where the batch is, or its own run is not the same any more
   * @param ending whether the service is ending
   */
  public void runBorrowed(
      LaneLeases.Lane lane, int loan, RunControl control, BooleanSupplier ending) {
    Optional<Claim> claim = loans.take(lane.batch(), lane.lane(), loan);
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
            task -> task.runBorrowed(engine, claim.get(), lane.lane(), control));
    Failure failure = outcome instanceof RunOutcome.Failed failed ? failed.failure() : null;
    try {
      insist(
          "lane",
          claim.get().batch(),
          ending,
          () -> {
            loans.giveBack(taken, failure);
            return true;
          });
    } catch (InterruptedException e) {
      throw new IllegalStateException("interrupted before lane " + lane + " was given back", e);
    }
  }

  private Optional<BatchView> runOnce(BatchView batch, RunControl control, BooleanSupplier ending)
      throws InterruptedException {
    // Across nodes the line in the database decides; a run here that hangs must not hold it up.
    boolean locks = batch.mode() == Mode.SERIAL && !config.cluster().enabled();
    try (Ticket ticket = tracker.enter(batch.project(), batch.id(), locks)) {
      Optional<Claim> claim =
          insist("claim", batch, ending, () -> store.claim(batch.id(), node.name()));
      if (claim.isEmpty()) {
        return store.queueNext(batch.project());
      }
      if (claim.get().batch().wanted() != null) {
        // As it was asked of a run that came to no end.
        control.stop().request();
      }
      RunOutcome outcome =
          work(
              claim.get(),
              control,
              ending,
              task ->
                  task.run(
                      engine, claim.get(), guard(claim.get().batch()), control, threads::execute));
      Duration ran = control.ran();
      return insist("end", batch, ending, () -> settle(claim.get(), outcome, ran));
    }
  }

  /** What the engine is asked for. */
  private interface Work {
    RunOutcome of(BoundTask<?> task) throws InterruptedException;
  }

  private RunOutcome work(
      Claim claim, RunControl control, BooleanSupplier ending, Work engineWork) {
    try {
      RunOutcome outcome = engineWork.of(tasks.bind(claim.batch()));
      return outcome instanceof RunOutcome.Failed && interruptedToStop(control)
          ? new RunOutcome.Stopped()
          : outcome;
    } catch (InterruptedException e) {
      // Only the end of the service and a forced stop interrupt a run. Any other interrupt is the
      // work's own.
      return ending.getAsBoolean() || control.stop().isForced()
          ? new RunOutcome.Stopped()
          : failed(claim, e);
    } catch (Refusal e) {
      return new RunOutcome.Failed(Failure.of(e, SecretValues.of(claim.batch())));
    } catch (RuntimeException | Error e) {
      return failed(claim, e);
    } finally {
      // What comes next on this thread is to be done, and is not the work's.
      Thread.interrupted();
    }
  }

  private @Nullable CheckSpec guard(BatchView batch) {
    return tasks
        .check(batch)
        .map(
            check -> new CheckSpec(check, batch.safety().canaryChunks(), config.check().interval()))
        .orElse(null);
  }

  /** A wait that an interrupt broke off may come as any error, such as the connection pool's. */
  private static boolean interruptedToStop(RunControl control) {
    return control.stop().isRequested() && Thread.currentThread().isInterrupted();
  }

  private static RunOutcome failed(Claim claim, Throwable error) {
    SecretValues secrets = SecretValues.of(claim.batch());
    String why = secrets.message(error.toString());
    LOG.errorf(
        // The stack's messages hold what the server has quoted.
        secrets.isEmpty() ? error : null,
        "Batch %d of %s fails: %s",
        claim.batch().id(),
        claim.batch().project(),
        why);
    return new RunOutcome.Failed(new Failure("task-failed", Map.of("message", why), List.of()));
  }

  private Optional<BatchView> settle(Claim claim, RunOutcome outcome, Duration ran) {
    try {
      if (outcome instanceof RunOutcome.Succeeded succeeded) {
        return store.end(claim, verified(claim, succeeded));
      } else if (outcome instanceof RunOutcome.Failed failed) {
        return store.end(claim, failed.failure());
      } else if (outcome instanceof RunOutcome.CheckFailed check) {
        return store.hold(claim, ran, "check-failed", check.detail());
      } else if (outcome instanceof RunOutcome.Stopped) {
        return store.putBack(claim, ran);
      }
    } catch (FencedException e) {
      LOG.warnf("How this run came out is not stored: %s", e.getMessage());
    }
    return Optional.empty();
  }

  /** Why the batch fails all the same; null where it has done what was planned. */
  private @Nullable Failure verified(Claim claim, RunOutcome.Succeeded succeeded) {
    Optional<Failure> failure = ranges.verify(claim, succeeded.lanes());
    failure.ifPresent(
        it -> LOG.errorf("Batch %d is not what was planned: %s", claim.batch().id(), it.members()));
    return failure.orElse(null);
  }

  /** Stores a state even if the database is away for a while. */
  private static <T> T insist(
      String what, BatchView batch, BooleanSupplier ending, Supplier<T> transaction)
      throws InterruptedException {
    for (int tries = 1; ; tries++) {
      try {
        return transaction.get();
      } catch (RuntimeException e) {
        boolean passing = DatabaseFailure.of(e).filter(DatabaseFailure::isTransient).isPresent();
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
