package dev.rowmill.batch.store;

import dev.rowmill.batch.StatusChange;
import dev.rowmill.database.ControlTransactions;
import dev.rowmill.database.DatabaseFailure;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Instance;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jboss.logging.Logger;

/**
 * Runs transactions that change batches. Calls every {@link ChangeRecorder} inside the transaction,
 * and every {@link StatusListener} after its commit. Safe for many threads.
 */
@ApplicationScoped
class BatchTransactions {

  private static final Logger LOG = Logger.getLogger(BatchTransactions.class);

  private final ControlTransactions transactions;
  private final Instance<StatusListener> listeners;
  private final Instance<ChangeRecorder> recorders;
  private final Clock clock;

  /** Changes batches. */
  interface Work<T> {
    T call(BatchTransaction transaction) throws SQLException;
  }

  private record Committed<T>(T result, List<StatusChange> changes) {}

  BatchTransactions(
      ControlTransactions transactions,
      @Any Instance<StatusListener> listeners,
      @Any Instance<ChangeRecorder> recorders,
      Clock clock) {
    this.transactions = transactions;
    this.listeners = listeners;
    this.recorders = recorders;
    this.clock = clock;
  }

  /** Runs queries outside of a transaction. */
  <T> T read(ControlTransactions.SqlWork<T> work) {
    return transactions.read(work);
  }

  /** Runs a transaction; repeats it after a lost connection or a deadlock. */
  <T> T run(Work<T> work) {
    var attempts = new AtomicInteger();
    Committed<T> committed =
        transactions.sql(
            connection -> {
              var transaction =
                  new BatchTransaction(
                      connection,
                      clock.instant().truncatedTo(ChronoUnit.MILLIS),
                      attempts.getAndIncrement() > 0);
              T result = work.call(transaction);
              record(connection, transaction.changes());
              return new Committed<>(result, transaction.changes());
            });
    publish(committed.changes);
    return committed.result;
  }

  private void record(Connection connection, List<StatusChange> changes) throws SQLException {
    if (!changes.isEmpty()) {
      for (ChangeRecorder recorder : recorders) {
        recorder.changed(connection, changes);
      }
    }
  }

  private void publish(List<StatusChange> changes) {
    if (!changes.isEmpty()) {
      for (StatusListener listener : listeners) {
        try {
          listener.changed(changes);
        } catch (RuntimeException e) {
          LOG.warn("A listener failed; the committed changes remain", e);
        }
      }
    }
  }

  /** Returns whether an error means that the database can't be reached by any request. */
  static boolean isUnreachable(Throwable error) {
    return DatabaseFailure.isAny(
        error, DatabaseFailure.LOST_CONNECTION, DatabaseFailure.UNREACHABLE);
  }
}
