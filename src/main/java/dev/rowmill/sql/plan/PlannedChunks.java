package dev.rowmill.sql.plan;

import dev.rowmill.sql.run.SqlChunkedRun;
import dev.rowmill.sql.statement.ChunkQueries;
import dev.rowmill.sql.statement.WalkPlan;
import dev.rowmill.sql.table.ChunkKey;
import dev.rowmill.sql.value.BoundText;
import dev.rowmill.task.Chunk;
import dev.rowmill.task.Plan.Count;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Holds some chunks of a walk.
 *
 * @param first null if no row is walked
 * @param typical a chunk with a lower end, if there are several
 * @param last null if the walk ends at a LIMIT, or if no row is walked
 */
record PlannedChunks(@Nullable Chunk first, @Nullable Chunk typical, @Nullable Chunk last) {

  static final PlannedChunks NONE = new PlannedChunks(null, null, null);

  /**
   * Finds the chunks.
   *
   * @param walked number of rows that are walked
   */
  static PlannedChunks find(PlanSession session, WalkPlan walk, Count walked, int chunkRows)
      throws SQLException {
    Connection connection = session.connection();
    var run = new SqlChunkedRun(walk.queries(), walked.rows());
    run.comment(PlanSession.COMMENT);
    Optional<String> limit = run.limitEnd(connection);
    Optional<String> end = limit.isPresent() ? limit : fromEnd(session, walk.queries(), 0);
    if (end.isEmpty()) {
      return NONE;
    }
    Chunk first = run.next(connection, null, end.get(), chunkRows);
    if (first.upTo().equals(end.get())) {
      return new PlannedChunks(first, first, first);
    }
    Chunk second = run.next(connection, first.upTo(), end.get(), chunkRows);
    if (second.upTo().equals(end.get())) {
      return new PlannedChunks(first, second, second);
    }
    if (limit.isPresent()) {
      return new PlannedChunks(first, second, null);
    }
    long rest = walked.exact() ? (walked.rows() - 1) % chunkRows + 1 : chunkRows;
    Optional<String> after = fromEnd(session, walk.queries(), rest);
    return new PlannedChunks(
        first, second, after.map(key -> new Chunk(key, end.get(), rest)).orElse(null));
  }

  /** Returns the cursor at a number of rows before the end. */
  private static Optional<String> fromEnd(PlanSession session, ChunkQueries queries, long rows)
      throws SQLException {
    ChunkKey key = queries.statement().key();
    ChunkQueries.RangeQuery query = queries.fromEnd();
    try (PreparedStatement select =
            session.prepare(query.sql(), query.with(List.of(new BoundText.Value(rows))));
        ResultSet row = select.executeQuery()) {
      if (!row.next()) {
        return Optional.empty();
      }
      return Optional.of(key.cursor(key.read(row)));
    }
  }
}
