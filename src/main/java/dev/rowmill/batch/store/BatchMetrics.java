package dev.rowmill.batch.store;

import dev.rowmill.batch.BatchStatus;
import dev.rowmill.batch.StatusChange;
import dev.rowmill.database.ControlTransactions;
import dev.rowmill.database.Rows;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.Startup;
import jakarta.inject.Singleton;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * Publishes the number of batches in each status that is not final, as stored in the database. Also
 * counts the batches that end. The database is queried on demand, at most every ten seconds. The
 * index range of these statuses does not grow with the history. Safe for many threads.
 */
@Startup
@Singleton
class BatchMetrics implements StatusListener {

  private static final Logger LOG = Logger.getLogger(BatchMetrics.class);
  private static final long FRESH_NANOS = TimeUnit.SECONDS.toNanos(10);

  private static final List<BatchStatus> OPEN =
      Stream.of(BatchStatus.values()).filter(status -> !status.isFinal()).toList();

  private static final String COUNT =
      "SELECT COUNT(*) FROM batch FORCE INDEX (batch_by_status_and_mode) WHERE status = ?";

  private final ControlTransactions transactions;
  private final Map<BatchStatus, Counter> ended = new EnumMap<>(BatchStatus.class);

  /** Holds the counts of the last query; empty before it, and after a failed one. */
  private Map<BatchStatus, Long> counts = Map.of();

  private long readAt = System.nanoTime() - FRESH_NANOS;

  BatchMetrics(ControlTransactions transactions, UndoSpace space, MeterRegistry registry) {
    this.transactions = transactions;
    for (BatchStatus status : BatchStatus.values()) {
      if (status.isFinal()) {
        ended.put(
            status,
            Counter.builder("rowmill.batches.ended")
                .description("Batches that have ended")
                .tag("status", status.text())
                .register(registry));
      } else {
        Gauge.builder("rowmill.batches", this, it -> it.count(status))
            .description("Batches that have not ended")
            .tag("status", status.text())
            .register(registry);
      }
    }
    Gauge.builder("rowmill.undo.used", space, UndoSpace::used)
        .description("Size of the undo data")
        .baseUnit("bytes")
        .register(registry);
    Gauge.builder("rowmill.undo.max", space, UndoSpace::most)
        .description("Maximum size of the undo data")
        .baseUnit("bytes")
        .register(registry);
  }

  @Override
  public void changed(List<StatusChange> changes) {
    for (StatusChange change : changes) {
      Counter counter = ended.get(change.status());
      if (counter != null) {
        counter.increment();
      }
    }
  }

  /** Returns the number of batches in a status, or NaN while the database can't be queried. */
  private synchronized double count(BatchStatus status) {
    if (System.nanoTime() - readAt >= FRESH_NANOS) {
      readAt = System.nanoTime();
      try {
        counts = transactions.read(BatchMetrics::read);
      } catch (RuntimeException e) {
        LOG.debug("Batches can't be counted", e);
        counts = Map.of();
      }
    }
    Long count = counts.get(status);
    return count == null ? Double.NaN : count;
  }

  private static Map<BatchStatus, Long> read(Connection connection) throws SQLException {
    Map<BatchStatus, Long> counts = new EnumMap<>(BatchStatus.class);
    for (BatchStatus status : OPEN) {
      counts.put(status, Rows.number(connection, COUNT, status));
    }
    return counts;
  }
}
