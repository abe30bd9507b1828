package dev.rowmill.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assertions;

/** Calls the REST API. Thread-safe. */
public final class Api {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration END_PATIENCE = Duration.ofMinutes(4);

  /** Represents a response of any status. */
  public record Reply(int status, JsonNode body) {

    /** Returns the problem's type without its path; empty if the body is not a problem document. */
    public String problem() {
      return body.path("type").asText().replaceFirst("^/problems/", "");
    }
  }

  private final URI address;
  private final @Nullable String token;
  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(10))
          .build();

  public Api(URI address) {
    this(address, null);
  }

  /**
   * Creates a client.
   *
   * @param token token to send with each request; null for none
   */
  public Api(URI address, @Nullable String token) {
    this.address = address;
    this.token = token;
  }

  /** Returns the token that is sent with each request. */
  public Optional<String> token() {
    return Optional.ofNullable(token);
  }

  /** Sends a GET request for a path under the API's root. */
  public Reply get(String path) {
    return getRaw("/api/v1" + path);
  }

  public Reply getRaw(String path) {
    return send(request(path).GET().build());
  }

  /** Returns the text of the metrics page. */
  public String metrics() {
    try {
      String metrics =
          client
              .send(request("/q/metrics").GET().build(), HttpResponse.BodyHandlers.ofString())
              .body();
      Secrets.assertNone("the metrics", metrics);
      return metrics;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  /** Sends a start request with a chunk size. */
  public Reply start(String project, String sql, int chunkRows) {
    return start(project, sql, chunkRows, "parallel");
  }

  private Reply start(String project, String sql, int chunkRows, String mode) {
    ObjectNode body = JSON.createObjectNode().put("sql", sql).put("mode", mode);
    body.putObject("chunk").put("rows", chunkRows);
    return post("/projects/" + project + "/batches", body);
  }

  /** Sends a body to a path under the API's root. */
  public Reply post(String path, JsonNode body) {
    return send("POST", path, body);
  }

  public Reply patch(String path, JsonNode body) {
    return send("PATCH", path, body);
  }

  public Reply put(String path, JsonNode body) {
    return send("PUT", path, body);
  }

  public Reply delete(String path) {
    return send(request("/api/v1" + path).DELETE().build());
  }

  private Reply send(String method, String path, JsonNode body) {
    return send(
        request("/api/v1" + path)
            .header("Content-Type", "application/json")
            .method(method, HttpRequest.BodyPublishers.ofString(body.toString()))
            .build());
  }

  /** Sends a start request, requires its acceptance, and returns the batch's id. */
  public long accepted(String path, JsonNode body) {
    Reply reply = post(path, body);
    Assertions.assertEquals(202, reply.status(), reply::toString);
    return reply.body().path("id").asLong();
  }

  /** Starts a batch, requires its acceptance, and returns the batch's id. */
  public long accepted(String project, String sql, int chunkRows) {
    return accepted(project, sql, chunkRows, "parallel");
  }

  public long accepted(String project, String sql, int chunkRows, String mode) {
    Reply reply = start(project, sql, chunkRows, mode);
    Assertions.assertEquals(202, reply.status(), reply::toString);
    return reply.body().path("id").asLong();
  }

  public JsonNode batch(long id) {
    Reply reply = get("/batches/" + id);
    Assertions.assertEquals(200, reply.status(), reply::toString);
    return reply.body();
  }

  /** Waits for the end of a batch, and ignores error responses meanwhile. */
  public JsonNode ended(long id) {
    return Awaitility.await("end of batch " + id)
        .atMost(END_PATIENCE)
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(50))
        .until(
            () -> get("/batches/" + id + "?wait=5"), reply -> reply.body().hasNonNull("finishedAt"))
        .body();
  }

  private HttpRequest.Builder request(String path) {
    HttpRequest.Builder request = HttpRequest.newBuilder(address.resolve(path)).timeout(PATIENCE);
    if (token != null) {
      request.header("Authorization", "Bearer " + token);
    }
    return request;
  }

  private Reply send(HttpRequest request) {
    try {
      HttpResponse<byte[]> response = client.send(request, HttpResponse.BodyHandlers.ofByteArray());
      // Only this response may contain a secret.
      if (!(request.method().equals("POST") && request.uri().getPath().endsWith("/tokens"))) {
        Secrets.assertNone(
            "the answer to " + request.method() + " " + request.uri(),
            new String(response.body(), StandardCharsets.UTF_8));
      }
      JsonNode body =
          response.body().length == 0 ? MissingNode.getInstance() : JSON.readTree(response.body());
      return new Reply(response.statusCode(), body);
    } catch (IOException e) {
      throw new UncheckedIOException(request.method() + " " + request.uri(), e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private static IllegalStateException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new IllegalStateException(e);
  }
}
