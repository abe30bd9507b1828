package dev.rowmill.sql.run;

import dev.rowmill.sql.parse.TableName;
import dev.rowmill.sql.statement.ChunkQueries;
import dev.rowmill.sql.statement.ChunkQueries.RangeQuery;
import dev.rowmill.sql.statement.ChunkableStatement;
import dev.rowmill.sql.table.WalkedRows;
import dev.rowmill.sql.value.BoundText;
import dev.rowmill.sql.value.RunStatements;
import dev.rowmill.task.ChunkedRun;
import dev.rowmill.task.Refusal;
import dev.rowmill.task.StatementTag;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Runs a statement, counts the rows that it changed or ignored, and captures their images. */
abstract sealed class StatementRun implements ChunkedRun
    permits SqlChunkedRun, UndividedRun, ListedRun {

  final ChunkableStatement statement;
  final ChunkQueries queries;
  final RunStatements statements = new RunStatements();
  final IgnoredRows ignoredRows;

  /** Limits the rows of a chunk, so that its image is small enough. */
  int mostRows = Integer.MAX_VALUE;

  boolean limitReached;

  /** Stores whether the last statement has changed rows, also when the work after it failed. */
  boolean executed;

  /** Holds the table that rows are copied to before they are deleted; null if they are not. */
  private @Nullable TableName movedTo;

  private boolean begun;
  private @Nullable Long ignored = 0L;
  private @Nullable ImageCapture capture;

  StatementRun(ChunkQueries queries) {
    this.statement = queries.statement();
    this.queries = queries;
    this.ignoredRows = new IgnoredRows(statement);
  }

  @Override
  public Optional<String> sizeKey() {
    return Optional.of(statement.table().written());
  }

  @Override
  public void mark(StatementTag mark) {
    statements.mark(mark);
    if (capture != null) {
      capture.mark(mark);
    }
  }

  /** Limits the rows of a chunk, so that its image is small enough. */
  public void limitRows(int most) {
    mostRows = Math.min(mostRows, most);
  }

  /** Sets the table that rows are copied to before they are deleted, for the undo data. */
  public void moveTo(TableName other) {
    movedTo = other;
  }

  @Override
  public boolean needsOrder() {
    return statement.needsOrder();
  }

  @Override
  public boolean limitReached() {
    return limitReached;
  }

  @Override
  public @Nullable Long ignored() {
    return ignored;
  }

  /**
   * Runs the statement once for some rows.
   *
   * @param rows number of rows of the chunk
   * @param also SQL to be added to the condition
   */
  IgnoredRows.Counted execute(Connection connection, long rows, WalkedRows some, String also)
      throws SQLException {
    return execute(
        connection,
        rows,
        condition -> {
          RangeQuery apply = queries.apply(some, condition + also);
          return new BoundText(apply.sql(), apply.with(some.values()));
        });
  }

  /**
   * Runs the statement once.
   *
   * @param rows number of rows of the chunk
   * @param text the statement, by the SQL to be added to its condition
   */
  IgnoredRows.Counted execute(Connection connection, long rows, Function<String, BoundText> text)
      throws SQLException {
    ignored = null;
    executed = false;
    BoundText sql = text.apply(ignoredRows.before(connection, statements));
    if (begun) {
      return execute(connection, rows, statements.bound(connection, sql.sql(), sql.values()));
    }
    begun = true;
    // Many batches have one chunk only. No pool closes a statement that is not prepared.
    try (var once = statements.boundOnce(connection, sql.sql(), sql.values())) {
      return execute(connection, rows, once);
    }
  }

  private IgnoredRows.Counted execute(Connection connection, long rows, PreparedStatement bound)
      throws SQLException {
    long changed = bound.executeLargeUpdate();
    executed = true;
    IgnoredRows.Counted counted = ignoredRows.after(connection, statements, bound, changed, rows);
    ignored = counted.ignored();
    return counted;
  }

  @Override
  public Optional<Refusal> undoRefusal(Connection connection, boolean secret) throws SQLException {
    Optional<Refusal> refused = UndoRefusal.of(connection, statement);
    if (refused.isEmpty()) {
      ImageLayout layout = ImageLayout.of(connection, statement);
      if (movedTo != null) {
        layout = layout.movedTo(movedTo);
      }
      mostRows = layout.mostRows();
      Optional<FormulaSource> formulas =
          // Few rows are read again by their keys, and no image holds a secret of a SET list.
          layout.locksFirst() && queries.index() == null && !secret
              ? FormulaSource.of(connection, statement, layout.image())
              : Optional.empty();
      capture = new ImageCapture(queries, layout, formulas.orElse(null), statements);
    }
    return refused;
  }

  /** Returns the capture of images, after {@link #undoRefusal} returned no refusal. */
  ImageCapture capture() {
    if (capture == null) {
      throw new IllegalStateException("undoRefusal was not called, or refused");
    }
    return capture;
  }
}
