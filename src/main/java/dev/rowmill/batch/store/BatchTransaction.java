package dev.rowmill.batch.store;

import dev.rowmill.batch.BatchStatus;
import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.BatchWork;
import dev.rowmill.batch.SecretValues;
import dev.rowmill.batch.StatusChange;
import dev.rowmill.batch.Transition;
import dev.rowmill.database.DatabaseFailure;
import dev.rowmill.database.Rows;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Represents one attempt of a transaction that changes batches. Every status of a batch is written
 * here, while its row is locked, so the sequence numbers follow the order of the commits. Collects
 * the changes, which are published after the commit. For one thread.
 */
final class BatchTransaction {

  private static final AtomicLong ORDER = new AtomicLong();

  private final Connection connection;
  private final Instant now;
  private final boolean repeated;
  private final Set<String> freed;
  private final Iterable<NeededData> needed;
  private final List<StatusChange> changes = new ArrayList<>();
  private final Conditions conditions = new Conditions(this);

  /**
   * @param freed projects in which batches are free to run after this or an earlier attempt; this
   *     one adds to it
   * @param needed locks what batches need
   * @param repeated whether an earlier attempt may have been committed, without a response
   */
  BatchTransaction(
      Connection connection,
      Instant now,
      Set<String> freed,
      Iterable<NeededData> needed,
      boolean repeated) {
    this.connection = connection;
    this.now = now;
    this.freed = freed;
    this.needed = needed;
    this.repeated = repeated;
  }

  /** Returns the highest sequence number that any transaction of this process has used. */
  static long newest() {
    return ORDER.get();
  }

  Connection connection() {
    return connection;
  }

  Instant now() {
    return now;
  }

  boolean isRepeated() {
    return repeated;
  }

  List<StatusChange> changes() {
    return changes;
  }

  /**
   * Locks what a batch needs that is about to be stored or retried.
   *
   * @throws dev.rowmill.task.Refusal if it is gone
   */
  void lockNeeded(BatchWork work) throws SQLException {
    for (NeededData data : needed) {
      data.lock(connection, work);
    }
  }

  /** Adds a project in which a batch that waited for others is free to run. */
  void free(String project) {
    freed.add(project);
  }

  /** Excludes projects whose queues the work itself advances, and whose batches it launches. */
  void queueIsAdvanced(Collection<String> projects) {
    freed.removeAll(projects);
  }

  /**
   * Advances the queues of the projects in which batches are free to run.
   *
   * @return the batches of these projects that are queued now, to be launched
   */
  List<BatchView> queueFreed() throws SQLException {
    List<BatchView> queued = new ArrayList<>();
    for (String project : freed) {
      try {
        queued.addAll(ProjectQueues.advance(this, List.of(project)).values());
      } catch (SQLException e) {
        if (!DatabaseFailure.isDuplicateKey(e)) {
          throw e;
        }
        // Another batch became active in the project. Its end advances the queue.
      }
    }
    return queued;
  }

  /** Publishes the current status of a batch. */
  void publish(StatusRow batch) {
    add(batch, batch.status(), batch.epoch());
  }

  private void add(StatusRow batch, BatchStatus status, int epoch) {
    changes.add(
        new StatusChange(
            ORDER.incrementAndGet(), batch.id(), batch.project(), batch.mode(), epoch, status));
  }

  /** Changes the status of one batch. See the method for several. */
  boolean move(BatchView batch, BatchStatus to, String set, @Nullable Object... values)
      throws SQLException {
    return move(List.of(StatusRow.of(batch)), to, set, values);
  }

  /**
   * Changes the status of batches. A change to running begins a new run; any other ends a pending
   * request. An end deletes the secret values, and frees or cancels the batches that wait for it. A
   * change of an ended batch raises its epoch, so each end of a batch has an epoch of its own.
   *
   * @param set further assignments, each after a comma
   * @param values values of their parameters
   * @return false when a batch that was read without a lock has another status by now
   * @throws IllegalStateException when {@link Transition#TABLE} lacks the change
   */
  boolean move(
      Collection<StatusRow> batches, BatchStatus to, String set, @Nullable Object... values)
      throws SQLException {
    return move(batches, to, "", set, values);
  }

  /**
   * Changes the status of new batches to running, as {@link #move(Collection, BatchStatus, String,
   * Object...)} does.
   *
   * @return false when a batch has been claimed before, or a request for it is pending
   */
  boolean runFirst(Collection<StatusRow> batches, String set, @Nullable Object... values)
      throws SQLException {
    return move(batches, BatchStatus.RUNNING, " AND epoch = 0 AND wanted IS NULL", set, values);
  }

  private boolean move(
      Collection<StatusRow> batches,
      BatchStatus to,
      String only,
      String set,
      @Nullable Object... values)
      throws SQLException {
    batches.forEach(batch -> Transition.check(batch.status(), to));
    List<Long> ids = batches.stream().map(StatusRow::id).toList();
    var from = batches.stream().map(StatusRow::status).collect(Collectors.toSet());
    boolean run = to == BatchStatus.RUNNING;
    boolean again = from.stream().anyMatch(BatchStatus::isFinal);
    int moved =
        Rows.update(
            connection,
            "UPDATE batch SET status = ?"
                + (run || again ? ", epoch = epoch + 1" : "")
                + (run ? "" : ", wanted = NULL, forced = FALSE")
                + (to.isFinal() ? ", finished_at = ?, open_conditions = 0" : "")
                + set
                + " WHERE id IN "
                + Rows.list(ids.size())
                + " AND status IN "
                + Rows.list(from.size())
                + only,
            to,
            to.isFinal() ? now : List.of(),
            Arrays.asList(values),
            ids,
            from);
    if (moved < ids.size()) {
      return false;
    }
    batches.forEach(batch -> add(batch, to, batch.epoch() + (run || again ? 1 : 0)));
    if (to.isFinal()) {
      forgetSecrets(batches.stream().filter(StatusRow::hasSecrets).map(StatusRow::id).toList());
      conditions.ended(batches, to);
    }
    return true;
  }

  private void forgetSecrets(List<Long> ids) throws SQLException {
    for (BatchView batch : BatchRows.withIds(connection, ids)) {
      Rows.update(
          connection,
          "UPDATE batch SET parameters = ? WHERE id = ?",
          SecretValues.masked(batch.spec().work().parameters(), batch.submission().secrets()),
          batch.id());
    }
  }
}
