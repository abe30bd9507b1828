package dev.rowmill.testing;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.rowmill.batch.ProjectPatterns;
import dev.rowmill.security.Role;
import dev.rowmill.security.Tokens;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.microprofile.config.ConfigProvider;
import org.jspecify.annotations.Nullable;

/** Calls the service with tokens, each time from another address. Thread-safe. */
@ApplicationScoped
public class TokenCalls {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final AtomicInteger COUNT = new AtomicInteger();
  private static final HttpClient CLIENT =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  /** Represents a response. */
  public record Answer(int status, HttpHeaders headers, String text) {

    public JsonNode body() {
      try {
        return text.isEmpty() ? MissingNode.getInstance() : JSON.readTree(text);
      } catch (JsonProcessingException e) {
        throw new AssertionError(text, e);
      }
    }

    /** Returns the problem's type without its path. */
    public String problem() {
      return body().path("type").asText().replaceFirst("^/problems/", "");
    }

    public Optional<String> header(String name) {
      return headers.firstValue(name);
    }
  }

  private final Tokens tokens;

  TokenCalls(Tokens tokens) {
    this.tokens = tokens;
  }

  /** Creates a token and returns its secret. */
  public String token(Role role, String... projects) {
    return made(role, null, projects).secret();
  }

  /** Creates a token with a lifetime; null means that it never expires. */
  public Tokens.Made made(Role role, @Nullable Duration life, String... projects) {
    return tokens
        .make(
            role.code() + "-" + COUNT.incrementAndGet() + "-" + System.nanoTime(),
            role,
            new ProjectPatterns(List.of(projects)),
            null,
            life == null ? null : Instant.now().plus(life))
        .orElseThrow();
  }

  /** Returns an address that has sent no request yet. */
  public static String address() {
    int next = COUNT.incrementAndGet();
    return "10." + (next >> 16 & 255) + "." + (next >> 8 & 255) + "." + (next & 255);
  }

  public static URI uri(String path) {
    return URI.create(
        "http://localhost:"
            + ConfigProvider.getConfig().getValue("quarkus.http.test-port", Integer.class)
            + path);
  }

  public Answer get(String path, @Nullable String token) {
    return send("GET", path, token, null);
  }

  /**
   * Sends a request.
   *
   * @param headers names and values, in turn
   */
  public Answer send(
      String method,
      String path,
      @Nullable String token,
      @Nullable String body,
      String... headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri(path))
            .timeout(Duration.ofSeconds(30))
            .method(
                method,
                body == null
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofString(body));
    if (body != null) {
      request.header("Content-Type", "application/json");
    }
    if (token != null) {
      request.header("Authorization", "Bearer " + token);
    }
    if (headers.length > 0) {
      request.headers(headers);
    }
    if (!List.of(headers).contains("X-Forwarded-For")) {
      request.header("X-Forwarded-For", address());
    }
    try {
      HttpResponse<InputStream> response =
          CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
      try (InputStream in = response.body()) {
        boolean endless =
            response
                .headers()
                .firstValue("Content-Type")
                .orElse("")
                .startsWith("text/event-stream");
        return new Answer(
            response.statusCode(),
            response.headers(),
            endless ? "" : new String(in.readAllBytes(), StandardCharsets.UTF_8));
      }
    } catch (IOException e) {
      throw new AssertionError(method + " " + path, e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
