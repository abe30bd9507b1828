package dev.rowmill.dispatch;

import dev.rowmill.batch.Approval;
import dev.rowmill.batch.BatchKind;
import dev.rowmill.batch.BatchStatus;
import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.NewBatch;
import dev.rowmill.batch.store.BatchHistory;
import dev.rowmill.batch.store.BatchStarts;
import dev.rowmill.batch.store.ProjectQueues;
import dev.rowmill.batch.store.StartResult;
import dev.rowmill.dispatch.pool.LaunchQueue;
import dev.rowmill.dispatch.pool.Slot;
import dev.rowmill.dispatch.task.BoundTask;
import dev.rowmill.dispatch.task.InvalidParametersException;
import dev.rowmill.dispatch.task.TaskRegistry;
import dev.rowmill.task.Refusal;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Instance;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Starts and undoes batches, and checks whether a start would be accepted. Safe for many threads.
 * Blocks while it queries the database. Throws a runtime exception with the SQL error among its
 * causes when the database can't be reached.
 */
@ApplicationScoped
public class BatchStarter {

  private final TaskRegistry tasks;
  private final ProjectQueues queues;
  private final BatchStarts starts;
  private final BatchHistory history;
  private final LaunchQueue queue;
  private final StartSafeguards guards;
  private final StartChecks checks;
  private final BatchDefaults defaults;
  private final UndoRules undoRules;

  BatchStarter(
      TaskRegistry tasks,
      ProjectQueues queues,
      BatchStarts starts,
      BatchHistory history,
      Instance<LaunchQueue> queue,
      StartSafeguards guards,
      StartChecks checks,
      BatchDefaults defaults,
      UndoRules undoRules) {
    this.tasks = tasks;
    this.queues = queues;
    this.starts = starts;
    this.history = history;
    this.queue = queue.get();
    this.guards = guards;
    this.checks = checks;
    this.defaults = defaults;
    this.undoRules = undoRules;
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
    try (Slot slot = queue.reserve()) {
      NewBatch start = request.secrets().guard(() -> checked(request));
      return storeAndLaunch(start, request, slot);
    }
  }

  private NewBatch checked(StartRequest request) {
    BoundTask<?> task = request.bind(tasks);
    guards.check(task, request);
    boolean known =
        request.check() == null
            && !Boolean.TRUE.equals(request.undo())
            && task.passedRecently(request.project());
    if (!known) {
      checks.check(task, request);
    }
    Approval approval =
        guards.check(
            request,
            most -> checks.query(connection -> task.planned(request.project(), connection, most)));
    return defaults.newBatch(
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
    NewBatch start = defaults.newBatch(request, BatchKind.UNDO, id, null);
    Optional<BatchView> earlier = repeated(request.idempotencyKey(), request.requestHash());
    if (earlier.isPresent()) {
      return earlier.get();
    }
    BatchView batch = history.find(id).orElseThrow(NoSuchElementException::new);
    try (Slot slot = queue.reserve()) {
      Optional<Refusal> refusal = undoRules.refusal(batch);
      if (refusal.isPresent()) {
        throw refusal.get();
      }
      return storeAndLaunch(start, request, slot);
    }
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
      queue.revisit(request.project());
      throw e;
    }
  }

  private void launchIfQueued(BatchView batch, Slot slot) {
    if (batch.status() == BatchStatus.QUEUED) {
      slot.launch(batch);
    } else if (batch.status() == BatchStatus.WAITING && !batch.awaitsApproval()) {
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
    guards.check(task, request);
    checks.check(task, request);
  }
}
