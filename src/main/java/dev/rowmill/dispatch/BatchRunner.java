package dev.rowmill.dispatch;

import dev.rowmill.batch.BatchStore;
import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.Claim;
import dev.rowmill.batch.DatabaseFailure;
import dev.rowmill.batch.Failure;
import dev.rowmill.batch.FencedException;
import dev.rowmill.batch.Mode;
import dev.rowmill.engine.BatchEngine;
import dev.rowmill.engine.Outcome;
import dev.rowmill.engine.StopSignal;
import dev.rowmill.task.Refusal;
import dev.rowmill.tracker.ProjectTracker;
import dev.rowmill.tracker.Ticket;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * Takes a batch through one run, on the calling thread: takes part in the tracker, claims, lets the
 * engine work, stores how it came out, and leaves the tracker whatever was thrown. Safe for many
 * threads.
 */
@ApplicationScoped
class BatchRunner {

  private static final Logger LOG = Logger.getLogger(BatchRunner.class);

  /** Tries to store a state after an error that does not look like one that passes. */
  private static final int TRIES = 10;

  /** Tries once the service is stopping: what can't be stored is recovered at the next start. */
  private static final int TRIES_WHEN_STOPPING = 3;

  private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
  private static final int MAX_DOUBLINGS = 6;

  private final ProjectTracker tracker;
  private final BatchStore store;
  private final TaskRegistry tasks;
  private final BatchEngine engine;
  private final Node node;

  BatchRunner(
      ProjectTracker tracker, BatchStore store, TaskRegistry tasks, BatchEngine engine, Node node) {
    this.tracker = tracker;
    this.store = store;
    this.tasks = tasks;
    this.engine = engine;
    this.node = node;
  }

  /**
   * Runs a queued batch. Whatever the work throws is stored; throws what kept a state from being
   * stored.
   *
   * @return the next batch of the project, which is queued now
   */
  Optional<BatchView> run(BatchView batch, StopSignal stop) {
    try (Ticket ticket = tracker.enter(batch.project(), batch.id(), batch.mode() == Mode.SERIAL)) {
      Optional<Claim> claim =
          insist("claim", batch, stop, () -> store.claim(batch.id(), node.name()));
      if (claim.isEmpty()) {
        return store.queueNext(batch.project());
      }
      Outcome outcome = work(claim.get(), stop);
      return insist("end", batch, stop, () -> settle(claim.get(), outcome));
    } catch (InterruptedException e) {
      LOG.warnf("Batch %d was interrupted; it goes on at the next start", batch.id());
    }
    return Optional.empty();
  }

  private Outcome work(Claim claim, StopSignal stop) {
    try {
      Outcome outcome = tasks.bind(claim.batch()).run(engine, claim, stop);
      return outcome instanceof Outcome.Failed && interruptedAtTheEnd(stop)
          ? new Outcome.Stopped()
          : outcome;
    } catch (InterruptedException e) {
      // The service interrupts a run only when it ends. Any other interrupt is the work's own.
      return stop.isRequested() ? new Outcome.Stopped() : failed(claim, e);
    } catch (Refusal e) {
      return new Outcome.Failed(new Failure(e.type(), e.members(), e.reasons()));
    } catch (RuntimeException | Error e) {
      return failed(claim, e);
    } finally {
      // What comes next on this thread is to be done, and is not the work's.
      Thread.interrupted();
    }
  }

  /** A wait that an interrupt broke off may come as any error, such as the connection pool's. */
  private static boolean interruptedAtTheEnd(StopSignal stop) {
    return stop.isRequested() && Thread.currentThread().isInterrupted();
  }

  private static Outcome failed(Claim claim, Throwable error) {
    LOG.errorf(error, "Batch %d of %s fails", claim.batch().id(), claim.batch().project());
    return new Outcome.Failed(
        new Failure("task-failed", Map.of("message", error.toString()), List.of()));
  }

  private Optional<BatchView> settle(Claim claim, Outcome outcome) {
    try {
      if (outcome instanceof Outcome.Succeeded) {
        return store.end(claim, null);
      } else if (outcome instanceof Outcome.Failed failed) {
        return store.end(claim, failed.failure());
      } else if (outcome instanceof Outcome.Stopped) {
        store.putBack(claim);
      }
    } catch (FencedException e) {
      LOG.warnf("How this run came out is not stored: %s", e.getMessage());
    }
    return Optional.empty();
  }

  /** Stores a state even if the database is away for a while. */
  private static <T> T insist(
      String what, BatchView batch, StopSignal stop, Supplier<T> transaction)
      throws InterruptedException {
    for (int tries = 1; ; tries++) {
      try {
        return transaction.get();
      } catch (RuntimeException e) {
        boolean passing = DatabaseFailure.of(e).filter(DatabaseFailure::isTransient).isPresent();
        int most = stop.isRequested() ? TRIES_WHEN_STOPPING : passing ? Integer.MAX_VALUE : TRIES;
        if (tries >= most) {
          throw e;
        }
        LOG.warnf("The %s of batch %d can't be stored yet: %s", what, batch.id(), e.getMessage());
        stop.await(FIRST_PAUSE.multipliedBy(1L << Math.min(tries - 1, MAX_DOUBLINGS)));
      }
    }
  }
}
