package dev.rowmill.cluster;

import dev.rowmill.batch.BatchStatus;
import dev.rowmill.batch.Mode;
import dev.rowmill.batch.StatusChange;
import dev.rowmill.batch.store.BatchStore;
import dev.rowmill.batch.store.ChangeRecorder;
import dev.rowmill.batch.store.ClaimRule;
import dev.rowmill.batch.store.LaneLauncher;
import dev.rowmill.database.ControlTransactions;
import dev.rowmill.dispatch.pool.DispatchConfig;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Sees to it that each queued batch has a launch, which is stored in the transaction that queues
 * the batch: a parallel one at once, a serial one when it is first in its line. Safe for many
 * threads and nodes.
 *
 * <p>Launches are rows of db-scheduler's table. They are written here by one statement for all of a
 * group, which does no harm where a transaction whose commit was not answered is made again, and
 * handed on here when a node ends; all else is done to them by db-scheduler itself.
 */
@ApplicationScoped
class LaunchTable implements ChangeRecorder, ClaimRule, LaneLauncher {

  /** The names of the tasks that launches are for: a batch, or one lane of it. */
  static final String TASK = "batch";

  static final String LANE_TASK = "lane";

  /**
   * A launch is due at once, also for a clock that is a little behind, and for a driver that leaves
   * out fractions of a second.
   */
  private static final int DUE_SECONDS = 2;

  /** Those that are due for longest are taken first. */
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

  LaunchTable(DispatchConfig config) {
    enabled = config.cluster().enabled();
  }

  /**
   * A row to be written.
   *
   * @param ahead seconds that it is due before now
   */
  private record Row(String task, String name, long batch, int ahead) {}

  /**
   * A launch as it is named in the table.
   *
   * @param epoch that the run will have at least
   */
  record Name(long batch, int epoch) {
    static Name of(String text) {
      int slash = text.indexOf('/');
      return new Name(
          Long.parseLong(text.substring(0, slash)), Integer.parseInt(text.substring(slash + 1)));
    }

    String text() {
      return batch + "/" + epoch;
    }

    private Row row() {
      // What has run before goes on before what has not.
      return new Row(TASK, text(), batch, epoch > 1 ? AHEAD_SECONDS : DUE_SECONDS);
    }
  }

  /**
   * The launch of a lane as it is named in the table.
   *
   * @param loan by which the lane can be taken
   */
  record LaneName(long batch, int lane, int loan) {
    static LaneName of(String text) {
      String[] parts = text.split("/");
      return new LaneName(
          Long.parseLong(parts[0]), Integer.parseInt(parts[1]), Integer.parseInt(parts[2]));
    }

    String text() {
      return batch + "/" + lane + "/" + loan;
    }
  }

  /** A serial batch whose turn it is not has a launch of an earlier turn. */
  @Override
  public boolean allows(Connection connection, long batch, Mode mode, BatchStatus status)
      throws SQLException {
    return !enabled
        || mode != Mode.SERIAL
        || status != BatchStatus.QUEUED
        || SerialQueueTable.place(connection, batch).equals(OptionalLong.of(0));
  }

  @Override
  public void launch(Connection connection, long batch, int lane, int loan) throws SQLException {
    if (enabled) {
      String name = new LaneName(batch, lane, loan).text();
      insert(connection, List.of(new Row(LANE_TASK, name, batch, AHEAD_SECONDS)));
    }
  }

  @Override
  public void changed(Connection connection, List<StatusChange> changes) throws SQLException {
    if (!enabled) {
      return;
    }
    List<Name> due = new ArrayList<>();
    List<StatusChange> serial = new ArrayList<>();
    for (StatusChange change : changes) {
      if (change.mode() == Mode.SERIAL && movesLine(change.status())) {
        serial.add(change);
      } else if (change.mode() == Mode.PARALLEL && change.status() == BatchStatus.QUEUED) {
        due.add(new Name(change.batch(), change.epoch() + 1));
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
    insert(connection, due.stream().map(Name::row).toList());
  }

  private static boolean movesLine(BatchStatus status) {
    return status != BatchStatus.RUNNING && status != BatchStatus.WAITING;
  }

  private static void insert(Connection connection, List<Row> rows) throws SQLException {
    if (rows.isEmpty()) {
      return;
    }
    try (PreparedStatement insert =
        connection.prepareStatement(
            INSERT + String.join(", ", Collections.nCopies(rows.size(), ROW)) + UNLESS_THERE)) {
      int i = 0;
      for (Row row : rows) {
        insert.setString(++i, row.task);
        insert.setString(++i, row.name);
        insert.setBytes(++i, IdSerializer.bytes(row.batch));
        insert.setInt(++i, row.ahead);
      }
      insert.executeUpdate();
    }
  }

  /**
   * Whether a launch is the newest of its batch.
   *
   * @param version it must still have, as it has not been handed to another node
   */
  static boolean isNewest(Connection connection, Name launch, long version) throws SQLException {
    boolean own = false;
    try (PreparedStatement select = connection.prepareStatement(OF_BATCH)) {
      select.setLong(1, launch.batch);
      try (ResultSet row = select.executeQuery()) {
        while (row.next()) {
          Name found = Name.of(row.getString("task_instance"));
          own |= found.equals(launch) && row.getLong("version") == version;
          if (found.epoch > launch.epoch) {
            return false;
          }
        }
      }
    }
    return own;
  }

  /** Hands on what a node has fetched that begins with nothing any more. */
  static void release(Connection connection, String picker) throws SQLException {
    try (PreparedStatement update =
        connection.prepareStatement(
            "UPDATE launch SET picked = FALSE, picked_by = NULL, last_heartbeat = NULL,"
                + " version = version + 1 WHERE picked AND picked_by = ?")) {
      update.setString(1, picker);
      update.executeUpdate();
    }
  }

  /** How many launches nobody has taken yet. */
  static int waiting(Connection connection) throws SQLException {
    try (PreparedStatement select =
            connection.prepareStatement(
                "SELECT COUNT(*) FROM launch WHERE task_name = '" + TASK + "' AND NOT picked");
        ResultSet row = select.executeQuery()) {
      row.next();
      return row.getInt(1);
    }
  }

  /**
   * Mends what a node in local mode, or a restored backup, has left: launches the batches that
   * nobody is about to run, and takes out of the line what does not belong there.
   *
   * @return how many batches were queued again
   */
  static int mend(BatchStore store, ControlTransactions transactions) {
    List<Long> batches = store.toRun();
    Set<Long> known = transactions.read(LaunchTable::launchedOrBehind);
    List<Long> left = batches.stream().filter(batch -> !known.contains(batch)).toList();
    left.forEach(batch -> store.queueAgain(batch, LaunchTable::isLeftAlone));
    if (!transactions.read(SerialQueueTable::astray).isEmpty()) {
      transactions.sql(
          connection -> {
            SerialQueueTable.lock(connection);
            for (Long batch : SerialQueueTable.astray(connection)) {
              SerialQueueTable.leave(connection, batch);
            }
            insert(connection, SerialQueueTable.first(connection).map(Name::row).stream().toList());
            return true;
          });
    }
    store.queueLines();
    return left.size();
  }

  private static Set<Long> launchedOrBehind(Connection connection) throws SQLException {
    Set<Long> batches =
        SerialQueueTable.all(connection).stream()
            .skip(1)
            .collect(Collectors.toCollection(HashSet::new));
    try (PreparedStatement select =
            connection.prepareStatement(
                "SELECT task_instance FROM launch WHERE task_name = '" + TASK + "'");
        ResultSet row = select.executeQuery()) {
      while (row.next()) {
        batches.add(Name.of(row.getString(1)).batch);
      }
    }
    return batches;
  }

  private static boolean isLeftAlone(Connection connection, long batch) throws SQLException {
    try (PreparedStatement select = connection.prepareStatement(OF_BATCH)) {
      select.setLong(1, batch);
      try (ResultSet row = select.executeQuery()) {
        return !row.next() && SerialQueueTable.place(connection, batch).orElse(0) == 0;
      }
    }
  }
}
