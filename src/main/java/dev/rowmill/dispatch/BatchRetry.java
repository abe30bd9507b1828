package dev.rowmill.dispatch;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rowmill.batch.BatchKind;
import dev.rowmill.batch.BatchSpec;
import dev.rowmill.batch.BatchStatus;
import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.BatchWork;
import dev.rowmill.batch.store.BatchHistory;
import dev.rowmill.batch.store.BatchRetries;
import dev.rowmill.batch.store.DefinitionStore;
import dev.rowmill.batch.store.RetryResult;
import dev.rowmill.dispatch.pool.LaunchQueue;
import dev.rowmill.dispatch.pool.Slot;
import dev.rowmill.dispatch.task.BoundTask;
import dev.rowmill.dispatch.task.TaskRegistry;
import dev.rowmill.task.Definition;
import dev.rowmill.task.Refusal;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Instance;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Retries failed and cancelled batches: each continues under its own id, from the checkpoints of
 * its lanes. Safe for many threads. Blocks while it queries the database. Throws a runtime
 * exception with the SQL error among its causes when the database can't be reached.
 */
@ApplicationScoped
public class BatchRetry {

  /** Rounds no number of the parameters. */
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
          .build();

  private final BatchHistory history;
  private final BatchRetries retries;
  private final DefinitionStore definitions;
  private final TaskRegistry tasks;
  private final StartChecks checks;
  private final UndoRules undoRules;
  private final LaunchQueue queue;

  BatchRetry(
      BatchHistory history,
      BatchRetries retries,
      DefinitionStore definitions,
      TaskRegistry tasks,
      StartChecks checks,
      UndoRules undoRules,
      Instance<LaunchQueue> queue) {
    this.history = history;
    this.retries = retries;
    this.definitions = definitions;
    this.tasks = tasks;
    this.checks = checks;
    this.undoRules = undoRules;
    this.queue = queue.get();
  }

  /**
   * Represents what a retry changes.
   *
   * @param secrets values of the secret parameters, which were deleted when the batch ended
   * @param spec the batch with its new settings and safeguards
   */
  public record Request(BatchView batch, BatchSpec spec, ObjectNode secrets) {

    /**
     * Returns the specification with the values of its secret parameters.
     *
     * @throws Refusal {@code parameter-mismatch} unless exactly these are given
     */
    public BatchSpec withSecrets() {
      return spec.with(BatchRetry.withSecrets(batch, secrets));
    }
  }

  /**
   * Queues an ended batch again.
   *
   * @return the batch: queued, scheduled again, or waiting for its approval, for other batches, or
   *     until its chain is resumed
   * @throws NoSuchElementException when there is no such batch
   * @throws Refusal when it can't be retried; nothing is changed
   */
  public BatchView retry(Request request) {
    BatchView batch = request.batch;
    BatchSpec spec = specOf(request);
    try (var slot = new LateSlot()) {
      checkGuarded(batch, spec);
      return storeAndLaunch(batch, spec, slot);
    }
  }

  /** Reserves a slot once it is needed. A retry that waits or is scheduled needs none. */
  private final class LateSlot implements Slot {
    private @Nullable Slot reserved;

    void reserve() {
      if (reserved == null) {
        reserved = queue.reserve();
      }
    }

    @Override
    public void launch(BatchView batch) {
      if (reserved == null) {
        queue.launch(batch);
      } else {
        reserved.launch(batch);
      }
    }

    @Override
    public void close() {
      if (reserved != null) {
        reserved.close();
      }
    }
  }

  /**
   * Queues steps of a chain again, with their settings. They wait for each other as before.
   *
   * @param steps failed and cancelled batches of one chain
   * @throws Refusal when one of them can't be retried, with the step's name as member {@code step};
   *     none is changed
   */
  void retrySteps(List<BatchView> steps) {
    SortedMap<Long, BatchSpec> specs = new TreeMap<>();
    Map<Long, BatchView> byId = new HashMap<>();
    try (Slot slot = queue.reserve()) {
      for (BatchView step : steps) {
        byId.put(step.id(), step);
        specs.put(step.id(), named(step, () -> checked(step)));
      }
      retries.retrySteps(
          specs,
          (id, retry) -> named(Objects.requireNonNull(byId.get(id)), () -> stored(retry.run())));
    }
  }

  private BatchSpec checked(BatchView step) {
    BatchSpec spec = specOf(new Request(step, step.spec(), JsonNodeFactory.instance.objectNode()));
    checkGuarded(step, spec);
    return spec;
  }

  private interface Work<T, E extends Exception> {
    T run() throws E;
  }

  /** Does something for a step of a chain. A refusal has the name of the step as a member. */
  private static <T, E extends Exception> T named(BatchView step, Work<T, E> work) throws E {
    try {
      return work.run();
    } catch (Refusal e) {
      throw Chains.ofStep(step, e);
    }
  }

  private static BatchSpec specOf(Request request) {
    mayEndAgain(request.batch);
    BatchSpec spec = request.withSecrets();
    refuseSpent(request.batch, spec);
    return spec;
  }

  private void checkGuarded(BatchView batch, BatchSpec spec) {
    spec.secrets()
        .guard(
            () -> {
              check(batch, spec);
              return true;
            });
  }

  private static void mayEndAgain(BatchView batch) {
    if (batch.status() != BatchStatus.FAILED && batch.status() != BatchStatus.CANCELLED) {
      throw illegal(batch.status());
    }
  }

  static Refusal illegal(BatchStatus from) {
    return new Refusal(
        "illegal-transition",
        Map.of(
            "from", from.text(),
            "to", BatchStatus.QUEUED.text(),
            "allowed", from.requestable().stream().map(BatchStatus::text).sorted().toList()));
  }

  /** Returns the work with its secret values, as the request must name exactly these. */
  private static BatchWork withSecrets(BatchView batch, ObjectNode given) {
    Set<String> names = batch.submission().secrets();
    Set<String> missing = new TreeSet<>(names);
    Set<String> unused = new TreeSet<>();
    given
        .fieldNames()
        .forEachRemaining(
            name -> {
              if (!missing.remove(name)) {
                unused.add(name);
              }
            });
    if (!missing.isEmpty() || !unused.isEmpty()) {
      throw new Refusal(
          "parameter-mismatch",
          Map.of("missing", List.copyOf(missing), "unused", List.copyOf(unused)));
    }
    BatchWork work = batch.spec().work();
    if (names.isEmpty()) {
      return work;
    }
    try {
      ObjectNode values = (ObjectNode) JSON.readTree(work.parameters());
      values.setAll(given);
      return work.with(values.toString());
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("the parameters of batch " + batch.id() + " can't be read");
    }
  }

  /** Refuses a batch whose earlier runs took as long as all of them together may. */
  private static void refuseSpent(BatchView batch, BatchSpec spec) {
    Long most = spec.safeguards().bounds().maxDurationMillis();
    if (most != null && batch.ranMillis() >= most) {
      throw new Refusal(
          "duration-spent",
          Map.of("batch", batch.id(), "ranMillis", batch.ranMillis(), "maxDurationMillis", most));
    }
  }

  private void check(BatchView batch, BatchSpec spec) {
    if (spec.work().kind() == BatchKind.UNDO) {
      // Another undo may have restored the same rows meanwhile, or their images may have expired.
      Optional.ofNullable(spec.work().undoes())
          .flatMap(history::find)
          .flatMap(undoRules::refusal)
          .ifPresent(
              refusal -> {
                throw refusal;
              });
      return;
    }
    BoundTask<?> task = tasks.bind(spec);
    Optional<Definition> before = definitions.ofBatch(batch.id());
    if (before.isPresent()) {
      Optional<Definition> now =
          checks.query(connection -> task.definition(spec.project(), connection));
      List<Definition.Difference> differences =
          now.map(it -> before.get().differences(it)).orElse(List.of());
      if (!differences.isEmpty()) {
        throw new Refusal(
            "definition-changed", Map.of("batch", batch.id(), "differences", differences));
      }
    }
    checks.check(task, spec);
  }

  private BatchView storeAndLaunch(BatchView batch, BatchSpec spec, LateSlot slot) {
    try {
      BatchView stored = stored(retries.retry(batch.id(), spec, slot::reserve));
      if (stored.status() == BatchStatus.QUEUED) {
        slot.launch(stored);
      }
      return stored;
    } catch (Refusal e) {
      throw e;
    } catch (RuntimeException | Error e) {
      // The retry may be stored all the same, and would block its project without being launched.
      queue.revisit(spec.project());
      throw e;
    }
  }

  private static BatchView stored(RetryResult result) {
    if (result instanceof RetryResult.Refused refused) {
      throw illegal(refused.from());
    } else if (result instanceof RetryResult.Undone undone) {
      throw new Refusal(
          "not-retryable",
          Map.of(
              "batch",
              undone.batch(),
              "status",
              undone.status().text(),
              "reason",
              undone.reason()));
    } else if (result instanceof RetryResult.Busy busy) {
      throw new Refusal(
          "project-busy",
          Map.of("batch", busy.active().id(), "progress", busy.active().progress()));
    }
    return ((RetryResult.Stored) result).batch();
  }
}
