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
 * The one entry to start, pause, resume and cancel batches and to wait for them. Safe for many
 * threads. What needs the database blocks, and throws a runtime exception with the SQL error among
 * its causes when the database can't be reached.
 */
@ApplicationScoped
public class BatchControl {

  private static final int CHECK_TRIES = 3;
  private static final int CANARY_CHUNKS = 3;

  /** Between one batch of a project and the next, for a moment none is tracked. */
  private static final Duration BETWEEN_BATCHES = Duration.ofMillis(20);

  /** Between two looks at a batch that nobody works on, such as one that is paused. */
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
   * Checks and stores a batch and hands it to a thread. Returns as soon as that is done, never
   * after the work.
   *
   * @return the batch, or the one that an earlier request with the same key and body started
   * @throws Refusal when it can't be done, with the type of the problem; nothing is stored
   * @throws InvalidParametersException when the parameters are not what the task asks for; nothing
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
   * Starts a batch that puts the rows of another one back.
   *
   * @param id of the batch to be undone
   * @param request of that batch's project, with the parameters of the undo
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

  /** Until when what a batch kept is there; empty before its end, or where it kept nothing. */
  public Optional<Instant> undoExpires(BatchView batch) {
    return batch.progress().kept().rows() == 0
        ? Optional.empty()
        : Optional.ofNullable(batch.finishedAt()).map(end -> end.plus(undo.retention()));
  }

  /** Whether a batch can be undone now. */
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
        // Perhaps by this very request, if its first commit went through unanswered.
        bringOn(repeated.batch(), place);
        return repeated.batch();
      }
      BatchView stored = ((StartResult.Stored) result).batch();
      bringOn(stored, place);
      return stored;
    } catch (Refusal e) {
      throw e;
    } catch (RuntimeException | Error e) {
      // It may be stored all the same, and would keep its project busy with no thread to come.
      queue.revisit(request.project());
      throw e;
    }
  }

  private void bringOn(BatchView batch, LaunchQueue.Place place) {
    if (batch.status() == BatchStatus.QUEUED) {
      place.launch(batch);
    } else if (batch.status() == BatchStatus.WAITING && !batch.awaitsApproval()) {
      // The batch before it may have ended before this one stood in line.
      store.queueNext(batch.project()).ifPresent(queue::launch);
    }
  }

  /** What an earlier start with the same key and body started. */
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
   * Says whether a start would pass; starts nothing.
   *
   * @throws Refusal when it would not
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
   * Says whether a start may be stored, as far as the data's server can tell.
   *
   * @throws Refusal when it may not
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

  /** A question to the data pool's server. */
  interface Question<T> {
    T ask(Connection connection) throws SQLException;
  }

  /** Asks, and asks again when the connection for it turned out to be dead. */
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
   * How many rows the work of a batch would still change, where that means something and is known
   * within about a second.
   */
  public OptionalLong residual(BatchView batch) {
    if (batch.status().isFinal() && !batch.terms().secrets().isEmpty()) {
      // Its values are forgotten.
      return OptionalLong.empty();
    }
    try {
      return ask(connection -> tasks.bind(batch).residual(batch.project(), connection));
    } catch (Refusal e) {
      // Such as of a table that is not there any more.
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
        // Who reads the table could guess a secret by it; nobody asks for that of a key made up.
        request.secrets().isEmpty() || request.idempotencyKey() != null
            ? request.requestHash()
            : "",
        TraceParent.current());
  }

  /** What guards the batch of a request. */
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
   * Answers when the batch has ended, or else with its state after a time. Holds no thread.
   *
   * @return fails with {@link NoSuchElementException} when there is no such batch any more
   */
  public Uni<BatchView> awaitEnd(BatchView batch, Duration atMost) {
    return awaitEndUntil(batch, clock.instant().plus(atMost), BETWEEN_BATCHES);
  }

  /**
   * @param pause before the next look, where nothing is tracked that could be waited for
   */
  private Uni<BatchView> awaitEndUntil(BatchView batch, Instant deadline, Duration pause) {
    Optional<Uni<Void>> left = tracker.left(batch.project(), batch.id());
    // Taken before the look: the batch may end between the two, and what is tracked after that is
    // the next of its project.
    Optional<Uni<Void>> settled = left.isPresent() ? left : tracker.settled(batch.project());
    return left.map(uni -> atMost(uni, deadline))
        .orElseGet(() -> Uni.createFrom().voidItem())
        .emitOn(Infrastructure.getDefaultWorkerPool())
        .map(nothing -> history.find(batch.id()).orElseThrow(NoSuchElementException::new))
        .chain(
            now -> {
              // Timers count milliseconds, and refuse less than one.
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
   * Lets a batch go no further than the chunk in hand, until it is resumed. It keeps its project,
   * but no thread, connection or lock.
   *
   * @return the batch, paused or about to be
   * @throws NoSuchElementException when there is no such batch
   * @throws Refusal when its state does not allow it
   */
  public BatchView pause(long id) {
    return ask(id, BatchStatus.PAUSED, false);
  }

  /**
   * Lets a paused batch go on from its checkpoint.
   *
   * @return the batch, queued again
   * @throws NoSuchElementException when there is no such batch
   * @throws Refusal when its state does not allow it
   */
  public BatchView resume(long id) {
    return ask(id, BatchStatus.QUEUED, false);
  }

  /**
   * Ends a batch after the chunk in hand; what was done stays done.
   *
   * @param force whether to break off the statement in hand, which rolls back
   * @return the batch, cancelled or about to be
   * @throws NoSuchElementException when there is no such batch
   * @throws Refusal when its state does not allow it
   */
  public BatchView cancel(long id, boolean force) {
    return ask(id, BatchStatus.CANCELLED, force);
  }

  /**
   * Lets a batch run that needs an approval: it is queued, or stands in its project's line.
   *
   * @param by name of who approves it; null where callers are not told apart
   * @return the batch, approved
   * @throws NoSuchElementException when there is no such batch
   * @throws Refusal when it awaits no approval, or that of another than who asked for it
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
   * Changes how a batch goes on, from its next chunk.
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

  /** Settings that a batch goes on with now. */
  public BatchSettings settings(BatchView batch) {
    return launches.settings(batch.id()).orElse(batch.settings());
  }

  /** What holds a batch back now. */
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

  /** Rows of a batch's next chunk, as far as that is known. */
  public int nextChunkRows(BatchView batch) {
    Integer asked = batch.settings().chunkRows();
    Integer now = batch.progress().chunkRows();
    boolean fixed = batch.settings().targetMillis() == null && asked != null;
    return now != null && !fixed ? now : asked != null ? asked : chunk.rows();
  }

  /** Place in line from 1: of a waiting batch in its project's, of a serial one in that of all. */
  public OptionalLong position(BatchView batch) {
    if (batch.waitingPosition() != null) {
      return OptionalLong.of(batch.waitingPosition());
    }
    return batch.mode() == Mode.SERIAL && batch.status() == BatchStatus.QUEUED
        ? queue.serialPosition(batch.id())
        : OptionalLong.empty();
  }

  /** Whether no batch is taken in any more, as the service is ending. */
  public boolean isDraining() {
    return queue.isDraining();
  }

  /** The pool of all nodes as it is now. */
  public PoolView pool() {
    return membership.pool(queue.view());
  }

  /** Whether the nodes are those of a cluster. */
  public boolean isCluster() {
    return membership.isCluster();
  }

  /** The nodes at work, oldest first. */
  public List<NodeView> nodes() {
    return membership.nodes();
  }
}
