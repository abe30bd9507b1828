package dev.rowmill.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Calls the REST API of a service. Thread-safe. */
public final class Api {

  /** Limits the time to connect, and the time of a response beyond what the request waits for. */
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** Is the longest wait of one request, in seconds. Proxies often cut off after 60 seconds. */
  private static final int LONGEST_WAIT = 20;

  private static final ObjectMapper JSON = new ObjectMapper();

  private final String server;
  private final String root;
  private final @Nullable String token;
  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(PATIENCE)
          .followRedirects(HttpClient.Redirect.NEVER)
          .build();

  /**
   * Represents a response.
   *
   * @param status the HTTP status
   * @param body a resource or a problem; missing if the response is not JSON
   */
  public record Reply(int status, JsonNode body) {

    /** Returns whether the request was accepted. */
    public boolean isAccepted() {
      return status < 300;
    }

    /** Returns the title, the detail and all violations of a problem, in lines. */
    public String problem() {
      StringBuilder text = new StringBuilder();
      text.append(status).append(' ').append(body.path("title").asText(""));
      if (body.hasNonNull("detail")) {
        text.append(": ").append(body.path("detail").asText());
      }
      for (JsonNode violation : body.path("violations")) {
        text.append("\n  ").append(violation.path("field").asText());
        text.append(": ").append(violation.path("message").asText());
      }
      for (JsonNode reason : body.path("reasons")) {
        text.append("\n  ").append(reason.asText());
      }
      return text.toString();
    }
  }

  /**
   * @param server address of the service, with the path under which a proxy serves it
   * @param token null for none
   */
  public Api(URI server, @Nullable String token) {
    String address = server.toString();
    this.server = address.endsWith("/") ? address : address + "/";
    this.root = this.server + "api/v1/";
    this.token = token;
  }

  /** Returns the address of the service. */
  String address() {
    return server;
  }

  /**
   * Returns a resource.
   *
   * @param path below {@code /api/v1}, or a path from a response
   * @throws CommandException when it is rejected or the service can't be reached
   */
  JsonNode get(String path) {
    return accepted(exchange("GET", path, null, Map.of()));
  }

  /** Returns the batch, when it has ended or when the seconds have passed. */
  Reply awaitBatch(long id, Duration most) {
    long seconds = Math.max(0, Math.min(LONGEST_WAIT, most.toSeconds()));
    return exchange("GET", "batches/" + id + "?wait=" + seconds, null, Map.of());
  }

  /**
   * Sends a request, and returns the body of its response.
   *
   * @throws CommandException when it is rejected or the service can't be reached
   */
  JsonNode send(String method, String path, @Nullable JsonNode body) {
    return accepted(exchange(method, path, body, Map.of()));
  }

  /** Sends a request with headers; see {@link #send(String, String, JsonNode)}. */
  JsonNode send(String method, String path, @Nullable JsonNode body, Map<String, String> headers) {
    return accepted(exchange(method, path, body, headers));
  }

  /**
   * Sends a request, and returns its response, also when it is rejected.
   *
   * @throws CommandException when the service can't be reached
   */
  public Reply exchange(
      String method, String path, @Nullable JsonNode body, Map<String, String> headers) {
    HttpRequest.Builder request = request(path, "application/json, application/problem+json");
    headers.forEach(request::header);
    if (body == null) {
      request.method(method, BodyPublishers.noBody());
    } else {
      request.header("Content-Type", "application/json");
      request.method(method, BodyPublishers.ofString(body.toString()));
    }
    HttpResponse<String> response = call(request, BodyHandlers.ofString());
    return new Reply(response.statusCode(), json(response.body()));
  }

  /** Copies a response as it is to a stream, which stays open. */
  void download(String path, OutputStream out) throws IOException {
    HttpResponse<InputStream> response = call(request(path, "*/*"), BodyHandlers.ofInputStream());
    try (InputStream body = response.body()) {
      if (response.statusCode() >= 300) {
        String text = new String(body.readAllBytes(), StandardCharsets.UTF_8);
        accepted(new Reply(response.statusCode(), json(text)));
      }
      body.transferTo(out);
    }
  }

  /** Encodes a value for a path or a query. */
  static String encode(String value) {
    return URLEncoder.encode(value, StandardCharsets.UTF_8).replace("+", "%20");
  }

  private HttpRequest.Builder request(String path, String accept) {
    HttpRequest.Builder request;
    try {
      request = HttpRequest.newBuilder(uri(path));
    } catch (IllegalArgumentException e) {
      throw CommandException.refused("The server's address is invalid: " + e.getMessage());
    }
    request.timeout(PATIENCE.plusSeconds(LONGEST_WAIT)).header("Accept", accept);
    return token == null ? request : request.header("Authorization", "Bearer " + token);
  }

  /**
   * Returns the address of a path: absolute, such as {@code /api/v1/batches/42} from a link in a
   * response, or below {@code /api/v1}.
   */
  private URI uri(String path) {
    return URI.create(path.startsWith("/") ? server + path.substring(1) : root + path);
  }

  private <T> HttpResponse<T> call(HttpRequest.Builder request, BodyHandler<T> handler) {
    try {
      return http.send(request.build(), handler);
    } catch (IOException e) {
      throw CommandException.error(
          "Can't reach Rowmill at "
              + root
              + ": "
              + (e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage())
              + ". Is it running? Set its address with --server or ROWMILL_SERVER.");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw CommandException.error("Interrupted.");
    }
  }

  private static JsonNode accepted(Reply reply) {
    if (reply.isAccepted()) {
      return reply.body();
    }
    if (reply.status() == 401) {
      throw CommandException.refused(
          reply.problem() + "\nSet a token in ROWMILL_TOKEN, or in a file with --token-file.");
    }
    // A service that is busy rejects; one that is broken has an error.
    throw reply.status() < 500 || reply.status() == 503
        ? CommandException.refused(reply.problem())
        : CommandException.error(reply.problem());
  }

  private static JsonNode json(String text) {
    try {
      return List.of('{', '[').contains(text.isEmpty() ? ' ' : text.charAt(0))
          ? JSON.readTree(text)
          : MissingNode.getInstance();
    } catch (JsonProcessingException e) {
      return MissingNode.getInstance();
    }
  }
}
