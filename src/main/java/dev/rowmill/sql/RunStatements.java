package dev.rowmill.sql;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The prepared statements of a run, kept as long as it stays on one connection. Not thread-safe.
 */
final class RunStatements {

  private final Map<String, PreparedStatement> prepared = new HashMap<>();
  private @Nullable Connection connection;

  /** The statement with its values bound. */
  PreparedStatement bound(Connection current, String sql, List<BoundText.Value> values)
      throws SQLException {
    PreparedStatement statement = prepare(current, sql);
    BoundText.bind(statement, values);
    return statement;
  }

  private PreparedStatement prepare(Connection current, String sql) throws SQLException {
    if (connection != current) {
      close();
      connection = current;
    }
    PreparedStatement kept = prepared.get(sql);
    if (kept != null && !kept.isClosed()) {
      return kept;
    }
    PreparedStatement fresh = current.prepareStatement(sql);
    prepared.put(sql, fresh);
    return fresh;
  }

  private void close() {
    for (PreparedStatement statement : prepared.values()) {
      try {
        statement.close();
      } catch (SQLException e) {
        // Its connection is gone or back in its pool, and the statement with it.
        continue;
      }
    }
    prepared.clear();
  }
}
