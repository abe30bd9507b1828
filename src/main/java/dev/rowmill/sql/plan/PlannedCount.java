package dev.rowmill.sql.plan;

import dev.rowmill.sql.statement.ChunkQueries;
import dev.rowmill.sql.statement.ChunkableStatement;
import dev.rowmill.sql.statement.WalkPlan;
import dev.rowmill.task.Plan.Count;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;

/** Counts the rows that a statement affects, in a bounded time. Stateless. */
public final class PlannedCount {

  /** Sets how many counts share the time. */
  private static final int COUNTS = 2;

  private PlannedCount() {}

  /**
   * Returns the number of matching rows within a LIMIT. It is exact if it is at most a given
   * number, or if counting all rows does not take long. Otherwise it is the server's estimate, but
   * at least the number that was counted.
   *
   * @param connection connection with auto-commit, outside of a transaction
   * @param most number above which an estimate is enough
   * @param millis time that both counts together may take, in milliseconds
   */
  public static Count of(
      ChunkableStatement statement, Connection connection, long most, long millis)
      throws SQLException {
    return statement.withinLimit(matching(statement, connection, most, millis));
  }

  private static Count matching(
      ChunkableStatement statement, Connection connection, long most, long millis)
      throws SQLException {
    var queries = new ChunkQueries(statement, null);
    long each = millis / COUNTS;
    try (PlanSession session = PlanSession.open(connection, millis)) {
      Optional<Long> some = number(session, queries.countMatchingUpTo(most), each);
      if (some.isPresent() && some.get() <= most) {
        return new Count(some.get(), true);
      }
      Optional<Long> all =
          some.isPresent() ? number(session, queries.countMatching(), each) : Optional.empty();
      if (all.isPresent()) {
        return new Count(all.get(), true);
      }
      long estimate = statement.isUndivided() ? 0 : WalkPlan.of(statement, connection).matching();
      return new Count(Math.max(estimate, some.orElse(0L)), false);
    }
  }

  private static Optional<Long> number(
      PlanSession session, ChunkQueries.RangeQuery query, long millis) throws SQLException {
    return session.within(millis, () -> session.count(query));
  }
}
