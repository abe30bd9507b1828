package dev.rowmill.sql;

import dev.rowmill.task.Aside;
import dev.rowmill.task.Chunk;
import dev.rowmill.task.ChunkedRun;
import dev.rowmill.task.Extent;
import dev.rowmill.task.Mark;
import dev.rowmill.task.Refusal;
import dev.rowmill.task.Work;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** Runs a statement as it is, as one chunk, and so in one transaction with its checkpoint. */
final class UndividedRun implements ChunkedRun {

  /** The only cursor of such a run. */
  private static final String END = "[]";

  private final ChunkableStatement statement;
  private final ChunkQueries queries;
  private final RunStatements statements = new RunStatements();
  private final PassedOver passedOver;
  private @Nullable ChunkKeeper keeper;
  private boolean limitReached;
  private @Nullable Long ignored = 0L;

  UndividedRun(ChunkableStatement statement) {
    this.statement = statement;
    this.queries = new ChunkQueries(statement, null);
    this.passedOver = new PassedOver(statement);
  }

  @Override
  public Optional<String> subject() {
    return Optional.of(statement.table().written());
  }

  @Override
  public void mark(Mark mark) {
    statements.mark(mark);
    if (keeper != null) {
      keeper.mark(mark);
    }
  }

  @Override
  public Optional<Extent> extent(Connection connection) throws SQLException {
    return Optional.of(new Extent(END, OptionalLong.of(rows(connection))));
  }

  /** Returns the rows of the table that it goes through; one where it goes through none. */
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
    PassedOver.Counted counted =
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
  public Optional<Refusal> keepsNothing(Connection connection) throws SQLException {
    Optional<Refusal> refused = UndoRefusal.of(connection, statement);
    if (refused.isEmpty()) {
      Keeping keeping = Keeping.of(connection, statement);
      keeper = new ChunkKeeper(queries, keeping, statements);
    }
    return refused;
  }

  @Override
  public Work applyAndKeep(Connection connection, Chunk chunk, Aside aside)
      throws SQLException, InterruptedException {
    if (keeper == null) {
      throw new IllegalStateException("it was not asked whether anything can be kept");
    }
    long changed = apply(connection, chunk);
    return keeper.keep(connection, changed, false, List.of(), aside);
  }
}
