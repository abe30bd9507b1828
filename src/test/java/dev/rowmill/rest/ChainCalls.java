package dev.rowmill.rest;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rowmill.testing.Batches;
import dev.rowmill.testing.RowmillApi;
import dev.rowmill.testing.RowmillApi.Reply;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;

/** Starts chains over HTTP, and waits for what they do. */
final class ChainCalls {

  private static final RowmillApi API = RowmillApi.local();

  private ChainCalls() {}

  static Map<String, Object> sql(String name, String project, String sql, String... needs) {
    return new HashMap<>(
        Map.of("name", name, "project", project, "needs", List.of(needs), "sql", sql));
  }

  @SafeVarargs
  static Reply start(Map<String, Object>... steps) {
    return API.json(Map.of("steps", List.of(steps))).post("/chains");
  }

  static JsonNode chain(int id) {
    return API.get("/chains/" + id).statusCode(200).body();
  }

  static Map<String, JsonNode> steps(JsonNode chain) {
    Map<String, JsonNode> steps = new HashMap<>();
    chain.path("steps").forEach(step -> steps.put(step.path("name").asText(), step));
    return steps;
  }

  static long batch(int chain, String step) {
    return steps(chain(chain)).get(step).path("batch").asLong();
  }

  static JsonNode awaitStatus(int id, String status) {
    return Awaitility.await("chain " + id + " to be " + status)
        .atMost(Batches.PATIENCE)
        .until(() -> chain(id), chain -> chain.path("status").asText().equals(status));
  }

  static void awaitStep(int id, String step, String status) {
    Awaitility.await("step " + step + " to be " + status)
        .atMost(Batches.PATIENCE)
        .until(() -> steps(chain(id)).get(step).path("status").asText().equals(status));
  }

  /** Starts a chain, which must succeed, and returns its id. */
  @SafeVarargs
  static int done(Map<String, Object>... steps) {
    int id = start(steps).statusCode(202).path("id");
    awaitStatus(id, "succeeded");
    return id;
  }
}
