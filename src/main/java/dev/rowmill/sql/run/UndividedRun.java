package dev.rowmill.sql.run;

import dev.rowmill.sql.statement.ChunkQueries;
import dev.rowmill.sql.statement.ChunkableStatement;
import dev.rowmill.sql.table.Catalog;
import dev.rowmill.sql.table.ChunkKey;
import dev.rowmill.sql.table.WalkedRows;
import dev.rowmill.task.Chunk;
import dev.rowmill.task.ChunkResult;
import dev.rowmill.task.Extent;
import dev.rowmill.task.SideReader;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** Runs a statement unchanged as one chunk, in one transaction with its checkpoint. */
public final class UndividedRun extends StatementRun {

  /** Represents the only cursor of such a run. */
  private static final String END = "[]";

  private static final WalkedRows ALL = new WalkedRows(false, 0, List.of());

  public UndividedRun(ChunkableStatement statement) {
    super(new ChunkQueries(statement, null));
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
    return apply(connection, chunk.rows()).changed();
  }

  private IgnoredRows.Counted apply(Connection connection, long rows) throws SQLException {
    IgnoredRows.Counted counted = execute(connection, rows, condition -> statement.whole());
    limitReached = statement.limit().isPresent() && counted.met() >= statement.limit().getAsLong();
    return counted;
  }

  @Override
  public ChunkResult applyAndCapture(Connection connection, Chunk chunk, SideReader sideReader)
      throws SQLException, InterruptedException {
    IgnoredRows.Counted counted = apply(connection, chunk.rows());
    return capture().capture(counted, new CapturedRange(connection, sideReader, ALL));
  }
}
