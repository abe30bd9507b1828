package dev.rowmill.sql;

import dev.rowmill.task.Chunk;
import dev.rowmill.task.ChunkedRun;
import dev.rowmill.task.Extent;
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
final class SqlChunkedRun implements ChunkedRun {

  /** Up to here rows are counted, which takes some milliseconds; beyond, the server estimates. */
  private static final long COUNTED_ROWS = 50_000;

  private static final int EXTENT_ATTEMPTS = 3;

  private final ChunkableStatement statement;
  private final ChunkKey key;
  private final ChunkQueries queries;
  private final RunStatements statements = new RunStatements();

  SqlChunkedRun(ChunkableStatement statement) {
    this.statement = statement;
    this.key = statement.key();
    this.queries = new ChunkQueries(statement);
  }

  @Override
  public Optional<Extent> extent(Connection connection) throws SQLException {
    for (int attempt = 0; attempt < EXTENT_ATTEMPTS; attempt++) {
      Optional<List<String>> last = cursor(connection, queries.last(), List.of());
      if (last.isPresent()) {
        return Optional.of(new Extent(ChunkKey.cursor(last.get()), rows(connection)));
      }
      // A missing row isn't proof enough; rows may also have come in between.
      if (number(connection, queries.empty()) == 1) {
        return Optional.empty();
      }
    }
    throw new SQLException(
        "Table " + statement.table().written() + " has rows, but no last one was found");
  }

  private OptionalLong rows(Connection connection) throws SQLException {
    long estimate = 0;
    try (Statement explain = connection.createStatement();
        ResultSet row = explain.executeQuery("EXPLAIN FORMAT=TRADITIONAL " + queries.countAll())) {
      while (row.next()) {
        estimate += row.getLong("rows");
      }
    }
    return OptionalLong.of(
        estimate <= COUNTED_ROWS ? number(connection, queries.countAll()) : estimate);
  }

  private static long number(Connection connection, String sql) throws SQLException {
    try (Statement plain = connection.createStatement();
        ResultSet row = plain.executeQuery(sql)) {
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
  public Chunk next(Connection connection, @Nullable String after, String end, int rows)
      throws SQLException {
    List<String> from = after == null ? List.of() : key.texts(after);
    List<String> to = key.texts(end);
    List<BoundText.Value> range = key.values(from, to);
    List<BoundText.Value> values = new ArrayList<>(range);
    values.add(new BoundText.Value(rows - 1L));
    Optional<List<String>> boundary = cursor(connection, queries.boundary(after != null), values);
    if (boundary.isPresent()) {
      // Spelled as it was stored, so that the caller sees the end in it.
      String upTo = boundary.get().equals(to) ? end : ChunkKey.cursor(boundary.get());
      return new Chunk(after, upTo, rows);
    }
    PreparedStatement count = statements.bound(connection, queries.count(after != null), range);
    try (ResultSet row = count.executeQuery()) {
      return new Chunk(after, end, one(row));
    }
  }

  private Optional<List<String>> cursor(
      Connection connection, String sql, List<BoundText.Value> values) throws SQLException {
    PreparedStatement query = statements.bound(connection, sql, values);
    try (ResultSet row = query.executeQuery()) {
      if (!row.next()) {
        return Optional.empty();
      }
      List<String> texts = new ArrayList<>();
      for (int i = 1; i <= key.columns().size(); i++) {
        texts.add(row.getString(i));
      }
      if (!row.getBoolean(key.columns().size() + 1)) {
        throw new SQLException(
            "The key "
                + texts
                + " of table "
                + statement.table().written()
                + " is a value that this session can't name exactly, such as a zero date;"
                + " change that row or the session's sql_mode",
            "22007");
      }
      return Optional.of(texts);
    }
  }

  /**
   * {@inheritDoc}
   *
   * <p>Rows changed are those that the server counts: with {@code useAffectedRows=true} on the
   * connection an UPDATE that sets what is there already doesn't count, without it does.
   */
  @Override
  public long apply(Connection connection, Chunk chunk) throws SQLException {
    String after = chunk.after();
    List<BoundText.Value> values = new ArrayList<>(statement.statement().values());
    values.addAll(
        key.values(after == null ? List.of() : key.texts(after), key.texts(chunk.upTo())));
    return statements.bound(connection, queries.apply(after != null), values).executeLargeUpdate();
  }
}
