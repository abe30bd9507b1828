package dev.rowmill.engine;

import dev.rowmill.batch.DatabaseFailure;
import dev.rowmill.batch.FencedException;
import dev.rowmill.batch.LaneState;
import dev.rowmill.task.Chunk;
import dev.rowmill.task.ChunkedRun;
import dev.rowmill.task.ChunkedTask;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Runs a lane to its end, one chunk after the other:
 *
 * <ol>
 *   <li>after an error, find out what the checkpoint really is;
 *   <li>at the very start, find and store how far the work goes;
 *   <li>do one chunk in one transaction, and tell the listeners;
 *   <li>on an error, decide: again at once with fewer rows, again after a pause, or fail;
 *   <li>look whether to stop.
 * </ol>
 *
 * For one thread.
 */
final class ChunkLoop<P extends Record> {

  private final Run run;
  private final ChunkedTask<P> task;
  private final P parameters;
  private final RunConnection connection;
  private final ChunkSize size;

  private @Nullable ChunkedRun work;
  private LaneState lane;
  private boolean certain = true;
  private int failuresInARow;

  ChunkLoop(Run run, ChunkedTask<P> task, P parameters, RunConnection connection) {
    this.run = run;
    this.task = task;
    this.parameters = parameters;
    this.connection = connection;
    this.lane = run.claim().lane();
    this.size = new ChunkSize(run.batch().chunkRows());
  }

  Outcome run() throws InterruptedException {
    while (!(certain && lane.isDone())) {
      if (run.stop().isRequested()) {
        return new Outcome.Stopped();
      }
      try {
        step();
      } catch (ChunkFailedException e) {
        connection.close();
        Optional<Outcome> end = decide(e);
        if (end.isPresent()) {
          return end.get();
        }
      }
    }
    return new Outcome.Succeeded();
  }

  private void step() throws ChunkFailedException {
    ChunkedRun opened = open();
    if (!certain) {
      LaneState before = lane;
      lane = ChunkTransaction.findOut(borrow(), before);
      certain = true;
      if (lane.progress().chunks() > before.progress().chunks()) {
        // The chunk was committed after all; only its answer was lost.
        chunkDone(before, 0);
      }
    } else if (!lane.extentKnown()) {
      lane = ChunkTransaction.findExtent(borrow(), opened, lane);
    } else if (lane.end() != null) {
      LaneState before = lane;
      long started = System.nanoTime();
      lane = ChunkTransaction.run(borrow(), opened, before, lane.end(), size.rows());
      chunkDone(before, System.nanoTime() - started);
    }
  }

  private void chunkDone(LaneState before, long nanos) {
    size.grow();
    failuresInARow = 0;
    long changed = lane.progress().rowsChanged() - before.progress().rowsChanged();
    run.chunkDone(lane.progress(), changed, nanos);
  }

  private ChunkedRun open() throws ChunkFailedException {
    ChunkedRun opened = work;
    if (opened == null) {
      try {
        opened = task.open(parameters, run.batch().project(), connection.get());
        work = opened;
      } catch (SQLException | RuntimeException | Error e) {
        throw new ChunkFailedException(null, e);
      }
    }
    return opened;
  }

  private Connection borrow() throws ChunkFailedException {
    try {
      return connection.get();
    } catch (SQLException | RuntimeException e) {
      throw new ChunkFailedException(null, e);
    }
  }

  /** What to do after an error; empty to try again. */
  private Optional<Outcome> decide(ChunkFailedException failed) throws InterruptedException {
    certain = false;
    Throwable error = failed.reason();
    if (error instanceof FencedException) {
      return Optional.of(run.overtaken(error));
    }
    Chunk chunk = failed.chunk();
    DatabaseFailure sort = DatabaseFailure.of(error).orElse(DatabaseFailure.PERMANENT);
    if (sort == DatabaseFailure.DATA && chunk != null && chunk.rows() > 1 && size.rows() > 1) {
      // One row may be to blame: what comes before it is done, and the error names it alone.
      run.retried(sort, error, chunk);
      size.halve(chunk.rows());
      return Optional.empty();
    }
    if (!sort.isTransient() || ++failuresInARow >= run.maxAttempts()) {
      return Optional.of(run.failed(error, chunk));
    }
    run.retried(sort, error, chunk);
    if (sort == DatabaseFailure.LOCK_TIMEOUT) {
      size.halve(chunk == null ? size.rows() : chunk.rows());
    }
    return run.pause(failuresInARow) ? Optional.of(new Outcome.Stopped()) : Optional.empty();
  }
}
