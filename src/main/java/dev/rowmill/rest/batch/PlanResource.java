package dev.rowmill.rest.batch;

import dev.rowmill.dispatch.BatchPlanner;
import dev.rowmill.dispatch.PlanView;
import dev.rowmill.dispatch.StartRequest;
import dev.rowmill.rest.http.Access;
import dev.rowmill.rest.http.JsonBody;
import dev.rowmill.rest.http.Language;
import dev.rowmill.rest.http.ProblemTexts;
import dev.rowmill.rest.http.RequestBytes;
import dev.rowmill.security.Role;
import dev.rowmill.task.Chunk;
import dev.rowmill.task.Plan;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** Plans batches: returns what a start would do, without changing any data. */
@Path("/api/v1")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Plans", description = "Returns what a start would do, without changing any data")
class PlanResource {

  private final BatchPlanner planner;
  private final StartResolver resolver;
  private final ProblemTexts texts;
  private final Access access;

  PlanResource(BatchPlanner planner, StartResolver resolver, ProblemTexts texts, Access access) {
    this.planner = planner;
    this.resolver = resolver;
    this.access = access;
    this.texts = texts;
  }

  @POST
  @Path("/projects/{project}/plans")
  @Consumes(MediaType.APPLICATION_JSON)
  @RolesAllowed(Role.Names.OPERATOR)
  @Operation(
      summary = "Plan a batch",
      description =
          "Takes the body of a start without a plan, and returns what would happen without changing"
              + " any data. A start with the plan's id runs exactly this, as long as the"
              + " definitions of the tables are unchanged and about as many rows match, if they"
              + " were counted. A plan does not need a free project. It is rejected for every other"
              + " reason for which a start is rejected.")
  @APIResponse(responseCode = "200", description = "The plan")
  public PlanBody planBatch(
      @Parameter(description = "1 to 64 of A-Z a-z 0-9 . _ -", example = "p1") @PathParam("project")
          String project,
      @Parameter(description = "Language of warnings and problem texts: en or zh", example = "zh")
          @HeaderParam("Accept-Language")
          @Nullable String language,
      @RequestBody(
              description = "Start request to plan, with exactly one of sql, task and statement",
              content =
                  @Content(
                      schema = @Schema(ref = "#/components/schemas/Start"),
                      examples =
                          @ExampleObject(
                              name = "update",
                              summary = "Plan raising the prices of the active items",
                              value =
                                  """
                                  {"sql": "UPDATE shop.item SET price = price * :factor WHERE status = :status",
                                   "parameters": {"factor": 1.05, "status": "active"}}""")))
          InputStream body) {
    String name = access.project(project);
    StartBody start = StartBody.read(JsonBody.of(RequestBytes.of(body)));
    StartRequest request = access.start(start.over(resolver.base(name, null, "")));
    return body(planner.plan(resolver.whole(request)), Language.of(language));
  }

  private PlanBody.@Nullable KeyBody key(Plan.@Nullable Key key, Language language) {
    return key == null
        ? null
        : new PlanBody.KeyBody(key.name(), key.columns(), texts.plan(key.why(), language));
  }

  private PlanBody body(PlanView view, Language language) {
    Plan plan = view.plan();
    return new PlanBody(
        view.id(),
        view.spec().project(),
        view.spec().work().kind().text(),
        view.createdAt(),
        view.expiresAt(),
        view.fingerprint(),
        plan == null ? null : new PlanBody.StatementBody(plan.statement(), plan.values()),
        plan == null ? null : key(plan.key(), language),
        plan == null ? null : new PlanBody.RangesBody(range(plan.first()), range(plan.last())),
        plan == null ? null : count(plan.rows()),
        plan == null ? null : count(plan.matching()),
        plan == null ? null : Long.valueOf(plan.chunks()),
        view.estimatedMillis(),
        plan == null ? null : plan.explain(),
        warnings(view, language),
        plan == null
            ? null
            : plan.sample().stream()
                .map(row -> new PlanBody.RowBody(row.before(), row.after()))
                .toList(),
        undo(view.undo(), language));
  }

  private static PlanBody.CountBody count(Plan.Count count) {
    return new PlanBody.CountBody(count.rows(), count.exact() ? "exact" : "estimate");
  }

  private static PlanBody.@Nullable RangeBody range(@Nullable Chunk chunk) {
    if (chunk == null) {
      return null;
    }
    String after = chunk.after();
    return new PlanBody.RangeBody(
        after == null ? null : BatchBodies.json(after), BatchBodies.json(chunk.upTo()));
  }

  private List<PlanBody.WarningBody> warnings(PlanView view, Language language) {
    List<Plan.Warning> all =
        new ArrayList<>(view.plan() == null ? List.of() : view.plan().warnings());
    PlanView.Undo undo = view.undo();
    if (undo != null && !undo.available()) {
      all.add(
          Plan.Warning.of(
              "no-undo",
              "reasons",
              undo.reasons().stream()
                  .map(reason -> texts.reason(reason, language))
                  .collect(Collectors.joining(" "))));
    } else if (undo != null && undo.bytes() > undo.roomBytes()) {
      all.add(Plan.Warning.of("no-room-for-undo", "bytes", Long.toString(undo.roomBytes())));
    }
    return all.stream()
        .map(
            warning ->
                new PlanBody.WarningBody(warning.code(), texts.plan(warning, language).strip()))
        .toList();
  }

  private PlanBody.@Nullable UndoBody undo(PlanView.@Nullable Undo undo, Language language) {
    return undo == null
        ? null
        : new PlanBody.UndoBody(
            undo.available(),
            undo.reasons().stream().map(reason -> texts.reason(reason, language)).toList(),
            undo.rows(),
            undo.bytes(),
            undo.bytes() <= undo.roomBytes(),
            undo.roomBytes());
  }
}
