package dev.rowmill.cluster;

import dev.rowmill.batch.BatchStatus;
import dev.rowmill.batch.Mode;
import dev.rowmill.batch.StatusChange;
import dev.rowmill.batch.store.ChangeRecorder;
import dev.rowmill.batch.store.ClaimRule;
import dev.rowmill.batch.store.LaneLauncher;
import dev.rowmill.batch.store.ProjectQueues;
import dev.rowmill.database.ClusterConfig;
import dev.rowmill.database.ControlTransactions;
import dev.rowmill.database.Rows;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Stores a launch for each queued batch, in the transaction that queues it: a parallel one at once,
 * a serial one when it is first in the serial queue. Safe for many threads and nodes.
 *
 * <p>Launches are rows of db-scheduler's table. One statement writes all rows of a group, and can
 * safely be repeated when the result of a commit was lost. This class also releases launches when a
 * node ends; db-scheduler makes all other changes.
 */
@ApplicationScoped
class LaunchTable implements ChangeRecorder, ClaimRule, LaneLauncher {

  /** Identifies the tasks of launches: a batch, or one lane of it. */
  static final String TASK = "batch";

  static final String LANE_TASK = "lane";

  /**
   * Sets how many seconds before now a launch is due. Allows for a slow clock, and for a driver
   * that drops fractions of a second.
   */
  private static final int DUE_SECONDS = 2;

  /**
   * Sets how many seconds before now a preferred launch is due, as the earliest due is picked
   * first.
   */
  private static final int AHEAD_SECONDS = 3600;

  private static final String INSERT =
      "INSERT INTO launch (task_name, task_instance, task_data, execution_time, picked, version)"
          + " VALUES ";

  private static final String ROW = "(?, ?, ?, UTC_TIMESTAMP(6) - INTERVAL ? SECOND, FALSE, 1)";

  private static final String UNLESS_THERE = " ON DUPLICATE KEY UPDATE version = version";

  private static final String OF_BATCH =
      "SELECT task_instance, version FROM launch WHERE task_name = '"
          + TASK
          + "' AND task_instance LIKE CONCAT(?, '/%')";

  private final boolean enabled;

  LaunchTable(ClusterConfig config) {
    enabled = config.enabled();
  }

  /**
   * Represents a row to be written.
   *
   * @param ahead seconds before now at which it is due
   */
  private record Row(String task, String name, long batch, int ahead) {}

  /**
   * Identifies the launch of a lane in the table.
   *
   * @param lease number of the lease by which the lane can be taken
   */
  record LaneName(long batch, int lane, int lease) {
    static LaneName of(String text) {
      String[] parts = text.split("/");
      return new LaneName(
          Long.parseLong(parts[0]), Integer.parseInt(parts[1]), Integer.parseInt(parts[2]));
    }

    String text() {
      return batch + "/" + lane + "/" + lease;
    }
  }

  /**
   * Checks whether a claim is allowed: a serial batch that is not first may have a launch of an
   * earlier turn.
   */
  @Override
  public boolean allows(Connection connection, long batch, Mode mode, BatchStatus status)
      throws SQLException {
    return !enabled
        || mode != Mode.SERIAL
        || status != BatchStatus.QUEUED
        || SerialQueueTable.place(connection, batch).equals(Optional.of(0L));
  }

  @Override
  public void launch(Connection connection, long batch, int lane, int lease) throws SQLException {
    if (enabled) {
      String name = new LaneName(batch, lane, lease).text();
      insert(connection, List.of(new Row(LANE_TASK, name, batch, AHEAD_SECONDS)));
    }
  }

  @Override
  public void changed(Connection connection, List<StatusChange> changes) throws SQLException {
    if (!enabled) {
      return;
    }
    List<LaunchName> due = new ArrayList<>();
    List<StatusChange> serial = new ArrayList<>();
    for (StatusChange change : changes) {
      if (change.mode() == Mode.SERIAL && movesLine(change.status())) {
        serial.add(change);
      } else if (change.mode() == Mode.PARALLEL && change.status() == BatchStatus.QUEUED) {
        due.add(new LaunchName(change.batch(), change.epoch() + 1));
      }
    }
    if (!serial.isEmpty()) {
      SerialQueueTable.lock(connection);
      for (StatusChange change : serial) {
        if (change.status() == BatchStatus.QUEUED) {
          SerialQueueTable.join(connection, change.batch());
        } else {
          SerialQueueTable.leave(connection, change.batch());
        }
      }
      SerialQueueTable.first(connection).ifPresent(due::add);
    }
    insert(connection, due.stream().map(LaunchTable::row).toList());
  }

  private static boolean movesLine(BatchStatus status) {
    return status != BatchStatus.RUNNING
        && status != BatchStatus.WAITING
        && status != BatchStatus.SCHEDULED;
  }

  private static Row row(LaunchName launch) {
    // Interrupted batches precede new ones.
    return new Row(
        TASK, launch.text(), launch.batch(), launch.epoch() > 1 ? AHEAD_SECONDS : DUE_SECONDS);
  }

  private static void insert(Connection connection, List<Row> rows) throws SQLException {
    if (!rows.isEmpty()) {
      List<Object> values = new ArrayList<>();
      for (Row row : rows) {
        values.addAll(List.of(row.task, row.name, IdSerializer.bytes(row.batch), row.ahead));
      }
      Rows.update(
          connection,
          INSERT + String.join(", ", Collections.nCopies(rows.size(), ROW)) + UNLESS_THERE,
          values);
    }
  }

  /**
   * Checks whether a launch is the newest of its batch.
   *
   * @param version version that it must still have if no other node has picked it
   */
  static boolean isNewest(Connection connection, LaunchName launch, long version)
      throws SQLException {
    record Found(LaunchName name, long version) {}
    List<Found> found =
        Rows.query(
            connection,
            OF_BATCH,
            row -> new Found(LaunchName.of(row.getString(1)), row.getLong(2)),
            launch.batch());
    return found.contains(new Found(launch, version))
        && found.stream().noneMatch(other -> other.name.epoch() > launch.epoch());
  }

  /** Releases the launches that a node has picked but will not run. */
  static int release(Connection connection, String picker) throws SQLException {
    return Rows.update(
        connection,
        "UPDATE launch SET picked = FALSE, picked_by = NULL, last_heartbeat = NULL,"
            + " version = version + 1 WHERE picked AND picked_by = ?",
        picker);
  }

  /** Counts the launches of batches that no node has picked. */
  static int waiting(Connection connection) throws SQLException {
    return (int)
        Rows.number(
            connection,
            "SELECT COUNT(*) FROM launch WHERE task_name = '" + TASK + "' AND NOT picked");
  }

  /**
   * Repairs the launches after a node in local mode, or a restored backup: launches batches that
   * have no launch, and removes wrong entries of the serial queue.
   *
   * @return number of batches that were queued again
   */
  static int reconcile(ProjectQueues queues, ControlTransactions transactions) {
    List<Long> batches = queues.toRun();
    Set<Long> known = transactions.read(LaunchTable::launchedOrBehind);
    List<Long> left = batches.stream().filter(batch -> !known.contains(batch)).toList();
    left.forEach(batch -> queues.queueAgain(batch, LaunchTable::isLeftAlone));
    if (!transactions.read(SerialQueueTable::orphans).isEmpty()) {
      transactions.sql(
          connection -> {
            SerialQueueTable.lock(connection);
            for (Long batch : SerialQueueTable.orphans(connection)) {
              SerialQueueTable.leave(connection, batch);
            }
            insert(
                connection,
                SerialQueueTable.first(connection).map(LaunchTable::row).stream().toList());
            return true;
          });
    }
    queues.queueWaiting();
    return left.size();
  }

  private static Set<Long> launchedOrBehind(Connection connection) throws SQLException {
    List<Long> queue = SerialQueueTable.all(connection);
    Set<Long> batches = new HashSet<>(queue.subList(Math.min(1, queue.size()), queue.size()));
    batches.addAll(
        Rows.query(
            connection,
            "SELECT task_instance FROM launch WHERE task_name = '" + TASK + "'",
            row -> LaunchName.of(row.getString(1)).batch()));
    return batches;
  }

  private static boolean isLeftAlone(Connection connection, long batch) throws SQLException {
    return Rows.query(connection, OF_BATCH, row -> row.getString(1), batch).isEmpty()
        && SerialQueueTable.place(connection, batch).orElse(0L) == 0;
  }
}
