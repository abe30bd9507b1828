package dev.rowmill.engine;

import dev.rowmill.database.DatabaseFailure;
import java.sql.SQLException;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Holds the lanes of a run back while its check is due. Before the first evaluation, all lanes
 * together begin no more chunks than the check allows. Any result but true stops the run. Safe for
 * the threads of the run.
 */
final class CheckGate {

  /** Limits the interval between two checks for a stop while another lane evaluates the check. */
  private static final long POLL_MILLIS = 50;

  private final RunContext run;
  private final @Nullable CheckSpec guard;
  private final DataSource pool;

  private int active;
  private int done;
  private int doneSinceEvaluation;
  private boolean evaluating;
  private boolean evaluated;
  private long evaluatedNanos;
  private @Nullable String found;

  /**
   * @param guard check of the run; null for none
   */
  CheckGate(RunContext run, @Nullable CheckSpec guard, DataSource pool) {
    this.run = run;
    this.guard = guard;
    this.pool = pool;
  }

  /**
   * Waits until the calling lane may begin a chunk. Evaluates the check on the lane's thread when
   * it is due. The caller has to call {@link #leave} after the chunk, whatever its outcome.
   *
   * @param over whether the run has ended on another lane
   * @return false when the lane must stop; then it has not entered
   */
  boolean enter(BooleanSupplier over) throws InterruptedException {
    if (guard == null) {
      return true;
    }
    while (true) {
      synchronized (this) {
        while (!mustStop(over) && (evaluating || (!isDue(guard) && isCanaryActive(guard)))) {
          wait(POLL_MILLIS);
        }
        if (mustStop(over)) {
          return false;
        }
        if (!isDue(guard)) {
          active++;
          return true;
        }
        evaluating = true;
      }
      evaluate(guard);
    }
  }

  /**
   * Returns whether other nodes may work on the run, too: it has no check, or passed the first one.
   */
  synchronized boolean isPast() {
    return guard == null || (evaluated && found == null);
  }

  /** Registers that the chunk of a lane that had entered has ended, committed or not. */
  synchronized void leave() {
    if (guard != null) {
      active--;
      notifyAll();
    }
  }

  /** Counts a committed chunk. */
  synchronized void chunkDone() {
    done++;
    doneSinceEvaluation++;
  }

  /**
   * Returns the outcome of the run after all its lanes have stopped. Evaluates the check once more
   * if chunks were committed since the last evaluation.
   *
   * @param outcome outcome of the lanes
   */
  RunOutcome settle(RunOutcome outcome) throws InterruptedException {
    boolean ended = outcome instanceof RunOutcome.Succeeded;
    if (guard == null || !(ended || outcome instanceof RunOutcome.Stopped)) {
      return outcome;
    }
    boolean last;
    synchronized (this) {
      last = ended && found == null && doneSinceEvaluation > 0;
    }
    if (last) {
      evaluate(guard);
    }
    synchronized (this) {
      return found == null ? outcome : new RunOutcome.CheckFailed(run.secrets().message(found));
    }
  }

  private boolean mustStop(BooleanSupplier over) {
    return found != null || run.control().stop().isRequested() || over.getAsBoolean();
  }

  private boolean isDue(CheckSpec held) {
    return evaluated
        ? System.nanoTime() - evaluatedNanos >= held.interval().toNanos()
        : done >= held.canaryChunks();
  }

  private boolean isCanaryActive(CheckSpec held) {
    return !evaluated && done + active >= held.canaryChunks();
  }

  private void evaluate(CheckSpec held) throws InterruptedException {
    try {
      Optional<String> finding = finding(held);
      synchronized (this) {
        found = finding.orElse(null);
        evaluated = true;
        evaluatedNanos = System.nanoTime();
        doneSinceEvaluation = 0;
      }
      if (finding.isPresent()) {
        run.control().stop().request();
      }
    } finally {
      synchronized (this) {
        evaluating = false;
        notifyAll();
      }
    }
  }

  /**
   * Evaluates the check; returns empty when it passes or a stop is requested. An error counts as a
   * failed check, except that an unreachable database is retried.
   */
  private Optional<String> finding(CheckSpec held) throws InterruptedException {
    for (int tries = 1; ; tries++) {
      try (var connection = RunConnection.forReads(pool);
          var force = run.control().stop().onForce(connection::breakOff)) {
        return held.condition().evaluate(connection.get());
      } catch (SQLException | RuntimeException e) {
        if (run.control().stop().isForced()) {
          return Optional.empty();
        }
        boolean unreachable =
            DatabaseFailure.isAny(e, DatabaseFailure.LOST_CONNECTION, DatabaseFailure.UNREACHABLE);
        if (!unreachable || tries >= run.maxAttempts()) {
          String why =
              DatabaseFailure.sqlException(e).<Throwable>map(it -> it).orElse(e).getMessage();
          return Optional.of("The check can't be evaluated: " + why);
        }
        if (run.pause(tries, DatabaseFailure.UNREACHABLE)) {
          return Optional.empty();
        }
      }
    }
  }
}
