package dev.rowmill.browser;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rowmill.testing.Rig;
import dev.rowmill.testing.RowmillApi;
import dev.rowmill.testing.ServiceProcess;
import dev.rowmill.testing.TestServer;
import dev.rowmill.testing.WorkTable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assertions;

/** Runs a service with its database, and gives the test access to it without the browser. */
final class Site implements AutoCloseable {

  static final ObjectMapper JSON = new ObjectMapper();

  /** Sets a small chunk size, so that a bar moves in small steps. */
  static final int CHUNK_ROWS = 10;

  private static final String TOKEN_FILE = "rowmill.auth.token-file";
  private static final AtomicInteger TOKEN_FILES = new AtomicInteger();
  private static final AtomicInteger TOKENS = new AtomicInteger();

  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final Rig rig;
  private ServiceProcess service;
  private RowmillApi api;

  /**
   * Starts a service on a server.
   *
   * @param config properties of the service
   */
  Site(TestServer server, Map<String, String> config) throws SQLException {
    rig = new Rig(server);
    service = rig.start(config);
    api = admin(service, config);
  }

  /** Calls the API as anyone in open mode, and otherwise as the first admin. */
  private static RowmillApi admin(ServiceProcess service, Map<String, String> config) {
    String file = config.get(TOKEN_FILE);
    try {
      return new RowmillApi(
          service.address(), file == null ? null : Files.readString(Path.of(file)).strip());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns the configuration of a service that requires tokens and has its safeguards on. */
  static Map<String, String> withTokens() {
    String file =
        "target/browser-admin-token-"
            + ProcessHandle.current().pid()
            + "-"
            + TOKEN_FILES.incrementAndGet();
    return Map.of("rowmill.auth", "token", TOKEN_FILE, file, "rowmill.guard.require-where", "true");
  }

  /** Represents a token created for a test. */
  record Token(long id, String name, String secret) {}

  /** Returns the token that the service itself has created. */
  Token first() {
    return new Token(1, "first-admin", api.token().orElseThrow());
  }

  /**
   * Creates a token.
   *
   * @param projects patterns of the projects that it may access
   */
  Token token(String role, String... projects) {
    String name = role + "-" + TOKENS.incrementAndGet();
    ObjectNode body = JSON.createObjectNode().put("name", name).put("role", role);
    List.of(projects).forEach(body.putArray("projects")::add);
    RowmillApi.Reply reply = api.post("/tokens", body);
    Assertions.assertEquals(201, reply.status(), reply.problem());
    return new Token(
        reply.body().at("/details/id").asLong(), name, reply.body().path("token").asText());
  }

  void revoke(Token token) {
    RowmillApi.Reply reply = api.delete("/tokens/" + token.id());
    Assertions.assertEquals(204, reply.status(), reply::toString);
  }

  /** Returns the API for a caller with a token. */
  RowmillApi as(Token token) {
    return new RowmillApi(address(), token.secret());
  }

  URI address() {
    return service.address();
  }

  RowmillApi api() {
    return api;
  }

  Rig rig() {
    return rig;
  }

  ServiceProcess service() {
    return service;
  }

  /** Starts the service again. */
  void start(Map<String, String> config) {
    service = rig.start(config);
    api = admin(service, config);
  }

  /** Returns an UPDATE that adds 1 to each row of a table. */
  static String change(WorkTable table) {
    return "UPDATE " + table.name() + " SET n = n + 1";
  }

  /** Starts a batch limited to a number of rows per second until {@link #let}. */
  long slow(String project, WorkTable table, int rowsPerSecond) {
    return slow(project, table, rowsPerSecond, "{}");
  }

  /**
   * Starts such a batch with further members of the request.
   *
   * @param more members of the request, as JSON
   */
  long slow(String project, WorkTable table, int rowsPerSecond, String more) {
    ObjectNode body = object(more).put("sql", change(table));
    body.putObject("chunk").put("rows", CHUNK_ROWS);
    body.putObject("limits").put("rowsPerSecond", rowsPerSecond);
    return api.accepted("/projects/" + project + "/batches", body);
  }

  /** Removes the limit of rows per second from a batch. */
  void let(long batch) {
    RowmillApi.Reply reply =
        api.patch(
            "/batches/" + batch,
            object("{\"limits\": {\"rowsPerSecond\": 0}, \"chunk\": {\"rows\": 1000}}"));
    Assertions.assertEquals(200, reply.status(), reply::toString);
  }

  /** Delays each changed row of a table by a millisecond, until {@link #unbrake}. */
  void brake(WorkTable table) throws SQLException {
    rig.execute(
        "CREATE TRIGGER %1$s_brake BEFORE UPDATE ON %1$s FOR EACH ROW DO SLEEP(0.001)"
            .formatted(table.name()));
  }

  void unbrake(WorkTable table) throws SQLException {
    rig.execute("DROP TRIGGER %s_brake".formatted(table.name()));
  }

  /** Runs a batch on all rows of a table, and returns its id. */
  long run(String project, WorkTable table) {
    long batch = api.start(project).sql(change(table)).chunkRows(1000).accepted();
    Assertions.assertEquals(
        "succeeded", api.ended(batch).path("status").asText(), "batch " + batch);
    return batch;
  }

  /** Pauses a batch, and returns when it is paused. */
  void pause(long batch) {
    RowmillApi.Reply reply = api.post("/batches/" + batch + "/pause", JSON.createObjectNode());
    Assertions.assertEquals(202, reply.status(), reply::toString);
    awaitStatus(batch, "paused");
  }

  private void awaitStatus(long batch, String status) {
    Awaitility.await("batch " + batch + " to be " + status)
        .atMost(PATIENCE)
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(20))
        .until(() -> status.equals(status(batch)));
  }

  String status(long batch) {
    return api.batch(batch).path("status").asText();
  }

  /** Cancels all active batches and waits for their ends. */
  void tidy() {
    Awaitility.await("all batches to end")
        .atMost(PATIENCE)
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(20))
        .until(() -> cancelAll() == 0);
  }

  private int cancelAll() {
    int found = 0;
    for (String status : new String[] {"waiting", "queued", "paused", "running"}) {
      for (JsonNode batch : api.get("/batches?limit=500&status=" + status).body().path("items")) {
        found++;
        api.post(
            "/batches/" + batch.path("id").asLong() + "/cancel?force=true",
            JSON.createObjectNode());
      }
    }
    return found;
  }

  static ObjectNode object(String json) {
    try {
      return (ObjectNode) JSON.readTree(json);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(json, e);
    }
  }

  @Override
  public void close() {
    rig.close();
  }
}
