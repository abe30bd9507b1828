package dev.rowmill.sql.statement;

import dev.rowmill.sql.parse.TableName;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/**
 * Describes how a statement's table is walked.
 *
 * @param rows rows to be walked, by the server's estimate
 * @param matching rows that match the condition, by the server's estimate
 * @param table rows of the table, by the server's estimate
 */
public record WalkPlan(ChunkQueries queries, long rows, long matching, long table) {

  /** Sets the ratio below which rows count as few: one row in this many. */
  private static final long FEW = 10;

  /** Chooses the index and estimates the rows, by EXPLAIN. */
  public static WalkPlan of(ChunkableStatement statement, Connection connection)
      throws SQLException {
    ChunkQueries all = new ChunkQueries(statement, null);
    if (statement.where() == null || statement.hasSeveralSources()) {
      long rows = Explain.of(connection, all.countAll()).rows();
      return new WalkPlan(all, rows, rows, rows);
    }
    List<Explain> plans = Explain.each(connection, List.of(all.countMatching(), all.countAll()));
    Explain matching = plans.get(0);
    long rows = plans.get(1).rows();
    // If the server would find few rows by an index, only these are walked.
    if (matching.index() != null && matching.rows() * FEW < rows) {
      return new WalkPlan(
          new ChunkQueries(statement, matching.index()), matching.rows(), matching.rows(), rows);
    }
    return matching.nothing()
        ? new WalkPlan(
            new ChunkQueries(statement, TableName.quoted(statement.key().index())), 0, 0, rows)
        : new WalkPlan(all, rows, matching.rows(), rows);
  }
}
