package dev.rowmill.dispatch;

import dev.rowmill.batch.Approval;
import dev.rowmill.batch.BatchKind;
import dev.rowmill.batch.BatchSettings;
import dev.rowmill.batch.BatchStatus;
import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.ControlResult;
import dev.rowmill.batch.Hold;
import dev.rowmill.batch.Mode;
import dev.rowmill.batch.NewBatch;
import dev.rowmill.batch.Safeguards;
import dev.rowmill.batch.ThrottleLimits;
import dev.rowmill.batch.TraceParent;
import dev.rowmill.batch.UndoPolicy;
import dev.rowmill.batch.store.BatchHistory;
import dev.rowmill.batch.store.BatchStore;
import dev.rowmill.batch.store.StartResult;
import dev.rowmill.batch.store.UndoConfig;
import dev.rowmill.database.DatabaseFailure;
import dev.rowmill.dispatch.pool.ActiveRuns;
import dev.rowmill.dispatch.pool.DispatchConfig;
import dev.rowmill.dispatch.pool.LaunchQueue;
import dev.rowmill.dispatch.pool.Membership;
import dev.rowmill.dispatch.pool.NodeView;
import dev.rowmill.dispatch.pool.PoolView;
import dev.rowmill.dispatch.pool.ProjectTracker;
import dev.rowmill.dispatch.task.BoundCheck;
import dev.rowmill.dispatch.task.BoundTask;
import dev.rowmill.dispatch.task.InvalidParametersException;
import dev.rowmill.dispatch.task.TaskRegistry;
import dev.rowmill.engine.ChunkConfig;
import dev.rowmill.task.Refusal;
import io.quarkus.agroal.DataSource;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Instance;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Starts, checks, pauses, resumes, cancels and undoes batches, and waits for their end. Every
 * control request enters here. Safe for many threads. Methods that need the database block. They
 * throw a runtime exception with the SQL error among its causes when the database can't be reached.
 */
@ApplicationScoped
public class BatchControl {

  private static final int CHECK_TRIES = 3;
  private static final int CANARY_CHUNKS = 3;

  /** Sets the first wait where the project has no tracked batch, such as between two batches. */
  private static final Duration BETWEEN_BATCHES = Duration.ofMillis(20);

  /** Limits the wait between two reads of a batch that nothing tracks, such as a paused one. */
  private static final Duration LONGEST_PAUSE = Duration.ofMillis(500);

  private final TaskRegistry tasks;
  private final BatchStore store;
  private final BatchHistory history;
  private final LaunchQueue queue;
  private final ActiveRuns launches;
  private final Membership membership;
  private final ProjectTracker tracker;
  private final StartSafeguards guards;
  private final DispatchConfig config;
  private final ChunkConfig chunk;
  private final UndoConfig undo;
  private final javax.sql.DataSource data;
  private final Clock clock;

  BatchControl(
      TaskRegistry tasks,
      BatchStore store,
      BatchHistory history,
      Instance<LaunchQueue> queue,
      ActiveRuns launches,
      Instance<Membership> membership,
      ProjectTracker tracker,
      StartSafeguards guards,
      DispatchConfig config,
      ChunkConfig chunk,
      UndoConfig undo,
      @DataSource("data") javax.sql.DataSource data,
      Clock clock) {
    this.tasks = tasks;
    this.store = store;
    this.history = history;
    this.queue = queue.get();
    this.launches = launches;
    this.membership = membership.get();
    this.tracker = tracker;
    this.guards = guards;
    this.config = config;
    this.chunk = chunk;
    this.undo = undo;
    this.data = data;
    this.clock = clock;
  }

  /**
   * Checks and stores a batch, and hands it to a thread. Returns before the batch runs.
   *
   * @return the batch, or the one that an earlier request with the same key and body started
   * @throws Refusal when the batch can't be started, with the type of the problem; nothing is
   *     stored
   * @throws InvalidParametersException when the parameters don't match those of the task; nothing
   *     is stored
   */
  public BatchView start(StartRequest request) {
    Optional<BatchView> earlier = repeated(request.idempotencyKey(), request.requestHash());
    if (earlier.isPresent()) {
      return earlier.get();
    }
    try (LaunchQueue.Place place = queue.reserve()) {
      NewBatch start = request.secrets().guard(() -> checked(request));
      return storeAndLaunch(start, request, place);
    }
  }

  private NewBatch checked(StartRequest request) {
    BoundTask<?> task = request.bind(tasks);
    guards.look(task, request);
    boolean known =
        request.check() == null
            && !Boolean.TRUE.equals(request.undo())
            && task.isKnownToPass(request.project());
    if (!known) {
      ask(task, request);
    }
    Approval approval =
        guards.look(
            request, most -> ask(connection -> task.planned(request.project(), connection, most)));
    return newBatch(
        request, request.sql() == null ? BatchKind.TASK : BatchKind.SQL, null, approval);
  }

  /**
   * Starts a batch that restores the rows of another one.
   *
   * @param id id of the batch to undo
   * @param request request for that batch's project, with the parameters of the undo
   * @return the undo, or the one that an earlier request with the same key and body started
   * @throws NoSuchElementException when there is no such batch
   * @throws Refusal when it can't be undone, or no batch of its project can be started
   */
  public BatchView undo(long id, StartRequest request) {
    NewBatch start = newBatch(request, BatchKind.UNDO, id, null);
    Optional<BatchView> earlier = repeated(request.idempotencyKey(), request.requestHash());
    if (earlier.isPresent()) {
      return earlier.get();
    }
    BatchView batch = history.find(id).orElseThrow(NoSuchElementException::new);
    try (LaunchQueue.Place place = queue.reserve()) {
      Optional<Refusal> refusal = undoRefused(batch);
      if (refusal.isPresent()) {
        throw refusal.get();
      }
      return storeAndLaunch(start, request, place);
    }
  }

  private Optional<Refusal> undoRefused(BatchView batch) {
    if (!batch.status().isFinal()) {
      return Optional.of(notUndoable(batch, "active"));
    } else if (batch.progress().kept().rows() == 0) {
      return Optional.of(notUndoable(batch, "nothing-kept"));
    } else if (batch.undoneBy() != null) {
      return Optional.of(notUndoable(batch, "undone"));
    }
    return undoExpires(batch)
        .filter(end -> !clock.instant().isBefore(end))
        .map(
            end ->
                new Refusal(
                    "undo-expired", Map.of("batch", batch.id(), "expiredAt", end.toString())));
  }

  private static Refusal notUndoable(BatchView batch, String reason) {
    return new Refusal(
        "not-undoable",
        Map.of("batch", batch.id(), "status", batch.status().text(), "reason", reason));
  }

  /**
   * Returns when the undo data of a batch expire; empty before the batch's end, or without undo
   * data.
   */
  public Optional<Instant> undoExpires(BatchView batch) {
    return batch.progress().kept().rows() == 0
        ? Optional.empty()
        : Optional.ofNullable(batch.finishedAt()).map(end -> end.plus(undo.retention()));
  }

  /** Checks whether a batch can be undone now. */
  public boolean isUndoable(BatchView batch) {
    return undoRefused(batch).isEmpty();
  }

  private BatchView storeAndLaunch(NewBatch start, StartRequest request, LaunchQueue.Place place) {
    try {
      StartResult result = store.store(start, request.onBusy() == OnBusy.QUEUE);
      if (result instanceof StartResult.Busy busy) {
        throw new Refusal(
            "project-busy",
            Map.of("batch", busy.active().id(), "progress", busy.active().progress()));
      } else if (result instanceof StartResult.KeyReused) {
        throw keyReused();
      } else if (result instanceof StartResult.Repeated repeated) {
        // This request itself may have stored it, in a first commit whose response was lost.
        bringOn(repeated.batch(), place);
        return repeated.batch();
      }
      BatchView stored = ((StartResult.Stored) result).batch();
      bringOn(stored, place);
      return stored;
    } catch (Refusal e) {
      throw e;
    } catch (RuntimeException | Error e) {
      // The batch may be stored all the same, and would block its project without ever being
      // launched.
      queue.revisit(request.project());
      throw e;
    }
  }

  private void bringOn(BatchView batch, LaunchQueue.Place place) {
    if (batch.status() == BatchStatus.QUEUED) {
      place.launch(batch);
    } else if (batch.status() == BatchStatus.WAITING && !batch.awaitsApproval()) {
      // The batch before it may have ended before this one was stored as waiting.
      store.queueNext(batch.project()).ifPresent(queue::launch);
    }
  }

  /**
   * Returns the batch that an earlier start with the same key and body started.
   *
   * @throws Refusal {@code idempotency-mismatch} when the key was used with another body
   */
  public Optional<BatchView> repeated(@Nullable String idempotencyKey, String requestHash) {
    if (idempotencyKey == null) {
      return Optional.empty();
    }
    return store
        .findByStartKey("key:" + idempotencyKey, requestHash)
        .map(
            result -> {
              if (result instanceof StartResult.Repeated same) {
                return same.batch();
              }
              throw keyReused();
            });
  }

  private static Refusal keyReused() {
    return new Refusal("idempotency-mismatch", Map.of());
  }

  /**
   * Checks whether a start would be accepted. Stores and starts nothing.
   *
   * @throws Refusal when it would be rejected
   */
  public void check(StartRequest request) {
    BoundTask<?> task = request.bind(tasks);
    guards.look(task, request);
    ask(task, request);
  }

  private void ask(BoundTask<?> task, StartRequest request) {
    ask(
        connection -> {
          check(task, request, connection);
          return true;
        });
  }

  /**
   * Checks a start against the server of the data.
   *
   * @throws Refusal when it is rejected
   */
  void check(BoundTask<?> task, StartRequest request, Connection connection) throws SQLException {
    task.check(request.project(), connection);
    if (Boolean.TRUE.equals(request.undo())) {
      task.checkKeeps(request.project(), connection);
    }
    Optional<BoundCheck> check =
        tasks.check(request.check(), request.parameters(), request.project());
    if (check.isPresent()) {
      check.get().prepare(connection);
    }
  }

  /** Runs a query on a connection of the data pool. */
  interface Question<T> {
    T ask(Connection connection) throws SQLException;
  }

  /**
   * Runs a query, and retries a transient error on another connection, unless the database is
   * unreachable.
   */
  <T> T ask(Question<T> question) {
    for (int tries = 1; ; tries++) {
      try (Connection connection = data.getConnection()) {
        return question.ask(connection);
      } catch (SQLException e) {
        if (tries == CHECK_TRIES
            || DatabaseFailure.of(e)
                .filter(f -> f.isTransient() && f != DatabaseFailure.UNREACHABLE)
                .isEmpty()) {
          throw new IllegalStateException("the statement can't be checked", e);
        }
      }
    }
  }

  /**
   * Counts the rows that a batch would still change. Empty where that number has no meaning, or
   * isn't known within about a second.
   */
  public OptionalLong residual(BatchView batch) {
    if (batch.status().isFinal() && !batch.terms().secrets().isEmpty()) {
      // The secret values of an ended batch are deleted.
      return OptionalLong.empty();
    }
    try {
      return ask(connection -> tasks.bind(batch).residual(batch.project(), connection));
    } catch (Refusal e) {
      // For example, the table no longer exists.
      return OptionalLong.empty();
    }
  }

  private NewBatch newBatch(
      StartRequest request, BatchKind kind, @Nullable Long undoes, @Nullable Approval approval) {
    String key =
        request.idempotencyKey() == null
            ? "start:" + UUID.randomUUID()
            : "key:" + request.idempotencyKey();
    Mode mode = request.mode() == null ? config.defaultMode() : request.mode();
    return new NewBatch(
        request.project(),
        kind,
        request.task(),
        request.sql(),
        request.parameters().toString(),
        mode,
        request
            .settings()
            .applyTo(new BatchSettings(null, chunk.targetMillis(), 1, ThrottleLimits.NONE)),
        safety(request),
        request.terms(),
        approval,
        undoes,
        request.reason(),
        key,
        // A reader of the table could guess a secret from the hash. No request repeats a generated
        // key.
        request.secrets().isEmpty() || request.idempotencyKey() != null
            ? request.requestHash()
            : "",
        TraceParent.current());
  }

  /** Returns the safeguards of a request's batch, with the defaults filled in. */
  Safeguards safety(StartRequest request) {
    Boolean asked = request.undo();
    UndoPolicy keep = undo.enabled() ? UndoPolicy.IF_POSSIBLE : UndoPolicy.NO;
    if (asked != null) {
      keep = asked ? UndoPolicy.YES : UndoPolicy.NO;
    }
    Integer canary = request.canaryChunks();
    return new Safeguards(
        keep,
        request.check(),
        request.check() == null ? 0 : canary == null ? CANARY_CHUNKS : canary);
  }

  /**
   * Waits for the end of a batch without holding a thread.
   *
   * @return the batch when it has ended, or as it is after {@code atMost}; fails with {@link
   *     NoSuchElementException} when the batch no longer exists
   */
  public Uni<BatchView> awaitEnd(BatchView batch, Duration atMost) {
    return awaitEndUntil(batch, clock.instant().plus(atMost), BETWEEN_BATCHES);
  }

  /**
   * Waits for the end of a batch until a deadline.
   *
   * @param pause time until the next read, where the tracker has nothing to wait for
   */
  private Uni<BatchView> awaitEndUntil(BatchView batch, Instant deadline, Duration pause) {
    Optional<Uni<Void>> left = tracker.left(batch.project(), batch.id());
    // Subscribe before reading: if the batch ends between the two, the tracker then has the
    // project's next batch.
    Optional<Uni<Void>> settled = left.isPresent() ? left : tracker.settled(batch.project());
    return left.map(uni -> atMost(uni, deadline))
        .orElseGet(() -> Uni.createFrom().voidItem())
        .emitOn(Infrastructure.getDefaultWorkerPool())
        .map(nothing -> history.find(batch.id()).orElseThrow(NoSuchElementException::new))
        .chain(
            now -> {
              // Timers count in milliseconds, and reject less than one.
              if (now.status().isFinal() || millisTo(deadline) < 1) {
                return Uni.createFrom().item(now);
              }
              Uni<Void> change =
                  left.isPresent()
                      ? Uni.createFrom().voidItem()
                      : atMost(
                          settled.orElseGet(
                              () -> Uni.createFrom().voidItem().onItem().delayIt().by(pause)),
                          deadline);
              Duration longer = pause.multipliedBy(2);
              return change.chain(
                  () ->
                      awaitEndUntil(
                          now, deadline, longer.compareTo(LONGEST_PAUSE) < 0 ? longer : pause));
            });
  }

  private long millisTo(Instant deadline) {
    return Duration.between(clock.instant(), deadline).toMillis();
  }

  private Uni<Void> atMost(Uni<Void> change, Instant deadline) {
    Duration left = Duration.ofMillis(Math.max(1, millisTo(deadline)));
    return change.ifNoItem().after(left).recoverWithItem((Void) null);
  }

  /**
   * Stops a batch after the current chunk, until it is resumed. The batch still occupies its
   * project, but no thread, connection or lock.
   *
   * @return the batch, paused or about to be
   * @throws NoSuchElementException when there is no such batch
   * @throws Refusal when its status does not allow it
   */
  public BatchView pause(long id) {
    return ask(id, BatchStatus.PAUSED, false);
  }

  /**
   * Resumes a paused batch from its checkpoint.
   *
   * @return the batch, queued again
   * @throws NoSuchElementException when there is no such batch
   * @throws Refusal when its status does not allow it
   */
  public BatchView resume(long id) {
    return ask(id, BatchStatus.QUEUED, false);
  }

  /**
   * Ends a batch after the current chunk. Committed chunks remain in effect.
   *
   * @param force whether to abort the current statement, which rolls its chunk back
   * @return the batch, cancelled or about to be
   * @throws NoSuchElementException when there is no such batch
   * @throws Refusal when its status does not allow it
   */
  public BatchView cancel(long id, boolean force) {
    return ask(id, BatchStatus.CANCELLED, force);
  }

  /**
   * Approves a batch, which is then queued or waits in its project's queue.
   *
   * @param by name of the approver; null where callers are not identified
   * @return the batch, approved
   * @throws NoSuchElementException when there is no such batch
   * @throws Refusal when it awaits no approval, or when its own submitter tries to approve it
   */
  public BatchView approve(long id, @Nullable String by) {
    BatchView batch = history.find(id).orElseThrow(NoSuchElementException::new);
    if (by != null && by.equals(batch.terms().submittedBy()) && batch.awaitsApproval()) {
      throw new Refusal("own-approval", Map.of("submittedBy", by));
    }
    ControlResult.Granted granted = granted(store.approve(id, by));
    granted.next().ifPresent(queue::launch);
    return history.find(id).orElse(granted.batch());
  }

  private static ControlResult.Granted granted(Optional<ControlResult> answer) {
    ControlResult asked = answer.orElseThrow(NoSuchElementException::new);
    if (asked instanceof ControlResult.Refused refused) {
      throw new Refusal(
          "illegal-transition",
          Map.of(
              "from", refused.from().text(),
              "to", refused.to().text(),
              "allowed", refused.allowed().stream().map(BatchStatus::text).sorted().toList()));
    }
    return (ControlResult.Granted) asked;
  }

  private BatchView ask(long id, BatchStatus to, boolean force) {
    ControlResult.Granted granted = granted(store.ask(id, to, force));
    if (to != BatchStatus.QUEUED) {
      queue.stop(id, force);
    }
    granted.next().ifPresent(queue::launch);
    return granted.batch();
  }

  /**
   * Changes the settings of a batch from its next chunk on.
   *
   * @return the batch
   * @throws NoSuchElementException when there is no such batch
   * @throws Refusal when it has ended
   */
  public BatchView change(long id, SettingsChange change) {
    BatchView batch = store.change(id, change::applyTo).orElseThrow(NoSuchElementException::new);
    if (batch.status().isFinal()) {
      throw new Refusal("batch-ended", Map.of("status", batch.status().text()));
    }
    launches.change(id, batch.settings());
    return batch;
  }

  /** Returns the settings that a batch uses now. */
  public BatchSettings settings(BatchView batch) {
    return launches.settings(batch.id()).orElse(batch.settings());
  }

  /** Returns the hold that keeps a batch from progressing now. */
  public Optional<Hold> hold(BatchView batch) {
    if (batch.status() == BatchStatus.PAUSED) {
      return Optional.ofNullable(batch.hold());
    } else if (batch.status().isFinal()) {
      return Optional.empty();
    }
    Optional<Hold> here = launches.hold(batch.id());
    return here.isPresent() || batch.status() != BatchStatus.RUNNING
        ? here
        : membership.hold(batch.id());
  }

  /** Returns the number of rows of a batch's next chunk, as far as it is known. */
  public int nextChunkRows(BatchView batch) {
    Integer asked = batch.settings().chunkRows();
    Integer now = batch.progress().chunkRows();
    boolean fixed = batch.settings().targetMillis() == null && asked != null;
    return now != null && !fixed ? now : asked != null ? asked : chunk.rows();
  }

  /**
   * Returns the position in the queue, from 1: a waiting batch in its project's, a queued serial
   * one in the serial queue.
   */
  public OptionalLong position(BatchView batch) {
    if (batch.waitingPosition() != null) {
      return OptionalLong.of(batch.waitingPosition());
    }
    return batch.mode() == Mode.SERIAL && batch.status() == BatchStatus.QUEUED
        ? queue.serialPosition(batch.id())
        : OptionalLong.empty();
  }

  /** Checks whether new batches are rejected because the service is shutting down. */
  public boolean isDraining() {
    return queue.isDraining();
  }

  /** Returns the present state of the pool over all nodes. */
  public PoolView pool() {
    return membership.pool(queue.view());
  }

  /** Checks whether this node is part of a cluster. */
  public boolean isCluster() {
    return membership.isCluster();
  }

  /** Returns the active nodes, oldest first. */
  public List<NodeView> nodes() {
    return membership.nodes();
  }
}
