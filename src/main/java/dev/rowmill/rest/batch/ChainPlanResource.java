package dev.rowmill.rest.batch;

import dev.rowmill.dispatch.BatchPlanner;
import dev.rowmill.dispatch.PlanView;
import dev.rowmill.rest.batch.ChainRequestBody.StepBody;
import dev.rowmill.rest.http.JsonBody;
import dev.rowmill.rest.http.Language;
import dev.rowmill.rest.http.RequestBytes;
import dev.rowmill.security.Role;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** Plans chains: returns what their steps would do, without changing any data. */
@Path(ChainBodies.PATH + "/plans")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Plans")
class ChainPlanResource {

  private final BatchPlanner planner;
  private final ChainSteps checks;
  private final PlanBodies bodies;

  ChainPlanResource(BatchPlanner planner, ChainSteps checks, PlanBodies bodies) {
    this.planner = planner;
    this.checks = checks;
    this.bodies = bodies;
  }

  @POST
  @Consumes(MediaType.APPLICATION_JSON)
  @RolesAllowed(Role.Names.OPERATOR)
  @Operation(
      summary = "Plan a chain",
      description =
          "Takes the body of a start of a chain, and returns the plan of each step, without"
              + " changing any data or storing a chain. Each step is planned on the tables as they"
              + " are now, without the changes of the steps before it. It is rejected for every"
              + " reason for which a start of the chain is rejected.")
  @APIResponse(responseCode = "200", description = "The plans, in the order of the steps")
  public ChainPlanBody planChain(
      @Parameter(description = "Language of warnings and problem texts: en or zh", example = "zh")
          @HeaderParam("Accept-Language")
          @Nullable String language,
      @RequestBody(
              description = "The steps, each with the members of a start",
              content =
                  @Content(
                      schema = @Schema(ref = "#/components/schemas/ChainRequest"),
                      examples =
                          @ExampleObject(
                              name = "delete",
                              summary = "Plan deleting the lines of old orders, then the orders",
                              value =
                                  """
                                  {"name": "old orders", "steps": [
                                    {"name": "lines", "project": "shop",
                                     "sql": "DELETE FROM shop.line WHERE year < 2020"},
                                    {"name": "orders", "project": "shop", "needs": ["lines"],
                                     "sql": "DELETE FROM shop.purchase WHERE year < 2020"}]}""")))
          InputStream body) {
    ChainRequestBody chain = ChainRequestBody.read(JsonBody.of(RequestBytes.of(body)));
    List<StepBody> steps = Objects.requireNonNull(chain.steps());
    Language spoken = Language.of(language);
    List<PlanView> plans = checks.each(steps, spoken, planner::plan);
    List<ChainPlanBody.StepBody> planned = new ArrayList<>();
    for (StepBody step : steps) {
      PlanView plan = plans.get(planned.size());
      planned.add(
          new ChainPlanBody.StepBody(
              step.named(), plan.spec().project(), step.needed(), bodies.body(plan, spoken)));
    }
    return new ChainPlanBody(chain.name(), planned);
  }
}
