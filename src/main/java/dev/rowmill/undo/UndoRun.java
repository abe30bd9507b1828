package dev.rowmill.undo;

import dev.rowmill.batch.store.ChunkRecords;
import dev.rowmill.batch.store.ChunkRecords.Undoable;
import dev.rowmill.batch.store.UndoConflicts;
import dev.rowmill.database.DatabaseFailure;
import dev.rowmill.sql.run.RowRestorer;
import dev.rowmill.sql.run.RowRestorer.Conflict;
import dev.rowmill.sql.run.RowRestorer.OnConflict;
import dev.rowmill.sql.run.RowRestorer.Restored;
import dev.rowmill.task.Chunk;
import dev.rowmill.task.ChunkResult;
import dev.rowmill.task.ChunkedRun;
import dev.rowmill.task.Extent;
import dev.rowmill.task.Refusal;
import dev.rowmill.task.SideReader;
import dev.rowmill.task.StatementTag;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Restores the undo images of a batch's chunks, from the newest to the oldest, and each from its
 * last row to its first. A cursor is the id of a chunk's record and the number of its rows that are
 * done, separated by a colon. The record stores that number too, so a later undo resumes where a
 * cancelled one stopped.
 */
final class UndoRun implements ChunkedRun {

  private record Position(long record, int done) {
    static Position of(String cursor) {
      int colon = cursor.indexOf(':');
      return new Position(
          Long.parseLong(cursor.substring(0, colon)),
          Integer.parseInt(cursor.substring(colon + 1)));
    }

    String cursor() {
      return record + ":" + done;
    }
  }

  private final long batch;
  private final OnConflict onConflict;
  private final long undo;

  private long restorerOf;
  private @Nullable RowRestorer restorer;
  private @Nullable StatementTag mark;

  UndoRun(long batch, OnConflict onConflict, long undo) {
    this.batch = batch;
    this.onConflict = onConflict;
    this.undo = undo;
  }

  @Override
  public void mark(StatementTag next) {
    mark = next;
  }

  @Override
  public Optional<Extent> extent(Connection connection) throws SQLException {
    Optional<Undoable> oldest = ChunkRecords.oldestLeft(connection, batch);
    if (oldest.isEmpty()) {
      return Optional.empty();
    }
    String end = new Position(oldest.get().id(), oldest.get().rows()).cursor();
    return Optional.of(new Extent(end, OptionalLong.of(ChunkRecords.rowsLeft(connection, batch))));
  }

  @Override
  public Chunk next(Connection connection, @Nullable String after, String end, int rows)
      throws SQLException {
    Undoable record = record(connection, after);
    int count = Math.min(rows, record.left());
    String upTo = new Position(record.id(), record.undoneRows() + count).cursor();
    return new Chunk(after, upTo, count);
  }

  private Undoable record(Connection connection, @Nullable String after) throws SQLException {
    long before = Long.MAX_VALUE;
    if (after != null) {
      Position position = Position.of(after);
      Optional<Undoable> same = ChunkRecords.find(connection, batch, position.record());
      if (same.isPresent() && same.get().left() > 0) {
        return same.get();
      }
      before = position.record();
    }
    return ChunkRecords.newestLeft(connection, batch, before)
        .orElseThrow(
            () -> new SQLException("the undo data of batch " + batch + " is no longer available"));
  }

  @Override
  public long apply(Connection connection, Chunk chunk) throws SQLException {
    return restore(connection, chunk).rows();
  }

  @Override
  public Optional<Refusal> undoRefusal(Connection connection, boolean secret) {
    return Optional.empty();
  }

  @Override
  public ChunkResult applyAndCapture(Connection connection, Chunk chunk, SideReader sideReader)
      throws SQLException {
    Restored restored = restore(connection, chunk);
    return new ChunkResult(restored.rows(), restored.image());
  }

  private Restored restore(Connection connection, Chunk chunk) throws SQLException {
    Position upTo = Position.of(chunk.upTo());
    int from = upTo.done() - Math.toIntExact(chunk.rows());
    Restored restored = restore(connection, upTo, from);
    ChunkRecords.undone(connection, upTo.record(), from, upTo.done());
    for (Conflict conflict : restored.conflicts()) {
      UndoConflicts.add(connection, undo, conflict.key(), conflict.reason(), conflict.detail());
    }
    if (ChunkRecords.oldestLeft(connection, batch).isEmpty()) {
      ChunkRecords.undoneBy(connection, batch, undo);
    }
    return restored;
  }

  private Restored restore(Connection connection, Position upTo, int from) throws SQLException {
    RowRestorer rows = restorer(connection, upTo.record());
    if (mark != null) {
      rows.mark(mark);
    }
    if (upTo.done() - from > 1 || onConflict == OnConflict.STOP) {
      // If a row is rejected, the run finds it by retrying with fewer rows at a time.
      return rows.restore(connection, from, upTo.done(), onConflict);
    }
    Savepoint before = connection.setSavepoint();
    try {
      return rows.restore(connection, from, upTo.done(), onConflict);
    } catch (SQLException e) {
      if (!DatabaseFailure.isAny(e, DatabaseFailure.DATA)) {
        throw e;
      }
      connection.rollback(before);
      return new Restored(
          0,
          List.of(new Conflict(rows.key(from), "refused", String.valueOf(e.getMessage()))),
          null);
    }
  }

  private RowRestorer restorer(Connection connection, long record) throws SQLException {
    RowRestorer known = restorer;
    if (known == null || restorerOf != record) {
      byte[] image = ChunkRecords.image(connection, record);
      known = known == null ? new RowRestorer(image) : known.of(image);
      known.check(connection);
      restorer = known;
      restorerOf = record;
    }
    return known;
  }
}
