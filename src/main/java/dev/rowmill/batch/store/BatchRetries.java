package dev.rowmill.batch.store;

import dev.rowmill.batch.BatchSpec;
import dev.rowmill.batch.BatchStatus;
import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.Condition;
import dev.rowmill.batch.Safeguards;
import dev.rowmill.batch.StoredJson;
import dev.rowmill.batch.UndoPolicy;
import dev.rowmill.database.DatabaseFailure;
import dev.rowmill.database.Rows;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * Stores retries: ended batches that are queued again. Each raises the epoch of its batch, and so
 * does each claim, so that each end of a batch has an epoch of its own. Safe for many threads and
 * nodes. May be repeated when the response to a commit is lost.
 */
@ApplicationScoped
public class BatchRetries {

  /** Lists the columns that a retry resets or changes. */
  private static final String AGAIN =
      ", finished_at = NULL, error = NULL, hold = NULL, chunk_rows = ?, target_millis = ?,"
          + " lanes = ?, limits = ?, safeguards = ?, parameters = ?, open_conditions = ?";

  /** Begins with the statuses, so its cost does not grow with the history of the project. */
  private static final String ACTIVE_UNDO =
      "SELECT 1 FROM batch FORCE INDEX (batch_by_project_status_and_mode) WHERE project = ?"
          + " AND status IN ('WAITING', 'QUEUED', 'RUNNING', 'PAUSED') AND undoes = ? LIMIT 1";

  private final BatchTransactions transactions;

  /** Rolls the retries of a chain's steps back. */
  private static final class NotStoredException extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final transient RetryResult result;

    NotStoredException(RetryResult result) {
      super(null, null, false, false);
      this.result = result;
    }
  }

  BatchRetries(BatchTransactions transactions) {
    this.transactions = transactions;
  }

  /**
   * Queues a failed or cancelled batch again. One that was cancelled before its approval, or before
   * its conditions were met, waits for them again. The step of a paused chain waits until the chain
   * is resumed.
   *
   * <p>If undo data of the batch were deleted, it stores none from now on, and none counts as
   * available: an undo could restore later chunks only.
   *
   * @param spec specification of the batch from now on, whose project and statement are unchanged
   * @throws NoSuchElementException when there is no such batch
   * @throws dev.rowmill.task.Refusal {@code dependency-failed} when a condition can't be met,
   *     {@code skipped-not-retryable} when the source of its skipped rows was undone
   */
  public RetryResult retry(long id, BatchSpec spec) {
    Map<Long, Integer> epochs = new HashMap<>();
    while (true) {
      try {
        return transactions.run(
            transaction -> retry(transaction, id, spec, epochs, BatchStatus.QUEUED));
      } catch (RuntimeException e) {
        if (!DatabaseFailure.isDuplicateKey(e)) {
          throw e;
        }
      }
      Optional<BatchView> active =
          transactions.read(connection -> active(connection, spec.project()));
      if (active.isPresent()) {
        return new RetryResult.Busy(active.get());
      }
    }
  }

  /**
   * Retries steps of a chain in one transaction, or none of them. They wait for each other as
   * before, and in the queues of their projects.
   *
   * @param steps specifications by the ids of the batches
   * @return the result for the last step, or for the first one that can't be retried
   * @throws dev.rowmill.task.Refusal {@code dependency-failed} when a condition can't be met
   */
  public RetryResult retrySteps(SortedMap<Long, BatchSpec> steps) {
    Map<Long, Integer> epochs = new HashMap<>();
    try {
      return transactions.run(
          transaction -> {
            RetryResult last = null;
            for (Map.Entry<Long, BatchSpec> step : steps.entrySet()) {
              last =
                  retry(transaction, step.getKey(), step.getValue(), epochs, BatchStatus.WAITING);
              if (!(last instanceof RetryResult.Stored)) {
                throw new NotStoredException(last);
              }
            }
            return Objects.requireNonNull(last);
          });
    } catch (NotStoredException e) {
      return e.result;
    }
  }

  private static Optional<BatchView> active(Connection connection, String project)
      throws SQLException {
    return BatchRows.withDetails(
            connection, BatchRows.select(connection, "WHERE active_project = ?", project))
        .stream()
        .findFirst();
  }

  /**
   * @param epochs epochs of the batches in the first attempt, by their ids; set by it
   * @param free status of a batch that needs to wait neither for an approval nor for others
   */
  private static RetryResult retry(
      BatchTransaction transaction,
      long id,
      BatchSpec spec,
      Map<Long, Integer> epochs,
      BatchStatus free)
      throws SQLException {
    Connection connection = transaction.connection();
    // Locks in the same order as pauses of chains and ends of predecessors do.
    boolean held = ChainStore.lockPausedOf(connection, id);
    List<Condition> unmet = Conditions.unmet(connection, id);
    Map<Long, BatchStatus> predecessors = Conditions.lock(connection, unmet);
    BatchView batch = BatchRows.lock(connection, id).orElseThrow(NoSuchElementException::new);
    if (transaction.isRepeated() && batch.epoch() > epochs.getOrDefault(id, batch.epoch())) {
      return new RetryResult.Stored(BatchRows.find(connection, id).orElseThrow());
    }
    epochs.put(id, batch.epoch());
    if (batch.status() != BatchStatus.FAILED && batch.status() != BatchStatus.CANCELLED) {
      return new RetryResult.Refused(batch.status());
    }
    String purged = purged(connection, id);
    String undone = undone(connection, batch, purged);
    if (undone != null) {
      return new RetryResult.Undone(id, batch.status(), undone);
    }
    SkippedSources.checkRetry(connection, spec);
    boolean approval = batch.approval() != null && batch.approval().isAwaited();
    Safeguards safeguards =
        purged.isEmpty() ? spec.safeguards() : spec.safeguards().with(UndoPolicy.NO);
    int open = Conditions.reopen(connection, id, unmet, predecessors) + (held ? 1 : 0);
    BatchStatus to = approval || open > 0 ? BatchStatus.WAITING : free;
    transaction.move(
        batch,
        to,
        AGAIN,
        spec.settings().chunkRows(),
        spec.settings().targetMillis(),
        spec.settings().lanes(),
        spec.settings().limits().toJson(),
        StoredJson.write(safeguards),
        spec.work().parameters(),
        open);
    if (to == BatchStatus.WAITING && open == 0) {
      transaction.free(batch.project());
    }
    if (!purged.isEmpty()) {
      Rows.update(connection, "UPDATE lane SET undo_rows = 0, undo_bytes = 0 WHERE batch = ?", id);
    }
    return new RetryResult.Stored(BatchRows.find(connection, id).orElseThrow());
  }

  private static String purged(Connection connection, long id) throws SQLException {
    return Rows.first(
            connection,
            "SELECT COALESCE(undo_purged, '') FROM batch WHERE id = ?",
            row -> row.getString(1),
            id)
        .orElseThrow();
  }

  /** Returns why a locked batch counts as undone; null where none of its rows was restored. */
  static @Nullable String undone(Connection connection, BatchView batch) throws SQLException {
    return undone(connection, batch, purged(connection, batch.id()));
  }

  private static @Nullable String undone(Connection connection, BatchView batch, String purged)
      throws SQLException {
    if (batch.undoneBy() != null) {
      return "undone";
    } else if (found(connection, ACTIVE_UNDO, batch.project(), batch.id())) {
      return "undo-active";
    }
    // An undo that ends after the first query holds the project until then, and so this retry off.
    return purged.equals("UNDONE")
            || found(
                connection,
                "SELECT 1 FROM chunk_record WHERE batch = ? AND undone_rows > 0 LIMIT 1",
                batch.id())
        ? "undone-in-part"
        : null;
  }

  private static boolean found(Connection connection, String sql, Object... values)
      throws SQLException {
    return Rows.first(connection, sql, row -> true, values).isPresent();
  }
}
