package dev.rowmill.sql.run;

import dev.rowmill.sql.parse.TableName;
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
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Walks the lines of a staged file, and changes the rows of a table that they find. A cursor is the
 * number of a line.
 */
public final class FileRun implements ChunkedRun {

  private final FileChange change;
  private final long rows;
  private final RunStatements statements = new RunStatements();
  private @Nullable FileLayouts layouts;
  private int mostRows = Integer.MAX_VALUE;
  private List<LeftRow> left = List.of();

  /** Holds the columns of the file that updated rows get unchanged; none if that is unknown. */
  private List<ImageColumn> copied = List.of();

  /**
   * @param rows number of lines of the file
   */
  public FileRun(FileChange change, long rows) {
    this.change = change;
    this.rows = rows;
  }

  @Override
  public void mark(StatementTag mark) {
    statements.mark(mark);
  }

  @Override
  public Optional<String> sizeKey() {
    return Optional.of(change.target().written() + " by a file");
  }

  @Override
  public Optional<Extent> extent(Connection connection) throws SQLException {
    try (ResultSet row =
        statements
            .bound(
                connection, "SELECT MAX(" + line() + ") FROM " + change.file().quoted(), List.of())
            .executeQuery()) {
      row.next();
      String last = row.getString(1);
      return last == null ? Optional.empty() : Optional.of(new Extent(last, OptionalLong.of(rows)));
    }
  }

  private static String line() {
    return TableName.quoted(FileChange.LINE);
  }

  @Override
  public Chunk next(Connection connection, @Nullable String after, String end, int wanted)
      throws SQLException {
    int most = Math.min(wanted, mostRows);
    String sql =
        "SELECT MAX(%1$s), COUNT(*) FROM (SELECT %1$s FROM %2$s WHERE %1$s > ? AND %1$s <= ? ORDER BY %1$s LIMIT ?) AS `next lines`"
            .formatted(line(), change.file().quoted());
    List<BoundText.Value> values = new ArrayList<>(range(after, end));
    values.add(new BoundText.Value((long) most));
    try (ResultSet row = statements.bound(connection, sql, values).executeQuery()) {
      row.next();
      long count = row.getLong(2);
      return new Chunk(after, count < most ? end : row.getString(1), count);
    }
  }

  private static List<BoundText.Value> range(@Nullable String after, String upTo) {
    return List.of(new BoundText.Value(number(after)), new BoundText.Value(number(upTo)));
  }

  private static long number(@Nullable String cursor) {
    return cursor == null ? 0 : Long.parseLong(cursor);
  }

  /** {@inheritDoc} They are even in the numbers of lines, so no line is read. */
  @Override
  public List<String> splitPoints(
      Connection connection, @Nullable String after, String end, int parts) {
    long from = number(after);
    long span = number(end) - from;
    List<String> points = new ArrayList<>();
    for (int part = 1; part < Math.min(parts, span); part++) {
      points.add(Long.toString(from + span * part / Math.min(parts, span)));
    }
    return points;
  }

  @Override
  public Optional<ChunkedRun> lookAheadRun() {
    var lookAheadRun = new FileRun(change, rows);
    lookAheadRun.mostRows = mostRows;
    return Optional.of(lookAheadRun);
  }

  @Override
  public List<LeftRow> leftRows() {
    return left;
  }

  @Override
  public long apply(Connection connection, Chunk chunk) throws SQLException {
    try (var ignored = WritingSession.strict(connection)) {
      return applyStrictly(connection, chunk);
    }
  }

  private long applyStrictly(Connection connection, Chunk chunk) throws SQLException {
    List<BoundText.Value> range = range(chunk.after(), chunk.upTo());
    if (!change.expect().isEmpty()) {
      try (ResultSet row =
          statements
              .bound(
                  connection, "SELECT COUNT(*) FROM " + change.joined() + FileChange.LOCKED, range)
              .executeQuery()) {
        row.next();
      }
    }
    left =
        new UnexpectedRows(change, statements).read(connection, range, List.of(), new KeyedRows());
    return switch (change.action()) {
      case DELETE -> run(connection, change.delete(), range);
      case UPDATE -> run(connection, change.update(), range);
      case INSERT -> run(connection, change.insert(), range);
      case UPSERT ->
          run(connection, change.update(), range) + run(connection, change.insert(), range);
    };
  }

  private long run(Connection connection, String sql, List<BoundText.Value> range)
      throws SQLException {
    return statements.bound(connection, sql, range).executeLargeUpdate();
  }

  @Override
  public Optional<Refusal> undoRefusal(Connection connection, boolean secret) throws SQLException {
    Optional<Refusal> refused = undoRefusal(connection, change);
    if (refused.isEmpty()) {
      FileLayouts all = FileLayouts.of(connection, change);
      layouts = all;
      mostRows = all.mostRows();
      copied = all.copied(connection);
    }
    return refused;
  }

  /** Returns the reasons why no undo data can be stored for a change; empty if it can. */
  public static Optional<Refusal> undoRefusal(Connection connection, FileChange change)
      throws SQLException {
    return FileLayouts.undoRefusal(connection, change);
  }

  @Override
  public ChunkResult applyAndCapture(Connection connection, Chunk chunk, SideReader sideReader)
      throws SQLException {
    try (var ignored = WritingSession.strict(connection)) {
      return applyAndCapture(connection, chunk);
    }
  }

  private ChunkResult applyAndCapture(Connection connection, Chunk chunk) throws SQLException {
    FileLayouts stored = layouts;
    if (stored == null) {
      throw new IllegalStateException("undoRefusal was not called, or refused");
    }
    var capture =
        new FileCapture(change, statements, copied, connection, range(chunk.after(), chunk.upTo()));
    ChunkResult result = capture.run(stored);
    left = capture.left();
    return result;
  }
}
