package dev.rowmill.rest.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rowmill.database.Digests;
import java.util.Map;

/** Computes hashes that are equal for equal requests, regardless of member order and whitespace. */
public final class RequestHash {

  private RequestHash() {}

  /** Returns the SHA-256 of the project and the body with sorted members, as 64 hex digits. */
  public static String of(String project, ObjectNode body) {
    try {
      // A project's name has no line break, so the boundary between the two is unambiguous.
      String canonical = project + "\n" + StrictJson.MAPPER.writeValueAsString(ordered(body));
      return Digests.sha256Hex(canonical);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("the request of project " + project + " can't be hashed", e);
    }
  }

  private static JsonNode ordered(JsonNode node) {
    if (node.isObject()) {
      ObjectNode copy = JsonNodeFactory.instance.objectNode();
      node.properties().stream()
          .sorted(Map.Entry.comparingByKey())
          .forEach(member -> copy.set(member.getKey(), ordered(member.getValue())));
      return copy;
    }
    if (node.isArray()) {
      ArrayNode copy = JsonNodeFactory.instance.arrayNode(node.size());
      node.forEach(item -> copy.add(ordered(item)));
      return copy;
    }
    return node;
  }
}
