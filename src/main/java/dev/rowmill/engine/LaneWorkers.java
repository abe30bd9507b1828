package dev.rowmill.engine;

import dev.rowmill.batch.LaneState;
import dev.rowmill.throttle.Pace;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Runs a chunked task with as many workers as its batch may have lanes. One worker is the calling
 * thread. The others are threads of the pool of this node, or other nodes that are leased lanes. A
 * worker processes one lane after the other. If no lane is free, the lane with the largest rest is
 * shared. No worker is left on this node when the call returns.
 */
final class LaneWorkers<P extends Record> implements ChunkLoop.Crew {

  private final LaneContext<P> lanes;
  private final RunContext run;
  private final LaneTable table;
  private final LaneCount count;
  private final DataSource pool;
  private final Executor threads;
  private final Executor lookers;
  private final Pace pace;

  /** Leases lanes to other nodes; null when all lanes stay on this node. */
  private final @Nullable LeaseManager leaseManager;

  /** Counts the requested workers, including the calling thread. */
  private final AtomicInteger workers = new AtomicInteger(1);

  /**
   * @param threads for further lanes
   * @param lookers executor for lookaheads, which never queues one behind another
   */
  LaneWorkers(
      LaneContext<P> lanes,
      LaneBudget budget,
      DataSource pool,
      LanePool threads,
      Executor lookers,
      Pace pace) {
    this.lanes = lanes;
    this.run = lanes.run();
    this.table = lanes.table();
    this.count = new LaneCount(lanes, budget, threads, pace);
    this.pool = pool;
    this.threads = LogContext.carried(threads);
    this.lookers = LogContext.carried(lookers);
    this.pace = pace;
    this.leaseManager =
        lanes.leasedLane() == null && run.sharing().mayLease(run.batch())
            ? new LeaseManager(run, table, lanes.checkGate(), run.sharing().leases(), this.lookers)
            : null;
  }

  RunOutcome run() throws InterruptedException {
    table.enter();
    RunOutcome outcome;
    try {
      work(true);
    } finally {
      count.close();
      if (leaseManager != null) {
        leaseManager.close();
      }
      outcome = table.close();
    }
    RunOutcome settled = lanes.checkGate().settle(outcome);
    RunOutcome ended = settled instanceof RunOutcome.Succeeded ? lanes.finish(settled) : settled;
    if (!(ended instanceof RunOutcome.Succeeded || ended instanceof RunOutcome.Overtaken)) {
      lanes.interrupt();
    }
    return ended;
  }

  /**
   * Works on the lane that is leased to this node.
   *
   * @return outcome of the work, with the lane if it is done
   */
  RunOutcome runLeased() throws InterruptedException {
    table.enter();
    work(true);
    RunOutcome outcome = table.close();
    List<LaneState> done =
        run.claim().lanes().stream()
            .map(LaneState::lane)
            .filter(lane -> lane.equals(lanes.leasedLane()))
            .map(table::state)
            .filter(LaneState::isDone)
            .toList();
    return outcome instanceof RunOutcome.Stopped && !done.isEmpty()
        ? new RunOutcome.Succeeded(done)
        : outcome;
  }

  /** Works on one lane after the other; returns whether the worker was removed. */
  private boolean work(boolean first) throws InterruptedException {
    try (var thread =
        new LaneThread(run, first ? pace : pace.another(), count::held, pool, lookers, !first)) {
      Optional<LaneState> lane = table.take(first);
      while (lane.isPresent()) {
        var loop = new ChunkLoop<>(lanes, thread, this, count, lane.get());
        RunOutcome outcome = new RunOutcome.Stopped();
        LogContext.lane(lane.get().lane());
        try {
          outcome = loop.run();
        } finally {
          table.leave(loop.lane(), outcome);
        }
        if (outcome == null) {
          return true;
        }
        lane = table.take(first);
      }
    }
    return false;
  }

  private void help() {
    if (!table.enter()) {
      return;
    }
    boolean removed = false;
    try {
      removed = leave() || work(false);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      if (!removed) {
        int left = workers.decrementAndGet();
        if (!table.isOver()) {
          count.hasNothingToShare(left);
        }
      }
      table.exit();
    }
  }

  @Override
  public void call() {
    boolean here = count.isAutomatic();
    if (leaseManager != null) {
      leaseManager.workers(here ? 0 : count.now());
    }
    if (lanes.leasedLane() == null && (here || leaseManager == null)) {
      callHere();
    }
  }

  private void callHere() {
    for (int now = workers.get(); now < count.now(); now = workers.get()) {
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

  @Override
  public boolean isOverstaffed() {
    return workers.get() > count.now();
  }

  @Override
  public boolean leave() {
    for (int now = workers.get(); now > count.now(); now = workers.get()) {
      if (workers.compareAndSet(now, now - 1)) {
        return true;
      }
    }
    return false;
  }
}
