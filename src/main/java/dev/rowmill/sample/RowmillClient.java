package dev.rowmill.sample;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Calls the REST API like an external caller. Not thread-safe. */
final class RowmillClient {

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /**
   * Holds the status and the JSON body of a response. The body is a resource or a problem, and is
   * empty if the response is not JSON.
   */
  record Response(int status, JsonNode body) {}

  private final URI address;
  private final ObjectMapper json;
  private final HttpClient http = HttpClient.newBuilder().connectTimeout(PATIENCE).build();

  private @Nullable String token;

  RowmillClient(URI address, ObjectMapper json) {
    this.address = address;
    this.json = json;
  }

  /** Sets the token for later requests; null for none. */
  void showing(@Nullable String shown) {
    token = shown;
  }

  Response get(String path) throws IOException, InterruptedException {
    return send(request(path).GET());
  }

  Response post(String path, String body) throws IOException, InterruptedException {
    return send(
        request(path)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body)));
  }

  private HttpRequest.Builder request(String path) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(address.resolve(path))
            .timeout(PATIENCE)
            .header("Accept", "application/json, application/problem+json");
    return token == null ? request : request.header("Authorization", "Bearer " + token);
  }

  private Response send(HttpRequest.Builder request) throws IOException, InterruptedException {
    HttpResponse<String> response = http.send(request.build(), BodyHandlers.ofString());
    String type = response.headers().firstValue("Content-Type").orElse("");
    return new Response(
        response.statusCode(),
        type.contains("json") ? json.readTree(response.body()) : json.createObjectNode());
  }
}
