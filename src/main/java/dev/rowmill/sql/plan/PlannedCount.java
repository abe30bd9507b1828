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

  /** Limits the time of each count, in milliseconds. */
  private static final long COUNT = 600;

  private static final long ALL = 2 * COUNT;

  private PlannedCount() {}

  /**
   * Returns the number of matching rows within a LIMIT. It is exact if it is at most a given
   * number, or if counting all rows does not take long. Otherwise it is the server's estimate, but
   * at least the number that was counted.
   *
   * @param connection connection with auto-commit, outside of a transaction
   * @param most number above which an estimate is enough
   */
  public static Count of(ChunkableStatement statement, Connection connection, long most)
      throws SQLException {
    return statement.withinLimit(matching(statement, connection, most));
  }

  private static Count matching(ChunkableStatement statement, Connection connection, long most)
      throws SQLException {
    var queries = new ChunkQueries(statement, null);
    try (PlanSession session = PlanSession.open(connection, ALL)) {
      Optional<Long> some = number(session, queries.countMatchingUpTo(most));
      if (some.isPresent() && some.get() <= most) {
        return new Count(some.get(), true);
      }
      Optional<Long> all =
          some.isPresent() ? number(session, queries.countMatching()) : Optional.empty();
      if (all.isPresent()) {
        return new Count(all.get(), true);
      }
      long estimate = statement.isUndivided() ? 0 : WalkPlan.of(statement, connection).matching();
      return new Count(Math.max(estimate, some.orElse(0L)), false);
    }
  }

  private static Optional<Long> number(PlanSession session, ChunkQueries.RangeQuery query)
      throws SQLException {
    return session.within(COUNT, () -> session.count(query));
  }
}
