package dev.rowmill.rest.mcp;

import com.fasterxml.jackson.databind.JsonNode;
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
    JsonNode id = message.path("id");
    if (!isValid(message, id)) {
      throw new InvalidRequestException("", Reason.of("not-json-rpc"));
    }
    // No notification needs any action.
    return id.isMissingNode()
        ? Uni.createFrom().item(Response.accepted().build())
        : service.answer(id, message).map(answer -> Response.ok(answer).build());
  }

  /** Returns whether a message is a request or a notification. */
  private static boolean isValid(ObjectNode message, JsonNode id) {
    JsonNode params = message.path("params");
    return message.path("jsonrpc").asText().equals("2.0")
        && message.path("method").isTextual()
        && (id.isMissingNode()
            || id.isTextual()
            || (id.isIntegralNumber() && id.canConvertToLong()))
        && (params.isMissingNode() || params.isObject());
  }
}
