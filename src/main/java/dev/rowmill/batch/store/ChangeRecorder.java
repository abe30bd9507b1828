package dev.rowmill.batch.store;

import dev.rowmill.batch.StatusChange;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/**
 * Stores data in the same transaction as changes of batch statuses. Every CDI bean of this type is
 * called, for every change except those of a restart.
 */
public interface ChangeRecorder {

  /**
   * Records status changes in the transaction that is open on the connection, and must not commit
   * it. The transaction may be repeated where the response to its commit was lost, so existing data
   * must be tolerated.
   */
  void changed(Connection connection, List<StatusChange> changes) throws SQLException;
}
