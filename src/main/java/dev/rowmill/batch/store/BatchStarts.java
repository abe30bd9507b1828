package dev.rowmill.batch.store;

import dev.rowmill.batch.BatchStatus;
import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.NewBatch;
import dev.rowmill.batch.store.StartRecorder.Line;
import dev.rowmill.database.DatabaseFailure;
import dev.rowmill.database.Rows;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Instance;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * Stores new batches. Concurrent starts share a transaction, except those that wait for the locks
 * of other batches. Safe for many threads and nodes.
 *
 * <p>All methods throw a runtime exception with the SQL error among its causes when the database
 * can't be reached.
 */
@ApplicationScoped
public class BatchStarts {

  private static final Logger LOG = Logger.getLogger(BatchStarts.class);

  private final BatchTransactions transactions;
  private final Instance<StartRecorder> recorders;
  private final GroupCommit<Start, BatchView> starts;

  /**
   * Represents a start to be stored.
   *
   * @param lines its records, by the recorder that stores them
   */
  private record Start(NewBatch batch, Map<StartRecorder, Line> lines) {}

  /** Reports that a recorder has failed, although the batches could be stored. */
  static final class NotRecordedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    NotRecordedException(Exception cause) {
      super(cause);
    }
  }

  BatchStarts(BatchTransactions transactions, @Any Instance<StartRecorder> recorders) {
    this.transactions = transactions;
    this.recorders = recorders;
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
   * batch. So is one with predecessors that have not ended. A batch with a start time is stored as
   * scheduled.
   *
   * @param queue whether to wait in the project's queue rather than be rejected
   * @throws dev.rowmill.task.Refusal {@code unknown-batch} or {@code dependency-failed} because of
   *     a predecessor, {@code skipped-not-retryable} or {@code not-undoable} because of the batch
   *     whose rows it retries or undoes; nothing is stored
   */
  public StartResult store(NewBatch batch, boolean queue) {
    Start start = new Start(batch, lines());
    try {
      return store(start, queue);
    } catch (NotRecordedException e) {
      if (BatchTransactions.isUnreachable(e)) {
        throw e;
      }
      LOG.error("A start is stored without its record, which follows", e);
      return store(new Start(batch, Map.of()), queue);
    }
  }

  private Map<StartRecorder, Line> lines() {
    Map<StartRecorder, Line> lines = new LinkedHashMap<>();
    for (StartRecorder recorder : recorders) {
      Line line = recorder.begin();
      if (line != null) {
        lines.put(recorder, line);
      }
    }
    return lines;
  }

  private StartResult store(Start start, boolean queue) {
    Optional<StartResult> result = Optional.empty();
    while (result.isEmpty()) {
      if (start.batch.spec().submission().startAt() != null) {
        result = tryStore(start, BatchStatus.SCHEDULED);
      } else if (start.batch.awaitsApproval()) {
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
   * later, or when the end of the queue that it follows has changed.
   */
  private Optional<StartResult> tryStore(Start start, BatchStatus status) {
    try {
      Optional<BatchView> stored =
          start.batch.predecessors().isNone()
              ? Optional.of(
                  status == BatchStatus.QUEUED && !start.batch.spec().work().hasSource()
                      ? starts.call(start)
                      : storeAlone(start, status))
              : storeDependent(start, status);
      if (stored.isPresent()) {
        start.lines.values().forEach(Line::isStored);
      }
      return stored.map(StartResult.Stored::new);
    } catch (RuntimeException e) {
      if (e instanceof NotRecordedException || !DatabaseFailure.isDuplicateKey(e)) {
        throw e;
      }
    }
    return transactions.read(
        connection -> {
          Optional<StartResult> same =
              sameKey(connection, start.batch.startKey(), start.batch.requestHash());
          return same.isPresent() ? same : busy(connection, start.batch.spec().project());
        });
  }

  private BatchView storeAlone(Start start, BatchStatus status) {
    // The row must be stored before its position in the queue can be read.
    return found(insert(List.of(start), status).get(0));
  }

  private List<BatchView> insert(List<Start> group, BatchStatus status) {
    return transactions.run(transaction -> insert(transaction, group, status));
  }

  private static List<BatchView> insert(
      BatchTransaction transaction, List<Start> group, BatchStatus status) throws SQLException {
    Connection connection = transaction.connection();
    for (Start start : group) {
      Sources.check(connection, start.batch.spec().work());
    }
    List<BatchView> stored =
        BatchRows.insert(transaction, group.stream().map(Start::batch).toList(), status);
    record(connection, group, stored);
    return stored;
  }

  /**
   * Stores a batch with predecessors: as waiting if one has not ended, unless it is scheduled.
   *
   * @param otherwise its status if all conditions are met
   * @return empty when the end of the queue that it follows has changed
   */
  private Optional<BatchView> storeDependent(Start start, BatchStatus otherwise) {
    Optional<BatchView> stored =
        transactions.run(
            transaction -> {
              Connection connection = transaction.connection();
              NewBatch resolved = Conditions.resolve(connection, start.batch).orElse(null);
              if (resolved == null) {
                return Optional.empty();
              }
              boolean waits = resolved.predecessors().open() > 0;
              BatchView batch =
                  insert(
                          transaction,
                          List.of(new Start(resolved, start.lines)),
                          waits && otherwise != BatchStatus.SCHEDULED
                              ? BatchStatus.WAITING
                              : otherwise)
                      .get(0);
              Conditions.insert(connection, batch);
              return Optional.of(batch);
            });
    return stored.map(batch -> batch.awaitsOthers() ? batch : found(batch));
  }

  private BatchView found(BatchView stored) {
    return transactions.read(connection -> BatchRows.find(connection, stored.id())).orElse(stored);
  }

  private static void record(Connection connection, List<Start> group, List<BatchView> stored) {
    Map<StartRecorder, List<StartRecorder.Started>> started = new LinkedHashMap<>();
    for (int i = 0; i < group.size(); i++) {
      BatchView batch = stored.get(i);
      group
          .get(i)
          .lines
          .forEach(
              (recorder, line) ->
                  started
                      .computeIfAbsent(recorder, it -> new ArrayList<>())
                      .add(new StartRecorder.Started(line, batch)));
    }
    started.forEach(
        (recorder, starts) -> {
          try {
            recorder.record(connection, starts);
          } catch (SQLException | RuntimeException e) {
            throw new NotRecordedException(e);
          }
        });
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
