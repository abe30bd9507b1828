package dev.rowmill.engine;

import dev.rowmill.batch.LaneLoans;
import dev.rowmill.batch.LaneState;
import dev.rowmill.batch.Progress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Lends the lanes of a run to other nodes, as many as its settings say, follows how far they come,
 * and has a large rest shared where a seat is free. Once begun it works on a thread of its own,
 * that looks some times a second. What it can't read or write for a while only makes it late: the
 * epochs of the lanes keep all right.
 */
final class LaneLending implements AutoCloseable {

  private static final Logger LOG = Logger.getLogger("dev.rowmill.run");

  private static final long LOOK_MILLIS = 250;

  /** How long others may take to finish the chunk in hand once the run is asked to stop. */
  private static final Duration GRACE = Duration.ofSeconds(5);

  private final Run run;
  private final LaneBoard board;
  private final Canary canary;
  private final LaneLoans loans;
  private final Executor threads;

  private volatile int seats = 1;
  private boolean begun;
  private boolean closed;
  private boolean over;

  /**
   * @param threads never makes work wait
   */
  LaneLending(Run run, LaneBoard board, Canary canary, LaneLoans loans, Executor threads) {
    this.run = run;
    this.board = board;
    this.canary = canary;
    this.loans = loans;
    this.threads = threads;
  }

  /** Says how many lanes may be worked on. */
  synchronized void seats(int lanes) {
    seats = lanes;
    if (lanes > 1 && !begun && !closed) {
      begun = true;
      threads.execute(this::follow);
    }
  }

  private void follow() {
    long stoppedAt = 0;
    try {
      while (!isClosed()) {
        try {
          look();
        } catch (RuntimeException e) {
          LOG.debug("Lanes of other nodes can't be looked after yet", e);
        }
        if (run.control().stop().isRequested()) {
          stoppedAt = stoppedAt == 0 ? System.nanoTime() : stoppedAt;
          if (!board.hasAway() || System.nanoTime() - stoppedAt > GRACE.toNanos()) {
            board.stop();
          }
        }
        pause();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      synchronized (this) {
        over = true;
        notifyAll();
      }
    }
  }

  private synchronized boolean isClosed() {
    return closed;
  }

  private synchronized void pause() throws InterruptedException {
    if (!closed) {
      wait(LOOK_MILLIS);
    }
  }

  private void look() {
    List<LaneLoans.Seen> lanes = loans.look(run.batch().id());
    boolean moved = false;
    boolean asking = false;
    for (LaneLoans.Seen seen : lanes) {
      LaneState lane = seen.lane();
      if (seen.isLent()) {
        if (board.seenAway(lane)) {
          canary.chunkDone();
          moved = true;
        }
        asking |= Boolean.TRUE.equals(seen.share());
        if (Boolean.FALSE.equals(seen.share())) {
          board.keepWhole(lane);
        }
      } else if (board.isAway(lane.lane())) {
        moved = true;
        board.cameBack(lane, outcome(seen));
      } else {
        board.learn(List.of(lane));
      }
    }
    if (moved) {
      Progress progress = board.progress();
      run.movedElsewhere(progress);
    }
    if (!run.control().stop().isRequested() && !board.isOver() && canary.isPast()) {
      staff(asking);
    }
  }

  /** How the work on a lane elsewhere came out; null when it is to be gone on with. */
  private static @Nullable Outcome outcome(LaneLoans.Seen seen) {
    if (seen.failure() != null) {
      return new Outcome.Failed(seen.failure());
    }
    return seen.lane().isDone() ? new Outcome.Succeeded(List.of(seen.lane())) : null;
  }

  private void staff(boolean asking) {
    int free = seats - board.working();
    if (free < 0) {
      board.newestAway().ifPresent(lane -> loans.takeBack(number(lane)));
      return;
    }
    for (LaneState lane : board.spare()) {
      if (free > 0 && board.takeForLending(lane.lane())) {
        free--;
        // Where this is in vain, or is not answered, the next look tells.
        loans.lend(lane);
      }
    }
    if (free > 0 && !asking) {
      Optional<LaneState> largest = board.largest();
      if (largest.isPresent() && board.isAway(largest.get().lane())) {
        loans.askToShare(number(largest.get()));
      } else {
        largest.ifPresent(lane -> board.ask(lane.lane()));
      }
    }
  }

  private static LaneLoans.Lane number(LaneState lane) {
    return new LaneLoans.Lane(lane.batch(), lane.lane());
  }

  /**
   * Looks no more, and waits for a look that is under way. A run that was asked to stop first gives
   * the other nodes, who are told the same, time to finish what they have in hand. What is lent
   * then is taken back with the batch's next status.
   */
  @Override
  public void close() {
    boolean interrupted = false;
    long deadline = System.nanoTime() + GRACE.toNanos();
    synchronized (this) {
      while (begun && !over) {
        boolean patient =
            run.control().stop().isRequested()
                && board.hasAway()
                && System.nanoTime() < deadline
                && !interrupted;
        closed |= !patient;
        notifyAll();
        try {
          wait(LOOK_MILLIS);
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
      closed = true;
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
