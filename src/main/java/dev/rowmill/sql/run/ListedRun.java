package dev.rowmill.sql.run;

import dev.rowmill.sql.statement.ChunkQueries;
import dev.rowmill.sql.statement.ChunkableStatement;
import dev.rowmill.sql.table.WalkedRows;
import dev.rowmill.task.Chunk;
import dev.rowmill.task.ChunkResult;
import dev.rowmill.task.Division;
import dev.rowmill.task.Extent;
import dev.rowmill.task.RowIsolation;
import dev.rowmill.task.RowList;
import dev.rowmill.task.RowList.Entry;
import dev.rowmill.task.SideReader;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Runs a statement on the rows of a list, by their keys. A cursor is a position of the list. A row
 * that has gone, or does not match the condition any more, is scanned and not changed.
 */
public final class ListedRun extends StatementRun {

  /**
   * Limits the rows of a chunk: for many more, servers make no index ranges of their keys, and the
   * statement may exceed a packet.
   */
  private static final int MOST_ROWS = 500;

  private final RowList list;

  /**
   * @param statement statement that can be divided
   */
  public ListedRun(ChunkableStatement statement, RowList list) {
    super(new ChunkQueries(statement, null));
    this.list = list;
  }

  /** Returns empty, as its chunks are smaller than those that walk the table. */
  @Override
  public Optional<String> sizeKey() {
    return Optional.empty();
  }

  @Override
  public Optional<Extent> extent(Connection connection) throws SQLException {
    RowList.Span left = list.left(connection);
    return left.rows() == 0
        ? Optional.empty()
        : Optional.of(new Extent(cursor(left.last()), OptionalLong.of(left.rows())));
  }

  @Override
  public Chunk next(Connection connection, @Nullable String after, String end, int wanted)
      throws SQLException {
    int rows = Math.min(wanted, Math.min(mostRows, MOST_ROWS));
    List<Entry> entries = list.read(connection, position(after), position(end), rows);
    return entries.size() < rows
        ? new Chunk(after, end, entries.size())
        : new Chunk(after, cursor(entries.get(rows - 1).position()), rows);
  }

  @Override
  public long apply(Connection connection, Chunk chunk) throws SQLException {
    List<Entry> entries = entries(connection, chunk);
    return entries.isEmpty()
        ? none()
        : execute(connection, chunk.rows(), rows(entries), "").changed();
  }

  @Override
  public ChunkResult applyAndCapture(Connection connection, Chunk chunk, SideReader sideReader)
      throws SQLException, InterruptedException {
    List<Entry> entries = entries(connection, chunk);
    if (entries.isEmpty()) {
      return new ChunkResult(none(), null);
    }
    WalkedRows rows = rows(entries);
    var range = new CapturedRange(connection, sideReader, rows);
    capture().prepare(range, () -> true);
    return capture().capture(execute(connection, chunk.rows(), rows, ""), range);
  }

  private long none() {
    executed = false;
    return 0;
  }

  @Override
  public void complete(Connection connection, Chunk chunk) throws SQLException {
    list.remove(connection, position(chunk.after()), position(chunk.upTo()));
  }

  /** {@inheritDoc} They are even in positions, so no row is read. */
  @Override
  public List<String> splitPoints(
      Connection connection, @Nullable String after, String end, int parts) throws SQLException {
    long from = after == null ? list.left(connection).first() - 1 : position(after);
    long span = position(end) - from;
    List<String> points = new ArrayList<>();
    for (int part = 1; part < Math.min(parts, span); part++) {
      points.add(cursor(from + span * part / Math.min(parts, span)));
    }
    return points;
  }

  @Override
  public RowIsolation isolation() {
    return new RowIsolation() {
      @Override
      public List<Chunk> parts(Connection connection, Chunk chunk, int rows) throws SQLException {
        List<Entry> entries = entries(connection, chunk);
        return entries.isEmpty() ? List.of(chunk) : cut(chunk, entries, rows);
      }

      @Override
      public Division divide(Connection connection, Chunk failed) throws SQLException {
        List<Entry> entries = entries(connection, failed);
        return entries.size() == 1
            ? Division.ofOne(failed, entries.get(0).row())
            : new Division(cut(failed, entries, (entries.size() + 1) / 2), null);
      }

      @Override
      public boolean needsSavepoints() {
        return false;
      }

      @Override
      public boolean hasLeftChanges() {
        return executed;
      }
    };
  }

  /** Cuts a chunk after each so many rows; returns none where it has no rows. */
  private static List<Chunk> cut(Chunk chunk, List<Entry> entries, int rows) {
    List<Chunk> parts = new ArrayList<>();
    String after = chunk.after();
    for (int from = 0; from < entries.size(); from += rows) {
      int to = Math.min(entries.size(), from + rows);
      String upTo = to == entries.size() ? chunk.upTo() : cursor(entries.get(to - 1).position());
      parts.add(new Chunk(after, upTo, to - from));
      after = upTo;
    }
    return parts;
  }

  private List<Entry> entries(Connection connection, Chunk chunk) throws SQLException {
    return list.read(
        connection, position(chunk.after()), position(chunk.upTo()), Integer.MAX_VALUE);
  }

  private WalkedRows rows(List<Entry> entries) {
    return WalkedRows.of(
        statement.key(), entries.stream().map(entry -> entry.row().cursor()).toList());
  }

  private static long position(@Nullable String cursor) {
    return cursor == null ? 0 : Long.parseLong(cursor);
  }

  private static String cursor(long position) {
    return Long.toString(position);
  }
}
