package dev.rowmill.dispatch;

import dev.rowmill.batch.BatchSettings;
import dev.rowmill.batch.BatchSpec;
import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.SecretValues;
import dev.rowmill.batch.StoredJson;
import dev.rowmill.batch.UndoPolicy;
import dev.rowmill.batch.store.ChunkSizes;
import dev.rowmill.batch.store.PlanStore;
import dev.rowmill.batch.store.UndoSpace;
import dev.rowmill.database.Digests;
import dev.rowmill.dispatch.task.BoundTask;
import dev.rowmill.dispatch.task.InvalidParametersException;
import dev.rowmill.dispatch.task.TaskRegistry;
import dev.rowmill.engine.ChunkConfig;
import dev.rowmill.engine.ChunkSize;
import dev.rowmill.task.Definition;
import dev.rowmill.task.Definition.Difference;
import dev.rowmill.task.Plan;
import dev.rowmill.task.Refusal;
import dev.rowmill.task.Refusal.Reason;
import jakarta.enterprise.context.ApplicationScoped;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Plans starts, and runs a stored plan as long as it still holds. Safe for many threads. Throws a
 * runtime exception with the SQL error among its causes when the database can't be reached.
 */
@ApplicationScoped
public class BatchPlanner {

  private static final SecureRandom RANDOM = new SecureRandom();
  private static final int ID_BYTES = 16;

  /** Limits the characters of a stored result, which holds rows of the sample. */
  private static final int LONGEST_RESULT = 1_000_000;

  private final TaskRegistry tasks;
  private final StartChecks checks;
  private final BatchStarter starter;
  private final StartSafeguards guards;
  private final PlanStore plans;
  private final PlanConfig config;
  private final UndoSpace space;
  private final ChunkConfig chunk;
  private final Clock clock;

  BatchPlanner(
      TaskRegistry tasks,
      StartChecks checks,
      BatchStarter starter,
      StartSafeguards guards,
      PlanStore plans,
      PlanConfig config,
      UndoSpace space,
      ChunkConfig chunk,
      Clock clock) {
    this.tasks = tasks;
    this.checks = checks;
    this.starter = starter;
    this.guards = guards;
    this.plans = plans;
    this.config = config;
    this.space = space;
    this.chunk = chunk;
    this.clock = clock;
  }

  /**
   * Holds what one inspection of the database finds.
   *
   * @param rowNanos nanoseconds per row of earlier batches over the same table
   * @param undoable whether undo data can be stored
   * @param undoReasons reasons why not
   */
  private record Inspection(
      Optional<Plan> plan, OptionalLong rowNanos, boolean undoable, List<Reason> undoReasons) {}

  /**
   * Makes a plan and stores it. Needs neither a free project nor a slot of the pool, and does not
   * change the data that it plans for.
   *
   * @throws Refusal when a start would be rejected with it
   * @throws InvalidParametersException when a start would be rejected with it
   */
  public PlanView plan(StartRequest request) {
    BatchSpec spec = request.spec();
    BoundTask<?> task = tasks.bind(spec);
    guards.check(task, spec);
    SecretValues secrets = spec.secrets();
    Inspection inspection =
        secrets.guard(() -> checks.query(connection -> inspect(task, spec, connection)));
    guards.check(spec, StartRules.NONE, most -> inspection.plan.map(Plan::matching));
    Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
    byte[] id = new byte[ID_BYTES];
    RANDOM.nextBytes(id);
    Plan plan = inspection.plan.orElse(null);
    Plan.Basis basis = plan == null ? null : plan.basis();
    String definition = basis == null ? null : StoredJson.write(basis.definition());
    PlanView view =
        new PlanView(
            HexFormat.of().formatHex(id),
            spec,
            now,
            now.plus(config.ttl()),
            new PlanView.Result(
                definition == null ? null : Digests.sha256Hex(definition),
                plan == null ? null : PlanSecrets.without(secrets, plan),
                estimatedMillis(inspection, spec),
                plan == null ? null : undo(plan, inspection)));
    String result = StoredJson.write(view.result());
    plans.store(
        new PlanStore.Stored(
            view.id(),
            spec.project(),
            StoredJson.write(request),
            definition,
            basis == null || basis.matching().isEmpty() ? null : basis.matching().getAsLong(),
            result.length() > LONGEST_RESULT ? null : result,
            view.createdAt(),
            view.expiresAt()));
    return view;
  }

  private Inspection inspect(BoundTask<?> task, BatchSpec spec, Connection connection)
      throws SQLException {
    String project = spec.project();
    checks.check(task, spec, connection);
    Optional<Plan> plan =
        task.plan(
            project,
            connection,
            (sizeKey, walked) -> {
              try {
                return chunkRows(
                    spec.settings(),
                    ChunkSizes.find(connection, sizeKey),
                    ChunkSizes.rowNanos(connection, sizeKey),
                    walked);
              } catch (SQLException e) {
                throw new IllegalStateException("the size of chunks can't be read", e);
              }
            });
    OptionalLong nanos =
        plan.isEmpty()
            ? OptionalLong.empty()
            : ChunkSizes.rowNanos(connection, plan.get().sizeKey());
    UndoPolicy keep = spec.safeguards().keep();
    if (keep == UndoPolicy.NO) {
      return new Inspection(plan, nanos, false, List.of(Reason.of("undo-off")));
    }
    try {
      if (keep == UndoPolicy.IF_POSSIBLE) {
        task.checkUndoable(project, connection);
      }
      return new Inspection(plan, nanos, true, List.of());
    } catch (Refusal refusal) {
      return new Inspection(plan, nanos, false, refusal.reasons());
    }
  }

  /** Returns the expected chunk size of a batch that nothing slows down. */
  private int chunkRows(
      BatchSettings settings, OptionalInt last, OptionalLong rowNanos, long walked) {
    Integer requested = settings.chunkRows();
    if (requested != null) {
      return requested;
    }
    int first = chunk.rows();
    long most = ChunkSize.most(first, walked, settings.firstLanes(), rowNanos.orElse(0));
    return (int) Math.min(last.orElse(first), most);
  }

  private static @Nullable Long estimatedMillis(Inspection inspection, BatchSpec spec) {
    if (inspection.plan.isEmpty() || inspection.rowNanos.isEmpty()) {
      return null;
    }
    double nanos = (double) inspection.rowNanos.getAsLong() * inspection.plan.get().walked().rows();
    return Math.round(nanos / 1_000_000 / spec.settings().firstLanes());
  }

  private PlanView.Undo undo(Plan plan, Inspection inspection) {
    long rows = plan.matching().rows();
    return new PlanView.Undo(
        inspection.undoable,
        inspection.undoReasons,
        rows,
        rows * plan.rowBytes(),
        Math.max(0, space.most() - space.used()));
  }

  /**
   * Returns a stored plan of a project, until a day after it has expired; empty where there is
   * none. Its result is empty if it was too long to be stored, or if an earlier version stored it.
   */
  public Optional<PlanView> read(String project, String id) {
    Instant oldest = clock.instant().minus(PlanStore.REMEMBERED);
    return plans
        .find(project, id)
        .filter(plan -> plan.expiresAt().isAfter(oldest))
        .map(BatchPlanner::view);
  }

  private static PlanView view(PlanStore.Stored plan) {
    String result = plan.result();
    return new PlanView(
        plan.id(),
        StoredJson.read(plan.request(), StartRequest.class).spec(),
        plan.createdAt(),
        plan.expiresAt(),
        result == null ? PlanView.Result.NONE : StoredJson.read(result, PlanView.Result.class));
  }

  /**
   * Returns a plan that can be started.
   *
   * @throws Refusal {@code unknown-plan} or {@code plan-expired}
   */
  public PlannedStart find(String project, String id) {
    PlanStore.Stored plan =
        plans.find(project, id).orElseThrow(() -> new Refusal("unknown-plan", Map.of("plan", id)));
    if (!clock.instant().isBefore(plan.expiresAt())) {
      throw new Refusal(
          "plan-expired", Map.of("plan", id, "expiredAt", plan.expiresAt().toString()));
    }
    return new PlannedStart(plan, StoredJson.read(plan.request(), StartRequest.class));
  }

  /**
   * Starts the batch of a plan, after checking that the plan still holds.
   *
   * @param request request of the plan, with the overrides of the start
   * @return as {@link BatchStarter#start}
   * @throws Refusal {@code plan-drift}, or as for any other start; nothing is stored
   */
  public BatchView start(PlannedStart planned, StartRequest request) {
    return start(planned, request, StartRules.NONE);
  }

  /**
   * Starts the batch of a plan as {@link #start(PlannedStart, StartRequest)} does, with rules of
   * its own.
   *
   * @param rules what holds for this start, apart from the request
   */
  public BatchView start(PlannedStart planned, StartRequest request, StartRules rules) {
    String definition = planned.plan().definition();
    if (definition != null) {
      refuseDrift(planned, definition, request.spec());
    }
    return starter.start(request, rules);
  }

  private void refuseDrift(PlannedStart start, String definition, BatchSpec spec) {
    BoundTask<?> task = tasks.bind(spec);
    Long planned = start.plan().matchingRows();
    Optional<Plan.Basis> now =
        spec.secrets()
            .guard(
                () ->
                    checks.query(
                        connection -> task.basis(spec.project(), connection, planned != null)));
    List<Difference> differences =
        now.map(basis -> differences(definition, planned, basis)).orElse(List.of());
    String before = start.request().spec().work().sql();
    if (!Objects.equals(before, spec.work().sql())) {
      // Its saved statement was changed.
      differences = List.of(new Difference("statement", before, spec.work().sql()));
    }
    if (!differences.isEmpty()) {
      throw new Refusal(
          "plan-drift", Map.of("plan", start.plan().id(), "differences", differences));
    }
  }

  private List<Difference> differences(String definition, @Nullable Long planned, Plan.Basis now) {
    List<Difference> differences =
        StoredJson.read(definition, Definition.class).differences(now.definition());
    // Compares exact counts only: an estimate is too rough to detect a drift of a tenth.
    if (planned != null && now.matching().isPresent()) {
      long matching = now.matching().getAsLong();
      if (Math.abs(matching - planned) > config.maxDrift() * planned) {
        differences.add(new Difference("matching rows", planned, matching));
      }
    }
    return differences;
  }
}
