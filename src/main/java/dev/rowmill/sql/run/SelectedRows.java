package dev.rowmill.sql.run;

import dev.rowmill.sql.statement.ChunkQueries;
import dev.rowmill.sql.statement.ChunkQueries.RangeQuery;
import dev.rowmill.sql.statement.ChunkableStatement;
import dev.rowmill.sql.table.ChunkKey;
import dev.rowmill.sql.table.KeyValue;
import dev.rowmill.sql.table.WalkedRows;
import dev.rowmill.sql.value.RunStatements;
import dev.rowmill.task.Chunk;
import dev.rowmill.task.StatementTag;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads the rows that a query selects, along the key of its table, some at a time. For one thread
 * at a time.
 */
public final class SelectedRows {

  /** Limits the rows that are walked to find some that match. */
  private static final int MOST_WALKED = 50_000;

  /** Limits the bytes of the values that are read at a time, unless one row has more. */
  private static final long MOST_BYTES = 8L << 20;

  /**
   * Represents the rows of a chunk.
   *
   * @param chunk its range, with the number of rows that were walked
   */
  public record Selection(Chunk chunk, List<SelectedRow> rows) {}

  private final ChunkQueries queries;
  private final ChunkKey key;
  private final List<ImageColumn> keys;
  private final List<ImageColumn> columns;
  private final RunStatements statements = new RunStatements();
  private final KeyReader reader;
  private int walked;

  /**
   * @param keys columns of the key
   * @param columns columns to read
   */
  SelectedRows(ChunkQueries queries, List<ImageColumn> keys, List<ImageColumn> columns) {
    this.queries = queries;
    this.key = queries.statement().key();
    this.keys = keys;
    this.columns = columns;
    this.reader = new KeyReader(queries.statement(), statements);
  }

  /** Sets the tag of all statements. */
  public void mark(StatementTag mark) {
    statements.mark(mark);
  }

  /**
   * Reads the next rows.
   *
   * @param after where the last chunk ended, exclusive; null at the start of the walk
   * @param end the last cursor of the walk
   * @param most maximum number of rows, 1 or more
   */
  public Selection next(Connection connection, @Nullable String after, String end, int most)
      throws SQLException {
    return next(connection, after, end, most, MOST_BYTES);
  }

  /**
   * Reads the next rows.
   *
   * @param mostBytes limits the bytes of their values, unless one row has more
   */
  Selection next(
      Connection connection, @Nullable String after, String end, int most, long mostBytes)
      throws SQLException {
    walked = Math.max(walked, most);
    Optional<List<KeyValue>> last = reader.boundary(connection, queries, after, end, walked - 1L);
    String upTo = last.map(found -> cursor(found, end)).orElse(end);
    List<SelectedRow> rows = new ArrayList<>();
    boolean all =
        read(connection, WalkedRows.between(key, after, upTo), most, mostBytes, "", end, rows);
    if (!all) {
      walked = Math.max(most, walked / 2);
      return new Selection(new Chunk(after, rows.get(rows.size() - 1).cursor(), rows.size()), rows);
    }
    long count =
        last.isPresent()
            ? walked
            : reader.number(connection, queries.count(after != null), key.bound(after, upTo));
    if (rows.size() < most / 2) {
      walked = Math.min(MOST_WALKED, walked * 2);
    }
    return new Selection(new Chunk(after, upTo, count), rows);
  }

  /** Reads all rows of a range that match now. */
  public List<SelectedRow> again(Connection connection, Chunk chunk) throws SQLException {
    return all(connection, chunk, "");
  }

  /** Reads all rows of a range that match now, and locks them until the end of the transaction. */
  List<SelectedRow> lock(Connection connection, Chunk chunk) throws SQLException {
    return all(connection, chunk, " FOR UPDATE");
  }

  private List<SelectedRow> all(Connection connection, Chunk chunk, String locking)
      throws SQLException {
    List<SelectedRow> rows = new ArrayList<>();
    read(
        connection,
        WalkedRows.between(key, chunk.after(), chunk.upTo()),
        Integer.MAX_VALUE,
        Long.MAX_VALUE,
        locking,
        chunk.upTo(),
        rows);
    return rows;
  }

  /** Returns whether these are all rows of the range. */
  private boolean read(
      Connection connection,
      WalkedRows range,
      int most,
      long mostBytes,
      String locking,
      String end,
      List<SelectedRow> into)
      throws SQLException {
    String qualifier = queries.statement().qualifier();
    boolean bounded = most < Integer.MAX_VALUE;
    String select =
        "SELECT "
            + key.selected(qualifier)
            + KeyedRows.select(keys, columns, qualifier).replaceFirst("SELECT", ",");
    RangeQuery query = queries.rows(select, range, true);
    String sql =
        query.sql()
            + " ORDER BY "
            + key.order(qualifier, false)
            + (bounded ? " LIMIT " + (most + 1) : "")
            + locking;
    PreparedStatement bound = statements.bound(connection, sql, query.with(range.values()));
    // The driver streams the rows instead of holding all of them.
    bound.setFetchSize(Integer.MIN_VALUE);
    long bytes = 0;
    try (var any = AnyPacket.on(connection);
        ResultSet row = bound.executeQuery()) {
      while (row.next()) {
        if (bounded && (into.size() == most || bytes > mostBytes)) {
          return false;
        }
        int first = key.columns().size() + 2;
        KeyedRows.Row values = KeyedRows.row(row, first, keys, columns);
        into.add(new SelectedRow(cursor(reader.key(row), end), values.key(), values.values()));
        bytes += KeyedRows.bytes(values.values());
        KeyedRows.limit(into.size(), bytes);
      }
    }
    return true;
  }

  /** Returns a cursor, spelled as the end where it is the end. */
  private String cursor(List<KeyValue> found, String end) {
    return found.equals(key.values(end)) ? end : key.cursor(found);
  }

  ChunkableStatement statement() {
    return queries.statement();
  }
}
