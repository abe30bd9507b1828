package dev.rowmill.dispatch;

import dev.rowmill.batch.BatchStatus;
import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.ChainView;
import dev.rowmill.batch.NewBatch;
import dev.rowmill.batch.NewChain;
import dev.rowmill.batch.store.ChainStore;
import dev.rowmill.dispatch.pool.LaunchQueue;
import dev.rowmill.dispatch.pool.Slot;
import dev.rowmill.task.Refusal;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Instance;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Starts and controls chains. Safe for many threads. Blocks while it queries the database. Throws a
 * runtime exception with the SQL error among its causes when the database can't be reached.
 */
@ApplicationScoped
public class Chains {

  /** Begins the key of a request with an idempotency key. */
  private static final String KEY = "key:";

  private final ChainStore store;
  private final BatchStarter starter;
  private final BatchControl control;
  private final BatchRetry retry;
  private final LaunchQueue queue;

  Chains(
      ChainStore store,
      BatchStarter starter,
      BatchControl control,
      BatchRetry retry,
      Instance<LaunchQueue> queue) {
    this.store = store;
    this.starter = starter;
    this.control = control;
    this.retry = retry;
    this.queue = queue.get();
  }

  /**
   * Checks a step as a start, and returns its batch to be stored.
   *
   * @throws Refusal when it would be rejected
   */
  public NewBatch check(StartRequest request) {
    return starter.prepare(request);
  }

  /**
   * Stores a chain, whose steps are then launched.
   *
   * @param idempotencyKey the caller's, or null
   * @param steps provides the checked steps, unless the key was used before
   * @return the chain, or the one that an earlier request with the same key and body started
   * @throws Refusal when no batch can be started now, or the key was used for another request
   */
  public ChainView start(
      @Nullable String name,
      @Nullable String submittedBy,
      @Nullable String idempotencyKey,
      String requestHash,
      Supplier<List<NewChain.Step>> steps) {
    return stored(
        idempotencyKey,
        requestHash,
        key -> store.store(new NewChain(name, submittedBy, key, requestHash, null, steps.get())));
  }

  /**
   * Stores a chain that undoes another one in reverse order: an undo of each step that has changed
   * rows and is not undone. It has the name of that chain, and its steps have the names of theirs.
   *
   * @param idempotencyKey the caller's, or null
   * @param request returns the request for the undo of a batch; may be called again
   * @return the undo, or the chain that an earlier request with the same key and body started
   * @throws NoSuchElementException when there is no such chain
   * @throws Refusal when a step is active or can't be undone, with its name as member {@code step};
   *     when nothing is left to undo; and as for a start. Nothing is stored
   */
  public ChainView undo(
      long id,
      @Nullable String submittedBy,
      @Nullable String idempotencyKey,
      String requestHash,
      Function<BatchView, StartRequest> request) {
    return stored(
        idempotencyKey,
        requestHash,
        key ->
            store.undo(
                id,
                key,
                requestHash,
                undoable ->
                    new NewChain(
                        undoable.chain().name(),
                        submittedBy,
                        key,
                        requestHash,
                        id,
                        ReverseOrder.undos(
                            undoable, batch -> starter.prepareUndo(batch, request.apply(batch))))));
  }

  private ChainView stored(
      @Nullable String idempotencyKey, String requestHash, Function<String, ChainView> store) {
    String key = idempotencyKey == null ? "start:" + UUID.randomUUID() : KEY + idempotencyKey;
    Optional<ChainView> earlier =
        idempotencyKey == null ? Optional.empty() : this.store.repeated(key, requestHash);
    if (earlier.isPresent()) {
      return earlier.get();
    }
    try (Slot slot = queue.reserve()) {
      return store.apply(key);
    }
  }

  /** Returns a refusal with the name of a step as its member {@code step}. */
  static Refusal ofStep(BatchView step, Refusal refusal) {
    Map<String, Object> members = new LinkedHashMap<>(refusal.members());
    members.put("step", Objects.requireNonNull(step.step()).name());
    return new Refusal(refusal.type(), members, refusal.reasons());
  }

  /**
   * Pauses the active steps of a chain, and queues no further one until it is resumed.
   *
   * @throws NoSuchElementException when there is no such chain
   */
  public ChainView pause(long id) {
    hold(id, true);
    each(
        id,
        step -> step.status() == BatchStatus.QUEUED || step.status() == BatchStatus.RUNNING,
        control::pause);
    return store.find(id).orElseThrow();
  }

  /**
   * Resumes a paused chain.
   *
   * @throws NoSuchElementException when there is no such chain
   */
  public ChainView resume(long id) {
    hold(id, false);
    each(
        id,
        step -> step.status() == BatchStatus.PAUSED || step.wanted() == BatchStatus.PAUSED,
        control::resume);
    return store.find(id).orElseThrow();
  }

  /**
   * Cancels the steps of a chain that have not ended, after their current chunks.
   *
   * @param force whether to abort the current statements
   * @throws NoSuchElementException when there is no such chain
   */
  public ChainView cancel(long id, boolean force) {
    store.cancelWaiting(id);
    each(id, step -> !step.status().isFinal(), batch -> control.cancel(batch, force));
    return store.find(id).orElseThrow();
  }

  /**
   * Retries the failed and cancelled steps of a chain, all or none. Each continues from its
   * checkpoint when the steps that it needs have succeeded.
   *
   * @throws NoSuchElementException when there is no such chain
   * @throws Refusal when no step can be retried, or one of them can't be; nothing is changed
   */
  public ChainView retry(long id) {
    ChainView chain = store.find(id).orElseThrow(NoSuchElementException::new);
    List<BatchView> ended =
        chain.steps().stream()
            .filter(
                step ->
                    step.status() == BatchStatus.FAILED || step.status() == BatchStatus.CANCELLED)
            .toList();
    if (ended.isEmpty()) {
      throw BatchRetry.illegal(chain.status());
    }
    retry.retrySteps(ended);
    return store.find(id).orElseThrow();
  }

  private void hold(long id, boolean hold) {
    if (!store.hold(id, hold)) {
      throw new NoSuchElementException();
    }
  }

  /** Selects the steps to control. */
  private interface Selection {
    boolean includes(BatchView step);
  }

  private void each(long id, Selection selection, LongConsumer request) {
    for (BatchView step : store.find(id).orElseThrow().steps()) {
      if (selection.includes(step)) {
        try {
          request.accept(step.id());
        } catch (Refusal e) {
          // It has changed its status since; what follows it is held.
          if (!e.type().equals("illegal-transition")) {
            throw e;
          }
        }
      }
    }
  }
}
