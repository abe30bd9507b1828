package dev.rowmill.sql.run;

import dev.rowmill.sql.statement.ChunkQueries;
import dev.rowmill.sql.statement.ChunkQueries.RangeQuery;
import dev.rowmill.sql.statement.ChunkableStatement;
import dev.rowmill.sql.table.ChunkKey;
import dev.rowmill.sql.table.KeyValue;
import dev.rowmill.sql.value.BoundText;
import dev.rowmill.sql.value.RunStatements;
import dev.rowmill.task.Chunk;
import dev.rowmill.task.ChunkResult;
import dev.rowmill.task.ChunkedRun;
import dev.rowmill.task.Extent;
import dev.rowmill.task.Refusal;
import dev.rowmill.task.SideReader;
import dev.rowmill.task.StatementTag;
import java.math.BigInteger;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** Walks a table along its key and runs the statement on one range after the other. */
public final class SqlChunkedRun implements ChunkedRun {

  /**
   * Limits the rows that are counted, which takes some milliseconds; above it, the server
   * estimates.
   */
  private static final long COUNTED_ROWS = 50_000;

  private static final int EXTENT_ATTEMPTS = 3;

  private final ChunkableStatement statement;
  private final ChunkKey key;
  private final ChunkQueries queries;
  private final long estimate;
  private final RunStatements statements = new RunStatements();
  private final IgnoredRows passedOver;
  private int mostRows = Integer.MAX_VALUE;
  private @Nullable ImageCapture keeper;

  private boolean limitReached;
  private @Nullable Long ignored = 0L;

  /** Holds the first chunk, if the query for the extent has found it. */
  private @Nullable Chunk whole;

  /**
   * @param estimate rows to be walked, by the server's estimate
   */
  public SqlChunkedRun(ChunkQueries queries, long estimate) {
    this.statement = queries.statement();
    this.key = statement.key();
    this.queries = queries;
    this.estimate = estimate;
    this.passedOver = new IgnoredRows(statement);
  }

  @Override
  public Optional<String> sizeKey() {
    return Optional.of(statement.table().written());
  }

  @Override
  public Optional<ChunkedRun> lookAheadRun() {
    var lookAheadRun = new SqlChunkedRun(queries, estimate);
    lookAheadRun.mostRows = mostRows;
    return Optional.of(lookAheadRun);
  }

  @Override
  public void mark(StatementTag mark) {
    statements.mark(mark);
    if (keeper != null) {
      keeper.mark(mark);
    }
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
      Optional<List<KeyValue>> last = cursor(connection, queries.end(true), List.of());
      if (last.isPresent()) {
        return Optional.of(new Extent(key.cursor(last.get()), rows(connection)));
      }
      // A missing row is not enough proof: rows may also have been added in between.
      try (Statement plain = connection.createStatement();
          ResultSet row =
              plain.executeQuery(
                  RunStatements.commented(queries.empty(), RunStatements.ANONYMOUS))) {
        if (one(row) == 1) {
          return Optional.empty();
        }
      }
    }
    throw new SQLException(
        "Table " + statement.table().written() + " has rows, but no last one was found");
  }

  /** Returns the last cursor within a LIMIT; empty if fewer rows match. */
  public Optional<String> limitEnd(Connection connection) throws SQLException {
    long most = statement.limit().orElse(0);
    return most == 0
        ? Optional.empty()
        : cursor(connection, queries.lastWithin(), List.of(), new BoundText.Value(most - 1))
            .map(key::cursor);
  }

  @Override
  public boolean limitReached() {
    return limitReached;
  }

  /** Finds the extent and the first chunk, which may be all rows, with one query for few rows. */
  private Optional<Extent> fewRows(Connection connection) throws SQLException {
    RangeQuery query = queries.lastAndCount();
    PreparedStatement bound = statements.bound(connection, query.sql(), query.before());
    try (ResultSet row = bound.executeQuery()) {
      row.next();
      long rows = row.getLong(key.columns().size() + 2);
      if (rows == 0) {
        return Optional.empty();
      }
      String end = key.cursor(keyOf(row));
      whole = new Chunk(null, end, rows);
      return Optional.of(new Extent(end, OptionalLong.of(rows)));
    }
  }

  private OptionalLong rows(Connection connection) throws SQLException {
    // For few rows among many the estimate is accurate, and the first chunk counts them.
    boolean count = estimate <= COUNTED_ROWS && queries.index() == null;
    return OptionalLong.of(count ? number(connection, queries.countAll(), List.of()) : estimate);
  }

  private long number(Connection connection, RangeQuery query, List<BoundText.Value> range)
      throws SQLException {
    PreparedStatement bound = statements.bound(connection, query.sql(), query.with(range));
    try (ResultSet row = bound.executeQuery()) {
      return one(row);
    }
  }

  private static long one(ResultSet row) throws SQLException {
    if (!row.next()) {
      throw new SQLException("No answer to a question that always has one");
    }
    return row.getLong(1);
  }

  @Override
  public Chunk next(Connection connection, @Nullable String after, String end, int wanted)
      throws SQLException {
    int rows = Math.min(Math.min(wanted, mostRows), passedOver.mostRows(connection, statements));
    Chunk all = whole;
    whole = null;
    if (all != null && after == null && all.upTo().equals(end) && all.rows() <= rows) {
      return all;
    }
    List<BoundText.Value> range = range(after, end);
    if (queries.index() != null && estimate <= rows) {
      // Most likely these are all remaining rows: one query instead of two.
      long left = number(connection, queries.count(after != null), range);
      if (left <= rows) {
        return new Chunk(after, end, left);
      }
    }
    Optional<List<KeyValue>> boundary =
        cursor(connection, queries.boundary(after != null), range, new BoundText.Value(rows - 1L));
    if (boundary.isPresent()) {
      // Spelled as it was stored, so that the caller recognizes the end.
      String upTo = boundary.get().equals(key.values(end)) ? end : key.cursor(boundary.get());
      return new Chunk(after, upTo, rows);
    }
    return new Chunk(after, end, number(connection, queries.count(after != null), range));
  }

  private List<BoundText.Value> range(@Nullable String after, String upTo) {
    return key.bound(after == null ? List.of() : key.values(after), key.values(upTo));
  }

  /**
   * {@inheritDoc}
   *
   * <p>If the key begins with a number and has one direction, the split points are even in that
   * number. This costs one index lookup each; a part with many rows is split again later. Otherwise
   * they are even in rows, which are counted. A statement whose result depends on the order of the
   * rows is not split.
   */
  @Override
  public List<String> splitPoints(
      Connection connection, @Nullable String after, String end, int parts) throws SQLException {
    if (statement.dependsOnOrder()) {
      return List.of();
    }
    return key.columns().get(0).integer() && key.ascends()
        ? splitByNumber(connection, after, end, parts)
        : splitByCount(connection, after, end, parts);
  }

  private List<String> splitByNumber(
      Connection connection, @Nullable String after, String end, int parts) throws SQLException {
    Optional<List<KeyValue>> first =
        after == null
            ? cursor(connection, queries.end(false), List.of())
            : Optional.of(key.values(after));
    if (first.isEmpty()) {
      return List.of();
    }
    BigInteger low = new BigInteger(first.get().get(0).text());
    BigInteger span = new BigInteger(key.values(end).get(0).text()).subtract(low);
    List<String> splitPoints = new ArrayList<>();
    for (int i = 1; i < parts; i++) {
      BigInteger part = span.multiply(BigInteger.valueOf(i)).divide(BigInteger.valueOf(parts));
      addSplitPoint(
          splitPoints,
          cursor(
              connection,
              queries.lastUpTo(after != null),
              range(after, end),
              key.columns().get(0).bound(KeyValue.text(low.add(part).toString())).get(0)),
          end);
    }
    return splitPoints;
  }

  private List<String> splitByCount(
      Connection connection, @Nullable String after, String end, int parts) throws SQLException {
    long rows = number(connection, queries.count(after != null), range(after, end));
    List<String> splitPoints = new ArrayList<>();
    for (int i = 1; i < parts; i++) {
      long offset = rows * i / parts - 1;
      if (offset >= 0) {
        addSplitPoint(
            splitPoints,
            cursor(
                connection,
                queries.boundary(after != null),
                range(after, end),
                new BoundText.Value(offset)),
            end);
      }
    }
    return splitPoints;
  }

  private void addSplitPoint(List<String> splitPoints, Optional<List<KeyValue>> found, String end) {
    if (found.isEmpty() || found.get().equals(key.values(end))) {
      return;
    }
    String cut = key.cursor(found.get());
    if (!splitPoints.contains(cut)) {
      splitPoints.add(cut);
    }
  }

  private Optional<List<KeyValue>> cursor(
      Connection connection, RangeQuery query, List<BoundText.Value> range, BoundText.Value last)
      throws SQLException {
    List<BoundText.Value> values = query.with(range);
    values.add(last);
    return cursor(connection, query.sql(), values);
  }

  private Optional<List<KeyValue>> cursor(
      Connection connection, String sql, List<BoundText.Value> values) throws SQLException {
    PreparedStatement query = statements.bound(connection, sql, values);
    try (ResultSet row = query.executeQuery()) {
      return row.next() ? Optional.of(keyOf(row)) : Optional.empty();
    }
  }

  private List<KeyValue> keyOf(ResultSet row) throws SQLException {
    List<KeyValue> values = key.read(row);
    if (!key.isExact(row)) {
      throw new SQLException(
          "The key "
              + values
              + " of table "
              + statement.table().written()
              + " is a value that this session can't name exactly, such as a zero date;"
              + " change that row or the session's sql_mode",
          "22007");
    }
    return values;
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
    return apply(connection, chunk, range(chunk.after(), chunk.upTo()));
  }

  private long apply(Connection connection, Chunk chunk, List<BoundText.Value> range)
      throws SQLException {
    ignored = null;
    String also = passedOver.before(connection, statements);
    RangeQuery apply = queries.apply(chunk.after() != null, also);
    PreparedStatement bound = statements.boundOnce(connection, apply.sql(), apply.with(range));
    IgnoredRows.Counted counted =
        passedOver.after(connection, statements, bound, bound.executeLargeUpdate(), chunk.rows());
    ignored = counted.ignored();
    return counted.changed();
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
      mostRows = layout.mostRows();
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
    List<BoundText.Value> range = range(chunk.after(), chunk.upTo());
    keeper.prepare(
        connection,
        chunk.after() == null ? null : key.values(chunk.after()),
        key.values(chunk.upTo()));
    long changed = apply(connection, chunk, range);
    return keeper.keep(connection, changed, chunk.after() != null, range, sideReader);
  }
}
