package dev.rowmill.batch.store;

import dev.rowmill.database.ControlTransactions;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * How much is kept for undoing batches, of all together: asked from time to time, whoever wants to
 * know. Safe for many threads.
 */
@ApplicationScoped
public class UndoSpace {

  private static final Logger LOG = Logger.getLogger(UndoSpace.class);
  private static final long FRESH_NANOS = TimeUnit.SECONDS.toNanos(5);

  private final ControlTransactions transactions;
  private final UndoConfig config;

  private long used;
  private boolean known;
  private long lookedAt;

  UndoSpace(ControlTransactions transactions, UndoConfig config) {
    this.transactions = transactions;
    this.config = config;
  }

  /** Bytes that are kept; as they were some seconds ago at most, unless the database is away. */
  public synchronized long used() {
    long now = System.nanoTime();
    if (!known || now - lookedAt > FRESH_NANOS) {
      lookedAt = now;
      try {
        used = transactions.read(UndoSpace::sum);
        known = true;
      } catch (RuntimeException e) {
        LOG.debug("The space of images can't be read", e);
      }
    }
    return used;
  }

  /** Bytes that may be kept. */
  public long most() {
    return config.maxBytes();
  }

  /** Whether no more should be kept. */
  public boolean isFull() {
    return used() >= most();
  }

  private static long sum(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row =
            // By the index alone, past the images themselves.
            statement.executeQuery(
                "SELECT COALESCE(SUM(image_bytes), 0) FROM chunk_record"
                    + " FORCE INDEX (chunk_record_of_batch)")) {
      row.next();
      return row.getLong(1);
    }
  }
}
