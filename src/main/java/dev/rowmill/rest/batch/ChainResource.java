package dev.rowmill.rest.batch;

import dev.rowmill.batch.ChainView;
import dev.rowmill.batch.NewBatch;
import dev.rowmill.batch.NewChain;
import dev.rowmill.batch.Page;
import dev.rowmill.batch.store.ChainStore;
import dev.rowmill.dispatch.Chains;
import dev.rowmill.rest.batch.ChainPage.ChainBody;
import dev.rowmill.rest.batch.ChainRequestBody.StepBody;
import dev.rowmill.rest.http.Access;
import dev.rowmill.rest.http.JsonBody;
import dev.rowmill.rest.http.Language;
import dev.rowmill.rest.http.ListQuery;
import dev.rowmill.rest.http.PageParameters;
import dev.rowmill.rest.http.RequestBytes;
import dev.rowmill.rest.http.RequestHash;
import dev.rowmill.security.Callers;
import dev.rowmill.security.Role;
import io.smallrye.common.annotation.Blocking;
import io.vertx.core.http.HttpServerRequest;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.ParameterIn;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.headers.Header;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** Starts and shows chains. */
@Path(ChainBodies.PATH)
@Produces(MediaType.APPLICATION_JSON)
@Blocking
@RolesAllowed(Role.Names.VIEWER)
@Tag(name = "Chains", description = "Starts batches that wait for each other")
class ChainResource {

  private final Chains chains;
  private final ChainStore store;
  private final ChainSteps checks;
  private final ChainBodies bodies;
  private final Access access;
  private final Callers callers;

  ChainResource(
      Chains chains,
      ChainStore store,
      ChainSteps checks,
      ChainBodies bodies,
      Access access,
      Callers callers) {
    this.chains = chains;
    this.store = store;
    this.checks = checks;
    this.bodies = bodies;
    this.access = access;
    this.callers = callers;
  }

  @POST
  @Consumes(MediaType.APPLICATION_JSON)
  @RolesAllowed(Role.Names.OPERATOR)
  @Operation(
      summary = "Start a chain",
      description =
          "Checks all steps, and stores them as batches in one transaction, or none of them. A step"
              + " is queued when the steps that it needs have succeeded. If one of them fails or is"
              + " cancelled, it is cancelled.")
  @APIResponse(
      responseCode = "202",
      description = "The chain is stored",
      headers =
          @Header(
              name = "Location",
              description = "Path of the chain",
              schema = @Schema(type = SchemaType.STRING)),
      content = @Content(schema = @Schema(implementation = ChainBody.class)))
  @Parameter(
      name = StartResponses.IDEMPOTENCY_KEY,
      in = ParameterIn.HEADER,
      description = "Same as for a start",
      schema = @Schema(type = SchemaType.STRING))
  public Response startChain(
      @Parameter(description = "Language of problem texts: en or zh")
          @HeaderParam("Accept-Language")
          @Nullable String language,
      @RequestBody(
              description = "The steps, each with the members of a start",
              content =
                  @Content(
                      schema = @Schema(ref = "#/components/schemas/ChainRequest"),
                      examples =
                          @ExampleObject(
                              name = "archive",
                              summary = "Copy sold items to an archive, then delete them",
                              value =
                                  """
                                  {"name": "archive", "steps": [
                                    {"name": "copy", "project": "archive",
                                     "sql": "INSERT INTO shop.sold SELECT * FROM shop.item WHERE status = 'sold'"},
                                    {"name": "delete", "project": "shop", "needs": ["copy"],
                                     "sql": "DELETE FROM shop.item WHERE status = 'sold'"}]}""")))
          InputStream body,
      @Context HttpServerRequest http) {
    byte[] bytes = RequestBytes.of(body);
    String key = StartResponses.idempotencyKey(http);
    JsonBody read = JsonBody.of(bytes);
    ChainRequestBody chain = ChainRequestBody.read(read);
    List<StepBody> steps = Objects.requireNonNull(chain.steps());
    Language spoken = Language.of(language);
    // A project's name has no space, so the hash cannot equal that of a start.
    String hash = RequestHash.of("a chain", read.node());
    ChainView stored =
        chains.start(
            chain.name(), callers.current().name(), key, hash, () -> checked(steps, spoken));
    return bodies.accepted(stored, spoken);
  }

  private List<NewChain.Step> checked(List<StepBody> steps, Language language) {
    List<NewBatch> batches = checks.each(steps, language, chains::check);
    Map<String, Integer> places = new HashMap<>();
    List<NewChain.Step> checked = new ArrayList<>();
    for (StepBody step : steps) {
      checked.add(
          new NewChain.Step(
              step.named(),
              step.needed().stream().map(places::get).toList(),
              batches.get(checked.size())));
      places.put(step.named(), places.size());
    }
    return checked;
  }

  @GET
  @Operation(
      summary = "List chains",
      description =
          "Returns a page of chains, newest first: those of whose steps the caller sees all"
              + " projects.")
  @APIResponse(responseCode = "200", description = "A page of chains")
  public ChainPage listChains(
      @Parameter(description = "Language of problem texts: en or zh")
          @HeaderParam("Accept-Language")
          @Nullable String language,
      @BeanParam PageParameters parameters) {
    var query = new ListQuery(ChainBodies.PATH);
    Long before = query.before(parameters.before);
    int limit = query.limit(parameters.limit);
    query.check();
    Page<ChainView> page = store.list(access.seen(), before, limit);
    Language spoken = Language.of(language);
    return new ChainPage(
        page.items().stream().map(chain -> bodies.body(chain, spoken)).toList(), query.next(page));
  }

  @GET
  @Path("/{id}")
  @Operation(summary = "Show a chain", description = "Returns a chain with the state of each step.")
  @APIResponse(responseCode = "200", description = "The chain")
  public ChainBody getChain(
      @Parameter(description = "The chain's id", example = "7") @PathParam("id") long id,
      @Parameter(description = "Language of problem texts: en or zh")
          @HeaderParam("Accept-Language")
          @Nullable String language) {
    return bodies.body(bodies.seen(id), Language.of(language));
  }
}
