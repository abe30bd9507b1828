package dev.rowmill.engine;

import dev.rowmill.batch.LaneState;
import dev.rowmill.database.DatabaseFailure;
import dev.rowmill.task.ChunkedRun;
import dev.rowmill.task.ChunkedTask;
import dev.rowmill.task.RunState;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import javax.sql.DataSource;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Holds what the lanes of a run have in common: the task, the table of lanes, and the check of the
 * run. Safe for the threads of the run.
 */
final class LaneContext<P extends Record> implements RunState {

  private static final Logger LOG = Logger.getLogger("dev.rowmill.run");

  private final RunContext run;
  private final ChunkedTask<P> task;
  private final P parameters;
  private final LaneTable table;
  private final CheckGate checkGate;
  private final @Nullable Integer leasedLane;

  private volatile boolean needsOrder;

  /** Holds the newest mean time of a row on any lane, in nanoseconds; 0 when unknown. */
  private volatile double rowNanos;

  /**
   * @param guard check of the run; null for none
   * @param leasedLane number of the lane that is leased to this node; null for all lanes of the run
   */
  LaneContext(
      RunContext run,
      ChunkedTask<P> task,
      P parameters,
      @Nullable CheckSpec guard,
      DataSource pool,
      @Nullable Integer leasedLane) {
    this.run = run;
    this.task = task;
    this.parameters = parameters;
    this.table = new LaneTable(run.claim().lanes(), leasedLane);
    this.checkGate = new CheckGate(run, guard, pool);
    this.leasedLane = leasedLane;
  }

  RunContext run() {
    return run;
  }

  LaneTable table() {
    return table;
  }

  CheckGate checkGate() {
    return checkGate;
  }

  /** Returns the number of the lane that is leased to this node; null for all lanes of the run. */
  @Nullable Integer leasedLane() {
    return leasedLane;
  }

  /** Does what the task needs before its extent is found. */
  void prepare() throws SQLException {
    task.prepare(parameters, this);
  }

  /**
   * Does what the task needs after all chunks, and repeats it after a transient error.
   *
   * @return the outcome of the run
   */
  RunOutcome finish(RunOutcome succeeded) throws InterruptedException {
    for (int tries = 1; ; tries++) {
      try {
        task.finish(parameters, this);
        return succeeded;
      } catch (SQLException | RuntimeException e) {
        Optional<DatabaseFailure> passing =
            DatabaseFailure.of(e).filter(DatabaseFailure::isTransient);
        if (passing.isEmpty() || tries >= run.maxAttempts()) {
          return run.failed(e, null);
        }
        if (run.pause(tries, passing.get())) {
          return new RunOutcome.Stopped();
        }
      }
    }
  }

  /** Stores what the task has done so far, before the run ends. Never throws. */
  void interrupt() {
    try {
      task.interrupt(parameters, this);
    } catch (SQLException | RuntimeException e) {
      LOG.warnf(
          "What batch %d has done so far can't be described: %s",
          batch(), run.secrets().message(String.valueOf(e.getMessage())));
    }
  }

  @Override
  public long batch() {
    return run.batch().id();
  }

  @Override
  public String project() {
    return run.batch().project();
  }

  /** {@inheritDoc} A stop that only the database knows of is requested here. */
  @Override
  public boolean mayContinue() {
    if (!run.runs().mayContinue(run.claim())) {
      run.control().stop().request();
    }
    return !run.control().stop().isRequested();
  }

  /** Opens the work of the task on a connection. */
  ChunkedRun open(Connection connection) throws SQLException {
    ChunkedRun opened = task.open(parameters, run.batch().project(), connection);
    needsOrder = opened.needsOrder();
    return opened;
  }

  /** Returns whether the opened work may fail in another order. */
  boolean needsOrder() {
    return needsOrder;
  }

  /** Returns the newest mean time of a row on any lane, in nanoseconds; 0 when unknown. */
  double rowNanos() {
    return rowNanos;
  }

  void rowNanos(double nanos) {
    rowNanos = nanos;
  }

  /** Returns the key under which the chunk size of the work is stored. */
  String sizeKey(ChunkedRun opened) {
    return opened.sizeKey().orElse("task " + task.name());
  }

  /** Returns a number for a further lane, unique in the batch. */
  int nextNumber(Connection connection) throws SQLException {
    return run.sharing().nextNumber(table, run.claim().lanes().get(0), connection);
  }

  /** Returns whether the worker of this lane has to share its rest; clears the request. */
  boolean isToShare(LaneState lane) {
    return leasedLane == null ? table.isToShare(lane) : run.control().takeShareRequest();
  }

  /** Registers that a lane's rest is too small to be shared. */
  void markIndivisible(LaneState lane) {
    table.markIndivisible(lane);
    if (leasedLane != null) {
      run.sharing().refuseToShare(lane);
    }
  }
}
