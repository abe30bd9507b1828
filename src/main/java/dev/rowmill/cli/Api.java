package dev.rowmill.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Calls the REST API of a service. Thread-safe.
 *
 * <p>It uses the older client of the JDK, because the newer one adds half to the time in which a
 * command starts.
 */
public final class Api {

  static {
    // A change that got no response is not sent again by the client.
    System.setProperty("sun.net.http.retryPost", "false");
  }

  /** Limits the time to connect, and the time of a response beyond what the request waits for. */
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** Is the longest wait of one request, in seconds. Proxies often cut off after 60 seconds. */
  private static final int LONGEST_WAIT = 20;

  /** Is the first status of a response that is no success: a redirection. */
  private static final int NO_SUCCESS = 300;

  /** Is the first status of an error. */
  private static final int ERROR = 400;

  private static final ObjectMapper JSON = new ObjectMapper();

  private final String server;
  private final String root;
  private final @Nullable String token;

  /**
   * Represents a response.
   *
   * @param status the HTTP status
   * @param body a resource or a problem; missing if the response is not JSON
   */
  public record Reply(int status, JsonNode body) {

    /** Returns whether the request was accepted. */
    public boolean isAccepted() {
      return status < NO_SUCCESS;
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
    try {
      HttpURLConnection call = call(method, path, "application/json, application/problem+json");
      headers.forEach(call::setRequestProperty);
      if (body != null) {
        call.setRequestProperty("Content-Type", "application/json");
        call.setDoOutput(true);
        try (OutputStream out = call.getOutputStream()) {
          out.write(body.toString().getBytes(StandardCharsets.UTF_8));
        }
      }
      return reply(call);
    } catch (IOException e) {
      throw unreachable(e);
    }
  }

  /** Copies a response as it is to a stream, which stays open. */
  void download(String path, OutputStream out) throws IOException {
    HttpURLConnection call = call("GET", path, "*/*");
    int status;
    try {
      status = call.getResponseCode();
    } catch (IOException e) {
      throw unreachable(e);
    }
    if (status >= NO_SUCCESS) {
      accepted(reply(call));
    }
    try (InputStream body = call.getInputStream()) {
      body.transferTo(out);
    }
  }

  /** Encodes a value for a path or a query. */
  static String encode(String value) {
    return URLEncoder.encode(value, StandardCharsets.UTF_8).replace("+", "%20");
  }

  private HttpURLConnection call(String method, String path, String accept) throws IOException {
    HttpURLConnection call;
    try {
      call = (HttpURLConnection) uri(path).toURL().openConnection();
    } catch (IllegalArgumentException e) {
      throw CommandException.refused("The server's address is invalid: " + e.getMessage());
    }
    call.setRequestMethod(method);
    call.setInstanceFollowRedirects(false);
    call.setConnectTimeout(Math.toIntExact(PATIENCE.toMillis()));
    call.setReadTimeout(Math.toIntExact(PATIENCE.plusSeconds(LONGEST_WAIT).toMillis()));
    call.setRequestProperty("Accept", accept);
    if (token != null) {
      call.setRequestProperty("Authorization", "Bearer " + token);
    }
    return call;
  }

  /**
   * Returns the address of a path: absolute, such as {@code /api/v1/batches/42} from a link in a
   * response, or below {@code /api/v1}.
   */
  private URI uri(String path) {
    return URI.create(path.startsWith("/") ? server + path.substring(1) : root + path);
  }

  private static Reply reply(HttpURLConnection call) throws IOException {
    int status = call.getResponseCode();
    try (InputStream body = status < ERROR ? call.getInputStream() : call.getErrorStream()) {
      String text = body == null ? "" : new String(body.readAllBytes(), StandardCharsets.UTF_8);
      return new Reply(status, json(text));
    }
  }

  private CommandException unreachable(IOException e) {
    return CommandException.error(
        "Can't reach Rowmill at "
            + root
            + ": "
            + (e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage())
            + ". Is it running? Set its address with --server or ROWMILL_SERVER.");
  }

  /**
   * Returns the body of a response.
   *
   * @throws CommandException when the request is rejected, or the response is not one of Rowmill
   */
  static JsonNode accepted(Reply reply) {
    if (reply.isAccepted()) {
      if (reply.body().isMissingNode() && reply.status() != HttpURLConnection.HTTP_NO_CONTENT) {
        throw CommandException.error(
            "The response is not one of Rowmill. Check the address, --server or ROWMILL_SERVER.");
      }
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
