package dev.rowmill.rest.batch;

import dev.rowmill.batch.BatchFilter;
import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.Page;
import dev.rowmill.batch.store.BatchHistory;
import dev.rowmill.dispatch.BatchPlanner;
import dev.rowmill.dispatch.BatchStarter;
import dev.rowmill.dispatch.PlannedStart;
import dev.rowmill.dispatch.StartRequest;
import dev.rowmill.rest.http.Access;
import dev.rowmill.rest.http.JsonBody;
import dev.rowmill.rest.http.Language;
import dev.rowmill.rest.http.ListQuery;
import dev.rowmill.rest.http.RequestBytes;
import dev.rowmill.rest.http.RequestHash;
import dev.rowmill.security.Role;
import io.smallrye.common.annotation.Blocking;
import io.smallrye.mutiny.Uni;
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
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.InputStream;
import java.time.Duration;
import java.util.List;
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
import org.eclipse.microprofile.openapi.annotations.responses.APIResponseSchema;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** Starts batches and shows them. */
@Path("/api/v1")
@Produces(MediaType.APPLICATION_JSON)
@Blocking
@RolesAllowed(Role.Names.VIEWER)
@Tag(name = "Batches", description = "Starts and shows bulk changes")
class BatchResource {

  private final BatchStarter starter;
  private final BatchPlanner planner;
  private final BatchHistory history;
  private final BatchBodies bodies;
  private final StartResponses responses;
  private final Access access;
  private final StartResolver resolver;

  BatchResource(
      BatchStarter starter,
      BatchPlanner planner,
      BatchHistory history,
      BatchBodies bodies,
      StartResponses responses,
      Access access,
      StartResolver resolver) {
    this.starter = starter;
    this.planner = planner;
    this.history = history;
    this.bodies = bodies;
    this.responses = responses;
    this.access = access;
    this.resolver = resolver;
  }

  @POST
  @Path("/projects/{project}/batches")
  @Consumes(MediaType.APPLICATION_JSON)
  @RolesAllowed(Role.Names.OPERATOR)
  @Operation(
      summary = "Start a batch",
      description =
          "Stores the batch and responds immediately. The batch then runs in the background, chunk"
              + " by chunk. A project has at most one active batch.")
  @APIResponse(
      responseCode = "202",
      description = "The batch is stored and accepted for launch",
      headers = {
        @Header(name = "Location", description = "Path of the batch"),
        @Header(
            name = "Preference-Applied",
            description = "The wait that was applied",
            schema = @Schema(type = SchemaType.STRING))
      },
      content = @Content(schema = @Schema(implementation = BatchBody.class)))
  @APIResponseSchema(
      value = BatchBody.class,
      responseCode = "200",
      responseDescription = "With Prefer: wait, the batch ended within that time")
  // Not a parameter of the method, because that cannot distinguish an empty key from a missing one.
  @Parameter(
      name = StartResponses.IDEMPOTENCY_KEY,
      in = ParameterIn.HEADER,
      description =
          "1 to 255 printable ASCII characters chosen by the caller. A repeated key with the same"
              + " body returns the batch of the first request and starts nothing",
      schema = @Schema(type = SchemaType.STRING))
  public Uni<Response> startBatch(
      @Parameter(description = "1 to 64 of A-Z a-z 0-9 . _ -", example = "p1") @PathParam("project")
          String project,
      @Parameter(
              description =
                  "wait=N (RFC 7240) delays the response until the batch has ended or N seconds"
                      + " have passed, at most 60",
              example = "wait=10",
              schema = @Schema(type = SchemaType.STRING))
          @HeaderParam("Prefer")
          List<String> preferences,
      @Parameter(description = "Language of problem texts: en or zh", example = "zh")
          @HeaderParam("Accept-Language")
          @Nullable String language,
      @RequestBody(
              description =
                  "Start request with exactly one of sql, task, statement, archive, upload and plan",
              content =
                  @Content(
                      schema = @Schema(ref = "#/components/schemas/Start"),
                      examples = {
                        @ExampleObject(
                            name = "file",
                            summary = "Set prices by an uploaded file",
                            value =
                                """
                                  {"upload": "u_9", "table": "shop.item", "match": ["sku"], "do": "update",
                                   "set": {"price": "price"}, "expect": {"price": "old_price"}}"""),
                        @ExampleObject(
                            name = "update",
                            summary = "Raise the prices of the active items",
                            value =
                                """
                                  {"sql": "UPDATE shop.item SET price = price * :factor WHERE status = :status",
                                   "parameters": {"factor": 1.05, "status": "active"},
                                   "mode": "parallel", "onBusy": "reject",
                                   "chunk": {"rows": 1000}, "reason": "spring price list"}""")
                      }))
          InputStream body,
      @Context HttpServerRequest http) {
    String name = access.project(project);
    byte[] bytes = RequestBytes.of(body);
    String key = StartResponses.idempotencyKey(http);
    JsonBody read = JsonBody.of(bytes);
    StartBody.PlannedBody start = StartBody.PlannedBody.read(read);
    StartRequest base = resolver.base(name, key, RequestHash.of(name, read.node()));
    String plan = start.plan();
    return responses.startAndRespond(
        () -> plan == null ? started(start.start(), base) : started(plan, start.start(), base),
        preferences,
        language);
  }

  private BatchView started(StartBody body, StartRequest base) {
    StartRequest request = access.start(body.over(base));
    return resolver.repeated(request).orElseGet(() -> starter.start(resolver.whole(request)));
  }

  private BatchView started(String plan, StartBody body, StartRequest base) {
    return starter
        .repeated(base.idempotencyKey(), base.requestHash())
        .orElseGet(
            () -> {
              PlannedStart planned = planner.find(base.spec().project(), plan);
              StartRequest request =
                  access.start(
                      body.over(planned.request().as(base.idempotencyKey(), base.requestHash())));
              return planner.start(planned, resolver.whole(request));
            });
  }

  @GET
  @Path("/batches")
  @Operation(
      summary = "List batches",
      description =
          "Returns a page of batches, newest first; next is the path of the following page.")
  @APIResponse(responseCode = "200", description = "A page of batches")
  public BatchPage listBatches(
      @Parameter(description = "Only batches of this project") @QueryParam("project")
          @Nullable String project,
      @BeanParam BatchListParameters parameters) {
    var query = new ListQuery("/api/v1/batches");
    return page(query, query.projectFilter(project), parameters);
  }

  @GET
  @Path("/projects/{project}/batches")
  @Operation(
      summary = "List the batches of a project",
      description =
          "Returns a page of the project's batches, newest first; empty when it has none.")
  @APIResponse(responseCode = "200", description = "A page of batches")
  public BatchPage listBatchesOfProject(
      @Parameter(description = "The project", example = "p1") @PathParam("project") String project,
      @BeanParam BatchListParameters parameters) {
    String name = access.project(project);
    return page(new ListQuery("/api/v1/projects/" + name + "/batches"), name, parameters);
  }

  @GET
  @Path("/batches/{id}")
  @Operation(
      summary = "Show a batch",
      description =
          "Returns the batch in its current form. With wait, responds when the batch has ended or"
              + " the time is up.")
  @APIResponse(responseCode = "200", description = "The batch")
  public Uni<BatchBody> getBatch(
      @PathParam("id") long id,
      @Parameter(
              description = "Seconds to wait for the end, at most 60",
              schema = @Schema(type = SchemaType.INTEGER, minimum = "0", maximum = "60"))
          @QueryParam("wait")
          @Nullable String wait,
      @Parameter(description = "Language of the error's text: en or zh")
          @HeaderParam("Accept-Language")
          @Nullable String language) {
    Duration atMost = wait == null ? Duration.ZERO : ListQuery.seconds("wait", wait);
    BatchView found = access.batch(id);
    Language spoken = Language.of(language);
    return responses.awaitEnd(found, atMost).map(batch -> bodies.of(batch, spoken));
  }

  private BatchPage page(
      ListQuery query, @Nullable String project, BatchListParameters parameters) {
    var filter =
        new BatchFilter(
            project,
            query.status(parameters.status),
            query.mode(parameters.mode),
            query.labels(parameters.label));
    Long before = query.before(parameters.before);
    int limit = query.limit(parameters.limit);
    query.check();
    Page<BatchView> page = history.list(filter, access.seen(), before, limit);
    return new BatchPage(
        bodies.of(page.items(), Language.of(parameters.language)), query.next(page));
  }
}
