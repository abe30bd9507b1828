package dev.rowmill.batch.store;

import dev.rowmill.database.ControlTransactions;
import dev.rowmill.database.Rows;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * Measures the size of the undo images of all batches. Reads it at most every five seconds, on
 * demand. Safe for many threads.
 */
@ApplicationScoped
public class UndoSpace {

  private static final Logger LOG = Logger.getLogger(UndoSpace.class);
  private static final long FRESH_NANOS = TimeUnit.SECONDS.toNanos(5);

  private final ControlTransactions transactions;
  private final UndoConfig config;

  private long used;
  private boolean known;
  private long readAt;

  UndoSpace(ControlTransactions transactions, UndoConfig config) {
    this.transactions = transactions;
    this.config = config;
  }

  /**
   * Returns the bytes of the undo images, at most some seconds old unless the database can't be
   * reached.
   */
  public synchronized long used() {
    long now = System.nanoTime();
    if (!known || now - readAt > FRESH_NANOS) {
      readAt = now;
      try {
        used = transactions.read(UndoSpace::sum);
        known = true;
      } catch (RuntimeException e) {
        LOG.debug("The size of the undo data can't be read", e);
      }
    }
    return used;
  }

  /** Returns the maximum bytes of the undo images. */
  public long most() {
    return config.maxBytes();
  }

  /** Returns whether no more undo images may be stored. */
  public boolean isFull() {
    return used() >= most();
  }

  private static long sum(Connection connection) throws SQLException {
    // Reads only the index, not the images.
    return Rows.number(
        connection,
        "SELECT COALESCE(SUM(image_bytes), 0) FROM chunk_record"
            + " FORCE INDEX (chunk_record_of_batch)");
  }
}
