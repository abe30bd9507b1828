package dev.rowmill.testing;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.restassured.path.json.JsonPath;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.eclipse.microprofile.config.ConfigProvider;
import org.hamcrest.Matcher;
import org.hamcrest.MatcherAssert;
import org.hamcrest.Matchers;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assertions;

/**
 * Calls the REST API of a service. Thread-safe.
 *
 * <p>A path that begins with {@code /api/}, {@code /q/} or {@code /mcp} is absolute, as the links
 * in responses are; any other path is below {@code /api/v1}. A response that discloses a secret
 * fails the test.
 */
public final class RowmillApi {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String ROOT = "/api/v1";
  private static final String FORWARDED_FOR = "X-Forwarded-For";
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final Duration END_PATIENCE = Duration.ofMinutes(4);
  private static final AtomicInteger ADDRESSES = new AtomicInteger();

  private final HttpClient client;
  private final Supplier<URI> service;
  private final @Nullable String token;
  private final Duration timeout;
  private final boolean behindProxy;

  public RowmillApi(URI service) {
    this(service, null);
  }

  /**
   * @param token sent with each request
   */
  public RowmillApi(URI service, @Nullable String token) {
    this(client(Duration.ofSeconds(10)), () -> service, token, PATIENCE, false);
  }

  /** Creates an API that is called through a client of the test's own. */
  public RowmillApi(HttpClient client, URI service, @Nullable String token) {
    this(client, () -> service, token, PATIENCE, false);
  }

  private RowmillApi(
      HttpClient client,
      Supplier<URI> service,
      @Nullable String token,
      Duration timeout,
      boolean behindProxy) {
    this.client = client;
    this.service = service;
    this.token = token;
    this.timeout = timeout;
    this.behindProxy = behindProxy;
  }

  private static HttpClient client(Duration connectTimeout) {
    return HttpClient.newBuilder()
        .version(HttpClient.Version.HTTP_1_1)
        .connectTimeout(connectTimeout)
        .build();
  }

  /** Returns a client of the service that runs in the JVM of a {@code @QuarkusTest}. */
  public static RowmillApi local() {
    return new RowmillApi(
        client(Duration.ofSeconds(10)), () -> localUri("/"), null, PATIENCE, false);
  }

  /**
   * Returns a local client that sends each request from a new address, as a trusted proxy reports
   * it.
   */
  public static RowmillApi behindProxy() {
    return new RowmillApi(
        client(Duration.ofSeconds(10)), () -> localUri("/"), null, PATIENCE, true);
  }

  /** Returns the URI of an absolute path at the service of a {@code @QuarkusTest}. */
  public static URI localUri(String path) {
    int port = ConfigProvider.getConfig().getValue("quarkus.http.test-port", Integer.class);
    return URI.create("http://localhost:" + port + path);
  }

  /** Returns an address from which no request has been sent. */
  public static String newAddress() {
    int next = ADDRESSES.incrementAndGet();
    return "10." + (next >> 16 & 255) + "." + (next >> 8 & 255) + "." + (next & 255);
  }

  /** Returns a client with the same settings for another service. */
  public RowmillApi at(URI other) {
    return new RowmillApi(client, () -> other, token, timeout, behindProxy);
  }

  /** Returns a client with the same settings that sends another token, or none. */
  public RowmillApi as(@Nullable String other) {
    return new RowmillApi(client, service, other, timeout, behindProxy);
  }

  /** Returns a client for the same service with other time limits. */
  public RowmillApi within(Duration connectTimeout, Duration requestTimeout) {
    return new RowmillApi(client(connectTimeout), service, token, requestTimeout, behindProxy);
  }

  /** Returns the token that is sent with each request. */
  public Optional<String> token() {
    return Optional.ofNullable(token);
  }

  public Request request() {
    return new Request();
  }

  /** Adds a header to a new request. */
  public Request header(String name, String value) {
    return request().header(name, value);
  }

  /** Adds a body to a new request. */
  public Request json(Object body) {
    return request().json(body);
  }

  /** Lets a new request wait up to a minute for the end of its batch. */
  public Request waiting() {
    return request().waiting();
  }

  /** Begins a request that starts a batch. */
  public StartRequestBuilder start(String project) {
    return new StartRequestBuilder(this, project);
  }

  public Reply get(String path) {
    return request().get(path);
  }

  public Reply post(String path) {
    return request().post(path);
  }

  public Reply post(String path, JsonNode body) {
    return json(body).post(path);
  }

  public Reply put(String path, JsonNode body) {
    return json(body).put(path);
  }

  public Reply patch(String path, JsonNode body) {
    return json(body).patch(path);
  }

  public Reply delete(String path) {
    return request().delete(path);
  }

  /** Returns the text of the metrics page. */
  public String metrics() {
    return get("/q/metrics").text();
  }

  /** Sends a request for a batch that must be accepted, and returns the batch's id. */
  public long accepted(String path, JsonNode body) {
    return post(path, body).statusCode(202).id();
  }

  public JsonNode batch(long id) {
    return get("/batches/" + id).statusCode(200).body();
  }

  /** Waits for the end of a batch, and ignores failed requests until then. */
  public JsonNode ended(long id) {
    return Awaitility.await("end of batch " + id)
        .atMost(END_PATIENCE)
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(50))
        .until(
            () -> get("/batches/" + id + "?wait=5"), reply -> reply.body().hasNonNull("finishedAt"))
        .body();
  }

  /** Cancels the batches of a project, and waits for their ends. */
  public void cancelAll(String project) {
    get("/batches?project=" + project + "&limit=500")
        .body()
        .path("items")
        .forEach(
            batch -> {
              long id = batch.path("id").asLong();
              if (batch.path("finishedAt").isNull()) {
                post("/batches/" + id + "/cancel");
              }
              ended(id);
            });
  }

  /** Builds one request and sends it. */
  public final class Request {

    private final List<String> headers = new ArrayList<>();
    private byte @Nullable [] body;
    private boolean wholeStream;

    private Request() {}

    public Request header(String name, String value) {
      headers.add(name);
      headers.add(value);
      return this;
    }

    /** Adds headers, given as names and values. */
    public Request headers(String... more) {
      headers.addAll(List.of(more));
      return this;
    }

    /** Sets the body to a text or to the JSON of an object. */
    public Request json(Object content) {
      return header("Content-Type", "application/json").body(content);
    }

    /** Sets the body without a content type. */
    public Request body(Object content) {
      try {
        body =
            content instanceof byte[] bytes
                ? bytes
                : content instanceof String text
                    ? text.getBytes(StandardCharsets.UTF_8)
                    : JSON.writeValueAsBytes(content);
      } catch (JsonProcessingException e) {
        throw new UncheckedIOException(e);
      }
      return this;
    }

    /** Reads a stream of events to its end, rather than only its headers. */
    public Request wholeStream() {
      wholeStream = true;
      return this;
    }

    /** Waits up to a minute for the end of the batch that the request starts. */
    public Request waiting() {
      return waiting(60);
    }

    public Request waiting(int seconds) {
      return header("Prefer", "wait=" + seconds);
    }

    public Reply get(String path) {
      return send("GET", absolute(path));
    }

    public Reply post(String path) {
      return send("POST", absolute(path));
    }

    public Reply put(String path) {
      return send("PUT", absolute(path));
    }

    public Reply patch(String path) {
      return send("PATCH", absolute(path));
    }

    public Reply delete(String path) {
      return send("DELETE", absolute(path));
    }

    /** Sends the request to an absolute path. */
    public Reply send(String method, String path) {
      try {
        return exchange(method, path);
      } catch (IOException e) {
        throw new UncheckedIOException(method + " " + path, e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException(e);
      }
    }

    /** Sends the request to an absolute path, for a caller that handles failed connections. */
    public Reply exchange(String method, String path) throws IOException, InterruptedException {
      HttpRequest.Builder request =
          HttpRequest.newBuilder(service.get().resolve(path))
              .timeout(timeout)
              .method(
                  method,
                  body == null
                      ? HttpRequest.BodyPublishers.noBody()
                      : HttpRequest.BodyPublishers.ofByteArray(body));
      if (token != null) {
        request.header("Authorization", "Bearer " + token);
      }
      if (!headers.isEmpty()) {
        request.headers(headers.toArray(String[]::new));
      }
      if (behindProxy && !headers.contains(FORWARDED_FOR)) {
        request.header(FORWARDED_FOR, newAddress());
      }
      Reply reply = reply(request.build(), wholeStream);
      // The one response that discloses a secret by design.
      if (!(method.equals("POST") && path.endsWith("/tokens"))) {
        Secrets.assertNone(
            "the response to " + method + " " + path,
            reply.headers().map().values() + "\n" + reply.text());
      }
      return reply;
    }
  }

  private static String absolute(String path) {
    return Stream.of("/api/", "/q/", "/mcp").anyMatch(path::startsWith) ? path : ROOT + path;
  }

  private Reply reply(HttpRequest request, boolean wholeStream)
      throws IOException, InterruptedException {
    HttpResponse<InputStream> response =
        client.send(request, HttpResponse.BodyHandlers.ofInputStream());
    try (InputStream in = response.body()) {
      boolean headersOnly =
          !wholeStream
              && response
                  .headers()
                  .firstValue("Content-Type")
                  .orElse("")
                  .startsWith("text/event-stream");
      return new Reply(
          response.statusCode(),
          response.headers(),
          headersOnly ? "" : new String(in.readAllBytes(), StandardCharsets.UTF_8));
    }
  }

  /**
   * Represents a response.
   *
   * @param text the body; empty for a stream of events of which only the headers were read
   */
  public record Reply(int status, HttpHeaders headers, String text) {

    /** Returns the body as JSON; a missing node when it is empty. */
    public JsonNode body() {
      try {
        return text.isEmpty() ? MissingNode.getInstance() : JSON.readTree(text);
      } catch (JsonProcessingException e) {
        throw new UncheckedIOException(text, e);
      }
    }

    /** Returns the body for access by paths. */
    public JsonPath json() {
      return JsonPath.from(text);
    }

    /** Returns the member of the body at a path. */
    public <T> T path(String path) {
      return json().get(path);
    }

    /** Returns the id of the batch or other resource in the body. */
    public long id() {
      return json().getLong("id");
    }

    /** Returns the problem's type without its path; empty when the body is no problem document. */
    public String problem() {
      return body().path("type").asText().replaceFirst("^/problems/", "");
    }

    public Optional<String> header(String name) {
      return headers.firstValue(name);
    }

    /** Fails unless the response has a status code. */
    public Reply statusCode(int expected) {
      Assertions.assertEquals(expected, status, text);
      return this;
    }

    /** Fails unless the response has a content type, with or without parameters. */
    public Reply contentType(String expected) {
      String type = header("Content-Type").orElse("").toLowerCase(Locale.ROOT);
      Assertions.assertEquals(expected, type.replaceFirst(";.*", "").strip());
      return this;
    }

    public Reply header(String name, String expected) {
      return header(name, Matchers.equalTo(expected));
    }

    /** Fails unless a header, which is null when it is missing, matches. */
    @SuppressWarnings("unchecked")
    public Reply header(String name, Matcher<?> expected) {
      Object value = headers.firstValue(name).orElse(null);
      MatcherAssert.assertThat(name, value, (Matcher<Object>) expected);
      return this;
    }

    /** Fails unless the text of the body matches. */
    public Reply body(Matcher<? super String> expected) {
      MatcherAssert.assertThat(text, expected);
      return this;
    }

    /** Fails unless the member of the body at a path matches. */
    @SuppressWarnings("unchecked")
    public Reply body(String path, Matcher<?> expected) {
      MatcherAssert.assertThat(
          path + " in " + text, json().<Object>get(path), (Matcher<Object>) expected);
      return this;
    }
  }
}
