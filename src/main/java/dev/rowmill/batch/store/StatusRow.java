package dev.rowmill.batch.store;

import dev.rowmill.batch.BatchStatus;
import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.Mode;
import java.sql.ResultSet;
import java.sql.SQLException;

/**
 * Represents the few columns of a batch that a change of its status needs; its statement may be
 * long. Immutable.
 *
 * @param awaitsApproval whether the batch needs an approval before it can run
 * @param hasSecrets whether it was started with secret parameters
 */
record StatusRow(
    long id,
    String project,
    Mode mode,
    int epoch,
    BatchStatus status,
    boolean awaitsApproval,
    boolean hasSecrets) {

  static final String SELECT =
      "SELECT id, project, mode, epoch, status,"
          + " approval_rows IS NOT NULL AND approved_at IS NULL, secrets IS NOT NULL FROM batch";

  static StatusRow of(ResultSet row) throws SQLException {
    return new StatusRow(
        row.getLong(1),
        row.getString(2),
        Mode.valueOf(row.getString(3)),
        row.getInt(4),
        BatchStatus.valueOf(row.getString(5)),
        row.getBoolean(6),
        row.getBoolean(7));
  }

  static StatusRow of(BatchView batch) {
    return new StatusRow(
        batch.id(),
        batch.project(),
        batch.mode(),
        batch.epoch(),
        batch.status(),
        batch.awaitsApproval(),
        !batch.submission().secrets().isEmpty());
  }
}
