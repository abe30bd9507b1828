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
  private static final long LOOK_MILLIS = 50;

  private final RunContext run;
  private final @Nullable CheckSpec guard;
  private final DataSource pool;

  private int inHand;
  private int done;
  private int doneSinceAsked;
  private boolean asking;
  private boolean asked;
  private long askedAt;
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
        while (!mustStop(over) && (asking || (!isDue(guard) && isCanaryInHand(guard)))) {
          wait(LOOK_MILLIS);
        }
        if (mustStop(over)) {
          return false;
        }
        if (!isDue(guard)) {
          inHand++;
          return true;
        }
        asking = true;
      }
      ask(guard);
    }
  }

  /**
   * Returns whether other nodes may work on the run, too: it has no check, or passed the first one.
   */
  synchronized boolean isPast() {
    return guard == null || (asked && found == null);
  }

  /** Registers that the chunk of a lane that had entered has ended, committed or not. */
  synchronized void leave() {
    if (guard != null) {
      inHand--;
      notifyAll();
    }
  }

  /** Counts a committed chunk. */
  synchronized void chunkDone() {
    done++;
    doneSinceAsked++;
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
      last = ended && found == null && doneSinceAsked > 0;
    }
    if (last) {
      ask(guard);
    }
    synchronized (this) {
      return found == null ? outcome : new RunOutcome.CheckFailed(run.secrets().message(found));
    }
  }

  private boolean mustStop(BooleanSupplier over) {
    return found != null || run.control().stop().isRequested() || over.getAsBoolean();
  }

  private boolean isDue(CheckSpec held) {
    return asked
        ? System.nanoTime() - askedAt >= held.interval().toNanos()
        : done >= held.canaryChunks();
  }

  private boolean isCanaryInHand(CheckSpec held) {
    return !asked && done + inHand >= held.canaryChunks();
  }

  private void ask(CheckSpec held) throws InterruptedException {
    try {
      Optional<String> answer = answer(held);
      synchronized (this) {
        found = answer.orElse(null);
        asked = true;
        askedAt = System.nanoTime();
        doneSinceAsked = 0;
      }
      if (answer.isPresent()) {
        run.control().stop().request();
      }
    } finally {
      synchronized (this) {
        asking = false;
        notifyAll();
      }
    }
  }

  /**
   * Evaluates the check; returns empty when it passes or a stop is requested. An error counts as a
   * failed check, except that an unreachable database is retried.
   */
  private Optional<String> answer(CheckSpec held) throws InterruptedException {
    for (int tries = 1; ; tries++) {
      try (var connection = RunConnection.forReads(pool);
          var force = run.control().stop().onForce(connection::breakOff)) {
        return held.question().ask(connection.get());
      } catch (SQLException | RuntimeException e) {
        if (run.control().stop().isForced()) {
          return Optional.empty();
        }
        boolean away =
            DatabaseFailure.of(e)
                .filter(
                    f -> f == DatabaseFailure.LOST_CONNECTION || f == DatabaseFailure.UNREACHABLE)
                .isPresent();
        if (!away || tries >= run.maxAttempts()) {
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
