package dev.rowmill.rest.batch;

import dev.rowmill.dispatch.BatchStarter;
import dev.rowmill.dispatch.StartRequest;
import dev.rowmill.rest.http.Access;
import dev.rowmill.rest.http.JsonBody;
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
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.InputStream;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.ParameterIn;
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

/** Starts undos of batches. */
@Path("/api/v1")
@Produces(MediaType.APPLICATION_JSON)
@Blocking
@Tag(name = "Undo", description = "Undoes batches")
class UndoResource {

  private final BatchStarter starter;
  private final Access access;
  private final StartResponses responses;
  private final StartResolver resolver;

  UndoResource(
      BatchStarter starter, Access access, StartResponses responses, StartResolver resolver) {
    this.starter = starter;
    this.access = access;
    this.responses = responses;
    this.resolver = resolver;
  }

  @POST
  @Path("/batches/{id}/undo")
  @RolesAllowed(Role.Names.OPERATOR)
  @Operation(
      summary = "Undo a batch",
      description =
          "Starts a batch of kind undo in the same project. It restores the rows of an ended batch,"
              + " newest chunk first. It runs like any other batch, and can itself be undone. A row"
              + " that has been changed since is a conflict.")
  @APIResponse(
      responseCode = "202",
      description = "The undo is stored and accepted for launch",
      headers = @Header(name = "Location", description = "Path of the undo"),
      content = @Content(schema = @Schema(implementation = BatchBody.class)))
  @APIResponseSchema(
      value = BatchBody.class,
      responseCode = "200",
      responseDescription = "With Prefer: wait, the undo ended within that time")
  @Parameter(name = StartResponses.IDEMPOTENCY_KEY, in = ParameterIn.HEADER)
  public Uni<Response> undoBatch(
      @Parameter(description = "Id of the batch to undo", example = "42") @PathParam("id") long id,
      @HeaderParam("Prefer") List<String> preferences,
      @HeaderParam("Accept-Language") @Nullable String language,
      @RequestBody(
              description = "Settings of the undo; may be left out",
              required = false,
              content =
                  @Content(
                      mediaType = MediaType.APPLICATION_JSON,
                      schema = @Schema(ref = "#/components/schemas/UndoRequest"),
                      examples =
                          @ExampleObject(
                              name = "careful",
                              summary = "Stop at the first row that has been changed since",
                              value = "{\"onConflict\": \"stop\"}")))
          @Nullable InputStream body,
      @Context HttpServerRequest http) {
    String project = access.batch(id).project();
    String key = StartResponses.idempotencyKey(http);
    JsonBody read = JsonBody.ofOptional(body);
    // A project's name has no space, so the hash cannot equal that of a start.
    String hash = RequestHash.of(project + " undo " + id, read.node());
    StartRequest request = UndoRequestBody.read(read).over(resolver.base(project, key, hash), id);
    access.checkPredecessors(request);
    return responses.startAndRespond(
        () -> starter.undo(resolver.ofCaller(request)), preferences, language);
  }
}
