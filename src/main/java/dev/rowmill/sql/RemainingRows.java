package dev.rowmill.sql;

import dev.rowmill.sql.parse.ParsedStatement;
import dev.rowmill.sql.parse.ParsedStatement.Kind;
import dev.rowmill.sql.statement.ChunkQueries;
import dev.rowmill.sql.statement.ChunkQueries.RangeQuery;
import dev.rowmill.sql.statement.ChunkableStatement;
import dev.rowmill.sql.value.BoundText;
import dev.rowmill.sql.value.RunStatements;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.util.Locale;
import java.util.OptionalLong;

/** Counts the rows that a statement still matches. Stateless. */
final class RemainingRows {

  private static final int TIMEOUT_SECONDS = 1;

  private RemainingRows() {}

  /**
   * Returns whether rows should no longer match a statement that has processed them: they are
   * deleted, or changed in a column of the condition.
   */
  static boolean meansSomething(ParsedStatement parsed) {
    if (parsed.where() == null || parsed.kind().inserts() || parsed.limit().isPresent()) {
      return false;
    }
    return parsed.kind() == Kind.DELETE
        || parsed.assigned().stream()
            .anyMatch(
                column ->
                    parsed.conditionColumns().contains(column.name().toLowerCase(Locale.ROOT)));
  }

  /** Returns the count; empty if counting takes longer than a second. */
  static OptionalLong count(Connection connection, ChunkableStatement statement)
      throws SQLException {
    RangeQuery count = new ChunkQueries(statement, null).countMatching();
    try (PreparedStatement select =
        connection.prepareStatement(RunStatements.commented(count.sql(), "/* rowmill verify */"))) {
      select.setQueryTimeout(TIMEOUT_SECONDS);
      BoundText.bind(select, count.before());
      try (ResultSet row = select.executeQuery()) {
        return row.next() ? OptionalLong.of(row.getLong(1)) : OptionalLong.empty();
      }
    } catch (SQLTimeoutException e) {
      return OptionalLong.empty();
    }
  }
}
