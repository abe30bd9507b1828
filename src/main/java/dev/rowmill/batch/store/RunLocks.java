package dev.rowmill.batch.store;

import dev.rowmill.batch.FencedException;
import dev.rowmill.batch.LaneState;
import dev.rowmill.database.Rows;
import dev.rowmill.database.ServerError;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * Holds named locks of the server that identify the connection of a lane's run. Once another run
 * has taken over, that connection can be closed. Otherwise the row locks of a frozen or
 * disconnected process would last as long as its connection. The locks are no fence; the epochs
 * are. Stateless.
 *
 * <p>A server has only the locks of its own connections. If a run was connected to another server
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
    record Result(boolean held, boolean own) {}
    Result result =
        Rows.first(
                connection,
                HOLD,
                row -> new Result(row.getInt(1) == 1, row.getInt(2) == lane.epoch()),
                lane.batch(),
                lane.lane(),
                lane.batch(),
                lane.lane())
            .orElseThrow();
    if (!result.own) {
      if (result.held) {
        release(connection);
      }
      throw new FencedException(lane.batch(), lane.epoch());
    }
    if (!result.held) {
      closeHolder(connection, lane.batch(), lane.lane());
      Rows.number(
          connection,
          "SELECT GET_LOCK(" + NAME + ", " + PATIENCE_SECONDS + ")",
          lane.batch(),
          lane.lane());
    }
  }

  /** Releases all named locks of the connection. */
  public static void release(Connection connection) throws SQLException {
    Rows.number(connection, "SELECT RELEASE_ALL_LOCKS()");
  }

  /** Closes the connection that holds the lock of a lane, if any does. */
  static void closeHolder(Connection connection, long batch, int lane) throws SQLException {
    long holder = Rows.number(connection, "SELECT IS_USED_LOCK(" + NAME + ")", batch, lane);
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
}
