package dev.rowmill.browser;

import dev.rowmill.testing.Rig;
import dev.rowmill.testing.Sequence;
import java.sql.SQLException;

/**
 * Inserts ended batches directly into the service's tables, because running them would take too
 * long.
 */
final class Past {

  private Past() {}

  /**
   * Inserts batches of one row each. Every tenth has failed, every fifth is serial.
   *
   * @param name prefix of the projects' names, which are numbered from 0
   */
  static void write(Rig rig, String name, int projects, int batches) throws SQLException {
    String numbers = Sequence.sql(0, batches);
    long before = rig.number("SELECT COALESCE(MAX(id), 0) FROM " + rig.schema() + ".batch");
    // Columns are listed, so that columns added later get their defaults.
    rig.execute(
        """
        INSERT INTO %1$s.batch (project, kind, sql_text, parameters, mode, status, chunk_rows,
          start_key, request_hash, node, epoch, created_at, started_at, finished_at)
        SELECT CONCAT('%2$s', LPAD(i %% %3$d, 4, '0')), 'SQL',
          'UPDATE shop.item SET stock = stock - 1 WHERE id = :id', CONCAT('{"id":', i, '}'),
          IF(i %% 5 = 0, 'SERIAL', 'PARALLEL'), IF(i %% 10 = 0, 'FAILED', 'SUCCEEDED'), 1000,
          CONCAT('%2$s:', i), REPEAT('0', 64), 'node-1', 1,
          UTC_TIMESTAMP(3), UTC_TIMESTAMP(3), UTC_TIMESTAMP(3)
        FROM (%4$s) numbers ORDER BY i
        """
            .formatted(rig.schema(), name, projects, numbers));
    rig.execute(
        """
        INSERT INTO %1$s.lane (batch, lane, epoch, extent_known, after_cursor, end_cursor,
          rows_total, rows_scanned, rows_changed, chunks, retries)
        SELECT id, 0, 1, TRUE, '["1"]', '["1"]', 1, 1, 1, 1, 0 FROM %1$s.batch WHERE id > %2$d
        """
            .formatted(rig.schema(), before));
    rig.execute(
        """
        INSERT INTO %1$s.project (name, last_batch)
        SELECT project, MAX(id) FROM %1$s.batch WHERE id > %2$d GROUP BY project
        """
            .formatted(rig.schema(), before));
  }
}
