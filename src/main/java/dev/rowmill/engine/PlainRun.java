package dev.rowmill.engine;

import dev.rowmill.batch.FencedException;
import dev.rowmill.batch.LaneState;
import dev.rowmill.batch.store.Checkpoints;
import dev.rowmill.database.DatabaseFailure;
import dev.rowmill.task.PlainContext;
import dev.rowmill.task.PlainTask;
import dev.rowmill.task.Refusal;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Runs a plain task, and provides it with the context of its run. Saves each checkpoint in a short
 * fenced transaction of its own. For one thread.
 */
final class PlainRun<P extends Record> implements PlainContext<P> {

  private final RunContext run;
  private final P parameters;
  private final RunConnection connection;
  private final WindowGate gate;

  private LaneState lane;
  private @Nullable Long total;
  private @Nullable FencedException overtaken;

  /** Stores the violated bound of the run; null while it is within its bounds. */
  private @Nullable Refusal exceeded;

  private PlainRun(RunContext run, P parameters, RunConnection connection, WindowGate gate) {
    this.run = run;
    this.parameters = parameters;
    this.connection = connection;
    this.gate = gate;
    this.lane = run.claim().lanes().get(0);
    this.total = lane.progress().rowsTotal();
  }

  static <P extends Record> RunOutcome run(
      RunContext run, PlainTask<P> task, P parameters, DataSource pool)
      throws InterruptedException {
    Thread own = Thread.currentThread();
    try (var connection = run.sharing().connection(pool, run.batch().spec().work(), id -> {});
        var force = run.control().stop().onForce(own::interrupt);
        var shift = run.control().begin();
        var gate = new WindowGate(run, shift, reason -> {})) {
      return new PlainRun<>(run, parameters, connection, gate).run(task);
    }
  }

  private RunOutcome run(PlainTask<P> task) throws InterruptedException {
    RunOutcome end = await();
    if (end != null || stopRequested()) {
      return end == null ? new RunOutcome.Stopped() : end;
    }
    try {
      task.run(this);
    } catch (InterruptedException e) {
      throw e;
    } catch (Exception | Error e) {
      return overtaken == null
          ? run.failed(exceeded == null ? e : exceeded, null)
          : run.overtaken(e);
    }
    if (overtaken != null) {
      return run.overtaken(overtaken);
    }
    if (exceeded != null) {
      return run.failed(exceeded, null);
    }
    return stopRequested() ? new RunOutcome.Stopped() : new RunOutcome.Succeeded(List.of());
  }

  @Override
  public long batch() {
    return run.batch().id();
  }

  @Override
  public String project() {
    return run.batch().project();
  }

  @Override
  public P parameters() {
    return parameters;
  }

  @Override
  public Optional<String> checkpoint() {
    return Optional.ofNullable(lane.after());
  }

  @Override
  public void total(long rows) {
    total = rows;
  }

  @Override
  public void save(String checkpoint, long rowsScanned, long rowsChanged) {
    long started = System.nanoTime();
    LaneState goal = lane.moved(checkpoint, total, rowsScanned, rowsChanged, 0L);
    boolean certain = true;
    int tries = 0;
    for (int failures = 0; ; ) {
      try {
        lane = certain ? move(goal) : moveUnlessMoved(goal);
        run.chunkDone(
            lane.progress(),
            new ChunkDone(lane.lane(), rowsScanned, rowsChanged, 0, since(started)));
        stayInBounds();
        return;
      } catch (FencedException e) {
        connection.close();
        overtaken = e;
        throw e;
      } catch (SQLException e) {
        connection.close();
        certain = false;
        DatabaseFailure sort = DatabaseFailure.of(e).orElse(DatabaseFailure.PERMANENT);
        failures++;
        tries += sort.isAway() ? 0 : 1;
        if (!sort.isTransient() || tries >= run.maxAttempts()) {
          throw new IllegalStateException("the checkpoint can't be saved", e);
        }
        run.retried(lane.lane(), sort, e, null, since(started));
        pause(sort.isAway() ? failures : tries, sort);
      }
    }
  }

  /** Checks the bounds after a checkpoint, as the task has already committed its work. */
  private void stayInBounds() {
    try {
      run.bounds().hasChanged(lane.progress().rowsChanged());
      if (await() instanceof RunOutcome.Failed failed) {
        throw new Refusal(failed.failure().type(), failed.failure().members());
      }
    } catch (Refusal e) {
      exceeded = e;
      throw e;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted outside of the batch's window", e);
    }
  }

  private @Nullable RunOutcome await() throws InterruptedException {
    try {
      return gate.pass(connection::close);
    } finally {
      gate.open();
    }
  }

  @Override
  public boolean stopRequested() {
    return run.control().stop().isRequested();
  }

  private static Duration since(long nanoTime) {
    return Duration.ofNanos(System.nanoTime() - nanoTime);
  }

  private LaneState move(LaneState to) throws SQLException {
    Connection open = connection.get(lane);
    Checkpoints.move(open, to);
    open.commit();
    return to;
  }

  /**
   * Moves the checkpoint unless it has moved. After a lost response the commit may have succeeded,
   * and must not be counted twice.
   */
  private LaneState moveUnlessMoved(LaneState goal) throws SQLException {
    Connection open = connection.get(lane);
    LaneState real = Checkpoints.readAfterError(open, lane).get(0);
    open.commit();
    return real.progress().chunks() == goal.progress().chunks() ? real : move(goal);
  }

  private void pause(int failures, DatabaseFailure sort) {
    try {
      run.pause(failures, sort);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while saving a checkpoint", e);
    }
  }
}
