package dev.rowmill.batch.store;

import dev.rowmill.batch.BatchStatus;
import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.Failure;
import dev.rowmill.database.DatabaseFailure;
import dev.rowmill.database.Rows;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Moves scheduled batches on when their start time is reached, and changes that time. Safe for many
 * threads and nodes. Each method may be repeated when the response to a commit is lost.
 *
 * <p>All methods throw a runtime exception with the SQL error among its causes when the database
 * can't be reached.
 */
@ApplicationScoped
public class ScheduledStarts {

  private static final int ATTEMPTS = 5;

  private final BatchTransactions transactions;

  ScheduledStarts(BatchTransactions transactions) {
    this.transactions = transactions;
  }

  /**
   * Reports what became of a scheduled batch.
   *
   * @param batch empty when there is no such batch
   * @param toLaunch the batch of the project that is queued now; empty for none
   */
  public record Due(Optional<BatchView> batch, Optional<BatchView> toLaunch) {}

  /**
   * Changes a batch that is due from scheduled to another status: queued if its project is free,
   * else waiting or cancelled, as its start requested. A batch that awaits its approval or other
   * batches waits for them. Does nothing for a batch that is no longer scheduled, or whose start
   * time is later.
   *
   * @param now present time
   */
  public Due start(long id, Instant now) {
    for (int attempt = 1; ; attempt++) {
      try {
        return transactions.run(transaction -> start(transaction, id, now));
      } catch (RuntimeException e) {
        // Another batch of the project has become active meanwhile.
        if (!DatabaseFailure.isDuplicateKey(e) || attempt == ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  private static Due start(BatchTransaction transaction, long id, Instant now) throws SQLException {
    Connection connection = transaction.connection();
    BatchView batch = BatchRows.lock(connection, id).orElse(null);
    if (batch == null) {
      return new Due(Optional.empty(), Optional.empty());
    }
    Instant at = batch.submission().startAt();
    if (batch.status() != BatchStatus.SCHEDULED || at == null || at.isAfter(now)) {
      // An earlier attempt may have queued it, without a response.
      return new Due(
          Optional.of(batch), Optional.of(batch).filter(it -> it.status() == BatchStatus.QUEUED));
    }
    ProjectQueues.lock(connection, List.of(batch.project()));
    if (batch.awaitsApproval() || batch.dependencies().open() > 0) {
      transaction.move(batch, BatchStatus.WAITING, "");
      return new Due(Optional.of(batch), Optional.empty());
    }
    Optional<Long> active =
        Rows.first(
            connection,
            "SELECT id FROM batch WHERE active_project = ?",
            row -> row.getLong(1),
            batch.project());
    if (active.isEmpty()) {
      transaction.move(batch, BatchStatus.QUEUED, "");
      return new Due(Optional.of(batch), Optional.of(batch.queued()));
    } else if (queues(connection, id)) {
      transaction.move(batch, BatchStatus.WAITING, "");
    } else {
      Failure busy = new Failure("project-busy", Map.of("batch", active.get()), List.of());
      transaction.move(batch, BatchStatus.CANCELLED, ", error = ?", busy.toJson());
    }
    return new Due(Optional.of(batch), Optional.empty());
  }

  private static boolean queues(Connection connection, long id) throws SQLException {
    return Rows.number(connection, "SELECT queues FROM batch WHERE id = ?", id) == 1;
  }

  /**
   * Changes the start time of a scheduled batch.
   *
   * @return the batch, unchanged unless it is scheduled; empty when there is no such batch
   */
  public Optional<BatchView> move(long id, Instant startAt) {
    return transactions.run(
        transaction -> {
          Connection connection = transaction.connection();
          BatchView batch = BatchRows.lock(connection, id).orElse(null);
          if (batch != null && batch.status() == BatchStatus.SCHEDULED) {
            Rows.update(connection, "UPDATE batch SET start_at = ? WHERE id = ?", startAt, id);
            transaction.publish(StatusRow.of(batch));
          }
          return batch == null ? Optional.empty() : BatchRows.find(connection, id);
        });
  }
}
