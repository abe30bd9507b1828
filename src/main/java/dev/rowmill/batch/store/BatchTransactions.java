package dev.rowmill.batch.store;

import dev.rowmill.batch.BatchView;
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
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import org.jboss.logging.Logger;

/**
 * Runs transactions that change batches. Calls every {@link ChangeRecorder} inside the transaction,
 * and every {@link StatusListener} after its commit. Launches the batches that the end of another
 * one frees. Safe for many threads.
 */
@ApplicationScoped
class BatchTransactions {

  private static final Logger LOG = Logger.getLogger(BatchTransactions.class);

  private final ControlTransactions transactions;
  private final Instance<StatusListener> listeners;
  private final Instance<ChangeRecorder> recorders;
  private final Instance<FreedLauncher> launchers;
  private final Instance<NeededData> needed;
  private final Clock clock;

  /** Changes batches. */
  interface Work<T> {
    T call(BatchTransaction transaction) throws SQLException;
  }

  private record Committed<T>(T result, List<StatusChange> changes, List<BatchView> queued) {}

  BatchTransactions(
      ControlTransactions transactions,
      @Any Instance<StatusListener> listeners,
      @Any Instance<ChangeRecorder> recorders,
      @Any Instance<FreedLauncher> launchers,
      @Any Instance<NeededData> needed,
      Clock clock) {
    this.transactions = transactions;
    this.listeners = listeners;
    this.recorders = recorders;
    this.launchers = launchers;
    this.needed = needed;
    this.clock = clock;
  }

  /** Runs queries outside of a transaction. */
  <T> T read(ControlTransactions.SqlWork<T> work) {
    return transactions.read(work);
  }

  /** Runs a transaction; repeats it after a lost connection or a deadlock. */
  <T> T run(Work<T> work) {
    Set<String> freed = new TreeSet<>();
    try {
      Committed<T> committed = commit(work, freed);
      publish(committed.changes);
      committed.queued.forEach(batch -> launchers.forEach(it -> it.launch(batch)));
      return committed.result;
    } catch (RuntimeException | Error e) {
      // The batches may be queued all the same.
      freed.forEach(project -> launchers.forEach(it -> it.revisit(project)));
      throw e;
    }
  }

  private <T> Committed<T> commit(Work<T> work, Set<String> freed) {
    var attempts = new AtomicInteger();
    return transactions.sql(
        connection -> {
          var transaction =
              new BatchTransaction(
                  connection,
                  clock.instant().truncatedTo(ChronoUnit.MILLIS),
                  freed,
                  needed,
                  attempts.getAndIncrement() > 0);
          T result = work.call(transaction);
          List<BatchView> queued = transaction.queueFreed();
          record(connection, transaction.changes());
          return new Committed<>(result, transaction.changes(), queued);
        });
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
