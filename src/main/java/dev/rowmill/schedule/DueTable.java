package dev.rowmill.schedule;

import dev.rowmill.batch.BatchStatus;
import dev.rowmill.batch.StatusChange;
import dev.rowmill.batch.store.ChangeRecorder;
import dev.rowmill.database.Rows;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/**
 * Reads and writes the table of what is due, together with db-scheduler: one row for each scheduled
 * batch, written in the transaction that schedules it, and one for the next firing of each enabled
 * schedule. A row that is written again gets a new version, so that an execution that is in
 * progress neither removes nor moves it. Safe for many threads and nodes.
 *
 * <p>Times are whole seconds, as the driver sends no fractions to some servers. Who executes a row
 * waits for the rest of the second.
 */
@ApplicationScoped
class DueTable implements ChangeRecorder {

  /** Identifies the tasks: a batch that starts, or a schedule that fires. */
  static final String START = "start";

  static final String FIRE = "schedule";

  private static final String COLUMNS =
      " (task_name, task_instance, execution_time, picked, version) ";

  private static final String AGAIN =
      " ON DUPLICATE KEY UPDATE execution_time = VALUES(execution_time), picked = FALSE,"
          + " picked_by = NULL, last_heartbeat = NULL, version = version + 1";

  private static final String RELEASE =
      "UPDATE due SET picked = FALSE, picked_by = NULL, last_heartbeat = NULL,"
          + " version = version + 1 WHERE picked AND last_heartbeat IS NOT NULL";

  /**
   * Represents a row.
   *
   * @param isPicked whether a node has taken it
   */
  record Row(Instant at, boolean isPicked, Instant pickedAt) {}

  @Override
  public void changed(Connection connection, List<StatusChange> changes) throws SQLException {
    List<Long> scheduled = batches(changes, BatchStatus.SCHEDULED);
    if (!scheduled.isEmpty()) {
      Rows.update(
          connection,
          "INSERT INTO due"
              + COLUMNS
              + "SELECT '"
              + START
              + "', id, start_at - INTERVAL MICROSECOND(start_at) MICROSECOND, FALSE, 1 FROM batch"
              + " WHERE id IN "
              + Rows.list(scheduled.size())
              + " AND status = 'SCHEDULED'"
              + AGAIN,
          scheduled);
    }
    for (StatusChange change : changes) {
      // Only one that was scheduled has a row, but only a batch without a run can have been so. The
      // row of one that was retried stays until it is due, and does nothing then.
      if (change.status() == BatchStatus.CANCELLED && change.epoch() == 0) {
        remove(connection, START, change.batch());
      }
    }
  }

  private static List<Long> batches(List<StatusChange> changes, BatchStatus status) {
    return changes.stream()
        .filter(change -> change.status() == status)
        .map(StatusChange::batch)
        .toList();
  }

  /** Stores the next firing of a schedule. */
  static void put(Connection connection, long schedule, Instant at) throws SQLException {
    Rows.update(
        connection,
        "INSERT INTO due" + COLUMNS + "VALUES ('" + FIRE + "', ?, ?, FALSE, 1)" + AGAIN,
        schedule,
        at.truncatedTo(ChronoUnit.SECONDS));
  }

  static void remove(Connection connection, String task, long instance) throws SQLException {
    Rows.update(
        connection,
        "DELETE FROM due WHERE task_name = ? AND task_instance = ?",
        task,
        String.valueOf(instance));
  }

  /** Returns what is due before a moment, the earliest first. */
  static List<Row> before(Connection connection, Instant end, int limit) throws SQLException {
    return Rows.query(
        connection,
        "SELECT execution_time, picked, COALESCE(last_heartbeat, execution_time) AS picked_at"
            + " FROM due WHERE execution_time < ? ORDER BY execution_time LIMIT ?",
        row ->
            new Row(time(row, "execution_time"), row.getBoolean("picked"), time(row, "picked_at")),
        end,
        limit);
  }

  private static Instant time(java.sql.ResultSet row, String column) throws SQLException {
    Instant time = Rows.time(row, column);
    return time == null ? Instant.EPOCH : time;
  }

  /** Releases rows that were taken before a moment. To execute one twice does no harm. */
  static int release(Connection connection, Instant before) throws SQLException {
    return Rows.update(connection, RELEASE + " AND last_heartbeat < ?", before);
  }
}
