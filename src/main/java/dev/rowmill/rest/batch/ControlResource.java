package dev.rowmill.rest.batch;

import dev.rowmill.batch.BatchView;
import dev.rowmill.dispatch.BatchControl;
import dev.rowmill.rest.http.Access;
import dev.rowmill.rest.http.Language;
import dev.rowmill.rest.http.ListQuery;
import dev.rowmill.rest.http.RequestBytes;
import dev.rowmill.security.Callers;
import dev.rowmill.security.Role;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.PATCH;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.io.InputStream;
import java.time.Clock;
import java.util.NoSuchElementException;
import java.util.function.Supplier;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponseSchema;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.ResponseStatus;
import org.jspecify.annotations.Nullable;

/** Pauses, resumes, cancels and approves batches, and changes their settings. */
@Path("/api/v1")
@Produces(MediaType.APPLICATION_JSON)
@RolesAllowed(Role.Names.OPERATOR)
@Tag(name = "Control", description = "Controls batches that have not ended")
class ControlResource {

  private final BatchControl control;
  private final BatchBodies bodies;
  private final Access access;
  private final Callers callers;
  private final Clock clock;

  ControlResource(
      BatchControl control, BatchBodies bodies, Access access, Callers callers, Clock clock) {
    this.control = control;
    this.access = access;
    this.bodies = bodies;
    this.callers = callers;
    this.clock = clock;
  }

  @POST
  @Path("/batches/{id}/pause")
  @Operation(
      summary = "Pause a batch",
      description =
          "Takes effect after the current chunk. A paused batch still occupies its project, but"
              + " holds no thread, connection or lock.")
  @ResponseStatus(202)
  @APIResponseSchema(
      value = BatchBody.class,
      responseCode = "202",
      responseDescription = "The batch is paused, or will be after the current chunk")
  public BatchBody pauseBatch(
      @PathParam("id") long id, @HeaderParam("Accept-Language") @Nullable String language) {
    return changed(id, language, () -> control.pause(id));
  }

  @POST
  @Path("/batches/{id}/resume")
  @Operation(
      summary = "Resume a paused batch",
      description =
          "The batch resumes from its checkpoint. A serial batch joins the end of the serial"
              + " queue.")
  @ResponseStatus(202)
  @APIResponseSchema(
      value = BatchBody.class,
      responseCode = "202",
      responseDescription = "The batch is queued again")
  public BatchBody resumeBatch(
      @PathParam("id") long id, @HeaderParam("Accept-Language") @Nullable String language) {
    return changed(id, language, () -> control.resume(id));
  }

  @POST
  @Path("/batches/{id}/cancel")
  @Operation(
      summary = "Cancel a batch",
      description = "Takes effect after the current chunk. Committed chunks are not rolled back.")
  @ResponseStatus(202)
  @APIResponseSchema(
      value = BatchBody.class,
      responseCode = "202",
      responseDescription = "The batch is cancelled, or will be after the current chunk")
  public BatchBody cancelBatch(
      @PathParam("id") long id,
      @Parameter(
              description = "true also aborts the current statement, which is rolled back",
              schema = @Schema(type = SchemaType.BOOLEAN))
          @QueryParam("force")
          @Nullable String force,
      @HeaderParam("Accept-Language") @Nullable String language) {
    boolean byForce = ListQuery.bool("force", force);
    return changed(id, language, () -> control.cancel(id, byForce));
  }

  @POST
  @RolesAllowed(Role.Names.AUTHOR)
  @Path("/batches/{id}/approve")
  @Operation(
      summary = "Approve a batch",
      description =
          "Approves a batch that plans to change more rows than it may without an approval. The"
              + " batch is then queued, or waits in the queue of its project. The caller that"
              + " submitted it can't approve it.")
  @ResponseStatus(202)
  @APIResponseSchema(
      value = BatchBody.class,
      responseCode = "202",
      responseDescription = "The batch is approved")
  public BatchBody approveBatch(
      @PathParam("id") long id, @HeaderParam("Accept-Language") @Nullable String language) {
    return changed(id, language, () -> control.approve(id, callers.current().name()));
  }

  @PATCH
  @Path("/batches/{id}")
  @Consumes(MediaType.APPLICATION_JSON)
  @Operation(
      summary = "Change the settings of a batch",
      description =
          "Members that are left out are unchanged. A limit that is null returns to the configured"
              + " value. Takes effect with the next chunk. startAt moves the start of a batch that"
              + " is still scheduled.")
  @APIResponse(responseCode = "200", description = "The batch with its new settings")
  public BatchBody changeBatch(
      @PathParam("id") long id,
      @HeaderParam("Accept-Language") @Nullable String language,
      @RequestBody(
              description = "Settings to change",
              content =
                  @Content(
                      schema = @Schema(ref = "#/components/schemas/Settings"),
                      examples =
                          @ExampleObject(
                              name = "gentler",
                              summary = "Smaller chunks, with a pause after each",
                              value =
                                  """
                                  {"chunk": {"targetMillis": 20}, "limits": {"nice": 1}}""")))
          InputStream body) {
    ChangeBody.Change change = ChangeBody.read(RequestBytes.of(body), clock.instant());
    return changed(
        id,
        language,
        () -> {
          if (change.startAt() != null) {
            control.reschedule(id, change.startAt());
          }
          return control.change(id, change.settings());
        });
  }

  private BatchBody changed(long id, @Nullable String language, Supplier<BatchView> request) {
    access.checkBatch(id);
    try {
      return bodies.of(request.get(), Language.of(language));
    } catch (NoSuchElementException e) {
      throw new NotFoundException(e);
    }
  }
}
