package dev.rowmill.sql.run;

import dev.rowmill.sql.statement.ChunkQueries;
import dev.rowmill.sql.statement.ChunkQueries.RangeQuery;
import dev.rowmill.sql.statement.ChunkableStatement;
import dev.rowmill.sql.table.ChunkKey;
import dev.rowmill.sql.table.KeyValue;
import dev.rowmill.sql.value.BoundText;
import dev.rowmill.sql.value.RunStatements;
import dev.rowmill.task.Chunk;
import dev.rowmill.task.Division;
import dev.rowmill.task.RowIsolation;
import dev.rowmill.task.RowKey;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Isolates rows by their keys. A statement on one table also assigns the key of each row to user
 * variables, which survive its failure. So they name the row that it was changing. This is only a
 * hint: the row has to fail alone, else the part is divided by halves.
 */
final class SqlRowIsolation implements RowIsolation {

  /** Limits how often a hint may be wrong before none is used any more. */
  private static final int MOST_WRONG_HINTS = 3;

  private final ChunkQueries queries;
  private final ChunkKey key;
  private final KeyReader reader;
  private final RunStatements statements;
  private final BooleanSupplier executed;
  private final boolean marksRows;
  private int wrongHints;

  /** Holds the end of the rows before the last hint; they should not have failed. */
  private @Nullable String beforeHint;

  /**
   * @param executed whether the last statement has changed rows
   */
  SqlRowIsolation(
      ChunkQueries queries, KeyReader reader, RunStatements statements, BooleanSupplier executed) {
    ChunkableStatement statement = queries.statement();
    this.queries = queries;
    this.key = statement.key();
    this.reader = reader;
    this.statements = statements;
    this.executed = executed;
    this.marksRows = !statement.hasSeveralSources();
  }

  /** Returns SQL to be added to the condition of the statement, which is always true. */
  String mark() {
    return marksRows ? key.marking(queries.statement().qualifier()) : "";
  }

  @Override
  public boolean needsSavepoints() {
    return false;
  }

  @Override
  public boolean hasLeftChanges() {
    return executed.getAsBoolean();
  }

  @Override
  public List<Chunk> parts(Connection connection, Chunk chunk, int rows) throws SQLException {
    Optional<NumberRange> numbers = numbers(chunk);
    if (numbers.isPresent()) {
      return numbers.get().cut(rows);
    }
    RangeQuery query = queries.everyNth(chunk.after() != null);
    List<BoundText.Value> values = query.with(range(chunk));
    values.add(new BoundText.Value((long) rows));
    PreparedStatement bound = statements.bound(connection, query.sql(), values);
    List<Chunk> parts = new ArrayList<>();
    List<KeyValue> end = key.values(chunk.upTo());
    String at = chunk.after();
    try (ResultSet row = bound.executeQuery()) {
      while (row.next()) {
        List<KeyValue> last = reader.key(row);
        if (last.equals(end)) {
          break;
        }
        String upTo = key.cursor(last);
        parts.add(new Chunk(at, upTo, rows));
        at = upTo;
      }
    }
    parts.add(new Chunk(at, chunk.upTo(), Math.max(1, chunk.rows() - (long) parts.size() * rows)));
    return parts;
  }

  @Override
  public Division divide(Connection connection, Chunk failed) throws SQLException {
    if (failed.upTo().equals(beforeHint)) {
      wrongHints++;
    }
    beforeHint = null;
    if (failed.rows() > 1 && marksRows && wrongHints < MOST_WRONG_HINTS) {
      Optional<NumberRange> numbers = numbers(failed);
      if (numbers.isPresent()) {
        List<Chunk> parts = numbers.get().around(marked(connection));
        if (parts.size() > 1) {
          beforeHint = parts.get(0).rows() == 1 ? null : parts.get(0).upTo();
          return new Division(parts, null);
        }
      }
    }
    RangeQuery query = queries.markedKeys(failed.after() != null);
    PreparedStatement bound = statements.bound(connection, query.sql(), query.with(range(failed)));
    List<List<KeyValue>> keys = new ArrayList<>();
    int hint = -1;
    try (ResultSet row = bound.executeQuery()) {
      while (row.next()) {
        if (marksRows && row.getBoolean(key.columns().size() + 2)) {
          hint = keys.size();
        }
        keys.add(reader.key(row));
      }
    }
    if (keys.isEmpty()) {
      return new Division(List.of(), null);
    }
    if (keys.size() == 1) {
      List<KeyValue> row = keys.get(0);
      return Division.ofOne(failed, new RowKey(key.cursor(row), key.shown(row)));
    }
    if (hint < 0 || wrongHints >= MOST_WRONG_HINTS) {
      return new Division(cut(failed, keys, keys.size() / 2), null);
    }
    List<Chunk> parts = cut(failed, keys, hint, hint + 1);
    beforeHint = hint == 0 ? null : parts.get(0).upTo();
    return new Division(parts, null);
  }

  /** Returns the number that the last row was marked with. */
  private OptionalLong marked(Connection connection) throws SQLException {
    try (ResultSet row = statements.bound(connection, key.lastMarked(), List.of()).executeQuery()) {
      row.next();
      String number = row.getString(1);
      return number == null || !number.matches("-?\\d{1,18}")
          ? OptionalLong.empty()
          : OptionalLong.of(Long.parseLong(number));
    }
  }

  /**
   * Returns a range whose key is one whole number, if as many rows were counted in it as there are
   * numbers. Then no query is needed to know them: there is no room for others.
   */
  private Optional<NumberRange> numbers(Chunk chunk) {
    String from = chunk.after();
    if (from == null
        || queries.index() != null
        || key.columns().size() != 1
        || !key.columns().get(0).isWholeNumber()
        || !key.ascends()) {
      return Optional.empty();
    }
    try {
      long after = Long.parseLong(key.values(from).get(0).text());
      long upTo = Long.parseLong(key.values(chunk.upTo()).get(0).text());
      return Math.subtractExact(upTo, after) == chunk.rows()
          ? Optional.of(new NumberRange(chunk, after, upTo))
          : Optional.empty();
    } catch (ArithmeticException | NumberFormatException e) {
      // A number beyond those of a long.
      return Optional.empty();
    }
  }

  /** Represents a range of successive numbers. */
  private final class NumberRange {
    private final Chunk range;
    private final long after;
    private final long upTo;

    NumberRange(Chunk range, long after, long upTo) {
      this.range = range;
      this.after = after;
      this.upTo = upTo;
    }

    List<Chunk> cut(int rows) {
      List<Chunk> parts = new ArrayList<>();
      for (long at = after; at < upTo; at += rows) {
        parts.add(part(at, Math.min(upTo, at + rows)));
      }
      return parts;
    }

    /** Returns the rows before a row, this row, and those after it; the whole range for none. */
    List<Chunk> around(OptionalLong row) {
      if (row.isEmpty() || row.getAsLong() <= after || row.getAsLong() > upTo) {
        return List.of(range);
      }
      long number = row.getAsLong();
      List<Chunk> parts = new ArrayList<>();
      if (number - 1 > after) {
        parts.add(part(after, number - 1));
      }
      parts.add(part(number - 1, number));
      if (number < upTo) {
        parts.add(part(number, upTo));
      }
      return parts;
    }

    private Chunk part(long from, long to) {
      return new Chunk(
          from == after ? range.after() : cursor(from),
          to == upTo ? range.upTo() : cursor(to),
          to - from);
    }

    private String cursor(long number) {
      return key.cursor(List.of(KeyValue.text(Long.toString(number))));
    }
  }

  /**
   * Cuts a range between its rows.
   *
   * @param at numbers of rows of the range, rising, before each cut
   */
  private List<Chunk> cut(Chunk range, List<List<KeyValue>> keys, int... at) {
    List<Chunk> parts = new ArrayList<>();
    String after = range.after();
    int done = 0;
    for (int rows : at) {
      if (rows > done && rows < keys.size()) {
        String upTo = key.cursor(keys.get(rows - 1));
        parts.add(new Chunk(after, upTo, rows - done));
        after = upTo;
        done = rows;
      }
    }
    parts.add(new Chunk(after, range.upTo(), keys.size() - done));
    return parts;
  }

  private List<BoundText.Value> range(Chunk chunk) {
    return key.bound(chunk.after(), chunk.upTo());
  }
}
