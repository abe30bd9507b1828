package dev.rowmill.batch.store;

import dev.rowmill.batch.BatchSpec;
import dev.rowmill.batch.BatchStatus;
import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.Safeguards;
import dev.rowmill.batch.StoredJson;
import dev.rowmill.batch.UndoPolicy;
import dev.rowmill.database.DatabaseFailure;
import dev.rowmill.database.Rows;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
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
          + " lanes = ?, limits = ?, safeguards = ?, parameters = ?";

  /** Begins with the statuses, so its cost does not grow with the history of the project. */
  private static final String ACTIVE_UNDO =
      "SELECT 1 FROM batch FORCE INDEX (batch_by_project_status_and_mode) WHERE project = ?"
          + " AND status IN ('WAITING', 'QUEUED', 'RUNNING', 'PAUSED') AND undoes = ? LIMIT 1";

  private final BatchTransactions transactions;

  BatchRetries(BatchTransactions transactions) {
    this.transactions = transactions;
  }

  /**
   * Queues a failed or cancelled batch again. One that was cancelled before its approval waits for
   * it again.
   *
   * <p>If undo data of the batch were deleted, it stores none from now on, and none counts as
   * available: an undo could restore later chunks only.
   *
   * @param spec specification of the batch from now on, whose project and statement are unchanged
   * @throws NoSuchElementException when there is no such batch
   */
  public RetryResult retry(long id, BatchSpec spec) {
    var before = new AtomicInteger(-1);
    while (true) {
      try {
        return transactions.run(transaction -> retry(transaction, id, spec, before));
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

  private static Optional<BatchView> active(Connection connection, String project)
      throws SQLException {
    return BatchRows.withDetails(
            connection, BatchRows.select(connection, "WHERE active_project = ?", project))
        .stream()
        .findFirst();
  }

  /**
   * @param before epoch of the batch in the first attempt, or -1; set by it
   */
  private static RetryResult retry(
      BatchTransaction transaction, long id, BatchSpec spec, AtomicInteger before)
      throws SQLException {
    Connection connection = transaction.connection();
    BatchView batch = BatchRows.lock(connection, id).orElseThrow(NoSuchElementException::new);
    if (transaction.isRepeated() && before.get() >= 0 && batch.epoch() > before.get()) {
      return new RetryResult.Stored(BatchRows.find(connection, id).orElseThrow());
    }
    before.set(batch.epoch());
    if (batch.status() != BatchStatus.FAILED && batch.status() != BatchStatus.CANCELLED) {
      return new RetryResult.Refused(batch.status());
    }
    String purged = purged(connection, id);
    String undone = undone(connection, batch, purged);
    if (undone != null) {
      return new RetryResult.Undone(batch.status(), undone);
    }
    boolean approval = batch.approval() != null && batch.approval().isAwaited();
    Safeguards safeguards =
        purged.isEmpty() ? spec.safeguards() : spec.safeguards().with(UndoPolicy.NO);
    transaction.move(
        batch,
        approval ? BatchStatus.WAITING : BatchStatus.QUEUED,
        AGAIN,
        spec.settings().chunkRows(),
        spec.settings().targetMillis(),
        spec.settings().lanes(),
        spec.settings().limits().toJson(),
        StoredJson.write(safeguards),
        spec.work().parameters());
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
