package dev.rowmill.batch;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import org.jspecify.annotations.Nullable;

/**
 * Reads and moves the checkpoints, on the connection and in the transaction of the chunk that they
 * belong to. Every write names the run's epoch and must hit one row (fencing token, see Kleppmann,
 * "How to do distributed locking", 2016). Stateless.
 */
public final class Checkpoints {

  private static final String SELECT =
      "SELECT epoch, extent_known, after_cursor, end_cursor, rows_total, rows_scanned,"
          + " rows_changed, chunks, retries FROM lane WHERE batch = ? AND lane = ?";

  private static final String MOVE =
      "UPDATE lane SET after_cursor = ?, rows_total = ?, rows_scanned = ?, rows_changed = ?,"
          + " chunks = ? WHERE batch = ? AND lane = ? AND epoch = ?";

  private static final String SET_EXTENT =
      "UPDATE lane SET extent_known = TRUE, end_cursor = ?, rows_total = ?"
          + " WHERE batch = ? AND lane = ? AND epoch = ?";

  private static final String COUNT_RETRY =
      "UPDATE lane SET retries = retries + 1 WHERE batch = ? AND lane = ? AND epoch = ?";

  private Checkpoints() {}

  /**
   * The checkpoint as it is stored.
   *
   * @throws FencedException when it belongs to another run
   */
  public static LaneState read(Connection connection, long batch, int lane, int epoch)
      throws SQLException {
    try (PreparedStatement select = connection.prepareStatement(SELECT)) {
      select.setLong(1, batch);
      select.setInt(2, lane);
      try (ResultSet row = select.executeQuery()) {
        if (!row.next() || row.getInt("epoch") != epoch) {
          throw new FencedException(batch, epoch);
        }
        return new LaneState(
            batch,
            lane,
            epoch,
            row.getBoolean("extent_known"),
            row.getString("after_cursor"),
            row.getString("end_cursor"),
            new Progress(
                nullableLong(row, "rows_total"),
                row.getLong("rows_scanned"),
                row.getLong("rows_changed"),
                row.getLong("chunks"),
                row.getLong("retries")));
      }
    }
  }

  /**
   * Stores how far the work goes.
   *
   * @throws FencedException when a newer run has taken over
   */
  public static void storeExtent(Connection connection, LaneState lane) throws SQLException {
    try (PreparedStatement update = connection.prepareStatement(SET_EXTENT)) {
      update.setString(1, lane.end());
      setNullableLong(update, 2, lane.progress().rowsTotal());
      fence(update, 3, lane);
    }
  }

  /**
   * Moves the checkpoint to where the lane has come.
   *
   * @throws FencedException when a newer run has taken over
   */
  public static void move(Connection connection, LaneState lane) throws SQLException {
    try (PreparedStatement update = connection.prepareStatement(MOVE)) {
      update.setString(1, lane.after());
      setNullableLong(update, 2, lane.progress().rowsTotal());
      update.setLong(3, lane.progress().rowsScanned());
      update.setLong(4, lane.progress().rowsChanged());
      update.setLong(5, lane.progress().chunks());
      fence(update, 6, lane);
    }
  }

  /**
   * Learns the truth after an error: waits for a transaction of the run that may still be on its
   * way to commit (it holds the row), counts the retry, and gives the checkpoint as it is.
   *
   * @throws FencedException when a newer run has taken over
   */
  public static LaneState readAfterError(Connection connection, LaneState lane)
      throws SQLException {
    try (PreparedStatement update = connection.prepareStatement(COUNT_RETRY)) {
      fence(update, 1, lane);
    }
    return read(connection, lane.batch(), lane.lane(), lane.epoch());
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

  private static void setNullableLong(PreparedStatement statement, int index, @Nullable Long value)
      throws SQLException {
    if (value == null) {
      statement.setNull(index, Types.BIGINT);
    } else {
      statement.setLong(index, value);
    }
  }
}
