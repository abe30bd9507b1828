package dev.rowmill.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;

/** Calls the REST API of a running service over one connection. Not thread-safe. */
final class ServiceClient implements AutoCloseable {

  static final ObjectMapper JSON = new ObjectMapper();

  private static final int LONGEST_WAIT_SECONDS = 60;

  /** Sets the time between two checks of whether the service is idle. */
  private static final int LOOK_MILLIS = 10;

  /** Sets the time after which a start is repeated that found the pool's queue full. */
  private static final int REPEAT_MILLIS = 20;

  private final KeepAliveConnection http;

  ServiceClient(URI service) throws IOException {
    http = new KeepAliveConnection(service);
  }

  /** Returns the body of a start without undo data, because the alternatives store none either. */
  static ObjectNode statement(String sql) {
    return JSON.createObjectNode().put("sql", sql).put("undo", false);
  }

  /** Starts a batch and returns when it has been accepted, with the batch's path. */
  String start(String project, String body) throws IOException, InterruptedException {
    KeepAliveConnection.Answer response = accepted("/projects/" + project + "/batches", body, 0);
    assertEquals(202, response.status(), response::toString);
    return response.headers().getOrDefault("location", "");
  }

  /**
   * Runs a batch, and returns when the service reports its end.
   *
   * @throws SkippedException when the service does not support a member of the body
   */
  JsonNode run(String project, ObjectNode body)
      throws IOException, SkippedException, InterruptedException {
    return runAt("/projects/" + project + "/batches", body);
  }

  /** Undoes a batch, and returns when the service says that the undo has ended. */
  JsonNode undo(JsonNode batch, ObjectNode body)
      throws IOException, SkippedException, InterruptedException {
    return runAt("/batches/" + batch.path("id").asLong() + "/undo", body);
  }

  private JsonNode runAt(String path, ObjectNode body)
      throws IOException, SkippedException, InterruptedException {
    KeepAliveConnection.Answer response = accepted(path, body.toString(), LONGEST_WAIT_SECONDS);
    if (response.status() == 400) {
      String violations = JSON.readTree(response.body()).path("violations").toString();
      throw new SkippedException("the service rejects the request: " + violations);
    }
    JsonNode batch = JSON.readTree(response.body());
    while (!batch.hasNonNull("finishedAt")) {
      assertEquals(2, response.status() / 100, response::toString);
      response = http.get("/api/v1/batches/" + batch.path("id").asLong() + "?wait=60");
      batch = JSON.readTree(response.body());
    }
    assertEquals("succeeded", batch.path("status").asText(), batch::toString);
    return batch;
  }

  /** Returns the number of rows that a batch has changed. */
  static long rowsChanged(JsonNode batch) {
    return batch.path("progress").path("rowsChanged").asLong();
  }

  /** Requests a path below the API's root. */
  JsonNode get(String path) throws IOException {
    KeepAliveConnection.Answer response = http.get("/api/v1" + path);
    assertEquals(200, response.status(), response::toString);
    return JSON.readTree(response.body());
  }

  /** Returns the text of the metrics page. */
  String metrics() throws IOException {
    return http.get("/q/metrics").body();
  }

  /** Checks whether no batch is queued or running on any node. */
  boolean isIdle() throws IOException {
    return isNone("queued") && isNone("running");
  }

  private boolean isNone(String status) throws IOException {
    return get("/batches?limit=1&status=" + status).path("items").isEmpty();
  }

  void awaitIdle() throws IOException, InterruptedException {
    while (!isIdle()) {
      Thread.sleep(LOOK_MILLIS);
    }
  }

  private KeepAliveConnection.Answer accepted(String path, String body, int waitSeconds)
      throws IOException, InterruptedException {
    KeepAliveConnection.Answer response = http.post("/api/v1" + path, body, waitSeconds);
    while (response.status() == 503) {
      Thread.sleep(REPEAT_MILLIS);
      response = http.post("/api/v1" + path, body, waitSeconds);
    }
    return response;
  }

  @Override
  public void close() throws IOException {
    http.close();
  }
}
