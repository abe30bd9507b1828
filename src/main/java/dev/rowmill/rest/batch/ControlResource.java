package dev.rowmill.rest.batch;

import dev.rowmill.batch.BatchView;
import dev.rowmill.dispatch.BatchControl;
import dev.rowmill.rest.http.Access;
import dev.rowmill.rest.http.Language;
import dev.rowmill.rest.http.ListQuery;
import dev.rowmill.rest.http.RequestBytes;
import dev.rowmill.security.Callers;
import dev.rowmill.security.Role;
import io.smallrye.common.annotation.Blocking;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.PATCH;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.InputStream;
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
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** Pauses, resumes, cancels and approves batches, and changes their settings. */
@Path("/api/v1")
@Produces(MediaType.APPLICATION_JSON)
@Blocking
@Tag(name = "Control", description = "Controls batches that have not ended")
class ControlResource {

  private final BatchControl control;
  private final BatchBodies bodies;
  private final Access access;
  private final Callers callers;

  ControlResource(BatchControl control, BatchBodies bodies, Access access, Callers callers) {
    this.control = control;
    this.access = access;
    this.bodies = bodies;
    this.callers = callers;
  }

  @POST
  @Path("/batches/{id}/pause")
  @RolesAllowed(Role.Names.OPERATOR)
  @Operation(
      operationId = "pauseBatch",
      summary = "Pause a batch",
      description =
          "Takes effect after the current chunk. A paused batch still occupies its project, but"
              + " holds no thread, connection or lock.")
  @APIResponse(
      responseCode = "202",
      description = "The batch is paused, or will be after the current chunk",
      content = @Content(schema = @Schema(implementation = BatchBody.class)))
  public Response pause(
      @Parameter(description = "The batch's id", example = "42") @PathParam("id") long id,
      @Parameter(description = "Language of problem texts: en or zh")
          @HeaderParam("Accept-Language")
          @Nullable String language) {
    access.checkBatch(id);
    return accepted(() -> control.pause(id), language);
  }

  @POST
  @Path("/batches/{id}/resume")
  @RolesAllowed(Role.Names.OPERATOR)
  @Operation(
      operationId = "resumeBatch",
      summary = "Resume a paused batch",
      description =
          "The batch resumes from its checkpoint. A serial batch joins the end of the serial"
              + " queue.")
  @APIResponse(
      responseCode = "202",
      description = "The batch is queued again",
      content = @Content(schema = @Schema(implementation = BatchBody.class)))
  public Response resume(
      @Parameter(description = "The batch's id", example = "42") @PathParam("id") long id,
      @Parameter(description = "Language of problem texts: en or zh")
          @HeaderParam("Accept-Language")
          @Nullable String language) {
    access.checkBatch(id);
    return accepted(() -> control.resume(id), language);
  }

  @POST
  @Path("/batches/{id}/cancel")
  @RolesAllowed(Role.Names.OPERATOR)
  @Operation(
      operationId = "cancelBatch",
      summary = "Cancel a batch",
      description = "Takes effect after the current chunk. Committed chunks are not rolled back.")
  @APIResponse(
      responseCode = "202",
      description = "The batch is cancelled, or will be after the current chunk",
      content = @Content(schema = @Schema(implementation = BatchBody.class)))
  public Response cancel(
      @Parameter(description = "The batch's id", example = "42") @PathParam("id") long id,
      @Parameter(
              description = "true also aborts the current statement, which is rolled back",
              schema = @Schema(type = SchemaType.BOOLEAN))
          @QueryParam("force")
          @DefaultValue("false")
          String force,
      @Parameter(description = "Language of problem texts: en or zh")
          @HeaderParam("Accept-Language")
          @Nullable String language) {
    boolean byForce = ListQuery.bool("force", force);
    access.checkBatch(id);
    return accepted(() -> control.cancel(id, byForce), language);
  }

  @POST
  @RolesAllowed(Role.Names.AUTHOR)
  @Path("/batches/{id}/approve")
  @Operation(
      operationId = "approveBatch",
      summary = "Approve a batch",
      description =
          "Approves a batch that plans to change more rows than it may without an approval. The"
              + " batch is then queued, or waits in the queue of its project. The caller that"
              + " submitted it can't approve it.")
  @APIResponse(
      responseCode = "202",
      description = "The batch is approved",
      content = @Content(schema = @Schema(implementation = BatchBody.class)))
  public Response approve(
      @Parameter(description = "The batch's id", example = "42") @PathParam("id") long id,
      @Parameter(description = "Language of problem texts: en or zh")
          @HeaderParam("Accept-Language")
          @Nullable String language) {
    access.checkBatch(id);
    String by = callers.current().name();
    return accepted(() -> control.approve(id, by), language);
  }

  @PATCH
  @Path("/batches/{id}")
  @Consumes(MediaType.APPLICATION_JSON)
  @RolesAllowed(Role.Names.OPERATOR)
  @Operation(
      operationId = "changeBatch",
      summary = "Change the settings of a batch",
      description =
          "Members that are left out are unchanged. A limit that is null returns to the configured"
              + " value. Takes effect with the next chunk.")
  @APIResponse(
      responseCode = "200",
      description = "The batch with its new settings",
      content = @Content(schema = @Schema(implementation = BatchBody.class)))
  public BatchBody change(
      @Parameter(description = "The batch's id", example = "42") @PathParam("id") long id,
      @Parameter(description = "Language of problem texts: en or zh")
          @HeaderParam("Accept-Language")
          @Nullable String language,
      @RequestBody(
              description = "Settings to change",
              required = true,
              content =
                  @Content(
                      mediaType = MediaType.APPLICATION_JSON,
                      schema = @Schema(ref = "#/components/schemas/Settings"),
                      examples =
                          @ExampleObject(
                              name = "gentler",
                              summary = "Smaller chunks, with a pause after each",
                              value =
                                  """
                                  {"chunk": {"targetMillis": 20}, "limits": {"nice": 1}}""")))
          InputStream body) {
    access.checkBatch(id);
    var change = SettingsBody.read(RequestBytes.of(body));
    return bodies.of(found(() -> control.change(id, change)), Language.of(language));
  }

  private Response accepted(Supplier<BatchView> request, @Nullable String language) {
    return Response.accepted(bodies.of(found(request), Language.of(language))).build();
  }

  private static BatchView found(Supplier<BatchView> request) {
    try {
      return request.get();
    } catch (NoSuchElementException e) {
      throw new NotFoundException(e);
    }
  }
}
