package dev.rowmill.batch.store;

import dev.rowmill.batch.BatchStatus;
import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.ChainStep;
import dev.rowmill.batch.ChainView;
import dev.rowmill.batch.Condition;
import dev.rowmill.batch.ExpectedEnd;
import dev.rowmill.batch.NewBatch;
import dev.rowmill.batch.NewChain;
import dev.rowmill.batch.Page;
import dev.rowmill.batch.Predecessors;
import dev.rowmill.batch.ProjectPatterns;
import dev.rowmill.batch.UndoableChain;
import dev.rowmill.database.DatabaseFailure;
import dev.rowmill.database.Rows;
import dev.rowmill.task.Refusal;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Instance;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Function;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Stores and reads chains: batches that wait for each other and are stored together. Safe for many
 * threads and nodes.
 *
 * <p>All methods throw a runtime exception with the SQL error among its causes when the database
 * can't be reached.
 */
@ApplicationScoped
public class ChainStore {

  private static final Logger LOG = Logger.getLogger(ChainStore.class);

  private static final String SELECT =
      "SELECT id, name, submitted_by, created_at, undo_of, paused FROM chain c";

  private final BatchTransactions transactions;
  private final Instance<StartRecorder> recorders;

  /** Represents a row without its steps. */
  private record Row(
      long id,
      @Nullable String name,
      @Nullable String submittedBy,
      Instant createdAt,
      @Nullable Long undoOf,
      boolean paused) {

    static Row of(ResultSet row) throws SQLException {
      return new Row(
          row.getLong("id"),
          row.getString("name"),
          row.getString("submitted_by"),
          Objects.requireNonNull(Rows.time(row, "created_at")),
          row.getObject("undo_of", Long.class),
          row.getBoolean("paused"));
    }

    ChainView with(List<BatchView> steps) {
      return new ChainView(id, name, submittedBy, createdAt, undoOf, paused, steps);
    }
  }

  ChainStore(BatchTransactions transactions, @Any Instance<StartRecorder> recorders) {
    this.transactions = transactions;
    this.recorders = recorders;
  }

  /**
   * Returns the chain that an earlier request with the same key stored; empty when the key is free.
   *
   * @throws Refusal {@code idempotency-mismatch} when it was another request
   */
  public Optional<ChainView> repeated(String chainKey, String requestHash) {
    record Earlier(long id, String hash) {}
    Optional<Earlier> earlier =
        transactions.read(
            connection ->
                Rows.first(
                    connection,
                    "SELECT id, request_hash FROM chain WHERE chain_key = ?",
                    row -> new Earlier(row.getLong(1), row.getString(2)),
                    chainKey));
    if (earlier.isPresent() && !earlier.get().hash.equals(requestHash)) {
      throw new Refusal("idempotency-mismatch", Map.of());
    }
    return earlier.flatMap(it -> find(it.id));
  }

  /**
   * Stores a chain and the batches of its steps in one transaction. Those without a predecessor are
   * queued in it, or wait in the queues of their projects.
   *
   * @return the chain, or the one that an earlier request with the same key stored
   * @throws Refusal {@code idempotency-mismatch} when the key was used for another request
   */
  public ChainView store(NewChain chain) {
    return store(chain.chainKey(), chain.requestHash(), connection -> chain);
  }

  /**
   * Stores the undo of a chain, whose steps have ended. They are locked meanwhile, so that none of
   * them is retried or undone at the same time.
   *
   * @param id chain to undo
   * @param undo returns the undo for the locked chain; may be called again
   * @return the undo, or the chain that an earlier request with the same key stored
   * @throws NoSuchElementException when there is no chain with that id
   * @throws Refusal {@code idempotency-mismatch} when the key was used for another request; {@code
   *     not-undoable} as {@link UndoSources#lock} does; and what {@code undo} throws
   */
  public ChainView undo(
      long id, String chainKey, String requestHash, Function<UndoableChain, NewChain> undo) {
    return store(chainKey, requestHash, connection -> undo.apply(UndoSources.lock(connection, id)));
  }

  /** Makes the chain to store, in the transaction that stores it. */
  private interface Source {
    NewChain chain(Connection connection) throws SQLException;
  }

  private ChainView store(String chainKey, String requestHash, Source source) {
    Map<StartRecorder, StartRecorder.Line> lines = new HashMap<>();
    for (StartRecorder recorder : recorders) {
      StartRecorder.Line line = recorder.begin();
      if (line != null) {
        lines.put(recorder, line);
      }
    }
    try {
      return store(chainKey, requestHash, source, lines);
    } catch (BatchStarts.NotRecordedException e) {
      if (BatchTransactions.isUnreachable(e)) {
        throw e;
      }
      LOG.error("A chain is stored without its record, which follows", e);
      return store(chainKey, requestHash, source, Map.of());
    }
  }

  private ChainView store(
      String chainKey,
      String requestHash,
      Source source,
      Map<StartRecorder, StartRecorder.Line> lines) {
    try {
      long id =
          transactions.run(
              transaction -> {
                Connection connection = transaction.connection();
                // The first attempt may have been committed, and its undos would be in the way.
                Optional<Long> stored =
                    transaction.isRepeated() ? idOf(connection, chainKey) : Optional.empty();
                return stored.isPresent()
                    ? stored.get()
                    : insert(transaction, source.chain(connection), lines);
              });
      lines.values().forEach(StartRecorder.Line::isStored);
      return find(id).orElseThrow();
    } catch (RuntimeException e) {
      // A request with the same key may have been committed meanwhile, and is a reason to refuse.
      Optional<ChainView> same =
          e instanceof Refusal || DatabaseFailure.isDuplicateKey(e)
              ? repeated(chainKey, requestHash)
              : Optional.empty();
      return same.orElseThrow(() -> e);
    }
  }

  private static long insert(
      BatchTransaction transaction, NewChain chain, Map<StartRecorder, StartRecorder.Line> lines)
      throws SQLException {
    Connection connection = transaction.connection();
    // Locked in one order, so that chains with the same projects do not deadlock.
    ProjectQueues.lock(
        connection,
        new TreeSet<>(chain.steps().stream().map(it -> it.batch().spec().project()).toList()));
    long id =
        Rows.insert(
            connection,
            "INSERT INTO chain (name, submitted_by, chain_key, request_hash, undo_of, created_at)"
                + " VALUES (?, ?, ?, ?, ?, ?)",
            chain.name(),
            chain.submittedBy(),
            chain.chainKey(),
            chain.requestHash(),
            chain.undoOf(),
            transaction.now());
    List<BatchView> steps = new ArrayList<>();
    for (NewChain.Step step : chain.steps()) {
      List<Condition> conditions =
          new TreeSet<>(step.needs())
              .stream()
                  .map(it -> Condition.open(steps.get(it).id(), ExpectedEnd.SUCCEEDED))
                  .toList();
      NewBatch batch =
          step.batch()
              .with(new Predecessors(conditions, false))
              .with(new ChainStep(id, step.name()));
      BatchView stored = BatchRows.insert(transaction, List.of(batch), BatchStatus.WAITING).get(0);
      Conditions.insert(connection, stored);
      if (conditions.isEmpty()) {
        transaction.free(stored.project());
      }
      steps.add(stored);
    }
    for (Map.Entry<StartRecorder, StartRecorder.Line> line : lines.entrySet()) {
      // One record for the request, with its first batch.
      List<StartRecorder.Started> first =
          List.of(new StartRecorder.Started(line.getValue(), steps.get(0)));
      try {
        line.getKey().record(connection, first);
      } catch (SQLException | RuntimeException e) {
        throw new BatchStarts.NotRecordedException(e);
      }
    }
    return id;
  }

  private static Optional<Long> idOf(Connection connection, String chainKey) throws SQLException {
    return Rows.first(
        connection, "SELECT id FROM chain WHERE chain_key = ?", row -> row.getLong(1), chainKey);
  }

  /** Returns a chain; empty when there is none with that id. */
  public Optional<ChainView> find(long id) {
    return transactions.read(connection -> find(connection, id));
  }

  static Optional<ChainView> find(Connection connection, long id) throws SQLException {
    List<Row> rows = Rows.query(connection, SELECT + " WHERE id = ?", Row::of, id);
    return withSteps(connection, rows).stream().findFirst();
  }

  /**
   * Returns a page of chains, newest first.
   *
   * @param seen projects that the caller may see; chains with a step in another one are left out
   * @param before only chains with smaller ids
   */
  public Page<ChainView> list(ProjectPatterns seen, @Nullable Long before, int limit) {
    SqlFragment page =
        SqlFragment.of(SELECT + " WHERE id < ?", before == null ? Long.MAX_VALUE : before);
    if (!seen.isAll()) {
      page =
          page.then(" AND NOT EXISTS (SELECT 1 FROM batch b WHERE b.chain = c.id AND NOT ")
              .then(VisibleProjects.condition("b.project", seen))
              .then(")");
    }
    SqlFragment whole = page.then(" ORDER BY id DESC LIMIT ?", limit + 1);
    return transactions.read(
        connection ->
            Page.of(
                withSteps(
                    connection, Rows.query(connection, whole.text(), Row::of, whole.values())),
                limit,
                ChainView::id));
  }

  private static List<ChainView> withSteps(Connection connection, List<Row> rows)
      throws SQLException {
    if (rows.isEmpty()) {
      return List.of();
    }
    Map<Long, List<BatchView>> steps = new HashMap<>();
    List<BatchView> all =
        BatchRows.select(
            connection,
            "WHERE chain IN " + Rows.list(rows.size()) + " ORDER BY chain, id",
            rows.stream().map(Row::id).toList());
    for (BatchView step : BatchRows.withDetails(connection, all)) {
      ChainStep of = Objects.requireNonNull(step.step());
      steps.computeIfAbsent(of.chain(), chain -> new ArrayList<>()).add(step);
    }
    return rows.stream().map(row -> row.with(steps.getOrDefault(row.id, List.of()))).toList();
  }

  /**
   * Holds the steps of a chain that are not queued yet, or no longer. Does nothing when they are
   * held already, or not.
   *
   * @return whether there is such a chain
   */
  public boolean hold(long id, boolean hold) {
    return transactions.run(
        transaction -> {
          Connection connection = transaction.connection();
          Optional<Boolean> paused =
              Rows.first(
                  connection,
                  "SELECT paused FROM chain WHERE id = ? FOR UPDATE",
                  row -> row.getBoolean(1),
                  id);
          List<StatusRow> waiting =
              paused.isEmpty() || paused.get() == hold
                  ? List.of()
                  : waiting(connection, id, hold ? "" : " AND open_conditions > 0");
          if (paused.isPresent() && paused.get() != hold) {
            Rows.update(connection, "UPDATE chain SET paused = ? WHERE id = ?", hold, id);
          }
          if (!waiting.isEmpty()) {
            // A hold counts as one more condition, so that no queue takes the step.
            Rows.update(
                connection,
                "UPDATE batch SET open_conditions = open_conditions + ? WHERE id IN "
                    + Rows.list(waiting.size()),
                hold ? 1 : -1,
                waiting.stream().map(StatusRow::id).toList());
            for (StatusRow step : waiting) {
              transaction.publish(step);
              if (!hold) {
                transaction.free(step.project());
              }
            }
          }
          return paused.isPresent();
        });
  }

  /** Returns whether a batch is the step of a paused chain, whose row is then locked. */
  static boolean lockPausedOf(Connection connection, long batch) throws SQLException {
    Optional<Long> chain =
        Rows.first(
            connection,
            "SELECT chain FROM batch WHERE id = ? AND chain IS NOT NULL",
            row -> row.getLong(1),
            batch);
    return chain.isPresent()
        && lock(connection, chain.get())
        && Sources.isFound(connection, "SELECT 1 FROM chain WHERE id = ? AND paused", chain.get());
  }

  /**
   * Locks the row of a chain, and writes to it, as {@link BatchRows#countLock} does.
   *
   * @return whether there is such a chain
   */
  static boolean lock(Connection connection, long id) throws SQLException {
    return Rows.update(connection, "UPDATE chain SET lock_count = lock_count + 1 WHERE id = ?", id)
        > 0;
  }

  /** Cancels the steps of a chain that are waiting. */
  public void cancelWaiting(long id) {
    transactions.run(
        transaction -> {
          List<StatusRow> waiting = waiting(transaction.connection(), id, "");
          if (!waiting.isEmpty()) {
            transaction.move(waiting, BatchStatus.CANCELLED, "");
          }
          return true;
        });
  }

  private static List<StatusRow> waiting(Connection connection, long id, String only)
      throws SQLException {
    return Rows.query(
        connection,
        StatusRow.SELECT
            + " WHERE chain = ? AND status = 'WAITING'"
            + only
            + " ORDER BY id FOR UPDATE",
        StatusRow::of,
        id);
  }
}
