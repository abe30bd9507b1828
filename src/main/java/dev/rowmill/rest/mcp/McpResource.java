package dev.rowmill.rest.mcp;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rowmill.rest.http.InvalidRequestException;
import dev.rowmill.rest.http.RequestBytes;
import dev.rowmill.rest.http.StrictJson;
import dev.rowmill.rest.http.Unaudited;
import dev.rowmill.security.Role;
import dev.rowmill.task.Refusal.Reason;
import io.smallrye.common.annotation.Blocking;
import io.smallrye.mutiny.Uni;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.InputStream;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.jspecify.annotations.Nullable;

/** Receives the messages of assistants. */
@Path("/mcp")
class McpResource {

  private static final String VERSION = "MCP-Protocol-Version";

  private final AgentConfig config;
  private final McpService service;

  McpResource(AgentConfig config, McpService service) {
    this.config = config;
    this.service = service;
  }

  @POST
  @Consumes(MediaType.APPLICATION_JSON)
  @Produces(MediaType.APPLICATION_JSON)
  @RolesAllowed(Role.Names.AGENT)
  @Blocking
  // Each call of a tool has a line of its own.
  @Unaudited
  @Operation(hidden = true)
  public Uni<Response> receiveMessage(
      @HeaderParam(VERSION) @Nullable String version, InputStream body) {
    if (!config.enabled()) {
      throw new NotFoundException();
    }
    if (version != null && !service.versions().contains(version)) {
      throw new InvalidRequestException(
          VERSION, Reason.of("not-one-of", "values", String.join(", ", service.versions())));
    }
    ObjectNode message = StrictJson.object(RequestBytes.of(body));
    if (!message.path("method").isTextual()) {
      throw new InvalidRequestException("method", Reason.of("missing-value"));
    }
    return message.has("id")
        ? service.answer(message).map(answer -> Response.ok(answer).build())
        : service.notice(message).replaceWith(Response.accepted().build());
  }
}
