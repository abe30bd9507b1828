package dev.rowmill.sql.run;

import dev.rowmill.sql.statement.ChunkQueries;
import dev.rowmill.sql.statement.ChunkQueries.RangeQuery;
import dev.rowmill.sql.statement.ChunkableStatement;
import dev.rowmill.sql.table.ChunkKey;
import dev.rowmill.sql.table.KeyValue;
import dev.rowmill.sql.value.BoundText;
import dev.rowmill.sql.value.RunStatements;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Runs queries on ranges of a walked key, which return a key or a number. For one thread. */
final class KeyReader {

  private final ChunkableStatement statement;
  private final ChunkKey key;
  private final RunStatements statements;

  KeyReader(ChunkableStatement statement, RunStatements statements) {
    this.statement = statement;
    this.key = statement.key();
    this.statements = statements;
  }

  /**
   * Returns the key that a query finds; empty if it finds no row.
   *
   * @param last last value of the query
   */
  Optional<List<KeyValue>> key(
      Connection connection, RangeQuery query, List<BoundText.Value> range, BoundText.Value last)
      throws SQLException {
    List<BoundText.Value> values = query.with(range);
    values.add(last);
    return key(connection, query.sql(), values);
  }

  /** Returns the key that a query finds; empty if it finds no row. */
  Optional<List<KeyValue>> key(Connection connection, String sql, List<BoundText.Value> values)
      throws SQLException {
    PreparedStatement query = statements.bound(connection, sql, values);
    try (ResultSet row = query.executeQuery()) {
      return row.next() ? Optional.of(key(row)) : Optional.empty();
    }
  }

  /**
   * Returns the key of a row of a range; empty if the range has fewer rows.
   *
   * @param after lower end of the range, exclusive; null at the start of the walk
   * @param end upper end of the range, inclusive
   * @param offset number of rows of the range before the row
   */
  Optional<List<KeyValue>> boundary(
      Connection connection, ChunkQueries queries, @Nullable String after, String end, long offset)
      throws SQLException {
    BoundText query = queries.boundary(after, end, offset);
    PreparedStatement bound = statements.bound(connection, query.sql(), query.values());
    try (ResultSet row = bound.executeQuery()) {
      return row.next() && row.getBoolean(key.columns().size() + 2)
          ? Optional.of(key(row))
          : Optional.empty();
    }
  }

  /** Returns the key of a row. */
  List<KeyValue> key(ResultSet row) throws SQLException {
    List<KeyValue> values = key.read(row);
    if (!key.isExact(row)) {
      throw new SQLException(
          "The key "
              + values
              + " of table "
              + statement.table().written()
              + " is a value that this session can't represent exactly, such as a zero date;"
              + " change that row or the session's sql_mode",
          "22007");
    }
    return values;
  }

  /** Returns the number that a query counts. */
  long number(Connection connection, RangeQuery query, List<BoundText.Value> range)
      throws SQLException {
    PreparedStatement bound = statements.bound(connection, query.sql(), query.with(range));
    try (ResultSet row = bound.executeQuery()) {
      return number(row);
    }
  }

  static long number(ResultSet row) throws SQLException {
    if (!row.next()) {
      throw new SQLException("A query that always returns one row returned none");
    }
    return row.getLong(1);
  }
}
