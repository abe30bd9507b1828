package dev.rowmill.batch;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Instant;

/**
 * Describes why a batch makes no progress.
 *
 * @param reason code such as {@code replica-lag}
 * @param detail one sentence with the figures, in English
 */
public record Hold(String reason, String detail, Instant since) {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int LONGEST_DETAIL = 1000;

  /** Returns a JSON object to be stored; truncates a long detail. */
  public String toJson() {
    return JSON.createObjectNode()
        .put("reason", reason)
        .put(
            "detail",
            detail.length() > LONGEST_DETAIL ? detail.substring(0, LONGEST_DETAIL) : detail)
        .put("since", since.toString())
        .toString();
  }

  public static Hold fromJson(String json) {
    try {
      JsonNode hold = JSON.readTree(json);
      return new Hold(
          hold.path("reason").asText(),
          hold.path("detail").asText(),
          Instant.parse(hold.path("since").asText()));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a stored hold can't be read: " + json, e);
    }
  }
}
