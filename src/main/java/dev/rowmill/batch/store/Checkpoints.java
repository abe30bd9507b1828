package dev.rowmill.batch.store;

import dev.rowmill.batch.FencedException;
import dev.rowmill.batch.LaneState;
import dev.rowmill.batch.Progress;
import dev.rowmill.batch.UndoUsage;
import dev.rowmill.database.Rows;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLIntegrityConstraintViolationException;
import java.sql.SQLTransactionRollbackException;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Reads and moves the checkpoints, on the connection and in the transaction of their chunk. Every
 * write names the lane's epoch and must match one row (fencing token, see Kleppmann, "How to do
 * distributed locking", 2016). Stateless.
 */
public final class Checkpoints {

  private static final String PROGRESS =
      "rows_total, rows_scanned, rows_changed, rows_ignored, rows_skipped, chunks, retries,"
          + " undo_rows, undo_bytes, chunk_rows, limit_reached";

  /** Lists the columns of a checkpoint. */
  static final String COLUMNS =
      "batch, lane, epoch, extent_known, begin_cursor, after_cursor, end_cursor, " + PROGRESS;

  private static final String MOVE =
      "UPDATE lane SET extent_known = ?, end_cursor = ?, after_cursor = ?, rows_total = ?,"
          + " rows_scanned = ?, rows_changed = ?, chunks = ?, undo_rows = ?,"
          + " undo_bytes = ?, chunk_rows = ?, rows_ignored = ?, rows_skipped = ?,"
          + " limit_reached = ? WHERE batch = ? AND lane = ? AND epoch = ?"
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
      "UPDATE lane SET epoch = epoch + 1, lease = NULL, share_wanted = NULL, failure = NULL"
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
    return Rows.update(connection, TAKE_OVER, batch);
  }

  private static void addFirst(Connection connection, Map<Long, Integer> epochs)
      throws SQLException {
    String row = "(?, " + FIRST_LANE + ", ?, FALSE, 0, 0, 0, 0)";
    Rows.update(
        connection,
        FIRST + String.join(", ", Collections.nCopies(epochs.size(), row)),
        epochs.entrySet().stream()
            .flatMap(run -> Stream.<Number>of(run.getKey(), run.getValue()))
            .toList());
  }

  /** Returns the total progress of all lanes of batches by id, without their long cursors. */
  static Map<Long, Progress> progress(Connection connection, Collection<Long> batches)
      throws SQLException {
    Map<Long, Progress> progress = new HashMap<>();
    Rows.query(
        connection,
        "SELECT batch, " + PROGRESS + " FROM lane WHERE batch IN " + Rows.list(batches.size()),
        row -> progress.merge(row.getLong("batch"), progress(row), Progress::plus),
        batches);
    return progress;
  }

  /** Returns the lanes of a batch by number, whichever run wrote them. */
  static List<LaneState> lanes(Connection connection, long batch) throws SQLException {
    return Rows.query(
        connection,
        "SELECT " + COLUMNS + " FROM lane WHERE batch = ? ORDER BY lane",
        Checkpoints::lane,
        batch);
  }

  static LaneState lane(ResultSet row) throws SQLException {
    return new LaneState(
        row.getLong("batch"),
        row.getInt("lane"),
        row.getInt("epoch"),
        row.getBoolean("extent_known"),
        row.getString("begin_cursor"),
        row.getString("after_cursor"),
        row.getString("end_cursor"),
        progress(row));
  }

  private static Progress progress(ResultSet row) throws SQLException {
    return new Progress(
        row.getObject("rows_total", Long.class),
        row.getLong("rows_scanned"),
        row.getLong("rows_changed"),
        row.getObject("rows_ignored", Long.class),
        row.getLong("rows_skipped"),
        row.getLong("chunks"),
        row.getLong("retries"),
        new UndoUsage(row.getLong("undo_rows"), row.getLong("undo_bytes")),
        row.getObject("chunk_rows", Integer.class),
        row.getBoolean("limit_reached"));
  }

  /**
   * Stores the end of a lane's range.
   *
   * @throws FencedException when a newer run has taken over
   */
  public static void storeRange(Connection connection, LaneState lane) throws SQLException {
    fenced(
        connection,
        lane,
        SET_RANGE,
        lane.end(),
        lane.progress().rowsTotal(),
        lane.progress().chunkRows(),
        lane.progress().limitReached(),
        lane.batch(),
        lane.lane(),
        lane.epoch());
  }

  /**
   * Returns the number for one more lane. It is reserved until the end of the transaction.
   *
   * @param lane any lane of the batch
   */
  public static int nextNumber(Connection connection, LaneState lane) throws SQLException {
    return 1
        + (int)
            Rows.number(
                connection,
                "SELECT lane FROM lane WHERE batch = ? ORDER BY lane DESC LIMIT 1 FOR UPDATE",
                lane.batch());
  }

  /**
   * Stores a new lane. Its fence is the lane whose range was split, as that lane's new range is
   * stored in the same transaction.
   */
  public static void add(Connection connection, LaneState lane) throws SQLException {
    try {
      Rows.update(
          connection,
          ADD,
          lane.batch(),
          lane.lane(),
          lane.epoch(),
          lane.begin(),
          lane.after(),
          lane.end(),
          lane.progress().rowsTotal(),
          lane.progress().chunkRows());
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
    Progress progress = lane.progress();
    fenced(
        connection,
        lane,
        MOVE,
        lane.extentKnown(),
        lane.end(),
        lane.after(),
        progress.rowsTotal(),
        progress.rowsScanned(),
        progress.rowsChanged(),
        progress.chunks(),
        progress.undo().rows(),
        progress.undo().bytes(),
        progress.chunkRows(),
        progress.rowsIgnored(),
        progress.rowsSkipped(),
        progress.limitReached(),
        lane.batch(),
        lane.lane(),
        lane.epoch(),
        progress.chunks() - 1,
        lane.end());
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
    fenced(connection, lane, COUNT_RETRY, lane.batch(), lane.lane(), lane.epoch());
    return lanes(connection, lane.batch());
  }

  /**
   * Returns the progress of the other lanes of a batch.
   *
   * @param locked whether to lock the checkpoints of all lanes until the end of the transaction, so
   *     that the result stays true. The caller has locked none of them yet
   */
  public static List<Progress> others(Connection connection, LaneState lane, boolean locked)
      throws SQLException {
    return Rows.query(
            connection,
            "SELECT lane, "
                + PROGRESS
                + " FROM lane WHERE batch = ? ORDER BY lane"
                + (locked ? " FOR UPDATE" : ""),
            row -> Map.entry(row.getInt("lane"), progress(row)),
            lane.batch())
        .stream()
        .filter(each -> each.getKey() != lane.lane())
        .map(Map.Entry::getValue)
        .toList();
  }

  private static void fenced(
      Connection connection, LaneState lane, String sql, @Nullable Object... values)
      throws SQLException {
    if (Rows.update(connection, sql, values) != 1) {
      throw new FencedException(lane.batch(), lane.epoch());
    }
  }
}
