package dev.rowmill.rest.batch;

import dev.rowmill.archive.ArchiveTask;
import dev.rowmill.batch.BatchView;
import dev.rowmill.dispatch.BatchStarter;
import dev.rowmill.dispatch.StartRequest;
import dev.rowmill.rest.http.Access;
import dev.rowmill.rest.http.JsonBody;
import dev.rowmill.rest.http.ProblemType;
import dev.rowmill.rest.http.RequestHash;
import dev.rowmill.security.Role;
import dev.rowmill.task.Refusal;
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
import java.util.Map;
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

/** Moves archived rows back. */
@Path("/api/v1")
@Produces(MediaType.APPLICATION_JSON)
@Blocking
@Tag(name = "Undo")
class RestoreResource {

  private final BatchStarter starter;
  private final Access access;
  private final StartResponses responses;
  private final StartResolver resolver;

  RestoreResource(
      BatchStarter starter, Access access, StartResponses responses, StartResolver resolver) {
    this.starter = starter;
    this.access = access;
    this.responses = responses;
    this.resolver = resolver;
  }

  @POST
  @Path("/batches/{id}/restore")
  @RolesAllowed(Role.Names.OPERATOR)
  @Operation(
      summary = "Restore archived rows",
      description =
          "Moves the rows of an ended archive back, with their children, and removes them from the"
              + " archive tables in the same transactions. While the batch can be undone, this is"
              + " its undo, which moves exactly its rows. Later, it is a batch of the task restore,"
              + " which moves all rows of the archive table that match the archive's condition, or of"
              + " the task restore-files, which inserts the rows of the archive's files after it has"
              + " compared their SHA-256.")
  @APIResponse(
      responseCode = "202",
      description = "The batch is stored and accepted for launch",
      headers = @Header(name = "Location", description = "Path of the batch"),
      content = @Content(schema = @Schema(implementation = BatchBody.class)))
  @APIResponseSchema(
      value = BatchBody.class,
      responseCode = "200",
      responseDescription = "With Prefer: wait, the batch ended within that time")
  @Parameter(name = StartResponses.IDEMPOTENCY_KEY, in = ParameterIn.HEADER)
  public Uni<Response> restoreBatch(
      @Parameter(description = "Id of the archive", example = "42") @PathParam("id") long id,
      @HeaderParam("Prefer") List<String> preferences,
      @HeaderParam("Accept-Language") @Nullable String language,
      @RequestBody(
              description = "Settings of the batch; may be left out",
              required = false,
              content =
                  @Content(
                      mediaType = MediaType.APPLICATION_JSON,
                      schema = @Schema(ref = "#/components/schemas/RestoreRequest"),
                      examples =
                          @ExampleObject(
                              name = "gently",
                              summary = "At most 1000 rows a second",
                              value = "{\"limits\": {\"rowsPerSecond\": 1000}}")))
          @Nullable InputStream body,
      @Context HttpServerRequest http) {
    BatchView batch = access.batch(id);
    if (!batch.status().isFinal() || !ArchiveTask.NAME.equals(batch.spec().work().task())) {
      throw new Refusal(
          ProblemType.NOT_RESTORABLE.code(), Map.of("batch", id, "status", batch.status().text()));
    }
    String key = StartResponses.idempotencyKey(http);
    JsonBody read = JsonBody.ofOptional(body);
    // A project's name has no space, so the hash cannot equal that of a start.
    String hash = RequestHash.of(batch.project() + " restore " + id, read.node());
    RestoreBody settings = RestoreBody.read(read);
    StartRequest base = resolver.base(batch.project(), key, hash);
    // The undo of a batch that is undone is refused: its rows are back.
    if (batch.undoneBy() != null || starter.isUndoable(batch)) {
      var undo = new UndoRequestBody(null, settings.manner());
      StartRequest request = undo.over(base, id);
      access.checkPredecessors(request);
      return responses.startAndRespond(
          () -> starter.undo(resolver.ofCaller(request)), preferences, language);
    }
    StartRequest request = access.start(settings.over(base, batch));
    return responses.startAndRespond(
        () -> starter.start(resolver.whole(request)), preferences, language);
  }
}
