package dev.rowmill.dispatch;

import dev.rowmill.batch.Approval;
import dev.rowmill.batch.BatchKind;
import dev.rowmill.batch.BatchSpec;
import dev.rowmill.batch.BatchStatus;
import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.NewBatch;
import dev.rowmill.batch.TraceParent;
import dev.rowmill.batch.UndoPolicy;
import dev.rowmill.batch.store.BatchHistory;
import dev.rowmill.batch.store.BatchStarts;
import dev.rowmill.batch.store.DefinitionStore;
import dev.rowmill.batch.store.ProjectQueues;
import dev.rowmill.batch.store.StartResult;
import dev.rowmill.dispatch.pool.LaunchQueue;
import dev.rowmill.dispatch.pool.Slot;
import dev.rowmill.dispatch.task.BoundTask;
import dev.rowmill.dispatch.task.InvalidParametersException;
import dev.rowmill.dispatch.task.TaskRegistry;
import dev.rowmill.task.Plan;
import dev.rowmill.task.Refusal;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Instance;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Starts and undoes batches, and checks whether a start would be accepted. Safe for many threads.
 * Blocks while it queries the database. Throws a runtime exception with the SQL error among its
 * causes when the database can't be reached.
 */
@ApplicationScoped
public class BatchStarter {

  /** Begins the start key of a request with an idempotency key. */
  private static final String KEY = "key:";

  /** Begins the start key of a firing. */
  private static final String FIRING = "fire:";

  private final TaskRegistry tasks;
  private final ProjectQueues queues;
  private final BatchStarts starts;
  private final BatchHistory history;
  private final LaunchQueue queue;
  private final StartSafeguards guards;
  private final StartChecks checks;
  private final UndoRules undoRules;
  private final DefinitionStore definitions;

  BatchStarter(
      TaskRegistry tasks,
      ProjectQueues queues,
      BatchStarts starts,
      BatchHistory history,
      Instance<LaunchQueue> queue,
      StartSafeguards guards,
      StartChecks checks,
      UndoRules undoRules,
      DefinitionStore definitions) {
    this.tasks = tasks;
    this.queues = queues;
    this.starts = starts;
    this.history = history;
    this.queue = queue.get();
    this.guards = guards;
    this.checks = checks;
    this.undoRules = undoRules;
    this.definitions = definitions;
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
    return start(request, StartRules.NONE);
  }

  /**
   * Starts a batch as {@link #start(StartRequest)} does, with rules of its own.
   *
   * @param rules what holds for this start, apart from the request
   */
  BatchView start(StartRequest request, StartRules rules) {
    Optional<BatchView> earlier = repeated(request.idempotencyKey(), request.requestHash());
    if (earlier.isPresent()) {
      return earlier.get();
    }
    return checkAndStore(request, rules, startKey(request));
  }

  /**
   * Starts the batch of a schedule's firing, as {@link #start(StartRequest)} does. A firing that is
   * carried out again returns the batch that it has started before, and starts nothing.
   *
   * @param rules what holds for the firing, apart from the request
   * @param firing text that identifies the firing, of at most 250 ASCII characters
   */
  public BatchView fire(StartRequest request, StartRules rules, String firing) {
    Optional<BatchView> earlier =
        starts.findByStartKey(FIRING + firing, request.requestHash()).map(BatchStarter::batchOf);
    return earlier.isPresent() ? earlier.get() : checkAndStore(request, rules, FIRING + firing);
  }

  private static BatchView batchOf(StartResult known) {
    return known instanceof StartResult.KeyReused other
        ? other.batch()
        : ((StartResult.Repeated) known).batch();
  }

  private BatchView checkAndStore(StartRequest request, StartRules rules, String startKey) {
    try (Slot slot = slot(request)) {
      NewBatch start = prepare(request, rules, startKey);
      return storeAndLaunch(start, request, slot);
    }
  }

  /** Reserves a slot, except for a batch that starts later. */
  private Slot slot(StartRequest request) {
    return request.spec().submission().startAt() == null ? queue.reserve() : new NoSlot();
  }

  /** Launches a batch without a reserved slot. */
  private final class NoSlot implements Slot {
    @Override
    public void launch(BatchView batch) {
      queue.launch(batch);
    }

    @Override
    public void close() {}
  }

  /** Checks a request, and returns the batch to store for it. Stores and starts nothing. */
  NewBatch prepare(StartRequest request) {
    return prepare(request, StartRules.NONE, startKey(request));
  }

  private NewBatch prepare(StartRequest request, StartRules rules, String startKey) {
    return request.spec().secrets().guard(() -> checked(request, rules, startKey));
  }

  private NewBatch checked(StartRequest request, StartRules rules, String startKey) {
    BatchSpec spec = request.spec();
    BoundTask<?> task = tasks.bind(spec);
    guards.check(task, spec);
    boolean known =
        spec.safeguards().check() == null
            && spec.safeguards().keep() != UndoPolicy.YES
            && !spec.safeguards().skipsRows()
            && task.passedRecently(spec.project());
    if (!known) {
      checks.check(task, spec);
    }
    Approval approval =
        guards.check(
            spec,
            rules,
            most ->
                checks.query(
                    connection ->
                        task.planned(spec.project(), connection, most, rules.countMillis())));
    return newBatch(request, approval, startKey, definition(task, spec));
  }

  /** Stores the definition of the tables, if it is new, and returns its digest. */
  private @Nullable String definition(BoundTask<?> task, BatchSpec spec) {
    if (spec.work().kind() == BatchKind.UNDO) {
      return null;
    }
    return task.checkedDefinition(spec.project())
        .or(() -> checks.query(connection -> task.definition(spec.project(), connection)))
        .map(definitions::store)
        .orElse(null);
  }

  private static String startKey(StartRequest request) {
    String key = request.idempotencyKey();
    return key == null ? "start:" + UUID.randomUUID() : KEY + key;
  }

  private static NewBatch newBatch(
      StartRequest request,
      @Nullable Approval approval,
      String startKey,
      @Nullable String definition) {
    // A reader of the table could guess a secret from the hash. No request repeats a generated
    // key.
    boolean hashed = request.idempotencyKey() != null || request.spec().secrets().isEmpty();
    return new NewBatch(
        request.spec(),
        approval,
        request.predecessors(),
        startKey,
        hashed ? request.requestHash() : "",
        null,
        TraceParent.current(),
        request.onBusy() == OnBusy.QUEUE,
        definition);
  }

  /**
   * Starts a batch that restores the rows of another one.
   *
   * @param request request for the project of the batch that it undoes
   * @return the undo, or the one that an earlier request with the same key and body started
   * @throws NoSuchElementException when there is no such batch
   * @throws Refusal when it can't be undone, or no batch of its project can be started
   */
  public BatchView undo(StartRequest request) {
    return undo(request, StartRules.NONE);
  }

  /**
   * Starts an undo as {@link #undo(StartRequest)} does, with rules of its own.
   *
   * @param rules what holds for this undo, apart from the request
   */
  public BatchView undo(StartRequest request, StartRules rules) {
    Optional<BatchView> earlier = repeated(request.idempotencyKey(), request.requestHash());
    if (earlier.isPresent()) {
      return earlier.get();
    }
    BatchView batch =
        Optional.ofNullable(request.spec().work().undoes())
            .flatMap(history::find)
            .orElseThrow(NoSuchElementException::new);
    try (Slot slot = queue.reserve()) {
      return storeAndLaunch(prepareUndo(batch, request, rules), request, slot);
    }
  }

  /**
   * Checks whether a batch can be undone, and returns the undo to store. Stores and starts nothing.
   *
   * @throws Refusal when it can't be undone
   */
  NewBatch prepareUndo(BatchView batch, StartRequest request) {
    return prepareUndo(batch, request, StartRules.NONE);
  }

  private NewBatch prepareUndo(BatchView batch, StartRequest request, StartRules rules) {
    Optional<Refusal> refusal = undoRules.refusal(batch);
    if (refusal.isPresent()) {
      throw refusal.get();
    }
    var rows = new Plan.Count(batch.progress().undo().rows(), true);
    // An undo by a person needs none.
    Approval approval =
        rules.approvalRows() != null && guards.needsApproval(rows, rules)
            ? Approval.awaited(rows.rows(), true)
            : null;
    return newBatch(request, approval, startKey(request), null);
  }

  /** Returns whether an undo of a batch would be accepted now. */
  public boolean isUndoable(BatchView batch) {
    return undoRules.refusal(batch).isEmpty();
  }

  private BatchView storeAndLaunch(NewBatch start, StartRequest request, Slot slot) {
    try {
      StartResult result = starts.store(start, request.onBusy() == OnBusy.QUEUE);
      if (result instanceof StartResult.Busy busy) {
        throw new Refusal(
            "project-busy",
            Map.of("batch", busy.active().id(), "progress", busy.active().progress()));
      } else if (result instanceof StartResult.KeyReused) {
        throw keyReused();
      } else if (result instanceof StartResult.Repeated repeated) {
        // This request itself may have stored it, in a first commit whose response was lost.
        launchIfQueued(repeated.batch(), slot);
        return repeated.batch();
      }
      BatchView stored = ((StartResult.Stored) result).batch();
      launchIfQueued(stored, slot);
      return stored;
    } catch (Refusal e) {
      throw e;
    } catch (RuntimeException | Error e) {
      // The batch may be stored all the same, and would block its project without ever being
      // launched.
      queue.revisit(request.spec().project());
      throw e;
    }
  }

  private void launchIfQueued(BatchView batch, Slot slot) {
    if (batch.status() == BatchStatus.QUEUED) {
      slot.launch(batch);
    } else if (batch.status() == BatchStatus.WAITING
        && !batch.awaitsApproval()
        && !batch.awaitsOthers()) {
      // The batch before it may have ended before this one was stored as waiting.
      queues.queueNext(batch.project()).ifPresent(queue::launch);
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
    return starts
        .findByStartKey(KEY + idempotencyKey, requestHash)
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
  public void check(BatchSpec spec) {
    BoundTask<?> task = tasks.bind(spec);
    guards.check(task, spec);
    checks.check(task, spec);
  }
}
