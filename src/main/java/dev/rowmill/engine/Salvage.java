package dev.rowmill.engine;

import dev.rowmill.batch.LaneState;
import dev.rowmill.batch.OnError;
import dev.rowmill.batch.UndoUsage;
import dev.rowmill.batch.store.ChunkRecords;
import dev.rowmill.batch.store.ChunkRecords.Part;
import dev.rowmill.batch.store.SkippedRows;
import dev.rowmill.batch.store.SkippedRows.Note;
import dev.rowmill.database.DatabaseFailure;
import dev.rowmill.task.Chunk;
import dev.rowmill.task.ChunkResult;
import dev.rowmill.task.ChunkedRun;
import dev.rowmill.task.Division;
import dev.rowmill.task.Refusal;
import dev.rowmill.task.RowIsolation;
import dev.rowmill.task.RowKey;
import dev.rowmill.task.SideReader;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Runs chunks of which single rows reject their change: notes these, passes over them, and changes
 * all others, in the chunk's one transaction.
 *
 * <p>The chunk is cut into parts. A part that fails is rolled back, by the server or to a
 * savepoint, and divided, until one row fails alone. So a bad row costs the work of its part and
 * not that of the chunk.
 *
 * <p>The parts are as large as the distance between bad rows suggests. With a distance of {@code d}
 * rows, and a statement that costs as much as {@code c} rows, parts of about {@code sqrt(d * c)}
 * rows cost least: smaller ones need more statements, larger ones waste more work. Where bad rows
 * are far behind, the parts are as large as the chunk. For one thread.
 */
final class Salvage {

  /** Describes a row that has failed, without secrets. */
  @FunctionalInterface
  interface NoteSource {
    Note note(RowKey row, SQLException error);
  }

  /** Sets the weight of the newest distance or time in the mean. */
  private static final double WEIGHT = 0.3;

  /** Sets how many rows a statement costs until the times are known. */
  private static final double ROWS_OF_A_STATEMENT = 30;

  private static final double LEAST_ROWS_OF_A_STATEMENT = 4;
  private static final double MOST_ROWS_OF_A_STATEMENT = 1000;

  /** Sets the rows from which on the time of a part is that of its rows. */
  private static final int MANY_ROWS = 50;

  /** Limits how often a part is applied whose row has gone each time. */
  private static final int MOST_TRIES = 3;

  private static final String SAVEPOINT = "rowmill_part";

  private final SkipBudget budget;
  private final NoteSource describer;
  private @Nullable RowIsolation isolation;

  /** Holds the mean number of rows between two bad rows. */
  private double distance;

  /** Counts the rows since the last bad row. */
  private long since;

  /** Holds the mean nanoseconds of a statement for one row; 0 when unknown. */
  private double statementNanos;

  /** Holds the mean nanoseconds of a row in a part of many; 0 when unknown. */
  private double rowNanos;

  Salvage(OnError rules, NoteSource describer) {
    this.budget = new SkipBudget(rules);
    this.describer = describer;
  }

  /** Returns whether a chunk has failed, so that chunks are now salvaged. */
  boolean hasBegun() {
    return isolation != null;
  }

  /** Begins with a chunk that has failed because of a row. */
  void begin(ChunkedRun work, Chunk failed) {
    isolation = work.isolation();
    distance = failed.rows();
  }

  private int partRows() {
    double statement =
        statementNanos == 0 || rowNanos == 0
            ? ROWS_OF_A_STATEMENT
            : Math.max(
                LEAST_ROWS_OF_A_STATEMENT,
                Math.min(MOST_ROWS_OF_A_STATEMENT, statementNanos / rowNanos));
    return (int) Math.max(1, Math.sqrt(statement * Math.max(distance, since)));
  }

  private void timed(long rows, long nanos) {
    if (rows == 1) {
      statementNanos = mean(statementNanos, nanos);
    } else if (rows >= MANY_ROWS) {
      rowNanos = mean(rowNanos, (double) nanos / rows);
    }
  }

  private static double mean(double before, double newest) {
    return before == 0 ? newest : WEIGHT * newest + (1 - WEIGHT) * before;
  }

  /**
   * Applies a chunk.
   *
   * @param sideReader reader for the undo images; null for none
   * @return its effect; if the budget ends within the chunk, of the rows before the one that
   *     exceeds it
   * @throws Refusal {@code too-many-skipped} when the first row of the chunk exceeds the budget
   */
  ChunkEffect apply(
      Connection connection,
      ChunkedRun work,
      LaneState lane,
      Chunk chunk,
      @Nullable SideReader sideReader)
      throws SQLException, InterruptedException {
    SkipBudget.Left left = budget.left(connection, lane, chunk, false);
    while (true) {
      var pass = new Pass(connection, work, sideReader, left);
      ChunkEffect effect = pass.run(chunk);
      if (effect.skipped() == 0) {
        return pass.store(effect, lane);
      }
      SkipBudget.Left real = budget.left(connection, lane, chunk, true);
      if (pass.failed <= real.rows()) {
        return pass.store(effect, lane);
      }
      // Other lanes have passed over rows meanwhile.
      connection.rollback();
      left = real;
    }
  }

  /** Runs a chunk once. */
  private final class Pass {
    private final Connection connection;
    private final ChunkedRun work;
    private final @Nullable SideReader sideReader;
    private final SkipBudget.Left left;
    private final RowIsolation rows;
    private final List<Part> parts = new ArrayList<>();
    private final List<Note> notes = new ArrayList<>();

    /** Counts the rows that failed; the others of the notes were left without an error. */
    private int failed;

    private long scanned;
    private long changed;
    private @Nullable Long ignored = 0L;
    private UndoUsage undo = UndoUsage.NONE;

    Pass(
        Connection connection,
        ChunkedRun work,
        @Nullable SideReader sideReader,
        SkipBudget.Left left) {
      this.connection = connection;
      this.work = work;
      this.sideReader = sideReader;
      this.left = left;
      if (isolation == null) {
        throw new IllegalStateException("no chunk has failed");
      }
      this.rows = isolation;
    }

    ChunkEffect run(Chunk chunk) throws SQLException, InterruptedException {
      int most = partRows();
      Deque<Chunk> todo =
          new ArrayDeque<>(
              chunk.rows() <= most ? List.of(chunk) : rows.parts(connection, chunk, most));
      Savepoint before = savepoint();
      int vanished = 0;
      while (!todo.isEmpty()) {
        Chunk part = todo.removeFirst();
        long began = System.nanoTime();
        try {
          apply(part);
          timed(part.rows(), System.nanoTime() - began);
          before = todo.isEmpty() ? null : savepoint();
          continue;
        } catch (SQLException e) {
          if (!DatabaseFailure.isAny(e, DatabaseFailure.DATA)) {
            throw e;
          }
          if (before != null) {
            connection.rollback(before);
          } else if (rows.hasLeftChanges()) {
            throw e;
          }
          if (part.rows() == 1) {
            timed(1, System.nanoTime() - began);
          }
          Division division = rows.divide(connection, part);
          if (division.row() != null) {
            Note note = describer.note(division.row(), e);
            if (failed >= left.rows()) {
              return partly(chunk, part, SkipBudget.exceeded(left, failed, note));
            }
            skip(part, note);
          } else if (division.parts().isEmpty() && ++vanished < MOST_TRIES) {
            todo.addFirst(part);
          } else if (division.parts().size() < 2) {
            throw e;
          } else {
            List<Chunk> smaller = division.parts();
            for (int i = smaller.size() - 1; i >= 0; i--) {
              todo.addFirst(smaller.get(i));
            }
          }
        }
      }
      return effect(new Chunk(chunk.after(), chunk.upTo(), scanned), null);
    }

    private @Nullable Savepoint savepoint() throws SQLException {
      return rows.needsSavepoints() ? connection.setSavepoint(SAVEPOINT) : null;
    }

    private void apply(Chunk part) throws SQLException, InterruptedException {
      ChunkResult done =
          sideReader == null
              ? new ChunkResult(work.apply(connection, part), null)
              : work.applyAndCapture(connection, part, sideReader);
      List<Note> left = ChunkTransaction.notesOfLeft(work);
      notes.addAll(left);
      parts.add(new Part(part, done, left.size()));
      changed += done.changed();
      Long some = work.ignored();
      ignored = ignored == null || some == null ? null : Long.valueOf(ignored + some);
      undo = undo.plus(UndoUsage.of(done.image()));
      scanned += part.rows();
      since += part.rows();
    }

    private void skip(Chunk part, Note note) {
      failed++;
      notes.add(note);
      parts.add(new Part(part, new ChunkResult(0, null), 1));
      scanned += part.rows();
      distance = mean(distance, since + 1);
      since = 0;
    }

    /** Returns the effect of the parts before one whose row exceeds the budget. */
    private ChunkEffect partly(Chunk chunk, Chunk exceeding, Refusal end) {
      if (parts.isEmpty()) {
        throw end;
      }
      String upTo = parts.get(parts.size() - 1).chunk().upTo();
      return effect(new Chunk(chunk.after(), upTo, scanned), end);
    }

    private ChunkEffect effect(Chunk done, @Nullable Refusal end) {
      return new ChunkEffect(done, changed, ignored, notes.size(), undo, end);
    }

    /** Stores the notes and the records of the parts. */
    ChunkEffect store(ChunkEffect effect, LaneState lane) throws SQLException {
      SkippedRows.add(connection, lane, effect.chunk(), notes);
      if (sideReader != null) {
        ChunkRecords.add(connection, lane, parts);
      }
      return effect;
    }
  }
}
