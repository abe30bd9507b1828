package dev.rowmill.rest.batch;

import dev.rowmill.dispatch.BatchPlanner;
import dev.rowmill.dispatch.PlanView;
import dev.rowmill.dispatch.StartRequest;
import dev.rowmill.rest.http.Access;
import dev.rowmill.rest.http.AuditedRead;
import dev.rowmill.rest.http.JsonBody;
import dev.rowmill.rest.http.Language;
import dev.rowmill.rest.http.RequestBytes;
import dev.rowmill.security.Role;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.io.InputStream;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** Plans batches: returns what a start would do, without changing any data. Shows plans. */
@Path("/api/v1")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Plans", description = "Returns what a start would do, without changing any data")
class PlanResource {

  private final BatchPlanner planner;
  private final StartResolver resolver;
  private final PlanBodies bodies;
  private final Access access;

  PlanResource(BatchPlanner planner, StartResolver resolver, PlanBodies bodies, Access access) {
    this.planner = planner;
    this.resolver = resolver;
    this.access = access;
    this.bodies = bodies;
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
              description =
                  "Start request to plan, with exactly one of sql, task, statement, archive and upload",
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
    return bodies.body(planner.plan(resolver.whole(request)), Language.of(language));
  }

  @GET
  @Path("/projects/{project}/plans/{plan}")
  @RolesAllowed(Role.Names.OPERATOR)
  @AuditedRead
  @Operation(
      summary = "Show a plan",
      description =
          "Returns a plan as it was made, also for a day after it has expired. A very long one is"
              + " shown without what planning found.")
  @APIResponse(responseCode = "200", description = "The plan")
  public PlanBody getPlan(
      @Parameter(description = "The project", example = "p1") @PathParam("project") String project,
      @Parameter(description = "Id of the plan", example = "0123456789abcdef0123456789abcdef")
          @PathParam("plan")
          String plan,
      @HeaderParam("Accept-Language") @Nullable String language) {
    PlanView found =
        planner.read(access.project(project), plan).orElseThrow(NotFoundException::new);
    return bodies.body(found, Language.of(language));
  }
}
