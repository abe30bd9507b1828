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
@Tag(name = "Control", description = "What can be done with a batch that has not ended")
class ControlResource {

  private final BatchControl control;
  private final BatchBodies bodies;
  private final Access permits;
  private final Callers callers;

  ControlResource(BatchControl control, BatchBodies bodies, Access permits, Callers callers) {
    this.control = control;
    this.permits = permits;
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
          "Takes effect after the chunk in hand. A paused batch keeps its project, and holds no"
              + " thread, connection or lock.")
  @APIResponse(
      responseCode = "202",
      description = "The batch is paused, or will be after the chunk in hand",
      content = @Content(schema = @Schema(implementation = BatchBody.class)))
  public Response pause(
      @Parameter(description = "The batch's id", example = "42") @PathParam("id") long id,
      @Parameter(description = "Language of problem texts: en or zh")
          @HeaderParam("Accept-Language")
          @Nullable String language) {
    permits.checkBatch(id);
    return accepted(() -> control.pause(id), language);
  }

  @POST
  @Path("/batches/{id}/resume")
  @RolesAllowed(Role.Names.OPERATOR)
  @Operation(
      operationId = "resumeBatch",
      summary = "Resume a paused batch",
      description = "It goes on from its checkpoint; a serial one at the end of the line.")
  @APIResponse(
      responseCode = "202",
      description = "The batch is queued again",
      content = @Content(schema = @Schema(implementation = BatchBody.class)))
  public Response resume(
      @Parameter(description = "The batch's id", example = "42") @PathParam("id") long id,
      @Parameter(description = "Language of problem texts: en or zh")
          @HeaderParam("Accept-Language")
          @Nullable String language) {
    permits.checkBatch(id);
    return accepted(() -> control.resume(id), language);
  }

  @POST
  @Path("/batches/{id}/cancel")
  @RolesAllowed(Role.Names.OPERATOR)
  @Operation(
      operationId = "cancelBatch",
      summary = "Cancel a batch",
      description = "Takes effect after the chunk in hand. What was done stays done.")
  @APIResponse(
      responseCode = "202",
      description = "The batch is cancelled, or will be after the chunk in hand",
      content = @Content(schema = @Schema(implementation = BatchBody.class)))
  public Response cancel(
      @Parameter(description = "The batch's id", example = "42") @PathParam("id") long id,
      @Parameter(
              description = "true also breaks off the statement in hand, which rolls back",
              schema = @Schema(type = SchemaType.BOOLEAN))
          @QueryParam("force")
          @DefaultValue("false")
          String force,
      @Parameter(description = "Language of problem texts: en or zh")
          @HeaderParam("Accept-Language")
          @Nullable String language) {
    boolean byForce = ListQuery.bool("force", force);
    permits.checkBatch(id);
    return accepted(() -> control.cancel(id, byForce), language);
  }

  @POST
  @RolesAllowed(Role.Names.AUTHOR)
  @Path("/batches/{id}/approve")
  @Operation(
      operationId = "approveBatch",
      summary = "Approve a batch",
      description =
          "Of one that plans to change more rows than it may without the word of another. It is"
              + " queued then, or stands in its project's line. Who has asked for it can't approve"
              + " it.")
  @APIResponse(
      responseCode = "202",
      description = "The batch is approved",
      content = @Content(schema = @Schema(implementation = BatchBody.class)))
  public Response approve(
      @Parameter(description = "The batch's id", example = "42") @PathParam("id") long id,
      @Parameter(description = "Language of problem texts: en or zh")
          @HeaderParam("Accept-Language")
          @Nullable String language) {
    permits.checkBatch(id);
    String by = callers.current().name();
    return accepted(() -> control.approve(id, by), language);
  }

  @PATCH
  @Path("/batches/{id}")
  @Consumes(MediaType.APPLICATION_JSON)
  @RolesAllowed(Role.Names.OPERATOR)
  @Operation(
      operationId = "changeBatch",
      summary = "Change how a batch goes on",
      description =
          "What is left out stays as it is; a limit that is null is as configured again. Takes"
              + " effect with the next chunk.")
  @APIResponse(
      responseCode = "200",
      description = "The batch, changed",
      content = @Content(schema = @Schema(implementation = BatchBody.class)))
  public BatchBody change(
      @Parameter(description = "The batch's id", example = "42") @PathParam("id") long id,
      @Parameter(description = "Language of problem texts: en or zh")
          @HeaderParam("Accept-Language")
          @Nullable String language,
      @RequestBody(
              description = "What to change",
              required = true,
              content =
                  @Content(
                      mediaType = MediaType.APPLICATION_JSON,
                      schema = @Schema(ref = "#/components/schemas/Settings"),
                      examples =
                          @ExampleObject(
                              name = "gentler",
                              summary = "Smaller chunks, and a rest after each",
                              value =
                                  """
                                  {"chunk": {"targetMillis": 20}, "limits": {"nice": 1}}""")))
          InputStream body) {
    permits.checkBatch(id);
    var change = SettingsBody.read(RequestBytes.of(body));
    return bodies.of(found(() -> control.change(id, change)), Language.of(language));
  }

  private Response accepted(Supplier<BatchView> asked, @Nullable String language) {
    return Response.accepted(bodies.of(found(asked), Language.of(language))).build();
  }

  private static BatchView found(Supplier<BatchView> asked) {
    try {
      return asked.get();
    } catch (NoSuchElementException e) {
      throw new NotFoundException(e);
    }
  }
}
