package dev.rowmill.rest.batch;

import dev.rowmill.dispatch.Chains;
import dev.rowmill.rest.batch.ChainPage.ChainBody;
import dev.rowmill.rest.http.Language;
import dev.rowmill.rest.http.ListQuery;
import dev.rowmill.security.Role;
import io.smallrye.common.annotation.Blocking;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponseSchema;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.ResponseStatus;
import org.jspecify.annotations.Nullable;

/** Pauses, resumes, cancels and retries chains. */
@Path(ChainBodies.PATH)
@Produces(MediaType.APPLICATION_JSON)
@Blocking
@Tag(name = "Chains")
class ChainControlResource {

  private final Chains chains;
  private final ChainBodies bodies;

  ChainControlResource(Chains chains, ChainBodies bodies) {
    this.chains = chains;
    this.bodies = bodies;
  }

  @POST
  @RolesAllowed(Role.Names.OPERATOR)
  @Path("/{id}/pause")
  @Operation(
      summary = "Pause a chain",
      description =
          "Pauses its active steps after their current chunks. No further step is queued until the"
              + " chain is resumed.")
  @ResponseStatus(202)
  @APIResponseSchema(
      value = ChainBody.class,
      responseCode = "202",
      responseDescription = "The chain is paused, or will be after the current chunks")
  public ChainBody pauseChain(
      @PathParam("id") long id, @HeaderParam("Accept-Language") @Nullable String language) {
    return bodies.body(chains.pause(bodies.seen(id).id()), Language.of(language));
  }

  @POST
  @RolesAllowed(Role.Names.OPERATOR)
  @Path("/{id}/resume")
  @Operation(
      summary = "Resume a paused chain",
      description = "Resumes its paused steps, and queues further ones when they are due.")
  @ResponseStatus(202)
  @APIResponseSchema(
      value = ChainBody.class,
      responseCode = "202",
      responseDescription = "The chain is resumed")
  public ChainBody resumeChain(
      @PathParam("id") long id, @HeaderParam("Accept-Language") @Nullable String language) {
    return bodies.body(chains.resume(bodies.seen(id).id()), Language.of(language));
  }

  @POST
  @RolesAllowed(Role.Names.OPERATOR)
  @Path("/{id}/cancel")
  @Operation(
      summary = "Cancel a chain",
      description =
          "Cancels all steps that have not ended: waiting ones at once, the others after their"
              + " current chunks. Committed chunks are not rolled back.")
  @ResponseStatus(202)
  @APIResponseSchema(
      value = ChainBody.class,
      responseCode = "202",
      responseDescription = "The chain is cancelled, or will be after the current chunks")
  public ChainBody cancelChain(
      @PathParam("id") long id,
      @Parameter(
              description = "true also aborts the current statements, which are rolled back",
              schema = @Schema(type = SchemaType.BOOLEAN))
          @QueryParam("force")
          @Nullable String force,
      @HeaderParam("Accept-Language") @Nullable String language) {
    boolean byForce = ListQuery.bool("force", force);
    return bodies.body(chains.cancel(bodies.seen(id).id(), byForce), Language.of(language));
  }

  @POST
  @RolesAllowed(Role.Names.OPERATOR)
  @Path("/{id}/retry")
  @Operation(
      summary = "Retry a chain",
      description =
          "Retries all failed and cancelled steps, or none of them, each from its checkpoint and"
              + " with its settings. A step is queued when the steps that it needs have succeeded."
              + " If one of them can't be retried, the problem names it as step.")
  @ResponseStatus(202)
  @APIResponseSchema(
      value = ChainBody.class,
      responseCode = "202",
      responseDescription = "The failed and cancelled steps wait or are queued again")
  public ChainBody retryChain(
      @PathParam("id") long id, @HeaderParam("Accept-Language") @Nullable String language) {
    return bodies.body(chains.retry(bodies.seen(id).id()), Language.of(language));
  }
}
