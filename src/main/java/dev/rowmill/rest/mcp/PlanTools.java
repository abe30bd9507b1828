package dev.rowmill.rest.mcp;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.Submission;
import dev.rowmill.batch.store.PlanStore;
import dev.rowmill.dispatch.BatchPlanner;
import dev.rowmill.dispatch.BatchStarter;
import dev.rowmill.dispatch.PlanView;
import dev.rowmill.dispatch.PlannedStart;
import dev.rowmill.dispatch.StartRequest;
import dev.rowmill.dispatch.StartRules;
import dev.rowmill.dispatch.StartSafeguards;
import dev.rowmill.rest.batch.PlanBodies;
import dev.rowmill.rest.batch.StartBody;
import dev.rowmill.rest.batch.StartResolver;
import dev.rowmill.rest.batch.StartResponses;
import dev.rowmill.rest.http.Access;
import dev.rowmill.rest.http.JsonBody;
import dev.rowmill.rest.http.Language;
import dev.rowmill.rest.http.RequestAudit;
import dev.rowmill.rest.http.RequestHash;
import dev.rowmill.rest.http.StrictJson;
import dev.rowmill.rest.http.Unaudited;
import dev.rowmill.rest.mcp.AgentTool.Effect;
import dev.rowmill.security.Role;
import dev.rowmill.task.Plan;
import dev.rowmill.task.Refusal;
import io.quarkus.runtime.annotations.RegisterForReflection;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** Provides the tools that plan changes and start plans. Safe for many threads. */
@ApplicationScoped
class PlanTools {

  /**
   * Begins the idempotency key of a start, so that a plan is started once by assistants. No request
   * to the REST API can have such a key.
   */
  private static final String KEY = "\tplan:";

  /** Lists the members of a plan that are data. */
  private static final List<String> DATA =
      List.of("statement", "key", "ranges", "explain", "warnings", "sample", "undo");

  private final BatchPlanner planner;
  private final BatchStarter starter;
  private final StartResolver resolver;
  private final PlanBodies bodies;
  private final BatchResults batches;
  private final StartResponses responses;
  private final StartSafeguards guards;
  private final Access access;
  private final RequestAudit audit;
  private final AgentConfig config;
  private final ObjectMapper mapper;

  PlanTools(
      BatchPlanner planner,
      BatchStarter starter,
      StartResolver resolver,
      PlanBodies bodies,
      BatchResults batches,
      StartResponses responses,
      StartSafeguards guards,
      Access access,
      RequestAudit audit,
      AgentConfig config,
      ObjectMapper mapper) {
    this.planner = planner;
    this.starter = starter;
    this.resolver = resolver;
    this.bodies = bodies;
    this.batches = batches;
    this.responses = responses;
    this.guards = guards;
    this.access = access;
    this.audit = audit;
    this.config = config;
    this.mapper = mapper;
  }

  List<AgentTool<?>> tools() {
    return List.of(
        AgentTool.of(
            "plan_change",
            "Plan a change",
            "Returns what a change would do, without changing any data: how many rows match, some of"
                + " them before and after, warnings, and the id by which start_plan starts exactly"
                + " this change. Give either sql or the name of a saved statement. Use :names for"
                + " values, and give them in parameters.",
            PlanArguments.class,
            Effect.CONTROLS,
            this::plan),
        AgentTool.of(
            "get_plan",
            "Read a plan",
            "Returns a plan as it was made.",
            PlanId.class,
            Effect.READS,
            this::read),
        AgentTool.of(
            "start_plan",
            "Start a plan",
            "Starts a planned change in the background, and returns its batch at once. Read the plan"
                + " first. With approvalNeeded, the batch waits until a person approves it. A plan"
                + " is started once: a further call returns the same batch.",
            StartArguments.class,
            Effect.CHANGES_ROWS,
            this::start));
  }

  /** Represents the arguments of a plan. */
  @RegisterForReflection
  public record PlanArguments(
      @Schema(description = "Project of the change: 1 to 64 of A-Z a-z 0-9 . _ -")
          @NotNull(message = "missing-value")
          @Nullable String project,
      @Schema(
              description =
                  "One UPDATE, DELETE, INSERT … SELECT or REPLACE … SELECT that changes one table,"
                      + " with :names for values, such as UPDATE shop.item SET price = price *"
                      + " :factor WHERE status = :status")
          @Size(min = 1)
          @Unaudited
          @Nullable String sql,
      @Schema(description = "Name of a saved statement, see list_statements") @Size(min = 1)
          @Nullable String statement,
      @Schema(description = "Values of the named parameters") @Unaudited
          @Nullable ObjectNode parameters,
      @Schema(
              description =
                  "Confirms a statement without a WHERE; true only if the whole table is meant")
          @Nullable Boolean wholeTable) {

    /** Returns the body of the start that is to be planned. */
    JsonBody body() {
      ObjectNode body = StrictJson.MAPPER.createObjectNode();
      if (sql != null) {
        body.put("sql", sql);
      }
      if (statement != null) {
        body.put("statement", statement);
      }
      if (parameters != null) {
        body.set("parameters", parameters);
      }
      if (wholeTable != null) {
        body.put("wholeTable", wholeTable);
      }
      return JsonBody.ofRead(body);
    }
  }

  /** Represents the arguments that name a plan. */
  @RegisterForReflection
  public record PlanId(
      @Schema(description = "Project of the plan") @NotNull(message = "missing-value")
          @Nullable String project,
      @Schema(description = "Id of the plan") @NotNull(message = "missing-value")
          @Nullable String plan) {}

  /** Represents the arguments of a start. */
  @RegisterForReflection
  public record StartArguments(
      @Schema(description = "Project of the plan") @NotNull(message = "missing-value")
          @Nullable String project,
      @Schema(description = "Id of the plan") @NotNull(message = "missing-value")
          @Nullable String plan,
      @Schema(description = "Reason for the change, for the people who approve and watch it")
          @Size(min = 1, max = 500)
          @Nullable String reason) {}

  private ToolResult plan(PlanArguments arguments) {
    String project = access.project(Objects.requireNonNull(arguments.project));
    audit.isOf(project);
    StartBody body = StartBody.read(arguments.body());
    StartRequest request = access.plannedByAgent(body.over(resolver.base(project, null, "")));
    return result(planner.plan(resolver.whole(request)));
  }

  private ToolResult read(PlanId arguments) {
    String project = access.project(Objects.requireNonNull(arguments.project));
    audit.isOf(project);
    String id = Objects.requireNonNull(arguments.plan);
    return result(planner.read(project, id).orElseThrow(() -> unknown(id)));
  }

  private static Refusal unknown(String id) {
    return new Refusal("unknown-plan", Map.of("plan", id));
  }

  private ToolResult result(PlanView view) {
    Plan plan = view.result().plan();
    ObjectNode body = (ObjectNode) ToolResult.json(mapper, bodies.body(view, Language.ENGLISH));
    ArrayNode codes = body.arrayNode();
    body.path("warnings").forEach(warning -> codes.add(warning.path("code")));
    ToolResult result = new ToolResult(body).isData(DATA).with("warningCodes", codes);
    return plan == null
        ? result
        : result.with("approvalNeeded", guards.needsApproval(plan.matching(), rules()));
  }

  private ToolResult start(StartArguments arguments) {
    String project = access.project(Objects.requireNonNull(arguments.project));
    audit.isOf(project);
    String id = Objects.requireNonNull(arguments.plan);
    if (!PlanStore.isId(id)) {
      throw unknown(id);
    }
    String key = KEY + id;
    String hash = RequestHash.of(project, StrictJson.MAPPER.createObjectNode().put("plan", id));
    BatchView batch =
        starter
            .repeated(key, hash)
            .orElseGet(
                () ->
                    responses.stored(
                        () -> started(planner.find(project, id), key, hash, arguments.reason)));
    audit.isOf(project, batch.id());
    return batches.of(batch);
  }

  private BatchView started(PlannedStart planned, String key, String hash, @Nullable String why) {
    StartRequest request = access.plannedByAgent(planned.request().as(key, hash));
    if (request.spec().work().sql() == null) {
      // The rows of other work can't be counted, so no approval could depend on them.
      access.need(Role.OPERATOR);
    }
    if (why != null) {
      request = request.with(request.spec().with(request.spec().submission().because(why)));
    }
    // Who has planned it must not approve it either.
    Submission submission = request.spec().submission();
    request = request.with(request.spec().with(submission.withContentBy(submission.authors())));
    return planner.start(planned, resolver.whole(request), rules());
  }

  private StartRules rules() {
    return StartRules.approvedAbove(config.approvalRows());
  }
}
