package dev.rowmill.batch.store;

import dev.rowmill.batch.Approval;
import dev.rowmill.batch.BatchSettings;
import dev.rowmill.batch.BatchStatus;
import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.ControlResult;
import dev.rowmill.batch.Directive;
import dev.rowmill.database.Rows;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Stores what callers request of a batch: another status, its approval, other settings. None of the
 * transactions holds a lock that a chunk waits for. Safe for many threads and nodes. Each method
 * may be repeated when the response to a commit is lost.
 *
 * <p>All methods throw a runtime exception with the SQL error among its causes when the database
 * can't be reached.
 */
@ApplicationScoped
public class BatchRequests {

  private final BatchTransactions transactions;

  /** Handles a request for a batch, which is locked. */
  private interface Request<T> {
    T handle(BatchTransaction transaction, BatchView batch) throws SQLException;
  }

  BatchRequests(BatchTransactions transactions) {
    this.transactions = transactions;
  }

  private <T> Optional<T> locked(long id, Request<T> request) {
    return transactions.run(
        transaction -> {
          Optional<BatchView> batch = BatchRows.lock(transaction.connection(), id);
          return batch.isEmpty()
              ? Optional.empty()
              : Optional.of(request.handle(transaction, batch.get()));
        });
  }

  /**
   * Requests a change to another status. For a running batch the request is only stored; the run
   * carries it out after the current chunk.
   *
   * @param to one of {@link BatchStatus#requestable()}
   * @param force whether a run must cancel the current statement
   * @return empty when there is no such batch
   */
  public Optional<ControlResult> request(long id, BatchStatus to, boolean force) {
    return locked(
        id,
        (transaction, batch) -> {
          if (transaction.isRepeated() && batch.status() == to) {
            return granted(transaction, batch);
          }
          BatchStatus pending = batch.wanted();
          if (batch.status() == BatchStatus.RUNNING && pending != null) {
            return replace(transaction, batch, pending, to, force);
          } else if (!batch.status().requestable().contains(to)) {
            return refused(batch.status(), to);
          } else if (batch.status() == BatchStatus.RUNNING) {
            return store(transaction, batch, to, force);
          }
          transaction.move(batch, to, ", hold = NULL");
          return granted(transaction, batch);
        });
  }

  /** Replaces a pending request: a pause can be withdrawn or become a cancel, a cancel is final. */
  private static ControlResult replace(
      BatchTransaction transaction,
      BatchView batch,
      BatchStatus pending,
      BatchStatus to,
      boolean force)
      throws SQLException {
    return pending == BatchStatus.CANCELLED && to != pending
        ? refused(pending, to)
        : store(transaction, batch, to == BatchStatus.QUEUED ? null : to, force);
  }

  private static ControlResult store(
      BatchTransaction transaction, BatchView batch, @Nullable BatchStatus wanted, boolean force)
      throws SQLException {
    Rows.update(
        transaction.connection(),
        "UPDATE batch SET wanted = ?, forced = ? AND (forced OR ?) WHERE id = ?",
        wanted,
        wanted != null,
        force,
        batch.id());
    transaction.publish(StatusRow.of(batch));
    return new ControlResult.Granted(current(transaction, batch), Optional.empty());
  }

  /**
   * Stores the approval of a batch. The batch is then queued, or waits in the queue of its project.
   *
   * @param by name of the approver; null where callers are not identified
   * @return empty when there is no such batch; refused when it awaits no approval
   */
  public Optional<ControlResult> approve(long id, @Nullable String by) {
    return locked(
        id,
        (transaction, batch) -> {
          if (batch.awaitsApproval()) {
            Rows.update(
                transaction.connection(),
                "UPDATE batch SET approved_by = ?, approved_at = ? WHERE id = ?",
                by,
                transaction.now(),
                id);
            transaction.publish(StatusRow.of(batch));
            return granted(transaction, batch);
          }
          Approval approval = batch.approval();
          return transaction.isRepeated() && approval != null && !approval.isAwaited()
              ? granted(transaction, batch)
              : refused(batch.status(), BatchStatus.QUEUED);
        });
  }

  /**
   * Changes settings of a batch that has not ended.
   *
   * @return the batch after the change, unchanged if it had ended; empty when there is no such
   *     batch
   */
  public Optional<BatchView> change(long id, UnaryOperator<BatchSettings> change) {
    return locked(
        id,
        (transaction, batch) -> {
          if (!batch.status().isFinal()) {
            BatchSettings changed = change.apply(batch.settings());
            Rows.update(
                transaction.connection(),
                "UPDATE batch SET chunk_rows = ?, target_millis = ?, lanes = ?, limits = ?"
                    + " WHERE id = ?",
                changed.chunkRows(),
                changed.targetMillis(),
                changed.lanes(),
                changed.limits().toJson(),
                id);
          }
          return current(transaction, batch);
        });
  }

  /**
   * Returns the current directives for the runs of batches; batches that no longer exist are
   * omitted.
   */
  public Map<Long, Directive> directives(Collection<Long> ids) {
    Map<Long, Directive> directives = new HashMap<>();
    if (!ids.isEmpty()) {
      transactions.read(
          connection ->
              Rows.query(
                  connection,
                  "SELECT id, wanted, forced, epoch, chunk_rows, target_millis, lanes, limits"
                      + " FROM batch WHERE id IN "
                      + Rows.list(ids.size()),
                  row ->
                      directives.put(
                          row.getLong("id"),
                          new Directive(
                              row.getInt("epoch"),
                              row.getString("wanted") != null,
                              row.getBoolean("forced"),
                              BatchRows.settings(row))),
                  ids));
    }
    return directives;
  }

  private static ControlResult granted(BatchTransaction transaction, BatchView batch)
      throws SQLException {
    return new ControlResult.Granted(
        current(transaction, batch), ProjectQueues.queueNext(transaction, batch.project()));
  }

  private static ControlResult refused(BatchStatus from, BatchStatus to) {
    return new ControlResult.Refused(from, to, from.requestable());
  }

  private static BatchView current(BatchTransaction transaction, BatchView batch)
      throws SQLException {
    return BatchRows.find(transaction.connection(), batch.id()).orElseThrow();
  }
}
