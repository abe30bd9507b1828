package dev.rowmill.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.modelcontextprotocol.client.McpClient;
import io.modelcontextprotocol.client.McpSyncClient;
import io.modelcontextprotocol.client.transport.HttpClientStreamableHttpTransport;
import io.modelcontextprotocol.json.jackson2.JacksonMcpJsonMapper;
import io.modelcontextprotocol.json.schema.JsonSchemaValidator.ValidationResponse;
import io.modelcontextprotocol.spec.McpSchema.CallToolRequest;
import io.modelcontextprotocol.spec.McpSchema.CallToolResult;
import io.modelcontextprotocol.spec.McpSchema.TextContent;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Calls the tools of a service, with the client of the protocol's SDK. Not thread-safe. */
public final class Assistant implements AutoCloseable {

  private static final ObjectMapper JSON = new ObjectMapper();

  private final McpSyncClient client;

  /**
   * Connects to a service.
   *
   * @param token sent with each request; null for none
   */
  public Assistant(URI service, @Nullable String token) {
    client =
        McpClient.sync(
                HttpClientStreamableHttpTransport.builder(service.toString())
                    .endpoint("/mcp")
                    .jsonMapper(new JacksonMcpJsonMapper(JSON))
                    .httpRequestCustomizer(
                        (request, method, uri, body, context) -> {
                          if (token != null) {
                            request.header("Authorization", "Bearer " + token);
                            request.header("X-Forwarded-For", RowmillApi.newAddress());
                          }
                        })
                    .build())
            .jsonSchemaValidator((schema, value) -> ValidationResponse.asValid(null))
            .requestTimeout(Duration.ofMinutes(2))
            .build();
    client.initialize();
  }

  /** Returns the client of the SDK. */
  public McpSyncClient client() {
    return client;
  }

  /**
   * Calls a tool, which must not refuse the call.
   *
   * @param arguments names and values, alternating
   */
  public JsonNode done(String tool, Object... arguments) {
    return call(tool, false, arguments);
  }

  /**
   * Calls a tool, which must refuse the call.
   *
   * @param arguments names and values, alternating
   */
  public JsonNode refused(String tool, Object... arguments) {
    return call(tool, true, arguments);
  }

  private JsonNode call(String tool, boolean refused, Object... arguments) {
    Map<String, Object> given = new HashMap<>();
    for (int i = 0; i < arguments.length; i += 2) {
      given.put((String) arguments[i], arguments[i + 1]);
    }
    CallToolResult result = client.callTool(new CallToolRequest(tool, given));
    JsonNode json = JSON.valueToTree(result.structuredContent());
    assertEquals(refused, result.isError(), json::toString);
    String text = ((TextContent) result.content().get(0)).text();
    try {
      assertEquals(json, JSON.readTree(text), "the text");
    } catch (JsonProcessingException e) {
      throw new AssertionError(text, e);
    }
    return json;
  }

  @Override
  public void close() {
    client.close();
  }
}
