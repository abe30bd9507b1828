package dev.rowmill.batch.store;

import dev.rowmill.batch.BatchStatus;
import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.NewBatch;
import dev.rowmill.database.DatabaseFailure;
import dev.rowmill.database.Rows;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/**
 * Stores new batches. Concurrent starts share a transaction. Safe for many threads and nodes.
 *
 * <p>All methods throw a runtime exception with the SQL error among its causes when the database
 * can't be reached.
 */
@ApplicationScoped
public class BatchStarts {

  private final BatchTransactions transactions;
  private final GroupCommit<NewBatch, BatchView> starts;

  BatchStarts(BatchTransactions transactions) {
    this.transactions = transactions;
    starts =
        new GroupCommit<>(
            group -> insert(group, BatchStatus.QUEUED), BatchTransactions::isUnreachable);
  }

  /** Returns the result for a start key that is already used, or empty when it is free. */
  public Optional<StartResult> findByStartKey(String startKey, String requestHash) {
    return transactions.read(connection -> sameKey(connection, startKey, requestHash));
  }

  /**
   * Stores a batch, unless its start key is used or its project has an active batch. The unique
   * indexes of the database decide, so concurrent starts can't store a second one.
   *
   * <p>A batch that needs an approval is stored as waiting, even if its project has no active
   * batch.
   *
   * @param queue whether to wait in the project's queue rather than be rejected
   */
  public StartResult store(NewBatch start, boolean queue) {
    Optional<StartResult> result = Optional.empty();
    while (result.isEmpty()) {
      if (start.approval() != null) {
        result = tryStore(start, BatchStatus.WAITING);
      } else {
        result = tryStore(start, BatchStatus.QUEUED);
        if (queue && result.orElse(null) instanceof StartResult.Busy) {
          result = tryStore(start, BatchStatus.WAITING);
        }
      }
    }
    return result.get();
  }

  /**
   * Returns empty when an index rejected the batch and the conflicting batch had gone a moment
   * later.
   */
  private Optional<StartResult> tryStore(NewBatch start, BatchStatus status) {
    try {
      return Optional.of(
          new StartResult.Stored(
              status == BatchStatus.QUEUED ? starts.call(start) : storeWaiting(start)));
    } catch (RuntimeException e) {
      if (!DatabaseFailure.isDuplicateKey(e)) {
        throw e;
      }
    }
    return transactions.read(
        connection -> {
          Optional<StartResult> same = sameKey(connection, start.startKey(), start.requestHash());
          return same.isPresent() ? same : busy(connection, start.spec().project());
        });
  }

  private BatchView storeWaiting(NewBatch start) {
    BatchView stored = insert(List.of(start), BatchStatus.WAITING).get(0);
    // The row must be stored before its position in the queue can be read.
    return transactions.read(connection -> BatchRows.find(connection, stored.id())).orElse(stored);
  }

  private List<BatchView> insert(List<NewBatch> group, BatchStatus status) {
    return transactions.run(transaction -> BatchRows.insert(transaction, group, status));
  }

  private record Earlier(BatchView batch, boolean isSame) {}

  private static Optional<StartResult> sameKey(
      Connection connection, String startKey, String requestHash) throws SQLException {
    Earlier earlier =
        Rows.first(
                connection,
                "SELECT " + BatchRows.COLUMNS + " FROM batch WHERE start_key = ?",
                row ->
                    new Earlier(
                        BatchRows.view(row), row.getString("request_hash").equals(requestHash)),
                startKey)
            .orElse(null);
    if (earlier == null) {
      return Optional.empty();
    }
    BatchView batch = BatchRows.withDetails(connection, List.of(earlier.batch)).get(0);
    return Optional.of(
        earlier.isSame ? new StartResult.Repeated(batch) : new StartResult.KeyReused(batch));
  }

  private static Optional<StartResult> busy(Connection connection, String project)
      throws SQLException {
    List<BatchView> active = BatchRows.select(connection, "WHERE active_project = ?", project);
    return BatchRows.withDetails(connection, active).stream()
        .findFirst()
        .map(StartResult.Busy::new);
  }
}
