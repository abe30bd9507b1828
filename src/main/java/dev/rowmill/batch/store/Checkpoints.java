package dev.rowmill.batch.store;

import dev.rowmill.batch.FencedException;
import dev.rowmill.batch.LaneState;
import dev.rowmill.batch.Progress;
import dev.rowmill.batch.UndoUsage;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLIntegrityConstraintViolationException;
import java.sql.SQLTransactionRollbackException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads and moves the checkpoints, on the connection and in the transaction of their chunk. Every
 * write names the lane's epoch and must match one row (fencing token, see Kleppmann, "How to do
 * distributed locking", 2016). Stateless.
 */
public final class Checkpoints {

  static final String SELECT =
      "SELECT lane, epoch, extent_known, begin_cursor, after_cursor, end_cursor, rows_total, rows_scanned,"
          + " rows_changed, rows_ignored, chunks, retries, undo_rows, undo_bytes, chunk_rows, limit_reached,"
          + " loan, share_wanted, failure FROM lane"
          + " WHERE batch = ? ORDER BY lane";

  private static final String MOVE =
      "UPDATE lane SET extent_known = ?, end_cursor = ?, after_cursor = ?, rows_total = ?,"
          + " rows_scanned = ?, rows_changed = ?, chunks = ?, undo_rows = ?,"
          + " undo_bytes = ?, chunk_rows = ?, rows_ignored = ?, limit_reached = ?"
          + " WHERE batch = ? AND lane = ? AND epoch = ?"
          // Only if the lane is where this run expects it.
          + " AND chunks = ? AND (NOT extent_known OR end_cursor <=> ?)";

  private static final String SET_RANGE =
      "UPDATE lane SET extent_known = TRUE, end_cursor = ?, rows_total = ?, chunk_rows = ?,"
          + " limit_reached = ?, share_wanted = NULL"
          + " WHERE batch = ? AND lane = ? AND epoch = ?";

  private static final String ADD =
      "INSERT INTO lane (batch, lane, epoch, extent_known, begin_cursor, after_cursor, end_cursor,"
          + " rows_total, rows_scanned, rows_changed, chunks, retries, chunk_rows)"
          + " VALUES (?, ?, ?, TRUE, ?, ?, ?, ?, 0, 0, 0, 0, ?)";

  private static final String TAKE_OVER =
      "UPDATE lane SET epoch = epoch + 1, loan = NULL, share_wanted = NULL, failure = NULL"
          + " WHERE batch = ?";

  private static final String FIRST =
      "INSERT INTO lane (batch, lane, epoch, extent_known, rows_scanned, rows_changed, chunks,"
          + " retries) VALUES ";

  private static final int FIRST_LANE = 0;

  private static final String COUNT_RETRY =
      "UPDATE lane SET retries = retries + 1 WHERE batch = ? AND lane = ? AND epoch = ?";

  private Checkpoints() {}

  /**
   * Assigns the checkpoints of batches to new runs, and fences out earlier runs. The first run of a
   * batch gets its first lane.
   *
   * @param epochs of the new runs, by batch
   * @return the lanes of each batch
   */
  static Map<Long, List<LaneState>> takeOver(Connection connection, Map<Long, Integer> epochs)
      throws SQLException {
    Map<Long, List<LaneState>> lanes = new HashMap<>();
    Map<Long, Integer> first = new LinkedHashMap<>();
    for (Map.Entry<Long, Integer> run : epochs.entrySet()) {
      if (run.getValue() == 1 || takeOver(connection, run.getKey()) == 0) {
        first.put(run.getKey(), run.getValue());
      } else {
        lanes.put(run.getKey(), lanes(connection, run.getKey()));
      }
    }
    if (!first.isEmpty()) {
      addFirst(connection, first);
      first.forEach(
          (batch, epoch) ->
              lanes.put(
                  batch,
                  List.of(
                      new LaneState(
                          batch, FIRST_LANE, epoch, false, null, null, null, Progress.NONE))));
    }
    return lanes;
  }

  private static int takeOver(Connection connection, long batch) throws SQLException {
    for (LaneState lane : lanes(connection, batch)) {
      RunLocks.closeHolder(connection, batch, lane.lane());
    }
    try (PreparedStatement update = connection.prepareStatement(TAKE_OVER)) {
      update.setLong(1, batch);
      return update.executeUpdate();
    }
  }

  private static void addFirst(Connection connection, Map<Long, Integer> epochs)
      throws SQLException {
    String row = "(?, " + FIRST_LANE + ", ?, FALSE, 0, 0, 0, 0)";
    try (PreparedStatement insert =
        connection.prepareStatement(
            FIRST + String.join(", ", Collections.nCopies(epochs.size(), row)))) {
      int i = 0;
      for (Map.Entry<Long, Integer> run : epochs.entrySet()) {
        insert.setLong(++i, run.getKey());
        insert.setInt(++i, run.getValue());
      }
      insert.executeUpdate();
    }
  }

  /** Returns the total progress of all lanes of a batch. */
  static Progress progress(Connection connection, long batch) throws SQLException {
    return lanes(connection, batch).stream()
        .map(LaneState::progress)
        .reduce(Progress::plus)
        .orElse(Progress.NONE);
  }

  /** Returns the lanes of a batch, for any run. */
  static List<LaneState> lanes(Connection connection, long batch) throws SQLException {
    List<LaneState> lanes = new ArrayList<>();
    try (PreparedStatement select = connection.prepareStatement(SELECT)) {
      select.setLong(1, batch);
      try (ResultSet row = select.executeQuery()) {
        while (row.next()) {
          lanes.add(lane(row, batch, row.getInt("epoch")));
        }
      }
    }
    return lanes;
  }

  static LaneState lane(ResultSet row, long batch, int epoch) throws SQLException {
    Long chunkRows = nullableLong(row, "chunk_rows");
    return new LaneState(
        batch,
        row.getInt("lane"),
        epoch,
        row.getBoolean("extent_known"),
        row.getString("begin_cursor"),
        row.getString("after_cursor"),
        row.getString("end_cursor"),
        new Progress(
            nullableLong(row, "rows_total"),
            row.getLong("rows_scanned"),
            row.getLong("rows_changed"),
            nullableLong(row, "rows_ignored"),
            row.getLong("chunks"),
            row.getLong("retries"),
            new UndoUsage(row.getLong("undo_rows"), row.getLong("undo_bytes")),
            chunkRows == null ? null : Integer.valueOf(chunkRows.intValue()),
            row.getBoolean("limit_reached")));
  }

  /**
   * Stores the end of a lane's range.
   *
   * @throws FencedException when a newer run has taken over
   */
  public static void storeRange(Connection connection, LaneState lane) throws SQLException {
    try (PreparedStatement update = connection.prepareStatement(SET_RANGE)) {
      update.setString(1, lane.end());
      setNullable(update, 2, lane.progress().rowsTotal());
      setNullable(update, 3, lane.progress().chunkRows());
      update.setBoolean(4, lane.progress().limitReached());
      fence(update, 5, lane);
    }
  }

  /**
   * Returns the number for one more lane. It is reserved until the end of the transaction.
   *
   * @param lane any lane of the batch
   */
  public static int nextNumber(Connection connection, LaneState lane) throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement(
            "SELECT lane FROM lane WHERE batch = ? ORDER BY lane DESC LIMIT 1 FOR UPDATE")) {
      select.setLong(1, lane.batch());
      try (ResultSet row = select.executeQuery()) {
        row.next();
        return row.getInt(1) + 1;
      }
    }
  }

  /**
   * Stores a new lane. Its fence is the lane whose range was split, as that lane's new range is
   * stored in the same transaction.
   */
  public static void add(Connection connection, LaneState lane) throws SQLException {
    try (PreparedStatement insert = connection.prepareStatement(ADD)) {
      insert.setLong(1, lane.batch());
      insert.setInt(2, lane.lane());
      insert.setInt(3, lane.epoch());
      insert.setString(4, lane.begin());
      insert.setString(5, lane.after());
      insert.setString(6, lane.end());
      setNullable(insert, 7, lane.progress().rowsTotal());
      setNullable(insert, 8, lane.progress().chunkRows());
      insert.executeUpdate();
    } catch (SQLIntegrityConstraintViolationException e) {
      // A lane that was split off at the same time has the number. Transient, like a deadlock.
      throw new SQLTransactionRollbackException("two lanes of one number", "40001", e);
    }
  }

  /**
   * Moves the checkpoint past one more chunk. Also stores the end of the lane, which may not be
   * stored yet in a batch's first transaction.
   *
   * @throws FencedException when a newer run has taken over
   */
  public static void move(Connection connection, LaneState lane) throws SQLException {
    try (PreparedStatement update = connection.prepareStatement(MOVE)) {
      update.setBoolean(1, lane.extentKnown());
      update.setString(2, lane.end());
      update.setString(3, lane.after());
      setNullable(update, 4, lane.progress().rowsTotal());
      update.setLong(5, lane.progress().rowsScanned());
      update.setLong(6, lane.progress().rowsChanged());
      update.setLong(7, lane.progress().chunks());
      update.setLong(8, lane.progress().kept().rows());
      update.setLong(9, lane.progress().kept().bytes());
      setNullable(update, 10, lane.progress().chunkRows());
      setNullable(update, 11, lane.progress().rowsIgnored());
      update.setBoolean(12, lane.progress().limitReached());
      update.setLong(16, lane.progress().chunks() - 1);
      update.setString(17, lane.end());
      fence(update, 13, lane);
    }
  }

  /**
   * Determines the actual state after an error. Waits for an earlier transaction of the run that
   * may still commit, as it has locked the row. Then counts the retry, and returns the checkpoints
   * of all lanes.
   *
   * @throws FencedException when a newer run has taken over
   */
  public static List<LaneState> readAfterError(Connection connection, LaneState lane)
      throws SQLException {
    try (PreparedStatement update = connection.prepareStatement(COUNT_RETRY)) {
      fence(update, 1, lane);
    }
    return lanes(connection, lane.batch());
  }

  private static void fence(PreparedStatement update, int parameter, LaneState lane)
      throws SQLException {
    update.setLong(parameter, lane.batch());
    update.setInt(parameter + 1, lane.lane());
    update.setInt(parameter + 2, lane.epoch());
    if (update.executeUpdate() != 1) {
      throw new FencedException(lane.batch(), lane.epoch());
    }
  }

  private static @Nullable Long nullableLong(ResultSet row, String column) throws SQLException {
    long value = row.getLong(column);
    return row.wasNull() ? null : value;
  }

  private static void setNullable(PreparedStatement statement, int index, @Nullable Number value)
      throws SQLException {
    if (value == null) {
      statement.setNull(index, Types.BIGINT);
    } else {
      statement.setLong(index, value.longValue());
    }
  }
}
