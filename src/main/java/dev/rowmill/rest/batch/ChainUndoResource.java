package dev.rowmill.rest.batch;

import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.ChainView;
import dev.rowmill.dispatch.Chains;
import dev.rowmill.dispatch.StartRequest;
import dev.rowmill.rest.batch.ChainPage.ChainBody;
import dev.rowmill.rest.http.JsonBody;
import dev.rowmill.rest.http.Language;
import dev.rowmill.rest.http.RequestHash;
import dev.rowmill.security.Callers;
import dev.rowmill.security.Role;
import io.smallrye.common.annotation.Blocking;
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
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.ParameterIn;
import org.eclipse.microprofile.openapi.annotations.headers.Header;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** Undoes chains. */
@Path(ChainBodies.PATH)
@Produces(MediaType.APPLICATION_JSON)
@Blocking
@Tag(name = "Chains")
class ChainUndoResource {

  private final Chains chains;
  private final ChainBodies bodies;
  private final StartResolver resolver;
  private final Callers callers;

  ChainUndoResource(Chains chains, ChainBodies bodies, StartResolver resolver, Callers callers) {
    this.chains = chains;
    this.bodies = bodies;
    this.resolver = resolver;
    this.callers = callers;
  }

  @POST
  @RolesAllowed(Role.Names.OPERATOR)
  @Path("/{id}/undo")
  @Operation(
      summary = "Undo a chain",
      description =
          "Starts a chain that undoes an ended one in reverse order. It has an undo of each step"
              + " that has changed rows and is not undone, with the same name. The undo of a step"
              + " needs the undos of the steps that needed it. All undos are stored, or none: if a"
              + " step can't be undone, the problem names it as step.")
  @APIResponse(
      responseCode = "202",
      description = "The undo is stored",
      headers = @Header(name = "Location", description = "Path of the new chain"),
      content = @Content(schema = @Schema(implementation = ChainBody.class)))
  @Parameter(name = StartResponses.IDEMPOTENCY_KEY, in = ParameterIn.HEADER)
  public Response undoChain(
      @Parameter(description = "Id of the chain to undo", example = "7") @PathParam("id") long id,
      @HeaderParam("Accept-Language") @Nullable String language,
      @RequestBody(
              description = "Settings of each undo; may be left out",
              required = false,
              content =
                  @Content(
                      mediaType = MediaType.APPLICATION_JSON,
                      schema = @Schema(ref = "#/components/schemas/ChainUndoRequest"),
                      examples =
                          @ExampleObject(
                              name = "careful",
                              summary = "Stop at the first row that has been changed since",
                              value = "{\"onConflict\": \"stop\", \"reason\": \"OPS-7\"}")))
          @Nullable InputStream body,
      @Context HttpServerRequest http) {
    long undone = bodies.seen(id).id();
    String key = StartResponses.idempotencyKey(http);
    JsonBody read = JsonBody.ofOptional(body);
    UndoRequestBody undo = UndoRequestBody.ofChain(read);
    // A project's name has no space, so the hash cannot equal that of a start.
    String hash = RequestHash.of("an undo of chain " + undone, read.node());
    ChainView stored =
        chains.undo(undone, callers.current().name(), key, hash, batch -> request(undo, batch));
    return bodies.accepted(stored, Language.of(language));
  }

  private StartRequest request(UndoRequestBody undo, BatchView batch) {
    return resolver.ofCaller(undo.over(resolver.base(batch.project(), null, ""), batch.id()));
  }
}
