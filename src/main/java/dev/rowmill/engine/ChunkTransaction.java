package dev.rowmill.engine;

import dev.rowmill.batch.LaneState;
import dev.rowmill.batch.UndoUsage;
import dev.rowmill.batch.store.Checkpoints;
import dev.rowmill.batch.store.ChunkRecords;
import dev.rowmill.batch.store.ChunkRecords.Part;
import dev.rowmill.batch.store.ChunkSizes;
import dev.rowmill.batch.store.SkippedRows;
import dev.rowmill.batch.store.SkippedRows.Note;
import dev.rowmill.task.Chunk;
import dev.rowmill.task.ChunkResult;
import dev.rowmill.task.ChunkedRun;
import dev.rowmill.task.Extent;
import dev.rowmill.task.Refusal;
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
 * Commits the work of a chunk together with its checkpoint, in one transaction on one connection.
 * The move of the checkpoint is fenced on the run's epoch.
 */
final class ChunkTransaction {

  /** Assigns numbers to new lanes. */
  interface LaneNumbers {
    int next(Connection connection) throws SQLException;
  }

  private ChunkTransaction() {}

  /**
   * Holds the result of a committed chunk.
   *
   * @param lane after it, committed
   * @param commit how long the server took for the commit alone
   * @param end why the batch fails now; null when it continues
   */
  record Done(LaneState lane, Duration commit, @Nullable Refusal end) {}

  /**
   * Does a chunk.
   *
   * @param chunk the next one of the lane
   * @param sizeKey to store the chunk size for, when this is the lane's last chunk; null for none
   * @param rowNanos how long a row takes, stored with the size; 0 when unknown
   * @param sideReader reader for the undo image; null for none
   * @param salvage passes over rows that fail; null to apply the chunk as a whole
   * @param changed receives the changed rows before the commit; its exception rolls the chunk back
   * @return the result of the chunk
   * @throws ChunkFailedException when it was not committed, or the response to the commit was lost;
   *     the caller rolls back
   * @throws InterruptedException when it was not committed
   */
  static Done run(
      Connection connection,
      ChunkedRun work,
      LaneState lane,
      Chunk chunk,
      @Nullable String sizeKey,
      long rowNanos,
      @Nullable SideReader sideReader,
      @Nullable Salvage salvage,
      LongConsumer changed)
      throws ChunkFailedException, InterruptedException {
    try {
      if (chunk.upTo().equals(lane.after())) {
        throw new IllegalStateException("the task's next chunk makes no progress: " + chunk);
      }
      ChunkEffect effect =
          salvage == null
              ? whole(connection, work, lane, chunk, sideReader)
              : salvage.apply(connection, work, lane, chunk, sideReader);
      changed.accept(effect.changed());
      work.complete(connection, effect.chunk());
      LaneState moved =
          lane.after(effect.chunk(), effect.changed(), effect.ignored())
              .layout(effect.undo())
              .skipping(effect.skipped())
              .limited(work.limitReached());
      Checkpoints.move(connection, moved);
      Integer size = moved.progress().chunkRows();
      if (moved.isDone() && sizeKey != null && size != null) {
        ChunkSizes.store(connection, sizeKey, size, rowNanos);
      }
      long before = System.nanoTime();
      connection.commit();
      return new Done(moved, Duration.ofNanos(System.nanoTime() - before), effect.end());
    } catch (SQLException | RuntimeException | Error e) {
      throw new ChunkFailedException(chunk, e);
    }
  }

  private static ChunkEffect whole(
      Connection connection,
      ChunkedRun work,
      LaneState lane,
      Chunk chunk,
      @Nullable SideReader sideReader)
      throws SQLException, InterruptedException {
    ChunkResult done =
        sideReader == null
            ? new ChunkResult(work.apply(connection, chunk), null)
            : work.applyAndCapture(connection, chunk, sideReader);
    List<Note> left = notesOfLeft(work);
    SkippedRows.add(connection, lane, chunk, left);
    if (sideReader != null) {
      ChunkRecords.add(connection, lane, List.of(new Part(chunk, done, left.size())));
    }
    return new ChunkEffect(
        chunk, done.changed(), work.ignored(), left.size(), UndoUsage.of(done.image()), null);
  }

  /** Returns the notes of the rows that the last chunk has left as they were. */
  static List<Note> notesOfLeft(ChunkedRun work) {
    return work.leftRows().stream().map(row -> new Note(row.row(), 0, null, row.reason())).toList();
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
   * Finds the extent of the work, and stores it for all runs of the batch, divided among lanes.
   *
   * @param sizeKey to look up the chunk size for; null for none
   * @param lanes how many there should be
   * @param withFirstChunk whether the first chunk follows in the same transaction and stores the
   *     extent with its checkpoint, where there is one lane and something to do; else the extent is
   *     stored and committed
   * @return the lane, and the new lanes that share the rest
   */
  static List<LaneState> findExtent(
      Connection connection,
      ChunkedRun work,
      LaneState lane,
      @Nullable String sizeKey,
      int lanes,
      boolean withFirstChunk)
      throws ChunkFailedException {
    try {
      Optional<Extent> extent = work.extent(connection);
      LaneState known = lane.withExtent(extent).limited(work.limitReached());
      OptionalInt size =
          sizeKey == null || isOneChunk(known)
              ? OptionalInt.empty()
              : ChunkSizes.find(connection, sizeKey);
      if (size.isPresent()) {
        known = known.withChunkRows(size.getAsInt());
      }
      List<LaneState> all = split(connection, work, known, lanes, its -> 1);
      boolean one = all.isEmpty();
      if (one && withFirstChunk && !known.isDone()) {
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
   * Gives half of the rest of a lane to a new one.
   *
   * @param number of the new lane
   * @return both, committed; empty where the rest can't be split
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
    List<String> splitPoints =
        end == null || parts < 2
            ? List.of()
            : work.splitPoints(connection, lane.after(), end, parts);
    if (splitPoints.isEmpty()) {
      return List.of();
    }
    Long total = lane.progress().rowsTotal();
    long left = total == null ? 0 : Math.max(0, total - lane.progress().rowsScanned());
    Long share = total == null ? null : Long.valueOf(left / (splitPoints.size() + 1));
    List<LaneState> all = new ArrayList<>();
    LaneState own =
        lane.upTo(splitPoints.get(0), share == null ? null : lane.progress().rowsScanned() + share);
    Checkpoints.storeRange(connection, own);
    all.add(own);
    int number = firstNumber.next(connection);
    for (int i = 0; i < splitPoints.size(); i++) {
      String to = i + 1 < splitPoints.size() ? splitPoints.get(i + 1) : end;
      LaneState another = lane.another(number + i, splitPoints.get(i), to, share);
      Checkpoints.add(connection, another);
      all.add(another);
    }
    return all;
  }

  /** Reads the stored checkpoints of a batch, after an error in one of its lanes. */
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
