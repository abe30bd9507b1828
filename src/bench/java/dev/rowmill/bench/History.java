package dev.rowmill.bench;

import dev.rowmill.testing.Sequence;
import java.sql.Connection;
import java.sql.SQLException;

/**
 * Inserts ended batches directly into Rowmill's tables, because running a million of them would
 * take too long. The service must have created the tables, and must not be running.
 */
final class History {

  /** Sets the number of projects, to which the batches belong in turn. */
  static final int PROJECTS = 10_000;

  /** Counts the oldest batches; only these are serial and have failed. */
  private static final int RARE = 10;

  private static final int ROWS_A_STATEMENT = 100_000;

  private History() {}

  static void write(Connection connection, String schema, int batches) throws SQLException {
    for (int first = 0; first < batches; first += ROWS_A_STATEMENT) {
      String numbers = Sequence.sql(first, Math.min(batches, first + ROWS_A_STATEMENT));
      Sql.execute(connection, batches(schema, numbers));
      Sql.execute(connection, lanes(schema, numbers));
    }
    Sql.execute(
        connection,
        "INSERT INTO %1$s.project (name, last_batch) SELECT project, MAX(id) FROM %1$s.batch GROUP BY project"
            .formatted(schema));
    Sql.execute(connection, "ANALYZE TABLE %1$s.batch, %1$s.lane, %1$s.project".formatted(schema));
  }

  // Columns are listed, so that columns added later get their defaults.
  private static String batches(String schema, String numbers) {
    return """
        INSERT INTO %1$s.batch (id, project, kind, sql_text, parameters, mode, status, chunk_rows,
          start_key, request_hash, node, epoch, created_at, started_at, finished_at)
        SELECT i + 1, CONCAT('p', i %% %3$d), 'SQL', 'UPDATE job SET done = done + 1 WHERE id = :id',
          '{"id":1}', IF(i < %2$d, 'SERIAL', 'PARALLEL'), IF(i < %2$d, 'FAILED', 'SUCCEEDED'), 1000,
          CONCAT('history:', i), REPEAT('0', 64), 'bench', 1,
          UTC_TIMESTAMP(3), UTC_TIMESTAMP(3), UTC_TIMESTAMP(3)
        FROM (%4$s) numbers ORDER BY i
        """
        .formatted(schema, RARE, PROJECTS, numbers);
  }

  private static String lanes(String schema, String numbers) {
    return """
        INSERT INTO %s.lane (batch, lane, epoch, extent_known, after_cursor, end_cursor, rows_total,
          rows_scanned, rows_changed, chunks, retries)
        SELECT i + 1, 0, 1, TRUE, '["1"]', '["1"]', 1, 1, 1, 1, 0 FROM (%s) numbers ORDER BY i
        """
        .formatted(schema, numbers);
  }
}
