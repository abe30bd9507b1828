package dev.rowmill.batch.store;

import java.sql.Connection;
import java.sql.SQLException;

/** Launches lanes that a run has leased, perhaps on another node. */
public interface LaneLauncher {

  /**
   * Launches a lane in the transaction that is open on the connection, and must not commit it. May
   * be called again for the same lane.
   *
   * @param lease epoch of the lease, by which the lane can be taken
   */
  void launch(Connection connection, long batch, int lane, int lease) throws SQLException;
}
