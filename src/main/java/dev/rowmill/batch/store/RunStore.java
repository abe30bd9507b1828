package dev.rowmill.batch.store;

import dev.rowmill.batch.BatchStatus;
import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.Claim;
import dev.rowmill.batch.Failure;
import dev.rowmill.batch.FencedException;
import dev.rowmill.batch.Hold;
import dev.rowmill.batch.LaneState;
import dev.rowmill.batch.Progress;
import dev.rowmill.database.Rows;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Instance;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Stores the runs of batches: their claims and ends, and what stops them in between. Concurrent
 * claims share a transaction, and so do ends. None holds a lock that a chunk waits for. Safe for
 * many threads and nodes. Each method may be repeated when the response to a commit is lost.
 *
 * <p>All methods throw a runtime exception with the SQL error among its causes when the database
 * can't be reached.
 */
@ApplicationScoped
public class RunStore {

  private static final String STARTED = ", node = ?, started_at = COALESCE(started_at, ?)";

  private final BatchTransactions transactions;
  private final Instance<ClaimRule> rules;
  private final GroupCommit<ToClaim, Optional<Claim>> claims;
  private final GroupCommit<ToEnd, Ended> ends;

  /**
   * @param launched the batch as it was stored and launched by this process; null if it must be
   *     read
   */
  private record ToClaim(long id, String node, @Nullable BatchView launched) {

    boolean isNew() {
      return launched != null && launched.status() == BatchStatus.QUEUED && launched.epoch() == 0;
    }
  }

  /**
   * @param ranMillis duration of all runs, including this one, for a failure; 0 for a success
   */
  private record ToEnd(Claim claim, BatchStatus status, @Nullable String error, long ranMillis) {}

  /**
   * @param next next batch of the project, now queued
   * @param own whether the run still owned its batch, and so ended it
   */
  private record Ended(Optional<BatchView> next, boolean own) {}

  RunStore(BatchTransactions transactions, @Any Instance<ClaimRule> rules) {
    this.transactions = transactions;
    this.rules = rules;
    claims = new GroupCommit<>(this::claimAll, BatchTransactions::isUnreachable);
    ends = new GroupCommit<>(this::endAll, BatchTransactions::isUnreachable);
  }

  /**
   * Claims a queued batch for a new run. Repeats a claim whose response was lost. The run gets a
   * higher epoch, which fences out every run before it.
   *
   * @return empty when the batch has ended or must not run
   */
  public Optional<Claim> claim(long id, String node) {
    return claims.call(new ToClaim(id, node, null));
  }

  /**
   * Claims a batch as {@link #claim(long, String)} does. A new one is not read again: its settings
   * may have been changed since, which the run gets by its control.
   *
   * @param launched the batch as it was launched, by the only process that runs batches
   */
  public Optional<Claim> claim(BatchView launched, String node) {
    return claims.call(new ToClaim(launched.id(), node, launched));
  }

  /** Returns the number of claims that are in no group yet. */
  int waitingClaims() {
    return claims.waiting();
  }

  private List<Optional<Claim>> claimAll(List<ToClaim> group) {
    List<Long> ids = group.stream().map(ToClaim::id).toList();
    Set<String> nodes = group.stream().map(ToClaim::node).collect(Collectors.toSet());
    if (nodes.size() > 1 || Set.copyOf(ids).size() < ids.size()) {
      throw new IllegalArgumentException("claims that must be made one by one: " + group);
    }
    Map<Long, Claim> claimed =
        transactions.run(transaction -> claim(transaction, group, group.get(0).node));
    return ids.stream().map(id -> Optional.ofNullable(claimed.get(id))).toList();
  }

  private Map<Long, Claim> claim(BatchTransaction transaction, List<ToClaim> group, String node)
      throws SQLException {
    Map<Long, BatchView> runnable = new LinkedHashMap<>();
    if (!transaction.isRepeated() && group.stream().allMatch(ToClaim::isNew)) {
      for (ToClaim each : group) {
        runnable.put(each.id, Objects.requireNonNull(each.launched));
      }
      if (transaction.runFirst(rows(runnable), STARTED, node, transaction.now())) {
        return claimed(transaction, runnable, node);
      }
      // Some are claimed now, and are claimed once more with those that have to be read.
      runnable.clear();
    }
    Connection connection = transaction.connection();
    for (BatchView batch : BatchRows.lock(connection, group.stream().map(ToClaim::id).toList())) {
      if (mayRun(connection, batch)) {
        runnable.put(batch.id(), batch);
      }
    }
    if (runnable.isEmpty()) {
      return Map.of();
    }
    transaction.move(rows(runnable), BatchStatus.RUNNING, STARTED, node, transaction.now());
    return claimed(transaction, runnable, node);
  }

  private static List<StatusRow> rows(Map<Long, BatchView> batches) {
    return batches.values().stream().map(StatusRow::of).toList();
  }

  private static Map<Long, Claim> claimed(
      BatchTransaction transaction, Map<Long, BatchView> runnable, String node)
      throws SQLException {
    Map<Long, Integer> epochs = new LinkedHashMap<>();
    runnable.forEach((id, batch) -> epochs.put(id, batch.epoch() + 1));
    Map<Long, Claim> claimed = new HashMap<>();
    Checkpoints.takeOver(transaction.connection(), epochs)
        .forEach(
            (id, lanes) -> {
              Progress progress =
                  lanes.stream().map(LaneState::progress).reduce(Progress::plus).orElseThrow();
              BatchView batch = Objects.requireNonNull(runnable.get(id));
              claimed.put(id, new Claim(batch.claimed(node, transaction.now(), progress), lanes));
            });
    return claimed;
  }

  private boolean mayRun(Connection connection, BatchView batch) throws SQLException {
    boolean may = batch.status() == BatchStatus.QUEUED || batch.status() == BatchStatus.RUNNING;
    for (ClaimRule rule : rules) {
      may = may && rule.allows(connection, batch.id(), batch.mode(), batch.status());
    }
    return may;
  }

  /**
   * Returns whether a run may continue: false when a caller has requested a stop.
   *
   * @throws FencedException when the batch is no longer that of the run
   */
  public boolean mayContinue(Claim claim) {
    return transactions
        .read(
            connection ->
                Rows.first(
                    connection,
                    "SELECT wanted IS NULL FROM batch"
                        + " WHERE id = ? AND epoch = ? AND status = 'RUNNING'",
                    row -> row.getBoolean(1),
                    claim.batch().id(),
                    claim.epoch()))
        .orElseThrow(() -> new FencedException(claim.batch().id(), claim.epoch()));
  }

  /**
   * Ends the batch of a run, and queues the next batch of its project in the same transaction.
   *
   * @param failure set when the batch has failed, null when it has succeeded
   * @param ran duration of the run, which counts if the batch is retried
   * @return the next batch of the project, now queued; also when the end is stored again
   * @throws FencedException when a newer run has taken over
   */
  public Optional<BatchView> end(Claim claim, @Nullable Failure failure, Duration ran) {
    Ended ended =
        ends.call(
            failure == null
                ? new ToEnd(claim, BatchStatus.SUCCEEDED, null, 0)
                : new ToEnd(
                    claim,
                    BatchStatus.FAILED,
                    failure.toJson(),
                    claim.batch().ranMillis() + ran.toMillis()));
    if (!ended.own) {
      throw new FencedException(claim.batch().id(), claim.epoch());
    }
    return ended.next;
  }

  private List<Ended> endAll(List<ToEnd> group) {
    ToEnd first = group.get(0);
    Map<Long, Integer> runs = new TreeMap<>();
    for (ToEnd end : group) {
      boolean alike =
          end.status == first.status
              && Objects.equals(end.error, first.error)
              && end.ranMillis == first.ranMillis;
      if (!alike || runs.put(end.claim.batch().id(), end.claim.epoch()) != null) {
        throw new IllegalArgumentException("ends that must be stored one by one: " + group);
      }
    }
    Set<String> projects =
        group.stream().map(end -> end.claim.batch().project()).collect(Collectors.toSet());
    return transactions.run(
        transaction -> {
          Set<Long> ended = end(transaction, runs, first);
          Map<String, BatchView> next = ProjectQueues.queueNext(transaction, projects);
          return group.stream()
              .map(
                  end ->
                      new Ended(
                          Optional.ofNullable(next.get(end.claim.batch().project())),
                          ended.contains(end.claim.batch().id())))
              .toList();
        });
  }

  /**
   * Ends batches with one status.
   *
   * @param runs epoch of the run that ends each batch, by the batch's id
   * @param as end that all of them have
   * @return ids of the batches that their runs have ended with this status, now or in an earlier
   *     attempt; the runs of others were fenced out
   */
  private static Set<Long> end(BatchTransaction transaction, Map<Long, Integer> runs, ToEnd as)
      throws SQLException {
    BatchStatus status = as.status;
    List<StatusRow> toEnd = new ArrayList<>();
    Set<Long> ended = new HashSet<>();
    for (StatusRow batch :
        Rows.query(
            transaction.connection(),
            StatusRow.SELECT + " WHERE id IN " + Rows.list(runs.size()) + " ORDER BY id FOR UPDATE",
            StatusRow::of,
            runs.keySet())) {
      boolean own = Objects.equals(batch.epoch(), runs.get(batch.id()));
      if (own && batch.status() == BatchStatus.RUNNING) {
        toEnd.add(batch);
        ended.add(batch.id());
      } else if (own && batch.status() == status) {
        transaction.publish(batch);
        ended.add(batch.id());
      }
    }
    if (!toEnd.isEmpty()) {
      if (status == BatchStatus.SUCCEEDED) {
        transaction.move(toEnd, status, "");
      } else {
        transaction.move(toEnd, status, ", error = ?, ran_millis = ?", as.error, as.ranMillis);
        LaneLeases.fenceOut(transaction.connection(), toEnd.stream().map(StatusRow::id).toList());
      }
    }
    return ended;
  }

  /**
   * Changes the batch of a stopped run to the requested status. Without a request it is queued
   * again, and continues from its checkpoint later.
   *
   * @param ran duration of the run
   * @return the batch of the project that is queued now, possibly this one
   */
  public Optional<BatchView> putBack(Claim claim, Duration ran) {
    return stop(claim, ran, BatchStatus.QUEUED, null);
  }

  /**
   * Pauses the batch of a stopped run until a caller resumes or cancels it. A requested
   * cancellation is carried out instead.
   *
   * @param ran duration of the run
   * @param reason such as {@code check-failed}
   * @param detail one sentence with the finding, in English
   * @return the batch of the project that is queued now
   */
  public Optional<BatchView> hold(Claim claim, Duration ran, String reason, String detail) {
    return stop(claim, ran, BatchStatus.PAUSED, now -> new Hold(reason, detail, now));
  }

  private Optional<BatchView> stop(
      Claim claim,
      Duration ran,
      BatchStatus unlessRequested,
      @Nullable Function<Instant, Hold> hold) {
    return transactions.run(
        transaction -> {
          Connection connection = transaction.connection();
          BatchView batch = BatchRows.lock(connection, claim.batch().id()).orElseThrow();
          if (batch.epoch() == claim.epoch() && batch.status() == BatchStatus.RUNNING) {
            BatchStatus to = batch.requestedOr(unlessRequested);
            transaction.move(
                batch,
                to,
                ", ran_millis = ?, hold = ?",
                claim.batch().ranMillis() + ran.toMillis(),
                hold != null && to == BatchStatus.PAUSED
                    ? hold.apply(transaction.now()).toJson()
                    : null);
            LaneLeases.fenceOut(connection, List.of(batch.id()));
          }
          return ProjectQueues.queueNext(transaction, batch.project());
        });
  }

  /** Adds to the time that a batch was held for a reason. */
  public void addWait(long id, String reason, Duration wait) {
    transactions.run(
        transaction ->
            Rows.update(
                transaction.connection(),
                "INSERT INTO batch_wait (batch, reason, millis) VALUES (?, ?, ?)"
                    + " ON DUPLICATE KEY UPDATE millis = millis + VALUES(millis)",
                id,
                reason,
                wait.toMillis()));
  }
}
