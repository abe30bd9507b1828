package dev.rowmill.sql.run;

import dev.rowmill.sql.Database;
import dev.rowmill.sql.SqlTask;
import dev.rowmill.sql.statement.SqlParameters;
import dev.rowmill.sql.table.StatementScope;
import dev.rowmill.task.Chunk;
import dev.rowmill.task.ChunkedRun;
import dev.rowmill.task.Extent;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Runs a statement as a batch does: one chunk a transaction, to the end found at the start. */
public final class Walk {

  private Walk() {}

  /**
   * @param parameters names and values in turn
   */
  public static SqlParameters parameters(String sql, Object... parameters) {
    Map<String, Object> values = new HashMap<>();
    for (int i = 0; i < parameters.length; i += 2) {
      values.put((String) parameters[i], parameters[i + 1]);
    }
    return new SqlParameters(sql, values, null);
  }

  /** Runs all chunks of a statement, and adds up the changed rows. */
  public static Result run(Database database, int rows, SqlParameters parameters)
      throws SQLException {
    return run(database, rows, 1, parameters);
  }

  /**
   * Runs a statement with the key divided into parts, each walked on its own, the last one first.
   */
  public static Result run(Database database, int rows, int parts, SqlParameters parameters)
      throws SQLException {
    SqlTask task = new SqlTask(StatementScope.DEFAULT, 0);
    Connection connection = database.connection();
    task.check(parameters, "p1", connection);
    ChunkedRun run = task.open(parameters, "p1", connection);
    connection.setAutoCommit(false);
    try {
      List<Chunk> chunks = new ArrayList<>();
      long changed = 0;
      Optional<Extent> extent = run.extent(connection);
      List<String> ends = new ArrayList<>();
      if (extent.isPresent()) {
        ends.addAll(
            parts == 1 ? List.of() : run.splitPoints(connection, null, extent.get().end(), parts));
        ends.add(extent.get().end());
      }
      for (int part = ends.size() - 1; part >= 0; part--) {
        String at = part == 0 ? null : ends.get(part - 1);
        while (!ends.get(part).equals(at)) {
          Chunk chunk = run.next(connection, at, ends.get(part), rows);
          changed += run.apply(connection, chunk);
          connection.commit();
          chunks.add(chunk);
          at = chunk.upTo();
          if (chunks.size() > 500) {
            throw new IllegalStateException("No end in sight: " + chunk);
          }
        }
      }
      return new Result(chunks, changed, extent, ends.size());
    } finally {
      connection.rollback();
      connection.setAutoCommit(true);
    }
  }

  public record Result(List<Chunk> chunks, long changed, Optional<Extent> extent, int parts) {
    public long scanned() {
      return chunks.stream().mapToLong(Chunk::rows).sum();
    }
  }
}
