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
 * Stores batches and moves them from state to state. Every method is one transaction on the control
 * pool and safe to call from many threads; none holds a lock that a chunk waits for. Where a
 * commit's answer is lost the work is repeated, and each method is written to bear that.
 *
 * <p>All throw a runtime exception with the SQL error among its causes when the database can't be
 * reached.
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

  /** What every batch needs done once is done for all that come at once. */
  private final GroupCommit<NewBatch, BatchView> starts;

  private final GroupCommit<ToClaim, Optional<Claim>> claims;
  private final GroupCommit<ToEnd, Ended> ends;

  private record ToClaim(long id, String node) {}

  private record ToEnd(Claim claim, BatchStatus status, @Nullable String error) {}

  /**
   * @param next the next of the project, now queued
   * @param own whether it was the run's to end
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

  /** What storing would come to if the start key is taken; empty when it is free. */
  public Optional<StartResult> findByStartKey(String startKey, String requestHash) {
    return transactions.call(() -> sameKey(startKey, requestHash));
  }

  /**
   * Stores a batch, unless its start key is taken or its project has an active one. The database's
   * unique indexes decide, so that no race slips a second one in.
   *
   * <p>One that needs an approval is stored as waiting, whatever its project does.
   *
   * @param line whether to wait in the project's line rather than be refused
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

  /** Empty when the index refused the batch, and what it refused it for had gone a moment later. */
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
    // One that waits has its place in the line from its own row on.
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
   * Takes a queued batch, or one whose claim was not answered, for a new run: a higher epoch, that
   * shuts out every run before it.
   *
   * @return empty when the batch has ended or is not to run
   */
  public Optional<Claim> claim(long id, String node) {
    return claims.call(new ToClaim(id, node));
  }

  private List<Optional<Claim>> claimAll(List<ToClaim> group) {
    List<Long> ids = group.stream().map(ToClaim::id).toList();
    Set<String> nodes = group.stream().map(ToClaim::node).collect(Collectors.toSet());
    if (nodes.size() > 1 || Set.copyOf(ids).size() < ids.size()) {
      throw new IllegalArgumentException("claims that must be made one by one: " + group);
    }
    return sql(
        (connection, noted) ->
            BatchRows.claim(
                connection, ids, group.get(0).node(), StoredTime.text(now()), rules, noted));
  }

  /**
   * Ends a run's batch, and in the same transaction makes the next in its project's line queued.
   *
   * @param failure set when it has failed, null when it has succeeded
   * @return the next of the project, now queued; the same again when the end is stored again
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
        throw new IllegalArgumentException("ends that must be stored one by one: " + group);
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
   * Puts a stopped run's batch where it was asked to go, or else back, to go on from its checkpoint
   * later.
   *
   * @param ran how long the run took
   * @return the batch of the project that is queued now: perhaps this one
   */
  public Optional<BatchView> putBack(Claim claim, Duration ran) {
    return putBack(claim, ran, BatchStatus.QUEUED, null);
  }

  /**
   * Pauses a stopped run's batch, until somebody says how it is to go on; where it was asked to be
   * cancelled, it is.
   *
   * @param ran how long the run took
   * @param reason such as {@code check-failed}
   * @param detail one sentence with what was found, in English
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
            shutOut(batch.storedId());
          }
          return queueNextOf(batch.project, noted);
        });
  }

  /**
   * Asks for another state. A batch that is running is only told to; it gets there after the chunk
   * in hand.
   *
   * @param to one of {@link BatchStatus#mayBeAskedFor()}
   * @param force whether a run is to break off the statement in hand
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
   * Notes that somebody has approved a batch, which is queued then, or stands in its project's
   * line.
   *
   * @param by null where callers are not told apart
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
            batch.status(), BatchStatus.QUEUED, batch.status().mayBeAskedFor());
  }

  private ControlResult granted(Batch batch, PendingChanges noted) {
    return new ControlResult.Granted(history.view(batch), queueNextOf(batch.project, noted));
  }

  private ControlResult ask(Batch batch, BatchStatus to, boolean force, PendingChanges noted) {
    if (batch.status() == BatchStatus.RUNNING && batch.wanted != null) {
      return askAgain(batch, batch.wanted, to, force);
    }
    if (!batch.status().mayBeAskedFor().contains(to)) {
      return new ControlResult.Refused(batch.status(), to, batch.status().mayBeAskedFor());
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

  /** A pause that has not come about can be taken back or become a cancel; a cancel stands. */
  private ControlResult askAgain(Batch batch, BatchStatus wanted, BatchStatus to, boolean force) {
    if (to != wanted) {
      if (wanted == BatchStatus.CANCELLED) {
        return new ControlResult.Refused(wanted, to, wanted.mayBeAskedFor());
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

  private void shutOut(Long id) {
    entities
        .unwrap(Session.class)
        .doWork(connection -> LaneLeases.shutOut(connection, List.of(id)));
  }

  private void forgetSecrets(List<Long> ids) {
    entities.unwrap(Session.class).doWork(connection -> BatchRows.forgetSecrets(connection, ids));
  }

  /**
   * Changes settings of a batch that has not ended.
   *
   * @return the batch as it is then; unchanged where it had ended; empty when there is none
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

  /** Adds to the time that a batch was held back for a reason. */
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

  /** The row of a batch, that no other transaction changes before this one's end. */
  private Optional<Batch> locked(long id) {
    // Not by Hibernate's lock modes, whose FOR UPDATE OF is not MariaDB's.
    entities
        .createNativeQuery("SELECT id FROM batch WHERE id = ?1 FOR UPDATE")
        .setParameter(1, id)
        .getResultList();
    return batches.findByIdOptional(id);
  }

  /**
   * Makes the first in a project's line queued, if no batch of the project is active.
   *
   * @return the batch of the project that is queued now, also if it was already
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

  /** What is asked of the runs of batches now; those that there are no more are left out. */
  public Map<Long, Directive> directives(Collection<Long> ids) {
    return ids.isEmpty()
        ? Map.of()
        : transactions.read(connection -> BatchRows.directives(connection, ids));
  }

  /** The batches that are queued or running, in the order of their ids. */
  public List<Long> toRun() {
    return transactions.read(BatchRows::toRun);
  }

  /** Says in a transaction that holds a batch's row whether nobody is about to run the batch. */
  public interface LeftAlone {
    boolean check(Connection connection, long id) throws SQLException;
  }

  /** Queues a batch again that is queued or running with nobody to run it. */
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
                    shutOut(id);
                  });
          return true;
        });
  }

  /** Makes the first in the line of each project queued that has no active batch. */
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
   * What is left to do after a restart: batches that were running are queued again, or are what
   * they were asked to be, and lines whose head has gone move up.
   *
   * @return all queued batches in the order of their asking
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

  /** Work of a transaction that brings batches to other statuses. */
  private interface ChangingSql<T> {
    T call(Connection connection, PendingChanges noted) throws SQLException;
  }

  /** A transaction by plain SQL; what it has changed is told after its commit. */
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

  /** A transaction of Hibernate's; what it has changed is told after its commit. */
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
          LOG.warn("A listener failed; what it was told stands", e);
        }
      }
    }
    return result;
  }

  private Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MILLIS);
  }

  /** Whether an error says that the database is away, for everybody. */
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
