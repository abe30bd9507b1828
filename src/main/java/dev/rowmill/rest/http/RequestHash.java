package dev.rowmill.rest.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rowmill.database.Digests;

/** Computes hashes that are equal for equal requests, regardless of member order and whitespace. */
public final class RequestHash {

  private static final ObjectWriter SORTED =
      StrictJson.MAPPER.writer().with(JsonNodeFeature.WRITE_PROPERTIES_SORTED);

  private RequestHash() {}

  /** Returns the SHA-256 of the project and the body with sorted members, as 64 hex digits. */
  public static String of(String project, ObjectNode body) {
    try {
      // A project's name has no line break, so the boundary between the two is unambiguous.
      String canonical = project + "\n" + SORTED.writeValueAsString(body);
      return Digests.sha256Hex(canonical);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("the request of project " + project + " can't be hashed", e);
    }
  }
}
