package dev.rowmill.engine;

import dev.rowmill.batch.LaneState;
import dev.rowmill.batch.store.Checkpoints;
import dev.rowmill.batch.store.LaneLeases;
import dev.rowmill.task.ChunkedTask;
import dev.rowmill.throttle.Pace;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Runs a chunked task with as many workers as its batch may have lanes. One is the calling thread;
 * the others come as this node's pool has them, or are other nodes, who are lent lanes. A worker
 * takes one lane after the other; where none is free, the one with the largest rest is shared.
 * Nobody works here any more when the call returns.
 */
final class LaneWorkers<P extends Record> {

  private static final Logger LOG = Logger.getLogger("dev.rowmill.run");

  private final RunContext run;
  private final ChunkedTask<P> task;
  private final P parameters;
  private final CheckGate canary;
  private final DataSource pool;
  private final Executor threads;
  private final Executor lookers;
  private final Pace pace;
  private final LaneTable board;

  /** For lanes that other nodes work on; null where all stays here. */
  private final @Nullable LaneLender lending;

  /** The lane that this crew has been lent; null for the batch's own crew. */
  private final @Nullable Integer borrowed;

  private final LaneLeases loans;

  /** Workers asked for, the calling thread among them. */
  private final AtomicInteger workers = new AtomicInteger(1);

  /**
   * @param guard null for none
   * @param threads for further lanes
   * @param lookers for looking ahead; it never makes a look wait for another
   * @param borrowed the lane that this crew has been lent; null for all that are the run's
   */
  LaneWorkers(
      RunContext run,
      ChunkedTask<P> task,
      P parameters,
      @Nullable CheckSpec guard,
      DataSource pool,
      Executor threads,
      Executor lookers,
      Pace pace,
      LaneLeases loans,
      @Nullable Integer borrowed) {
    this.run = run;
    this.task = task;
    this.parameters = parameters;
    this.canary = new CheckGate(run, guard, pool);
    this.pool = pool;
    this.threads = LogContext.carried(threads);
    this.lookers = LogContext.carried(lookers);
    this.pace = pace;
    this.loans = loans;
    this.borrowed = borrowed;
    this.board = new LaneTable(run.claim().lanes(), borrowed);
    this.lending =
        borrowed == null && run.mayLend()
            ? new LaneLender(run, board, canary, loans, this.lookers)
            : null;
  }

  RunOutcome run() throws InterruptedException {
    board.enter();
    RunOutcome outcome;
    try {
      work(true);
    } finally {
      if (lending != null) {
        lending.close();
      }
      outcome = board.close();
    }
    return canary.settle(outcome);
  }

  /**
   * Works on the lane that it has been lent.
   *
   * @return how that came out, with the lane where it has been done
   */
  RunOutcome runBorrowed() throws InterruptedException {
    board.enter();
    work(true);
    RunOutcome outcome = board.close();
    List<LaneState> done =
        run.claim().lanes().stream()
            .map(LaneState::lane)
            .filter(lane -> lane.equals(borrowed))
            .map(board::state)
            .filter(LaneState::isDone)
            .toList();
    return outcome instanceof RunOutcome.Stopped && !done.isEmpty()
        ? new RunOutcome.Succeeded(done)
        : outcome;
  }

  private void work(boolean first) throws InterruptedException {
    try (RunControl.Shift shift = run.control().begin();
        var brake = new ChunkPermit(run, shift, first ? pace : pace.another());
        var connection = RunConnection.forChunks(pool, brake::connection, run.isClustered());
        var side = new SideConnection(pool, lookers);
        var force = run.control().stop().onForce(connection::breakOff);
        var forceLook = run.control().stop().onForce(side::breakOff)) {
      Optional<LaneState> lane = board.take();
      while (lane.isPresent()) {
        var loop =
            new ChunkLoop<>(
                run, task, parameters, connection, side, shift, brake, this, lane.get(), !first);
        RunOutcome outcome = new RunOutcome.Stopped();
        LogContext.lane(lane.get().lane());
        try {
          outcome = loop.run();
        } finally {
          board.leave(loop.lane(), outcome);
        }
        lane = outcome == null ? Optional.empty() : board.take();
      }
    }
  }

  private void help() {
    if (!board.enter()) {
      return;
    }
    try {
      work(false);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      workers.decrementAndGet();
      board.exit();
    }
  }

  LaneTable board() {
    return board;
  }

  CheckGate canary() {
    return canary;
  }

  /** A number for one more lane, that nobody else gets. */
  int nextNumber(Connection connection) throws SQLException {
    return run.isClustered()
        ? Checkpoints.nextNumber(connection, run.claim().lanes().get(0))
        : board.nextNumber();
  }

  /** Whether the worker of this lane should share its rest. */
  boolean isToShare(LaneState lane) {
    return borrowed == null ? board.isToShare(lane) : run.control().takeShareAsked();
  }

  /** Says that a lane's rest can't be shared. */
  void keepWhole(LaneState lane) {
    board.keepWhole(lane);
    if (borrowed != null) {
      try {
        loans.refuseToShare(new LaneLeases.Lane(lane.batch(), lane.lane()));
      } catch (RuntimeException e) {
        LOG.debug("That a lane can't be shared is not told; it will be asked again", e);
      }
    }
  }

  /** Calls for as many workers as there may be now. */
  void callWorkers(int lanes) {
    if (lending != null) {
      lending.seats(lanes);
    } else if (borrowed == null) {
      callHere(lanes);
    }
  }

  private void callHere(int lanes) {
    for (int now = workers.get(); now < lanes; now = workers.get()) {
      if (workers.compareAndSet(now, now + 1)) {
        try {
          threads.execute(this::help);
        } catch (RejectedExecutionException e) {
          // The service is ending, and so is this run.
          workers.decrementAndGet();
          return;
        }
      }
    }
  }

  /** Whether there are more workers here than there may be now. */
  boolean isOverstaffed(int lanes) {
    return workers.get() > lanes;
  }
}
