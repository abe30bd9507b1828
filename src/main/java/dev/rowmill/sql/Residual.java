package dev.rowmill.sql;

import dev.rowmill.sql.ChunkQueries.RangeQuery;
import dev.rowmill.sql.Reading.Kind;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.util.OptionalLong;

/** Counts the rows that a statement still matches. Stateless. */
final class Residual {

  private static final int TIMEOUT_SECONDS = 1;

  private Residual() {}

  /**
   * Whether rows that a statement has been through should not match it any more: they are deleted,
   * or changed in a column of the condition.
   */
  static boolean meansSomething(Reading reading) {
    if (reading.where() < 0 || reading.kind() == Kind.INSERT) {
      return false;
    }
    return reading.kind() == Kind.DELETE
        || reading.tokens().stream()
            .skip(reading.where())
            .filter(Token::isIdentifier)
            .anyMatch(
                token -> reading.assigned().stream().anyMatch(token.name()::equalsIgnoreCase));
  }

  /** The count; empty where it takes longer than a second. */
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
