package dev.rowmill.batch.store;

import dev.rowmill.batch.Approval;
import dev.rowmill.batch.BatchSettings;
import dev.rowmill.batch.BatchStatus;
import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.Claim;
import dev.rowmill.batch.ControlResult;
import dev.rowmill.batch.Directive;
import dev.rowmill.batch.Failure;
import dev.rowmill.batch.FencedException;
import dev.rowmill.batch.Hold;
import dev.rowmill.batch.NewBatch;
import dev.rowmill.batch.Progress;
import dev.rowmill.batch.StatusChange;
import dev.rowmill.database.ControlTransactions;
import dev.rowmill.database.DatabaseFailure;
import dev.rowmill.database.StoredTime;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Instance;
import jakarta.persistence.EntityManager;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.hibernate.Session;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Stores batches and changes their statuses. Every method is one transaction on the control pool
 * and safe for many threads. None holds a lock that a chunk waits for. Work is repeated when the
 * response to a commit is lost; each method tolerates that.
 *
 * <p>All methods throw a runtime exception with the SQL error among its causes when the database
 * can't be reached.
 */
@ApplicationScoped
public class BatchStore {

  private static final Logger LOG = Logger.getLogger(BatchStore.class);
  private static final int DUPLICATE_KEY = 1062;

  private final BatchRepository batches;
  private final EntityManager entities;
  private final ControlTransactions transactions;
  private final BatchHistory history;
  private final Instance<StatusListener> listeners;
  private final Instance<ChangeRecorder> recorders;
  private final Instance<ClaimRule> rules;
  private final Clock clock;

  /** Groups concurrent inserts into one transaction, as the claims and ends below. */
  private final GroupCommit<NewBatch, BatchView> starts;

  private final GroupCommit<ToClaim, Optional<Claim>> claims;
  private final GroupCommit<ToEnd, Ended> ends;

  private record ToClaim(long id, String node) {}

  private record ToEnd(Claim claim, BatchStatus status, @Nullable String error) {}

  /**
   * @param next next batch of the project, now queued
   * @param own whether the run still owned its batch, and so ended it
   */
  private record Ended(Optional<BatchView> next, boolean own) {}

  BatchStore(
      BatchRepository batches,
      EntityManager entities,
      ControlTransactions transactions,
      BatchHistory history,
      @Any Instance<StatusListener> listeners,
      @Any Instance<ChangeRecorder> recorders,
      @Any Instance<ClaimRule> rules,
      Clock clock) {
    this.batches = batches;
    this.entities = entities;
    this.transactions = transactions;
    this.history = history;
    this.listeners = listeners;
    this.recorders = recorders;
    this.rules = rules;
    this.clock = clock;
    starts = new GroupCommit<>(group -> insert(group, BatchStatus.QUEUED), BatchStore::isAway);
    claims = new GroupCommit<>(this::claimAll, BatchStore::isAway);
    ends = new GroupCommit<>(this::endAll, BatchStore::isAway);
  }

  /** Returns the result for a start key that is already used, or empty when it is free. */
  public Optional<StartResult> findByStartKey(String startKey, String requestHash) {
    return transactions.call(() -> sameKey(startKey, requestHash));
  }

  /**
   * Stores a batch, unless its start key is used or its project has an active batch. The unique
   * indexes of the database decide, so concurrent starts can't store a second one.
   *
   * <p>A batch that needs an approval is stored as waiting, even if its project has no active
   * batch.
   *
   * @param line whether to wait in the project's queue rather than be rejected
   */
  public StartResult store(NewBatch start, boolean line) {
    while (true) {
      if (start.approval() != null) {
        Optional<StartResult> waiting = tryStore(start, BatchStatus.WAITING);
        if (waiting.isPresent()) {
          return waiting.get();
        }
        continue;
      }
      Optional<StartResult> result = tryStore(start, BatchStatus.QUEUED);
      if (result.isPresent() && result.get() instanceof StartResult.Busy && line) {
        result = tryStore(start, BatchStatus.WAITING);
      }
      if (result.isPresent()) {
        return result.get();
      }
    }
  }

  /**
   * Returns empty when an index rejected the batch and the conflicting batch had gone a moment
   * later.
   */
  private Optional<StartResult> tryStore(NewBatch start, BatchStatus status) {
    try {
      return Optional.of(
          new StartResult.Stored(
              status == BatchStatus.QUEUED ? starts.call(start) : joinLine(start)));
    } catch (RuntimeException e) {
      if (!isUniqueViolation(e)) {
        throw e;
      }
    }
    return transactions.call(
        () -> {
          Optional<StartResult> same = sameKey(start.startKey(), start.requestHash());
          return same.isPresent()
              ? same
              : batches.activeOf(start.project()).map(b -> new StartResult.Busy(history.view(b)));
        });
  }

  private Optional<StartResult> sameKey(String startKey, String requestHash) {
    return batches
        .byStartKey(startKey)
        .map(
            batch ->
                batch.requestHash.equals(requestHash)
                    ? new StartResult.Repeated(history.view(batch))
                    : new StartResult.KeyReused(history.view(batch)));
  }

  private BatchView joinLine(NewBatch start) {
    BatchView stored = insert(List.of(start), BatchStatus.WAITING).get(0);
    // The row must be stored before its position in the queue can be read.
    return history.find(stored.id()).orElse(stored);
  }

  private List<BatchView> insert(List<NewBatch> starts, BatchStatus status) {
    List<Batch> batches = starts.stream().map(start -> Batch.of(start, status, now())).toList();
    sql(
        (connection, noted) -> {
          BatchRows.insert(connection, batches);
          batches.forEach(noted::add);
          return true;
        });
    return batches.stream().map(batch -> batch.view(Progress.NONE, Map.of(), null)).toList();
  }

  /**
   * Claims a queued batch for a new run. Repeats a claim whose response was lost. The run gets a
   * higher epoch, which fences out every run before it.
   *
   * @return empty when the batch has ended or must not run
   */
  public Optional<Claim> claim(long id, String node) {
    return claims.call(new ToClaim(id, node));
  }

  private List<Optional<Claim>> claimAll(List<ToClaim> group) {
    List<Long> ids = group.stream().map(ToClaim::id).toList();
    Set<String> nodes = group.stream().map(ToClaim::node).collect(Collectors.toSet());
    if (nodes.size() > 1 || Set.copyOf(ids).size() < ids.size()) {
      throw new IllegalArgumentException("claims that can't be grouped: " + group);
    }
    return sql(
        (connection, noted) ->
            BatchRows.claim(
                connection, ids, group.get(0).node(), StoredTime.text(now()), rules, noted));
  }

  /**
   * Ends the batch of a run, and queues the next batch of its project in the same transaction.
   *
   * @param failure set when the batch has failed, null when it has succeeded
   * @return the next batch of the project, now queued; also when the end is stored again
   * @throws FencedException when a newer run has taken over
   */
  public Optional<BatchView> end(Claim claim, @Nullable Failure failure) {
    BatchStatus status = failure == null ? BatchStatus.SUCCEEDED : BatchStatus.FAILED;
    Ended ended = ends.call(new ToEnd(claim, status, failure == null ? null : failure.toJson()));
    if (!ended.own) {
      throw new FencedException(claim.batch().id(), claim.epoch());
    }
    return ended.next;
  }

  private List<Ended> endAll(List<ToEnd> group) {
    ToEnd first = group.get(0);
    Map<Long, Integer> runs = new TreeMap<>();
    Set<String> projects = new TreeSet<>();
    for (ToEnd end : group) {
      boolean alike = end.status == first.status && Objects.equals(end.error, first.error);
      if (!alike || runs.put(end.claim.batch().id(), end.claim.epoch()) != null) {
        throw new IllegalArgumentException("ends that can't be grouped: " + group);
      }
      projects.add(end.claim.batch().project());
    }
    return sql(
        (connection, noted) -> {
          Collection<Long> ended =
              BatchRows.end(
                  connection, runs, first.status, first.error, StoredTime.text(now()), noted);
          Map<String, BatchView> next = BatchRows.queueNext(connection, projects, noted);
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
   * Changes the batch of a stopped run to the requested status. Without a request it is queued
   * again, and continues from its checkpoint later.
   *
   * @param ran duration of the run
   * @return the batch of the project that is queued now, possibly this one
   */
  public Optional<BatchView> putBack(Claim claim, Duration ran) {
    return putBack(claim, ran, BatchStatus.QUEUED, null);
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
    return putBack(claim, ran, BatchStatus.PAUSED, new Hold(reason, detail, now()));
  }

  private Optional<BatchView> putBack(
      Claim claim, Duration ran, BatchStatus unlessAsked, @Nullable Hold hold) {
    return call(
        noted -> {
          Batch batch = locked(claim.batch().id()).orElseThrow();
          if (batch.epoch == claim.epoch() && batch.status() == BatchStatus.RUNNING) {
            BatchStatus to = wantedOr(batch, unlessAsked);
            batch.ranMillis = claim.batch().ranMillis() + ran.toMillis();
            batch.hold = hold == null || to != BatchStatus.PAUSED ? null : hold.toJson();
            moveTo(batch, to, noted);
            fenceOut(batch.storedId());
          }
          return queueNextOf(batch.project, noted);
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
  public Optional<ControlResult> ask(long id, BatchStatus to, boolean force) {
    var tries = new AtomicInteger();
    return call(
        noted -> {
          boolean again = tries.getAndIncrement() > 0;
          return locked(id)
              .map(
                  batch ->
                      // The commit of an earlier try may have gone through unanswered.
                      again && batch.status() == to
                          ? granted(batch, noted)
                          : ask(batch, to, force, noted));
        });
  }

  /**
   * Stores the approval of a batch. The batch is then queued, or waits in the queue of its project.
   *
   * @param by name of the approver; null where callers are not identified
   * @return empty when there is no such batch; refused when it awaits no approval
   */
  public Optional<ControlResult> approve(long id, @Nullable String by) {
    var tries = new AtomicInteger();
    return call(
        noted -> {
          boolean again = tries.getAndIncrement() > 0;
          return locked(id).map(batch -> approve(batch, by, again, noted));
        });
  }

  private ControlResult approve(
      Batch batch, @Nullable String by, boolean again, PendingChanges noted) {
    Approval approval = batch.approval();
    if (approval != null && batch.status() == BatchStatus.WAITING && approval.isAwaited()) {
      batch.approvedBy = by;
      batch.approvedAt = now();
      batches.flush();
      noted.add(batch);
      return granted(batch, noted);
    }
    // The commit of an earlier try may have gone through unanswered.
    return again && approval != null && !approval.isAwaited()
        ? granted(batch, noted)
        : new ControlResult.Refused(
            batch.status(), BatchStatus.QUEUED, batch.status().requestable());
  }

  private ControlResult granted(Batch batch, PendingChanges noted) {
    return new ControlResult.Granted(history.view(batch), queueNextOf(batch.project, noted));
  }

  private ControlResult ask(Batch batch, BatchStatus to, boolean force, PendingChanges noted) {
    if (batch.status() == BatchStatus.RUNNING && batch.wanted != null) {
      return askAgain(batch, batch.wanted, to, force);
    }
    if (!batch.status().requestable().contains(to)) {
      return new ControlResult.Refused(batch.status(), to, batch.status().requestable());
    }
    if (batch.status() == BatchStatus.RUNNING) {
      batch.wanted = to;
      batch.forced = force;
      return new ControlResult.Granted(history.view(batch), Optional.empty());
    }
    batch.hold = null;
    moveTo(batch, to, noted);
    return granted(batch, noted);
  }

  /** Replaces a pending request: a pause can be withdrawn or become a cancel, a cancel is final. */
  private ControlResult askAgain(Batch batch, BatchStatus wanted, BatchStatus to, boolean force) {
    if (to != wanted) {
      if (wanted == BatchStatus.CANCELLED) {
        return new ControlResult.Refused(wanted, to, wanted.requestable());
      }
      batch.wanted = to == BatchStatus.QUEUED ? null : to;
    }
    batch.forced = batch.wanted != null && (batch.forced || force);
    return new ControlResult.Granted(history.view(batch), Optional.empty());
  }

  private static BatchStatus wantedOr(Batch batch, BatchStatus unlessAsked) {
    return batch.wanted == null ? unlessAsked : batch.wanted;
  }

  private void moveTo(Batch batch, BatchStatus status, PendingChanges noted) {
    batch.moveTo(status, noted);
    batch.wanted = null;
    batch.forced = false;
    if (status.isFinal()) {
      batch.finishedAt = now();
    }
    batches.flush();
    if (status.isFinal() && batch.secrets != null) {
      forgetSecrets(List.of(batch.storedId()));
    }
  }

  private void fenceOut(Long id) {
    entities
        .unwrap(Session.class)
        .doWork(connection -> LaneLeases.fenceOut(connection, List.of(id)));
  }

  private void forgetSecrets(List<Long> ids) {
    entities.unwrap(Session.class).doWork(connection -> BatchRows.forgetSecrets(connection, ids));
  }

  /**
   * Changes settings of a batch that has not ended.
   *
   * @return the batch after the change, unchanged if it had ended; empty when there is no such
   *     batch
   */
  public Optional<BatchView> change(long id, UnaryOperator<BatchSettings> change) {
    return transactions.call(
        () ->
            locked(id)
                .map(
                    batch -> {
                      if (!batch.status().isFinal()) {
                        batch.set(change.apply(batch.settings()));
                        batches.flush();
                      }
                      return history.view(batch);
                    }));
  }

  /** Adds to the time that a batch was held for a reason. */
  public void addWait(long id, String reason, Duration wait) {
    transactions.run(
        () ->
            entities
                .createNativeQuery(
                    "INSERT INTO batch_wait (batch, reason, millis) VALUES (?1, ?2, ?3)"
                        + " ON DUPLICATE KEY UPDATE millis = millis + ?3")
                .setParameter(1, id)
                .setParameter(2, reason)
                .setParameter(3, wait.toMillis())
                .executeUpdate());
  }

  /** Returns the row of a batch, locked until the transaction ends. */
  private Optional<Batch> locked(long id) {
    // Hibernate's lock modes use FOR UPDATE OF, which MariaDB does not support.
    entities
        .createNativeQuery("SELECT id FROM batch WHERE id = ?1 FOR UPDATE")
        .setParameter(1, id)
        .getResultList();
    return batches.findByIdOptional(id);
  }

  /**
   * Queues the first waiting batch of a project, if no batch of the project is active.
   *
   * @return the batch of the project that is queued now, even if it was queued before
   */
  public Optional<BatchView> queueNext(String project) {
    try {
      return Optional.ofNullable(
          sql((connection, noted) -> BatchRows.queueNext(connection, List.of(project), noted))
              .get(project));
    } catch (RuntimeException e) {
      if (isUniqueViolation(e)) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private Optional<BatchView> queueNextOf(String project, PendingChanges noted) {
    batches.flush();
    return entities
        .unwrap(Session.class)
        .doReturningWork(
            connection ->
                Optional.ofNullable(
                    BatchRows.queueNext(connection, List.of(project), noted).get(project)));
  }

  /**
   * Returns the current directives for the runs of batches; batches that no longer exist are
   * omitted.
   */
  public Map<Long, Directive> directives(Collection<Long> ids) {
    return ids.isEmpty()
        ? Map.of()
        : transactions.read(connection -> BatchRows.directives(connection, ids));
  }

  /** Returns the ids of the queued and running batches, in ascending order. */
  public List<Long> toRun() {
    return transactions.read(BatchRows::toRun);
  }

  /**
   * Checks, in a transaction that has locked a batch's row, that nothing is about to run the batch.
   */
  public interface LeftAlone {
    boolean check(Connection connection, long id) throws SQLException;
  }

  /**
   * Queues a batch again that is queued or running without a node or thread to run it. A pending
   * request is carried out instead.
   */
  public void queueAgain(long id, LeftAlone leftAlone) {
    call(
        noted -> {
          locked(id)
              .filter(
                  batch ->
                      batch.status() == BatchStatus.QUEUED || batch.status() == BatchStatus.RUNNING)
              .filter(
                  batch ->
                      entities
                          .unwrap(Session.class)
                          .doReturningWork(connection -> leftAlone.check(connection, id)))
              .ifPresent(
                  batch -> {
                    moveTo(batch, wantedOr(batch, BatchStatus.QUEUED), noted);
                    fenceOut(id);
                  });
          return true;
        });
  }

  /** Queues the first waiting batch of each project that has no active batch. */
  public void queueLines() {
    transactions.call(this::projectsInLine).forEach(this::queueNext);
  }

  private List<String> projectsInLine() {
    return entities
        .createQuery(
            "select distinct w.project from Batch w where w.status = :waiting"
                + " and (w.approvalRows is null or w.approvedAt is not null)"
                + " and not exists (select 1 from Batch a"
                + " where a.project = w.project and a.status in :active)",
            String.class)
        .setParameter("waiting", BatchStatus.WAITING)
        .setParameter("active", BatchStatus.ACTIVE)
        .getResultList();
  }

  /**
   * Recovers after a restart: running batches are queued again, or change to the requested status.
   * The queues of projects without an active batch advance.
   *
   * @return all queued batches in the order of their ids
   */
  public List<BatchView> recover() {
    call(
        noted -> {
          batches
              .withStatus(BatchStatus.RUNNING)
              .forEach(batch -> moveTo(batch, wantedOr(batch, BatchStatus.QUEUED), noted));
          return true;
        });
    queueLines();
    return transactions.call(() -> history.views(batches.withStatus(BatchStatus.QUEUED)));
  }

  /** Runs SQL in a transaction that changes statuses of batches. */
  private interface ChangingSql<T> {
    T call(Connection connection, PendingChanges noted) throws SQLException;
  }

  /** Runs a plain SQL transaction, and notifies the listeners of its changes after the commit. */
  private <T> T sql(ChangingSql<T> work) {
    var noted = new PendingChanges();
    return told(
        noted,
        transactions.sql(
            connection -> {
              noted.begin();
              T result = work.call(connection, noted);
              record(connection, noted.changes());
              return result;
            }));
  }

  /** Runs a Hibernate transaction, and notifies the listeners of its changes after the commit. */
  private <T> T call(Function<PendingChanges, T> work) {
    var noted = new PendingChanges();
    return told(
        noted,
        transactions.call(
            () -> {
              noted.begin();
              T result = work.apply(noted);
              if (!noted.changes().isEmpty()) {
                entities
                    .unwrap(Session.class)
                    .doWork(connection -> record(connection, noted.changes()));
              }
              return result;
            }));
  }

  private void record(Connection connection, List<StatusChange> changes) throws SQLException {
    if (!changes.isEmpty()) {
      for (ChangeRecorder recorder : recorders) {
        recorder.changed(connection, changes);
      }
    }
  }

  private <T> T told(PendingChanges noted, T result) {
    if (!noted.changes().isEmpty()) {
      for (StatusListener listener : listeners) {
        try {
          listener.changed(noted.changes());
        } catch (RuntimeException e) {
          LOG.warn("A listener failed; the change is stored", e);
        }
      }
    }
    return result;
  }

  private Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MILLIS);
  }

  /** Returns whether an error means that the database can't be reached by any request. */
  private static boolean isAway(Throwable error) {
    return DatabaseFailure.of(error)
        .filter(
            sort -> sort == DatabaseFailure.LOST_CONNECTION || sort == DatabaseFailure.UNREACHABLE)
        .isPresent();
  }

  private static boolean isUniqueViolation(Throwable error) {
    return DatabaseFailure.sqlException(error)
        .filter(e -> e.getErrorCode() == DUPLICATE_KEY)
        .isPresent();
  }
}
