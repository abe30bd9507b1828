package dev.rowmill.rest.batch;

import dev.rowmill.batch.BatchView;
import dev.rowmill.dispatch.BatchRetry;
import dev.rowmill.dispatch.BatchStarter;
import dev.rowmill.rest.http.Access;
import dev.rowmill.rest.http.JsonBody;
import dev.rowmill.rest.http.ListQuery;
import dev.rowmill.rest.http.RequestHash;
import dev.rowmill.security.Role;
import io.smallrye.common.annotation.Blocking;
import io.smallrye.mutiny.Uni;
import io.vertx.core.http.HttpServerRequest;
import jakarta.annotation.security.RolesAllowed;
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

/** Retries failed and cancelled batches, and rows that batches have skipped. */
@Path("/api/v1")
@Produces(MediaType.APPLICATION_JSON)
@Blocking
@Tag(name = "Control")
class RetryResource {

  private final BatchRetry retry;
  private final BatchStarter starter;
  private final Access access;
  private final StartResponses responses;
  private final StartResolver resolver;

  RetryResource(
      BatchRetry retry,
      BatchStarter starter,
      Access access,
      StartResponses responses,
      StartResolver resolver) {
    this.retry = retry;
    this.starter = starter;
    this.access = access;
    this.responses = responses;
    this.resolver = resolver;
  }

  @POST
  @Path("/batches/{id}/retry")
  @RolesAllowed(Role.Names.OPERATOR)
  @Operation(
      summary = "Retry a failed or cancelled batch",
      description =
          "The batch continues under its own id from the checkpoints of its lanes, so no finished"
              + " chunk runs again. Members of the body change its settings; a retry without a body"
              + " changes none.")
  @APIResponse(
      responseCode = "202",
      description =
          "The batch is queued again, or waits for its startAt, its approval, other batches, or until its"
              + " chain is resumed",
      headers = @Header(name = "Location", description = "Path of the batch"),
      content = @Content(schema = @Schema(implementation = BatchBody.class)))
  @APIResponseSchema(
      value = BatchBody.class,
      responseCode = "200",
      responseDescription = "With Prefer: wait, the batch ended again within that time")
  public Uni<Response> retryBatch(
      @PathParam("id") long id,
      @HeaderParam("Prefer") List<String> preferences,
      @HeaderParam("Accept-Language") @Nullable String language,
      @RequestBody(
              description = "Settings to change, and secret values; may be left out",
              required = false,
              content =
                  @Content(
                      mediaType = MediaType.APPLICATION_JSON,
                      schema = @Schema(ref = "#/components/schemas/RetryRequest"),
                      examples =
                          @ExampleObject(
                              name = "gentler",
                              summary = "Smaller chunks and one lane",
                              value = "{\"chunk\": {\"targetMillis\": 20}, \"lanes\": 1}")))
          @Nullable InputStream body) {
    BatchView batch = access.batch(id);
    RetryBody read = RetryBody.read(JsonBody.ofOptional(body));
    return responses.startAndRespond(
        () -> retry.retry(resolver.retry(batch, read)), preferences, language);
  }

  @POST
  @Path("/batches/{id}/skipped/retry")
  @RolesAllowed(Role.Names.OPERATOR)
  @Operation(
      summary = "Retry the rows that a batch skipped",
      description =
          "Starts a batch with the same statement, parameters and settings over exactly the rows"
              + " that an ended batch skipped. Each of them is processed once: a further retry"
              + " covers only those that no other batch has processed. A row that has gone, or does"
              + " not match the condition any more, is not changed. A row that fails again is noted"
              + " in the new batch. Members of the body change its settings.")
  @APIResponse(
      responseCode = "202",
      description = "The batch is stored and accepted for launch",
      headers = @Header(name = "Location", description = "Path of the new batch"),
      content = @Content(schema = @Schema(implementation = BatchBody.class)))
  @APIResponseSchema(
      value = BatchBody.class,
      responseCode = "200",
      responseDescription = "With Prefer: wait, the batch ended within that time")
  @Parameter(name = StartResponses.IDEMPOTENCY_KEY, in = ParameterIn.HEADER)
  public Uni<Response> retrySkippedRows(
      @Parameter(description = "Id of the batch that skipped the rows", example = "42")
          @PathParam("id")
          long id,
      @Parameter(
              description = "Only rows with this error number of the server",
              example = "1062",
              schema = @Schema(type = SchemaType.INTEGER, format = "int64"))
          @QueryParam("error")
          @Nullable String error,
      @HeaderParam("Prefer") List<String> preferences,
      @HeaderParam("Accept-Language") @Nullable String language,
      @RequestBody(
              description = "Settings to change, and secret values; may be left out",
              required = false,
              content =
                  @Content(
                      mediaType = MediaType.APPLICATION_JSON,
                      schema = @Schema(ref = "#/components/schemas/RetryRequest"),
                      examples =
                          @ExampleObject(
                              name = "all-or-none",
                              summary = "Fail at the first row that is still bad",
                              value = "{\"onError\": {\"mode\": \"fail\"}}")))
          @Nullable InputStream body,
      @Context HttpServerRequest http) {
    var query = new ListQuery(BatchBodies.path(id) + "/skipped/retry");
    Long number = query.id("error", error);
    query.check();
    BatchView batch = access.batch(id);
    String key = StartResponses.idempotencyKey(http);
    JsonBody read = JsonBody.ofOptional(body);
    // A project's name has no space, so the hash cannot equal that of a start.
    String hash = RequestHash.of(batch.project() + " skipped " + id + " " + number, read.node());
    RetryBody changes = RetryBody.read(read);
    return responses.startAndRespond(
        () -> starter.start(resolver.skipped(batch, changes, number, key, hash)),
        preferences,
        language);
  }
}
