package dev.rowmill.batch.store;

import java.sql.Connection;
import java.sql.SQLException;

/** Brings a lane that a run has lent to a thread, perhaps on another node. */
public interface LaneLauncher {

  /**
   * Launches a lane, in the transaction that is open on the connection, and which is not for this
   * to commit. Does no harm where it is done again.
   *
   * @param loan by which the lane can be taken
   */
  void launch(Connection connection, long batch, int lane, int loan) throws SQLException;
}
