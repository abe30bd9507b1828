package dev.rowmill.sql.run;

import dev.rowmill.sql.statement.ChunkQueries;
import dev.rowmill.sql.statement.ChunkableStatement;
import dev.rowmill.sql.table.Catalog;
import dev.rowmill.sql.table.ChunkKey;
import dev.rowmill.sql.value.BoundText;
import dev.rowmill.sql.value.RunStatements;
import dev.rowmill.task.Chunk;
import dev.rowmill.task.ChunkResult;
import dev.rowmill.task.ChunkedRun;
import dev.rowmill.task.Extent;
import dev.rowmill.task.Refusal;
import dev.rowmill.task.SideReader;
import dev.rowmill.task.StatementTag;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** Runs a statement unchanged as one chunk, in one transaction with its checkpoint. */
public final class UndividedRun implements ChunkedRun {

  /** Represents the only cursor of such a run. */
  private static final String END = "[]";

  private final ChunkableStatement statement;
  private final ChunkQueries queries;
  private final RunStatements statements = new RunStatements();
  private final IgnoredRows passedOver;
  private @Nullable ImageCapture keeper;
  private boolean limitReached;
  private @Nullable Long ignored = 0L;

  public UndividedRun(ChunkableStatement statement) {
    this.statement = statement;
    this.queries = new ChunkQueries(statement, null);
    this.passedOver = new IgnoredRows(statement);
  }

  @Override
  public Optional<String> sizeKey() {
    return Optional.of(statement.table().written());
  }

  @Override
  public void mark(StatementTag mark) {
    statements.mark(mark);
    if (keeper != null) {
      keeper.mark(mark);
    }
  }

  @Override
  public Optional<Extent> extent(Connection connection) throws SQLException {
    return Optional.of(new Extent(END, OptionalLong.of(rows(connection))));
  }

  /** Returns the number of rows of the table that the statement reads; 1 if it reads none. */
  private long rows(Connection connection) throws SQLException {
    return statement.readsTable()
        ? new Catalog(connection).rowsUpTo(statement.table(), Integer.MAX_VALUE)
        : 1;
  }

  @Override
  public Chunk next(Connection connection, @Nullable String after, String end, int rows)
      throws SQLException {
    if (after != null || !end.equals(END)) {
      throw ChunkKey.changed(after == null ? end : after);
    }
    return new Chunk(null, END, rows(connection));
  }

  @Override
  public long apply(Connection connection, Chunk chunk) throws SQLException {
    BoundText whole = statement.whole();
    ignored = null;
    passedOver.before(connection, statements);
    PreparedStatement bound = statements.boundOnce(connection, whole.sql(), whole.values());
    IgnoredRows.Counted counted =
        passedOver.after(connection, statements, bound, bound.executeLargeUpdate(), chunk.rows());
    ignored = counted.ignored();
    limitReached = statement.limit().isPresent() && counted.met() >= statement.limit().getAsLong();
    return counted.changed();
  }

  @Override
  public boolean limitReached() {
    return limitReached;
  }

  @Override
  public @Nullable Long ignored() {
    return ignored;
  }

  @Override
  public Optional<Refusal> undoRefusal(Connection connection) throws SQLException {
    Optional<Refusal> refused = UndoRefusal.of(connection, statement);
    if (refused.isEmpty()) {
      ImageLayout layout = ImageLayout.of(connection, statement);
      keeper = new ImageCapture(queries, layout, statements);
    }
    return refused;
  }

  @Override
  public ChunkResult applyAndCapture(Connection connection, Chunk chunk, SideReader sideReader)
      throws SQLException, InterruptedException {
    if (keeper == null) {
      throw new IllegalStateException("it was not asked whether anything can be kept");
    }
    long changed = apply(connection, chunk);
    return keeper.keep(connection, changed, false, List.of(), sideReader);
  }
}
