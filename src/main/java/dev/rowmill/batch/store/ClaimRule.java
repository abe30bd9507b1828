package dev.rowmill.batch.store;

import dev.rowmill.batch.BatchStatus;
import dev.rowmill.batch.Mode;
import java.sql.Connection;
import java.sql.SQLException;

/** Restricts whether a batch may run now. All CDI beans of this type must allow it. */
public interface ClaimRule {

  /**
   * Returns whether a batch may be claimed. The transaction on the connection has locked its row.
   *
   * @param status current status of the batch
   */
  boolean allows(Connection connection, long batch, Mode mode, BatchStatus status)
      throws SQLException;
}
