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
 * Runs a chunked task with as many workers as its batch may have lanes. One worker is the calling
 * thread. The others are threads of the pool of this node, or other nodes that are leased lanes. A
 * worker processes one lane after the other. If no lane is free, the lane with the largest rest is
 * shared. No worker is left on this node when the call returns.
 */
final class LaneWorkers<P extends Record> {

  private static final Logger LOG = Logger.getLogger("dev.rowmill.run");

  private final RunContext run;
  private final ChunkedTask<P> task;
  private final P parameters;
  private final CheckGate checkGate;
  private final DataSource pool;
  private final Executor threads;
  private final Executor lookers;
  private final Pace pace;
  private final LaneTable board;

  /** Leases lanes to other nodes; null when all lanes stay on this node. */
  private final @Nullable LaneLender lending;

  /** Holds the number of the lane that is leased to this node; null for the batch's own run. */
  private final @Nullable Integer borrowed;

  private final LaneLeases leases;

  /** Counts the requested workers, including the calling thread. */
  private final AtomicInteger workers = new AtomicInteger(1);

  /**
   * @param guard check of the run; null for none
   * @param threads executor for further lanes
   * @param lookers executor for lookaheads, which never queues one behind another
   * @param borrowed number of the lane that is leased to this node; null for all lanes of the run
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
      LaneLeases leases,
      @Nullable Integer borrowed) {
    this.run = run;
    this.task = task;
    this.parameters = parameters;
    this.checkGate = new CheckGate(run, guard, pool);
    this.pool = pool;
    this.threads = LogContext.carried(threads);
    this.lookers = LogContext.carried(lookers);
    this.pace = pace;
    this.leases = leases;
    this.borrowed = borrowed;
    this.board = new LaneTable(run.claim().lanes(), borrowed);
    this.lending =
        borrowed == null && run.mayLend()
            ? new LaneLender(run, board, checkGate, leases, this.lookers)
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
    return checkGate.settle(outcome);
  }

  /**
   * Works on the lane that is leased to this node.
   *
   * @return outcome of the work, with the lane if it is done
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
        var permit = new ChunkPermit(run, shift, first ? pace : pace.another());
        var connection = RunConnection.forChunks(pool, permit::connection, run.isClustered());
        var side = new SideConnection(pool, lookers);
        var force = run.control().stop().onForce(connection::breakOff);
        var sideForce = run.control().stop().onForce(side::breakOff)) {
      Optional<LaneState> lane = board.take();
      while (lane.isPresent()) {
        var loop =
            new ChunkLoop<>(
                run, task, parameters, connection, side, shift, permit, this, lane.get(), !first);
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

  CheckGate checkGate() {
    return checkGate;
  }

  /** Returns a number for a further lane, unique in the batch. */
  int nextNumber(Connection connection) throws SQLException {
    return run.isClustered()
        ? Checkpoints.nextNumber(connection, run.claim().lanes().get(0))
        : board.nextNumber();
  }

  /** Returns whether the worker of this lane has to share its rest; clears the request. */
  boolean isToShare(LaneState lane) {
    return borrowed == null ? board.isToShare(lane) : run.control().takeShareRequest();
  }

  /** Registers that a lane's rest is too small to be shared. */
  void markIndivisible(LaneState lane) {
    board.markIndivisible(lane);
    if (borrowed != null) {
      try {
        leases.refuseToShare(new LaneLeases.Lane(lane.batch(), lane.lane()));
      } catch (RuntimeException e) {
        LOG.debug("The refusal to share a lane can't be stored; another request for it follows", e);
      }
    }
  }

  /** Starts workers up to the number of lanes that may be worked on now. */
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
          // The service is stopping, and so is this run.
          workers.decrementAndGet();
          return;
        }
      }
    }
  }

  /** Returns whether there are more workers here than lanes may be worked on now. */
  boolean isOverstaffed(int lanes) {
    return workers.get() > lanes;
  }
}
