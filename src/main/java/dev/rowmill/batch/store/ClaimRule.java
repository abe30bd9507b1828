package dev.rowmill.batch.store;

import dev.rowmill.batch.BatchStatus;
import dev.rowmill.batch.Mode;
import java.sql.Connection;
import java.sql.SQLException;

/** Has a say in whether a batch may run now. Every CDI bean of this type is asked. */
public interface ClaimRule {

  /**
   * Whether a batch may be claimed, whose row is locked by the transaction on the connection.
   *
   * @param status that it has
   */
  boolean allows(Connection connection, long batch, Mode mode, BatchStatus status)
      throws SQLException;
}
