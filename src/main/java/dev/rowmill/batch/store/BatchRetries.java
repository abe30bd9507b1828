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
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.SortedMap;

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

  private final BatchTransactions transactions;

  /** Retries one batch of several. */
  public interface Attempt {
    RetryResult run() throws SQLException;
  }

  /** Checks the result of each retry of several. */
  public interface Guard {

    /**
     * Runs a retry, and throws an exception if it has not stored it. All are rolled back then.
     *
     * @param batch id of the batch
     */
    void check(long batch, Attempt retry) throws SQLException;
  }

  BatchRetries(BatchTransactions transactions) {
    this.transactions = transactions;
  }

  /**
   * Queues a failed or cancelled batch again. One that was cancelled before its start time is
   * scheduled again. One that was cancelled before its approval, or before its conditions were met,
   * waits for them again. The step of a paused chain waits until the chain is resumed.
   *
   * <p>If undo data of the batch were deleted, it stores none from now on, and none counts as
   * available: an undo could restore later chunks only.
   *
   * @param spec specification of the batch from now on, whose project and statement are unchanged
   * @param beforeQueued called in the transaction before the batch is queued, and not when it waits
   *     or is scheduled; may throw an exception, and may be called again
   * @throws NoSuchElementException when there is no such batch
   * @throws dev.rowmill.task.Refusal {@code dependency-failed} when a condition can't be met,
   *     {@code skipped-not-retryable} or {@code not-undoable} because of the batch whose rows it
   *     retries or undoes, and what {@link NeededData#lock} throws
   */
  public RetryResult retry(long id, BatchSpec spec, Runnable beforeQueued) {
    Map<Long, Integer> epochs = new HashMap<>();
    while (true) {
      try {
        return transactions.run(
            transaction -> retry(transaction, id, spec, epochs, BatchStatus.QUEUED, beforeQueued));
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
   * @param guard checks each retry. It may throw what {@link #retry} throws.
   */
  public void retrySteps(SortedMap<Long, BatchSpec> steps, Guard guard) {
    Map<Long, Integer> epochs = new HashMap<>();
    transactions.run(
        transaction -> {
          for (Map.Entry<Long, BatchSpec> step : steps.entrySet()) {
            guard.check(
                step.getKey(),
                () ->
                    retry(
                        transaction,
                        step.getKey(),
                        step.getValue(),
                        epochs,
                        BatchStatus.WAITING,
                        () -> {}));
          }
          return steps.size();
        });
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
      BatchStatus free,
      Runnable beforeQueued)
      throws SQLException {
    Connection connection = transaction.connection();
    // Locks in the same order as pauses of chains and ends of predecessors do.
    boolean held = ChainStore.lockPausedOf(connection, id);
    UndoSources.lockChainOf(connection, id);
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
    String undone = Sources.undone(connection, batch);
    if (undone != null) {
      return new RetryResult.Undone(id, batch.status(), undone);
    }
    Sources.checkAgain(connection, batch);
    transaction.lockNeeded(batch.spec().work());
    String purged = Sources.purged(connection, id);
    boolean approval = batch.approval() != null && batch.approval().isAwaited();
    Safeguards safeguards =
        purged.isEmpty() ? spec.safeguards() : spec.safeguards().with(UndoPolicy.NO);
    int open = Conditions.reopen(connection, id, unmet, predecessors) + (held ? 1 : 0);
    BatchStatus to =
        isEarly(batch, transaction.now())
            ? BatchStatus.SCHEDULED
            : approval || open > 0 ? BatchStatus.WAITING : free;
    if (to == BatchStatus.QUEUED) {
      beforeQueued.run();
    }
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

  /** Returns whether a cancelled batch has yet to reach its start time. */
  private static boolean isEarly(BatchView batch, Instant now) {
    Instant startAt = batch.submission().startAt();
    // One that has failed was due by the clock of another node.
    return batch.status() == BatchStatus.CANCELLED && startAt != null && startAt.isAfter(now);
  }
}
