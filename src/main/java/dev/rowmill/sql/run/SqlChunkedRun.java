package dev.rowmill.sql.run;

import dev.rowmill.sql.statement.ChunkQueries;
import dev.rowmill.sql.statement.ChunkQueries.RangeQuery;
import dev.rowmill.sql.table.ChunkKey;
import dev.rowmill.sql.table.KeyValue;
import dev.rowmill.sql.table.WalkedRows;
import dev.rowmill.sql.value.BoundText;
import dev.rowmill.sql.value.RunStatements;
import dev.rowmill.task.Chunk;
import dev.rowmill.task.ChunkResult;
import dev.rowmill.task.ChunkedRun;
import dev.rowmill.task.Extent;
import dev.rowmill.task.RowIsolation;
import dev.rowmill.task.SideReader;
import java.math.BigInteger;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** Walks a table along its key and runs the statement on one range after the other. */
public final class SqlChunkedRun extends StatementRun {

  /**
   * Limits the rows that are counted, which takes some milliseconds; above it, the server
   * estimates.
   */
  private static final long COUNTED_ROWS = 50_000;

  private static final int EXTENT_ATTEMPTS = 3;

  private final ChunkKey key;
  private final KeyReader reader;
  private final long estimate;

  /** Isolates rows that fail; null before the first chunk that failed. */
  private @Nullable SqlRowIsolation isolation;

  /** Holds the first chunk, if the query for the extent has found it. */
  private @Nullable Chunk whole;

  /**
   * @param estimate rows to be walked, by the server's estimate
   */
  public SqlChunkedRun(ChunkQueries queries, long estimate) {
    super(queries);
    this.key = statement.key();
    this.reader = new KeyReader(statement, statements);
    this.estimate = estimate;
  }

  @Override
  public Optional<ChunkedRun> lookAheadRun() {
    var lookAheadRun = new SqlChunkedRun(queries, estimate);
    lookAheadRun.mostRows = mostRows;
    return Optional.of(lookAheadRun);
  }

  /** Returns the key of a row whose columns {@link ChunkKey#selected} selects first. */
  public List<KeyValue> key(ResultSet row) throws SQLException {
    return reader.key(row);
  }

  /** Sets the comment of all statements, for runs that belong to no batch. */
  public void comment(String comment) {
    statements.comment(comment);
  }

  @Override
  public Optional<Extent> extent(Connection connection) throws SQLException {
    limitReached = false;
    if (statement.limit().isPresent()) {
      long most = statement.limit().getAsLong();
      if (most == 0) {
        limitReached = true;
        return Optional.empty();
      }
      Optional<String> last = limitEnd(connection);
      if (last.isPresent()) {
        limitReached = true;
        return Optional.of(new Extent(last.get(), OptionalLong.of(most)));
      }
    }
    if (queries.index() != null && estimate <= COUNTED_ROWS && key.hasMaximum()) {
      return fewRows(connection);
    }
    for (int attempt = 0; attempt < EXTENT_ATTEMPTS; attempt++) {
      Optional<List<KeyValue>> last = reader.key(connection, queries.end(true), List.of());
      if (last.isPresent()) {
        return Optional.of(new Extent(key.cursor(last.get()), rows(connection)));
      }
      // A missing row is not enough proof: rows may also have been added in between.
      try (Statement plain = connection.createStatement();
          ResultSet row =
              plain.executeQuery(
                  RunStatements.commented(queries.empty(), RunStatements.ANONYMOUS))) {
        if (KeyReader.number(row) == 1) {
          return Optional.empty();
        }
      }
    }
    throw new SQLException(
        "Table " + statement.table().written() + " has rows, but its last row was not found");
  }

  /** Returns the last cursor within a LIMIT; empty if fewer rows match. */
  public Optional<String> limitEnd(Connection connection) throws SQLException {
    long most = statement.limit().orElse(0);
    return most == 0
        ? Optional.empty()
        : reader
            .key(connection, queries.lastWithin(), List.of(), new BoundText.Value(most - 1))
            .map(key::cursor);
  }

  /** Finds the extent and the first chunk, which may be all rows, with one query for few rows. */
  private Optional<Extent> fewRows(Connection connection) throws SQLException {
    RangeQuery query = queries.lastAndCount();
    if (statement.findsOneRow()) {
      try (PreparedStatement once = statements.boundOnce(connection, query.sql(), query.before())) {
        return fewRows(once);
      }
    }
    return fewRows(statements.bound(connection, query.sql(), query.before()));
  }

  private Optional<Extent> fewRows(PreparedStatement bound) throws SQLException {
    try (ResultSet row = bound.executeQuery()) {
      row.next();
      long rows = row.getLong(key.columns().size() + 2);
      if (rows == 0) {
        return Optional.empty();
      }
      String end = key.cursor(reader.key(row));
      whole = new Chunk(null, end, rows);
      return Optional.of(new Extent(end, OptionalLong.of(rows)));
    }
  }

  private OptionalLong rows(Connection connection) throws SQLException {
    // For few rows among many the estimate is accurate, and the first chunk counts them.
    boolean count = estimate <= COUNTED_ROWS && queries.index() == null;
    return OptionalLong.of(
        count ? reader.number(connection, queries.countAll(), List.of()) : estimate);
  }

  @Override
  public Chunk next(Connection connection, @Nullable String after, String end, int wanted)
      throws SQLException {
    int rows = Math.min(Math.min(wanted, mostRows), ignoredRows.mostRows(connection, statements));
    Chunk all = whole;
    whole = null;
    if (all != null && after == null && all.upTo().equals(end) && all.rows() <= rows) {
      return all;
    }
    List<BoundText.Value> range = key.bound(after, end);
    if (queries.index() != null && estimate <= rows) {
      // Most likely these are all remaining rows: one query instead of two.
      long left = reader.number(connection, queries.count(after != null), range);
      if (left <= rows) {
        return new Chunk(after, end, left);
      }
    }
    Optional<List<KeyValue>> boundary = reader.boundary(connection, queries, after, end, rows - 1L);
    if (boundary.isPresent()) {
      // Spelled as it was stored, so that the caller recognizes the end.
      String upTo = boundary.get().equals(key.values(end)) ? end : key.cursor(boundary.get());
      return new Chunk(after, upTo, rows);
    }
    return new Chunk(after, end, reader.number(connection, queries.count(after != null), range));
  }

  /**
   * {@inheritDoc}
   *
   * <p>Split points are even in the values of the first column of the key that differs, if it holds
   * whole numbers, bytes or text and the walk ascends. This costs one index lookup each; a part
   * with many rows is split again later. Otherwise they are even in rows, which are counted. A
   * statement whose result depends on the order of the rows is not split.
   */
  @Override
  public List<String> splitPoints(
      Connection connection, @Nullable String after, String end, int parts) throws SQLException {
    if (statement.dependsOnOrder()) {
      return List.of();
    }
    return new SplitPoints(connection, queries, reader).find(after, end, parts);
  }

  @Override
  public RowIsolation isolation() {
    isolation = new SqlRowIsolation(queries, reader, statements, () -> executed);
    return isolation;
  }

  /**
   * {@inheritDoc}
   *
   * <p>The server counts the changed rows. With {@code useAffectedRows=true} on the connection, an
   * UPDATE that sets a value that is already there does not count; without it, it does. Skipped
   * rows never count, except for a few statements on MariaDB: {@link IgnoredRows#isOfOneTable}.
   */
  @Override
  public long apply(Connection connection, Chunk chunk) throws SQLException {
    return apply(connection, chunk, WalkedRows.between(key, chunk.after(), chunk.upTo())).changed();
  }

  private IgnoredRows.Counted apply(Connection connection, Chunk chunk, WalkedRows rows)
      throws SQLException {
    return execute(connection, chunk.rows(), rows, isolation == null ? "" : isolation.mark());
  }

  @Override
  public ChunkResult applyAndCapture(Connection connection, Chunk chunk, SideReader sideReader)
      throws SQLException, InterruptedException {
    WalkedRows rows = WalkedRows.between(key, chunk.after(), chunk.upTo());
    var range = new CapturedRange(connection, sideReader, rows);
    capture().prepare(range, () -> mayHoldZero(chunk));
    return capture().capture(apply(connection, chunk, rows), range);
  }

  private boolean mayHoldZero(Chunk chunk) {
    String after = chunk.after();
    return (after == null || sign(after) < 0) && sign(chunk.upTo()) >= 0;
  }

  private int sign(String cursor) {
    return new BigInteger(key.values(cursor).get(0).text()).signum();
  }
}
