package dev.rowmill.sql.run;

import dev.rowmill.sql.run.SelectedRows.Selection;
import dev.rowmill.sql.statement.ChunkQueries;
import dev.rowmill.sql.statement.ChunkableStatement;
import dev.rowmill.sql.statement.WalkPlan;
import dev.rowmill.sql.value.RunStatements;
import dev.rowmill.task.Chunk;
import dev.rowmill.task.ChunkResult;
import dev.rowmill.task.ChunkedRun;
import dev.rowmill.task.Extent;
import dev.rowmill.task.StatementTag;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Gives the rows of a query to others, and writes the changes that they return. Reads ahead for one
 * thread at a time, and does everything else for another.
 */
public final class RowExchange {

  private static final byte[][] NOTHING = {};

  private final ExchangedTable table;
  private final SqlChunkedRun walk;
  private final SelectedRows ahead;
  private final SelectedRows locked;
  private final RunStatements aheadStatements = new RunStatements();
  private final RowEdits edits;

  private RowExchange(WalkPlan plan, ExchangedTable table) {
    this.table = table;
    ChunkQueries queries = plan.queries();
    walk = new SqlChunkedRun(queries, plan.rows());
    ahead = new SelectedRows(queries, table.keys(), table.selected());
    locked = new SelectedRows(queries, table.keys(), table.selected());
    edits =
        new RowEdits(
            table.name(),
            table.index(),
            table.keys(),
            table.editable(),
            table.along(),
            new RunStatements());
  }

  /**
   * Opens an exchange.
   *
   * @param statement compiled by {@link ChunkableStatement#compileRows}
   */
  public static RowExchange open(ChunkableStatement statement, Connection connection)
      throws SQLException {
    return new RowExchange(
        WalkPlan.of(statement, connection), ExchangedTable.of(connection, statement));
  }

  public ExchangedTable table() {
    return table;
  }

  /** Sets the tag of all statements. */
  public void mark(StatementTag mark) {
    walk.mark(mark);
    ahead.mark(mark);
    locked.mark(mark);
    aheadStatements.mark(mark);
    edits.mark(mark);
  }

  /** Returns the extent of the walk, as {@link ChunkedRun#extent} does. */
  public Optional<Extent> extent(Connection connection) throws SQLException {
    return walk.extent(connection);
  }

  /** Splits the walk, as {@link ChunkedRun#splitPoints} does. */
  public List<String> splitPoints(
      Connection connection, @Nullable String after, String end, int parts) throws SQLException {
    return walk.splitPoints(connection, after, end, parts);
  }

  /**
   * Reads the next rows, ahead of the transaction that changes them.
   *
   * @param most maximum number of rows, 1 or more
   * @param mostBytes limits the bytes of their values, unless one row has more
   */
  public Selection next(
      Connection connection, @Nullable String after, String end, int most, long mostBytes)
      throws SQLException {
    return ahead.next(connection, after, end, most, mostBytes);
  }

  /** Reads the rows of a range again, ahead of the transaction that changes them. */
  public List<SelectedRow> again(Connection connection, Chunk chunk) throws SQLException {
    return ahead.again(connection, chunk);
  }

  /** Returns rows that were read ahead with their text in UTF-8, in the same order. */
  public ChangedRows readable(Connection connection, List<SelectedRow> rows) throws SQLException {
    return new Utf8Text(connection, aheadStatements)
        .of(
            new ChangedRows(
                ChangedRows.Change.DELETE,
                table.name(),
                table.keys(),
                table.selected(),
                rows.stream()
                    .map(row -> new ChangedRows.Row(row.key(), row.values(), NOTHING, new BitSet()))
                    .toList()));
  }

  /** Reads and locks the rows of a range that match now, in the transaction of the chunk. */
  public List<SelectedRow> lock(Connection connection, Chunk chunk) throws SQLException {
    return locked.lock(connection, chunk);
  }

  /** Writes changes of locked rows, in the transaction of the chunk. */
  public ChunkResult write(Connection connection, List<RowEdit> changes) throws SQLException {
    return edits.write(connection, changes);
  }

  /** Returns the columns of a row's key and their values as text, as JSON. */
  public String shownKey(SelectedRow row) {
    return new RowImage(
            RowImage.Kind.DELETED,
            table.name(),
            table.index(),
            table.keys(),
            List.of(),
            List.of(),
            null)
        .shownKey(RowImage.deleted(row.key(), NOTHING))
        .toString();
  }
}
