package dev.rowmill.engine;

import dev.rowmill.batch.LaneState;
import dev.rowmill.task.ChunkedTask;
import dev.rowmill.throttle.Pace;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Runs a chunked task with as many workers as its batch may have lanes: the calling thread, and
 * others that come as the pool has them. A worker takes one lane after the other; where none is
 * free, the one with the largest rest is shared. Nobody works any more when the call returns.
 */
final class LaneCrew<P extends Record> {

  private final Run run;
  private final ChunkedTask<P> task;
  private final P parameters;
  private final Canary canary;
  private final DataSource pool;
  private final Executor threads;
  private final Executor lookers;
  private final Pace pace;
  private final LaneBoard board;

  /** Workers asked for, the calling thread among them. */
  private final AtomicInteger workers = new AtomicInteger(1);

  /**
   * @param guard null for none
   * @param threads for further lanes
   * @param lookers for looking ahead; it never makes a look wait for another
   */
  LaneCrew(
      Run run,
      ChunkedTask<P> task,
      P parameters,
      @Nullable Guard guard,
      DataSource pool,
      Executor threads,
      Executor lookers,
      Pace pace) {
    this.run = run;
    this.task = task;
    this.parameters = parameters;
    this.canary = new Canary(run, guard, pool);
    this.pool = pool;
    this.threads = LogNames.carried(threads);
    this.lookers = LogNames.carried(lookers);
    this.pace = pace;
    this.board = new LaneBoard(run.claim().lanes());
  }

  Outcome run() throws InterruptedException {
    board.enter();
    Outcome outcome;
    try {
      work(true);
    } finally {
      outcome = board.close();
    }
    return canary.settle(outcome);
  }

  private void work(boolean first) throws InterruptedException {
    try (RunControl.Shift shift = run.control().begin();
        var brake = new Brake(run, shift, first ? pace : pace.another());
        var connection = RunConnection.forChunks(pool, brake::connection, run.isClustered());
        var side = new SideConnection(pool, lookers);
        var force = run.control().stop().onForce(connection::breakOff);
        var forceLook = run.control().stop().onForce(side::breakOff)) {
      Optional<LaneState> lane = board.take();
      while (lane.isPresent()) {
        var loop =
            new ChunkLoop<>(
                run, task, parameters, connection, side, shift, brake, this, lane.get(), !first);
        Outcome outcome = new Outcome.Stopped();
        LogNames.lane(lane.get().lane());
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

  LaneBoard board() {
    return board;
  }

  Canary canary() {
    return canary;
  }

  /** Calls for as many workers as there may be now. */
  void callWorkers(int lanes) {
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

  /** Whether there are more workers than there may be now. */
  boolean isOverstaffed(int lanes) {
    return workers.get() > lanes;
  }
}
