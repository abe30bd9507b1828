package dev.rowmill.batch.store;

import dev.rowmill.batch.BatchView;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Records the starts of batches in the transactions that store them. Every CDI bean of this type is
 * called. If it fails although the database is available, the batches are stored without a record.
 */
public interface StartRecorder {

  /** Represents the record of one start. */
  interface Line {

    /** Marks the record as stored, together with the batch. */
    void isStored();
  }

  /** Represents a start whose batch is stored in the current transaction. */
  record Started(Line line, BatchView batch) {}

  /** Returns the record of the start that this thread's request makes; null if it makes none. */
  @Nullable Line begin();

  /**
   * Records starts in the transaction that is open on the connection, and must not commit it.
   *
   * @param starts at least one
   */
  void record(Connection connection, List<Started> starts) throws SQLException;
}
