package dev.rowmill.batch.store;

import dev.rowmill.batch.StatusChange;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/**
 * Stores something together with the statuses that batches come to: both happen or neither. Every
 * CDI bean of this type is called, by every way to a status but a restart's.
 */
public interface ChangeRecorder {

  /**
   * Batches are brought to other statuses by the transaction that is open on the connection, and
   * which is not for this to commit. It may be made again where its commit was not answered, so
   * what is there already must do no harm.
   */
  void changed(Connection connection, List<StatusChange> changes) throws SQLException;
}
