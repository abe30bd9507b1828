package dev.rowmill.engine;

import dev.rowmill.batch.LaneState;
import dev.rowmill.batch.store.Checkpoints;
import dev.rowmill.batch.store.ChunkRecords;
import dev.rowmill.batch.store.ChunkSizes;
import dev.rowmill.task.Chunk;
import dev.rowmill.task.ChunkResult;
import dev.rowmill.task.ChunkedRun;
import dev.rowmill.task.Extent;
import dev.rowmill.task.SideReader;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Where truth is made: the work of a chunk and the move of its checkpoint, which is fenced on the
 * run's epoch, commit together or not at all, on one connection.
 */
final class ChunkTransaction {

  /** Gives numbers to new lanes. */
  interface LaneNumbers {
    int next(Connection connection) throws SQLException;
  }

  private ChunkTransaction() {}

  /**
   * A chunk that is done.
   *
   * @param lane after it, committed
   * @param commit how long the server took for the commit alone
   */
  record Done(LaneState lane, Duration commit) {}

  /**
   * Does a chunk.
   *
   * @param chunk the next one of the lane
   * @param subject to note the size for, when this is the lane's last chunk; null for not to
   * @param rowNanos how long a row takes, to be noted with the size; 0 when unknown
   * @param aside for keeping what it changes; null for keeping nothing
   * @param changed is told of the rows before the commit; what it throws rolls it back
   * @return what came of it
   * @throws ChunkFailedException when it was not committed, or its answer was lost; the caller
   *     rolls back
   * @throws InterruptedException when it was not committed
   */
  static Done run(
      Connection connection,
      ChunkedRun work,
      LaneState lane,
      Chunk chunk,
      @Nullable String subject,
      long rowNanos,
      @Nullable SideReader aside,
      LongConsumer changed)
      throws ChunkFailedException, InterruptedException {
    try {
      if (chunk.upTo().equals(lane.after())) {
        throw new IllegalStateException("the task's next chunk does not get on: " + chunk);
      }
      LaneState moved;
      if (aside == null) {
        long rows = work.apply(connection, chunk);
        changed.accept(rows);
        moved = lane.after(chunk, rows, work.ignored());
      } else {
        ChunkResult done = work.applyAndKeep(connection, chunk, aside);
        changed.accept(done.changed());
        moved = lane.after(chunk, done.changed(), work.ignored()).keeping(done.image());
        ChunkRecords.add(connection, lane, chunk, done);
      }
      moved = moved.limited(work.limitReached());
      Checkpoints.move(connection, moved);
      Integer size = moved.progress().chunkRows();
      if (moved.isDone() && subject != null && size != null) {
        ChunkSizes.store(connection, subject, size, rowNanos);
      }
      long before = System.nanoTime();
      connection.commit();
      return new Done(moved, Duration.ofNanos(System.nanoTime() - before));
    } catch (SQLException | RuntimeException | Error e) {
      throw new ChunkFailedException(chunk, e);
    }
  }

  /**
   * Finds where the next chunk ends.
   *
   * @param rows of the chunk, at most
   */
  static Chunk next(Connection connection, ChunkedRun work, LaneState lane, String end, int rows)
      throws ChunkFailedException {
    try {
      return work.next(connection, lane.after(), end, rows);
    } catch (SQLException | RuntimeException | Error e) {
      throw new ChunkFailedException(null, e);
    }
  }

  /**
   * Finds how far the work goes, and stores that for all runs of the batch, shared among lanes.
   *
   * @param subject to look up the size of chunks for; null for not to
   * @param lanes how many there should be
   * @param goOn whether the first chunk follows in the same transaction, and stores with its
   *     checkpoint what is found here, where there is one lane and something to do; else it is
   *     stored and committed
   * @return the lane, and those that take what it left
   */
  static List<LaneState> findExtent(
      Connection connection,
      ChunkedRun work,
      LaneState lane,
      @Nullable String subject,
      int lanes,
      boolean goOn)
      throws ChunkFailedException {
    try {
      Optional<Extent> extent = work.extent(connection);
      LaneState known = lane.withExtent(extent).limited(work.limitReached());
      OptionalInt size =
          subject == null || isOneChunk(known)
              ? OptionalInt.empty()
              : ChunkSizes.find(connection, subject);
      if (size.isPresent()) {
        known = known.withChunkRows(size.getAsInt());
      }
      List<LaneState> all = split(connection, work, known, lanes, its -> 1);
      boolean one = all.isEmpty();
      if (one && goOn && !known.isDone()) {
        return List.of(known);
      }
      if (one) {
        Checkpoints.storeRange(connection, known);
      }
      connection.commit();
      return one ? List.of(known) : all;
    } catch (SQLException | RuntimeException | Error e) {
      throw new ChunkFailedException(null, e);
    }
  }

  private static boolean isOneChunk(LaneState lane) {
    Long total = lane.progress().rowsTotal();
    Integer rows = lane.progress().chunkRows();
    return total != null && rows != null && total <= rows;
  }

  /**
   * Gives half of what a lane has left to a new one.
   *
   * @param number of the new lane
   * @return both, committed; empty where the rest can't be cut
   */
  static List<LaneState> split(
      Connection connection, ChunkedRun work, LaneState lane, LaneNumbers number)
      throws ChunkFailedException {
    try {
      List<LaneState> both = split(connection, work, lane, 2, number);
      connection.commit();
      return both;
    } catch (SQLException | RuntimeException | Error e) {
      throw new ChunkFailedException(null, e);
    }
  }

  private static List<LaneState> split(
      Connection connection, ChunkedRun work, LaneState lane, int parts, LaneNumbers firstNumber)
      throws SQLException {
    String end = lane.end();
    List<String> cuts =
        end == null || parts < 2 ? List.of() : work.cuts(connection, lane.after(), end, parts);
    if (cuts.isEmpty()) {
      return List.of();
    }
    Long total = lane.progress().rowsTotal();
    long left = total == null ? 0 : Math.max(0, total - lane.progress().rowsScanned());
    Long share = total == null ? null : Long.valueOf(left / (cuts.size() + 1));
    List<LaneState> all = new ArrayList<>();
    LaneState mine =
        lane.upTo(cuts.get(0), share == null ? null : lane.progress().rowsScanned() + share);
    Checkpoints.storeRange(connection, mine);
    all.add(mine);
    int number = firstNumber.next(connection);
    for (int i = 0; i < cuts.size(); i++) {
      String to = i + 1 < cuts.size() ? cuts.get(i + 1) : end;
      LaneState another = lane.another(number + i, cuts.get(i), to, share);
      Checkpoints.add(connection, another);
      all.add(another);
    }
    return all;
  }

  /** Reads the checkpoints of a batch as they really are, after an error in one of its lanes. */
  static List<LaneState> findOut(Connection connection, LaneState lane)
      throws ChunkFailedException {
    try {
      List<LaneState> real = Checkpoints.readAfterError(connection, lane);
      connection.commit();
      return real;
    } catch (SQLException | RuntimeException | Error e) {
      throw new ChunkFailedException(null, e);
    }
  }
}
