package dev.rowmill.batch.store;

import dev.rowmill.batch.FencedException;
import dev.rowmill.batch.LaneState;
import dev.rowmill.database.ServerError;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * Holds named locks of the server that identify the connection of a lane's run. Once another run
 * has taken over, that connection can be closed. Otherwise the row locks of a frozen or
 * disconnected process would last as long as its connection. The locks are no fence; the epochs
 * are. Stateless.
 *
 * <p>A server knows only the locks of its own connections. If a run was connected to another server
 * of a Galera cluster, its transaction holds no locks here and can't commit.
 */
public final class RunLocks {

  private static final String NAME =
      "CONCAT('rowmill.', LEFT(SHA2(DATABASE(), 256), 16), '.', ?, '.', ?)";

  private static final String HOLD =
      "SELECT GET_LOCK("
          + NAME
          + ", 0), (SELECT epoch FROM lane WHERE batch = ? AND lane = ?) AS epoch";

  /** Limits the wait for the server to roll back the transaction of a closed connection. */
  private static final int PATIENCE_SECONDS = 5;

  private RunLocks() {}

  /**
   * Takes the lock of a lane. If a connection left behind by an earlier run, or by this one, holds
   * it, that connection is closed.
   *
   * @throws FencedException when the lane belongs to a newer run; no lock is taken then
   */
  public static void hold(Connection connection, LaneState lane) throws SQLException {
    boolean held;
    boolean own;
    try (PreparedStatement select = connection.prepareStatement(HOLD)) {
      bind(select, 1, lane.batch(), lane.lane());
      bind(select, 3, lane.batch(), lane.lane());
      try (ResultSet row = select.executeQuery()) {
        row.next();
        held = row.getInt(1) == 1;
        own = row.getInt(2) == lane.epoch();
      }
    }
    if (!own) {
      if (held) {
        release(connection);
      }
      throw new FencedException(lane.batch(), lane.epoch());
    }
    if (!held) {
      closeHolder(connection, lane.batch(), lane.lane());
      try (PreparedStatement wait =
          connection.prepareStatement("SELECT GET_LOCK(" + NAME + ", " + PATIENCE_SECONDS + ")")) {
        bind(wait, 1, lane.batch(), lane.lane());
        wait.executeQuery().close();
      }
    }
  }

  /** Releases all named locks of the connection. */
  public static void release(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.executeQuery("SELECT RELEASE_ALL_LOCKS()").close();
    }
  }

  /** Closes the connection that holds the lock of a lane, if any does. */
  static void closeHolder(Connection connection, long batch, int lane) throws SQLException {
    long holder = 0;
    try (PreparedStatement select =
        connection.prepareStatement("SELECT IS_USED_LOCK(" + NAME + ")")) {
      bind(select, 1, batch, lane);
      try (ResultSet row = select.executeQuery()) {
        if (row.next()) {
          holder = row.getLong(1);
        }
      }
    }
    if (holder != 0) {
      try (Statement kill = connection.createStatement()) {
        kill.execute("KILL " + holder);
      } catch (SQLException e) {
        if (!ServerError.ER_NO_SUCH_THREAD.is(e)) {
          throw e;
        }
      }
    }
  }

  private static void bind(PreparedStatement statement, int first, long batch, int lane)
      throws SQLException {
    statement.setLong(first, batch);
    statement.setInt(first + 1, lane);
  }
}
