package dev.rowmill.batch.store;

import dev.rowmill.batch.BatchWork;
import java.sql.Connection;
import java.sql.SQLException;

/**
 * Locks data that batches need, so that they are not deleted while a batch is stored that needs
 * them. Every CDI bean of this type is called.
 */
public interface NeededData {

  /**
   * Locks what a batch needs, in the transaction that stores it or its retry, and must not commit
   * it.
   *
   * @throws dev.rowmill.task.Refusal if these data are gone; nothing is stored then
   */
  void lock(Connection connection, BatchWork work) throws SQLException;
}
