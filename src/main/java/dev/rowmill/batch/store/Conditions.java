package dev.rowmill.batch.store;

import dev.rowmill.batch.BatchStatus;
import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.Condition;
import dev.rowmill.batch.ExpectedEnd;
import dev.rowmill.batch.Failure;
import dev.rowmill.batch.NewBatch;
import dev.rowmill.batch.Predecessors;
import dev.rowmill.database.Rows;
import dev.rowmill.task.Refusal;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Evaluates the conditions of waiting batches, in the transaction that ends their predecessors. A
 * start that waits for others locks their rows, and counts itself there ({@code batch.dependents}).
 * So an end sees each start that has seen the batch before its end, and an end without dependents
 * costs no query. For one thread.
 */
final class Conditions {

  static final String DEPENDENCY_FAILED = "dependency-failed";

  private static final int COLUMNS = 5;

  private final BatchTransaction transaction;

  /** Holds the ends that are not evaluated yet, by the ids of the batches. */
  private final Map<Long, BatchStatus> ends = new TreeMap<>();

  private boolean evaluating;

  /** Represents a stored condition of a batch. */
  private record Stored(long batch, Condition condition) {

    static Stored of(ResultSet row) throws SQLException {
      return new Stored(
          row.getLong("batch"),
          new Condition(
              row.getLong("predecessor"),
              ExpectedEnd.valueOf(row.getString("expects")),
              row.getBoolean("implied"),
              row.getBoolean("met")));
    }
  }

  Conditions(BatchTransaction transaction) {
    this.transaction = transaction;
  }

  /**
   * Evaluates the conditions on batches that this transaction has ended. Batches whose conditions
   * are all met are free to run. Those with a condition that can't be met any more are cancelled,
   * and so are in turn those that wait for them.
   */
  void ended(Collection<StatusRow> batches, BatchStatus status) throws SQLException {
    batches.stream()
        .filter(StatusRow::hasDependents)
        .forEach(batch -> ends.put(batch.id(), status));
    if (evaluating) {
      return;
    }
    // A loop, because a chain may be longer than the stack is deep.
    evaluating = true;
    try {
      while (!ends.isEmpty()) {
        Map<Long, BatchStatus> next = new TreeMap<>(ends);
        ends.clear();
        evaluate(next);
      }
    } finally {
      evaluating = false;
    }
  }

  private void evaluate(Map<Long, BatchStatus> ended) throws SQLException {
    Map<Long, List<Condition>> open = new TreeMap<>();
    for (Stored stored :
        Rows.query(
            transaction.connection(),
            "SELECT batch, predecessor, expects, implied, met FROM batch_condition"
                + " WHERE NOT met AND predecessor IN "
                + Rows.list(ended.size())
                + " ORDER BY batch, predecessor, expects",
            Stored::of,
            ended.keySet())) {
      open.computeIfAbsent(stored.batch, batch -> new ArrayList<>()).add(stored.condition);
    }
    if (open.isEmpty()) {
      return;
    }
    Map<Condition, List<StatusRow>> met = new HashMap<>();
    Map<Long, List<StatusRow>> failed = new TreeMap<>();
    List<StatusRow> waiting =
        Rows.query(
            transaction.connection(),
            StatusRow.SELECT
                + " WHERE status IN ('WAITING', 'SCHEDULED') AND id IN "
                + Rows.list(open.size())
                + " ORDER BY id FOR UPDATE",
            StatusRow::of,
            open.keySet());
    for (StatusRow batch : waiting) {
      List<Condition> own = open.getOrDefault(batch.id(), List.of());
      Optional<Condition> impossible =
          own.stream().filter(it -> !it.on().isMetBy(end(ended, it.batch()))).findFirst();
      if (impossible.isPresent()) {
        failed.computeIfAbsent(impossible.get().batch(), id -> new ArrayList<>()).add(batch);
      } else {
        own.forEach(it -> met.computeIfAbsent(it, key -> new ArrayList<>()).add(batch));
      }
    }
    for (Map.Entry<Condition, List<StatusRow>> each : met.entrySet()) {
      meet(each.getKey(), each.getValue());
    }
    free(met.values());
    for (Map.Entry<Long, List<StatusRow>> each : failed.entrySet()) {
      Failure failure =
          new Failure(
              DEPENDENCY_FAILED, members(each.getKey(), end(ended, each.getKey())), List.of());
      transaction.move(each.getValue(), BatchStatus.CANCELLED, ", error = ?", failure.toJson());
    }
  }

  private static BatchStatus end(Map<Long, BatchStatus> ended, long batch) {
    BatchStatus status = ended.get(batch);
    if (status == null) {
      throw new IllegalStateException("a condition on batch " + batch + ", which has not ended");
    }
    return status;
  }

  private void meet(Condition condition, List<StatusRow> batches) throws SQLException {
    List<Long> ids = batches.stream().map(StatusRow::id).toList();
    Rows.update(
        transaction.connection(),
        "UPDATE batch_condition SET met = TRUE WHERE predecessor = ? AND expects = ? AND batch IN "
            + Rows.list(ids.size()),
        condition.batch(),
        condition.on(),
        ids);
    Rows.update(
        transaction.connection(),
        "UPDATE batch SET open_conditions = open_conditions - 1 WHERE id IN "
            + Rows.list(ids.size()),
        ids);
  }

  private void free(Collection<List<StatusRow>> met) throws SQLException {
    Map<Long, StatusRow> batches = new TreeMap<>();
    met.forEach(rows -> rows.forEach(batch -> batches.put(batch.id(), batch)));
    if (!batches.isEmpty()) {
      batches.values().forEach(transaction::publish);
      Rows.query(
              transaction.connection(),
              "SELECT DISTINCT project FROM batch WHERE open_conditions = 0 AND id IN "
                  + Rows.list(batches.size()),
              row -> row.getString(1),
              batches.keySet())
          .forEach(transaction::free);
    }
  }

  /**
   * Locks the predecessors of a start, and evaluates its conditions. They stay as they are until
   * the transaction ends.
   *
   * @return the start with its conditions; empty when the end of the queue has changed meanwhile
   * @throws Refusal {@code unknown-batch} or {@code dependency-failed}
   */
  static Optional<NewBatch> resolve(Connection connection, NewBatch start) throws SQLException {
    Predecessors named = start.predecessors();
    String project = start.spec().project();
    Optional<Long> last = named.lastOfQueue() ? lastOfQueue(connection, project) : Optional.empty();
    List<Condition> conditions = new ArrayList<>(named.conditions());
    last.map(Condition::following).ifPresent(conditions::add);
    Map<Long, BatchStatus> statuses = lock(connection, conditions);
    if (last.isPresent()) {
      BatchStatus status = statuses.get(last.get());
      // No batch joins the queue while its project is locked.
      ProjectQueues.lock(connection, List.of(project));
      if (status == null || status.isFinal() || !last.equals(lastOfQueue(connection, project))) {
        return Optional.empty();
      }
    }
    return Optional.of(start.with(named.with(evaluated(conditions, statuses))));
  }

  private static List<Condition> evaluated(
      List<Condition> conditions, Map<Long, BatchStatus> statuses) {
    List<Condition> evaluated = new ArrayList<>();
    for (Condition condition : conditions) {
      BatchStatus status = statuses.get(condition.batch());
      if (status == null) {
        throw new Refusal("unknown-batch", Map.of("batch", condition.batch()));
      } else if (status.isFinal() && !condition.on().isMetBy(status)) {
        throw new Refusal(DEPENDENCY_FAILED, members(condition.batch(), status));
      }
      evaluated.add(status.isFinal() ? condition.asMet() : condition);
    }
    return evaluated;
  }

  private static Map<String, Object> members(long batch, BatchStatus status) {
    return Map.of("batch", batch, "batchStatus", status.text());
  }

  /** Returns the newest batch in the queue of a project, or the active one if none waits. */
  private static Optional<Long> lastOfQueue(Connection connection, String project)
      throws SQLException {
    // One that follows another in the queue stands there, too, until its condition fails.
    return Rows.first(
        connection,
        "SELECT MAX(id) FROM batch FORCE INDEX (batch_by_project_status_and_mode)"
            + " WHERE project = ? AND status IN ('QUEUED', 'RUNNING', 'PAUSED', 'WAITING')"
            + " AND (approval_rows IS NULL OR approved_at IS NOT NULL) AND (open_conditions = 0"
            + " OR EXISTS (SELECT 1 FROM batch_condition c WHERE c.batch = batch.id"
            + " AND c.implied AND NOT c.met))",
        row -> row.getObject(1, Long.class),
        project);
  }

  /** Returns the conditions of an ended batch that were not met before its end. */
  static List<Condition> unmet(Connection connection, long batch) throws SQLException {
    return Rows.query(
            connection,
            "SELECT batch, predecessor, expects, implied, met FROM batch_condition"
                + " WHERE batch = ? AND NOT met ORDER BY predecessor, expects",
            Stored::of,
            batch)
        .stream()
        .map(Stored::condition)
        .toList();
  }

  /**
   * Evaluates unmet conditions of an ended batch that is retried. Conditions that were met before
   * its end stay met.
   *
   * @param statuses statuses of the predecessors, which are locked
   * @return number of conditions that are open
   * @throws Refusal {@code dependency-failed} when one can't be met
   */
  static int reopen(
      Connection connection, long batch, List<Condition> unmet, Map<Long, BatchStatus> statuses)
      throws SQLException {
    Set<Long> open = new TreeSet<>();
    int count = 0;
    for (Condition condition : evaluated(unmet, statuses)) {
      if (condition.met()) {
        Rows.update(
            connection,
            "UPDATE batch_condition SET met = TRUE"
                + " WHERE batch = ? AND predecessor = ? AND expects = ?",
            batch,
            condition.batch(),
            condition.on());
      } else {
        open.add(condition.batch());
        count++;
      }
    }
    countDependent(connection, open);
    return count;
  }

  /** Locks the predecessors of conditions, and returns their statuses. */
  static Map<Long, BatchStatus> lock(Connection connection, List<Condition> conditions)
      throws SQLException {
    Set<Long> ids = new TreeSet<>();
    conditions.forEach(condition -> ids.add(condition.batch()));
    Map<Long, BatchStatus> statuses = new HashMap<>();
    if (!ids.isEmpty()) {
      Rows.query(
          connection,
          "SELECT id, status FROM batch WHERE id IN "
              + Rows.list(ids.size())
              + " ORDER BY id FOR UPDATE",
          row -> statuses.put(row.getLong(1), BatchStatus.valueOf(row.getString(2))),
          ids);
    }
    return statuses;
  }

  /** Stores the conditions of a new batch, whose predecessors are locked. */
  static void insert(Connection connection, BatchView batch) throws SQLException {
    List<Condition> conditions = batch.dependencies().conditions();
    if (conditions.isEmpty()) {
      return;
    }
    List<Object> values = new ArrayList<>();
    Set<Long> open = new TreeSet<>();
    for (Condition condition : conditions) {
      values.addAll(
          List.of(
              batch.id(), condition.batch(), condition.on(), condition.implied(), condition.met()));
      if (!condition.met()) {
        open.add(condition.batch());
      }
    }
    Rows.update(
        connection,
        "INSERT INTO batch_condition (batch, predecessor, expects, implied, met) VALUES "
            + Rows.lists(conditions.size(), COLUMNS),
        values);
    countDependent(connection, open);
  }

  private static void countDependent(Connection connection, Set<Long> open) throws SQLException {
    if (!open.isEmpty()) {
      // Always a write, because Galera does not replicate the locks of reads.
      Rows.update(
          connection,
          "UPDATE batch SET dependents = dependents + 1 WHERE id IN " + Rows.list(open.size()),
          open);
    }
  }

  /** Completes batches with their conditions. Costs nothing when none has any. */
  static List<BatchView> read(Connection connection, List<BatchView> batches) throws SQLException {
    List<Long> ids =
        batches.stream()
            .filter(batch -> batch.dependencies().count() > 0)
            .map(BatchView::id)
            .toList();
    if (ids.isEmpty()) {
      return batches;
    }
    Map<Long, List<Condition>> conditions = new HashMap<>();
    Rows.query(
            connection,
            "SELECT batch, predecessor, expects, implied, met FROM batch_condition WHERE batch IN "
                + Rows.list(ids.size())
                + " ORDER BY batch, predecessor, expects",
            Stored::of,
            ids)
        .forEach(
            stored ->
                conditions
                    .computeIfAbsent(stored.batch, batch -> new ArrayList<>())
                    .add(stored.condition));
    return batches.stream()
        .map(batch -> batch.withConditions(conditions.getOrDefault(batch.id(), List.of())))
        .toList();
  }
}
