package dev.rowmill.engine;

import dev.rowmill.batch.Checkpoints;
import dev.rowmill.batch.LaneState;
import dev.rowmill.task.Chunk;
import dev.rowmill.task.ChunkedRun;
import java.sql.Connection;
import java.sql.SQLException;

/**
 * Where truth is made: the work of a chunk and the move of its checkpoint, which is fenced on the
 * run's epoch, commit together or not at all, on one connection.
 */
final class ChunkTransaction {

  private ChunkTransaction() {}

  /**
   * Does the next chunk.
   *
   * @param rows of the chunk, at most
   * @return the lane after it, committed
   * @throws ChunkFailedException when it was not committed, or its answer was lost; the caller
   *     rolls back
   */
  static LaneState run(Connection connection, ChunkedRun work, LaneState lane, String end, int rows)
      throws ChunkFailedException {
    Chunk chunk = null;
    try {
      chunk = work.next(connection, lane.after(), end, rows);
      if (chunk.upTo().equals(lane.after())) {
        throw new IllegalStateException("the task's next chunk does not get on: " + chunk);
      }
      long changed = work.apply(connection, chunk);
      LaneState moved = lane.after(chunk, changed);
      Checkpoints.move(connection, moved);
      connection.commit();
      return moved;
    } catch (SQLException | RuntimeException | Error e) {
      throw new ChunkFailedException(chunk, e);
    }
  }

  /** Finds how far the work goes, and stores that for all runs of the batch. */
  static LaneState findExtent(Connection connection, ChunkedRun work, LaneState lane)
      throws ChunkFailedException {
    try {
      LaneState known = lane.withExtent(work.extent(connection));
      Checkpoints.storeExtent(connection, known);
      connection.commit();
      return known;
    } catch (SQLException | RuntimeException | Error e) {
      throw new ChunkFailedException(null, e);
    }
  }

  /** Reads the checkpoint as it really is, after an error. */
  static LaneState findOut(Connection connection, LaneState lane) throws ChunkFailedException {
    try {
      LaneState real = Checkpoints.readAfterError(connection, lane);
      connection.commit();
      return real;
    } catch (SQLException | RuntimeException | Error e) {
      throw new ChunkFailedException(null, e);
    }
  }
}
