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
 * @param pending what is pending in this status: APPROVAL, a requested status, or nothing
 * @param hasSecrets whether it was started with secret parameters
 * @param hasDependents whether batches were stored to wait for it
 */
record StatusRow(
    long id,
    String project,
    Mode mode,
    int epoch,
    BatchStatus status,
    String pending,
    boolean hasSecrets,
    boolean hasDependents) {

  private static final String APPROVAL = "APPROVAL";

  static final String SELECT =
      "SELECT id, project, mode, epoch, status,"
          + " IF(approval_rows IS NOT NULL AND approved_at IS NULL, '"
          + APPROVAL
          + "',"
          + " COALESCE(wanted, '')), secrets IS NOT NULL, dependents > 0 FROM batch";

  static StatusRow of(ResultSet row) throws SQLException {
    return new StatusRow(
        row.getLong(1),
        row.getString(2),
        Mode.valueOf(row.getString(3)),
        row.getInt(4),
        BatchStatus.valueOf(row.getString(5)),
        row.getString(6),
        row.getBoolean(7),
        row.getBoolean(8));
  }

  static StatusRow of(BatchView batch) {
    return new StatusRow(
        batch.id(),
        batch.project(),
        batch.mode(),
        batch.epoch(),
        batch.status(),
        pending(batch),
        !batch.submission().secrets().isEmpty(),
        batch.dependencies().hasDependents());
  }

  private static String pending(BatchView batch) {
    BatchStatus wanted = batch.wanted();
    if (batch.awaitsApproval()) {
      return APPROVAL;
    }
    return wanted == null ? "" : wanted.name();
  }
}
