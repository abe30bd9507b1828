package dev.rowmill.rest;

import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.rowmill.database.Digests;
import dev.rowmill.testing.Batches;
import dev.rowmill.testing.DatabaseResource;
import dev.rowmill.testing.GateTask;
import dev.rowmill.testing.RowmillApi;
import dev.rowmill.testing.Sql;
import io.agroal.api.AgroalDataSource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.vertx.ext.web.Router;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.StreamSupport;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class RequestAuditTest {

  private static final RowmillApi API = RowmillApi.local();

  private static final String SECRET = "s3cr3t-value-4711";

  @Inject Batches batches;
  @Inject AgroalDataSource database;

  private final String project = Batches.newProject();

  /** Rejects requests like an authentication that runs before every resource. */
  @ApplicationScoped
  static class Doorman {
    void stand(@Observes Router router) {
      router
          .route("/api/*")
          .order(-1000)
          .handler(
              context -> {
                String status = context.request().getHeader("Testing-Refuse");
                if (status == null) {
                  context.next();
                } else {
                  context.response().setStatusCode(Integer.parseInt(status)).end();
                }
              });
    }
  }

  @AfterEach
  void nothingIsLeftBehind() {
    GateTask.open(project);
    batches.leaveNothingBehind();
  }

  private static RowmillApi.Request json(String body) {
    return API.json(body);
  }

  private String gate() {
    return "{\"task\": \"gate\", \"parameters\": {\"gate\": \"" + project + "\"}}";
  }

  private long running() {
    return json(gate()).post("/api/v1/projects/" + project + "/batches").statusCode(202).id();
  }

  private static JsonNode newest(String filter) {
    return lines(filter).get(0);
  }

  private static JsonNode lines(String filter) {
    try {
      return new ObjectMapper()
          .readTree(API.get("/audit?" + filter).statusCode(200).text())
          .path("items");
    } catch (java.io.IOException e) {
      throw new AssertionError(e);
    }
  }

  private static long head() {
    return API.get("/audit/verify").json().getLong("head.id");
  }

  private static String text(JsonNode line, String member) {
    return line.path(member).isNull() ? "" : line.path(member).asText();
  }

  /** Tests the audit of each operation on a running batch. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          startBatch  | POST  | projects/{p}/batches      | {gate}                   | 409 | project-busy          | {p} |
          startBatch  | POST  | projects/{p}/batches      | {"sql": "DROP TABLE x"}  | 422 | unsupported-statement | {p} |
          startBatch  | POST  | projects/{p}/batches      | {"task": "no-such"}      | 422 | unknown-task          | {p} |
          startBatch  | POST  | projects/{p}/batches      | {"plan": "no-such"}      | 422 | unknown-plan          | {p} |
          startBatch  | POST  | projects/{p}/batches      | not JSON                 | 400 | invalid-request       | {p} |
          startBatch  | POST  | projects/{p}/batches?x=1  | {"sql": 1, "lanes": 0}   | 400 | invalid-request       | {p} |
          planBatch   | POST  | projects/{p}/plans        | {gate}                   | 200 |                       | {p} |
          pauseBatch  | POST  | batches/{b}/pause         |                          | 202 |                       | {p} | {b}
          resumeBatch | POST  | batches/{b}/resume        |                          | 409 | illegal-transition    |     | {b}
          changeBatch | PATCH | batches/{b}               | {"lanes": 2}             | 200 |                       | {p} | {b}
          retryBatch  | POST  | batches/{b}/retry         |                          | 409 | illegal-transition    |     | {b}
          retrySkippedRows | POST | batches/{b}/skipped/retry |                     | 409 | skipped-not-retryable |     | {b}
          undoBatch   | POST  | batches/{b}/undo          |                          | 409 | not-undoable          |     | {b}
          restoreBatch | POST | batches/{b}/restore       |                          | 409 | not-restorable        |     | {b}
          saveTask    | PUT   | tasks/Up                  | {"url": "ftp://x"}       | 400 | invalid-request       |     |
          deleteTask  | DELETE | tasks/no-such            |                          | 404 | not-found             |     |
          leaseChunk  | POST  | tasks/no-such/lease       |                          | 422 | unknown-task          |     |
          completeChunk | POST | tasks/no-such/complete   | {"lease": "x"}           | 422 | unknown-task          |     |
          cancelBatch | POST  | batches/{b}/cancel?force=true |                      | 202 |                       | {p} | {b}
          cancelBatch | POST  | batches/999999999/cancel  |                          | 404 | not-found             |     | 999999999
          cancelBatch | POST  | batches/{b}/cancel?force=maybe |                     | 400 | invalid-request       |     | {b}
          """)
  void every_requested_change_is_audited(
      String operation,
      String method,
      String path,
      String body,
      int status,
      String problem,
      String ofProject,
      String ofBatch) {
    String id = Long.toString(running());
    Awaitility.await()
        .until(() -> API.get("/batches/" + id).json().getString("status"), "running"::equals);
    String uri = "/api/v1/" + fill(path, id);
    var request = body == null ? API.request() : json(fill(body, id));
    request.send(method, uri).statusCode(status);
    JsonNode line = newest("operation=" + operation);
    assertEquals(method + " " + uri, text(line, "request"));
    assertEquals(status, line.path("status").asInt());
    assertEquals(fill(problem, id), text(line, "problem"));
    assertEquals(fill(ofProject, id), text(line, "project"));
    assertEquals(fill(ofBatch, id), text(line, "batch"));
    assertEquals("127.0.0.1", text(line, "address"));
    assertEquals("admin", text(line, "role"));
    assertEquals("", text(line, "actor"));
  }

  private String fill(String text, String batch) {
    return text == null
        ? ""
        : text.replace("{gate}", gate()).replace("{p}", project).replace("{b}", batch);
  }

  @Test
  void a_start_and_its_end_are_audited_with_the_statement_without_values() {
    String sql = "UPDATE rowmill_nowhere.t SET a = :secret WHERE b = :secret";
    json("{\"sql\": \""
            + sql
            + "\", \"parameters\": {\"secret\": \""
            + SECRET
            + "\"},"
            + " \"lanes\": 2, \"reason\": \"why not\", \"token\": \""
            + SECRET
            + "\"}")
        .post("/api/v1/projects/" + project + "/batches")
        .statusCode(400);
    JsonNode refused = newest("project=" + project);
    assertEquals(sql, text(refused, "statement"));
    assertEquals(Digests.sha256Hex(sql), text(refused, "statementSha256"));
    assertEquals(
        "{\"parameters\":[\"secret\"],\"lanes\":2,\"reason\":\"why not\"}",
        refused.path("detail").toString());

    GateTask.open(project);
    long id = running();
    API.get("/batches/" + id + "?wait=60").body("status", equalTo("succeeded"));
    Awaitility.await().until(() -> lines("batch=" + id).size() == 2);
    // In either order: the batch may end before the response to its start.
    JsonNode ended = newest("batch=" + id + "&operation=batchSucceeded");
    assertEquals("rowmill", text(ended, "actor"));
    assertEquals("service", text(ended, "role"));
    JsonNode started = newest("batch=" + id + "&operation=startBatch");
    assertEquals("gate", text(started, "statement"));
    assertEquals(202, started.path("status").asInt());
    assertFalse(lines("limit=500").toString().contains(SECRET));
  }

  @Test
  void a_start_that_waits_for_its_end_is_audited_when_it_is_stored() throws Exception {
    Thread waiting =
        new Thread(
            () ->
                json(gate())
                    .waiting(60)
                    .post("/api/v1/projects/" + project + "/batches")
                    .statusCode(200));
    waiting.start();
    Awaitility.await().until(() -> lines("project=" + project).size() == 1);
    assertTrue(waiting.isAlive());
    assertEquals(202, newest("project=" + project).path("status").asInt());
    GateTask.open(project);
    waiting.join();
    assertEquals(1, lines("project=" + project + "&operation=startBatch").size());
  }

  @Test
  void a_batch_is_not_visible_before_its_start_is_audited() throws Exception {
    GateTask.open(project);
    var started = new AtomicLong();
    Thread starting = new Thread(() -> started.set(running()));
    try (var connection = database.getConnection();
        var statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.executeQuery("SELECT id FROM audit_head WHERE one = 1 FOR UPDATE").close();
      starting.start();
      Awaitility.await().until(() -> Sql.isLockAwaited(database));
      API.get("/projects/" + project + "/batches").body("items", hasSize(0));
      connection.rollback();
    }
    starting.join();
    JsonNode line = newest("project=" + project + "&operation=startBatch");
    assertEquals(started.get(), line.path("batch").asLong());
    assertEquals(202, line.path("status").asInt());
  }

  @Test
  void a_start_is_accepted_and_audited_later_while_the_audit_cannot_be_written() throws Exception {
    GateTask.open(project);
    long id;
    Sql.execute(database, "RENAME TABLE audit TO audit_away");
    try {
      id = running();
    } finally {
      Sql.execute(database, "RENAME TABLE audit_away TO audit");
    }
    Awaitility.await().until(() -> lines("batch=" + id + "&operation=startBatch").size() == 1);
    assertNull(API.get("/audit/verify").json().get("broken"));
  }

  @Test
  void reads_and_unknown_operations_are_not_audited() {
    API.get("/projects").statusCode(200);
    long before = head();
    API.get("/batches/" + Long.MAX_VALUE).statusCode(404);
    API.get("/audit").statusCode(200);
    API.post("/nothing-here").statusCode(404);
    API.delete("/batches/1").statusCode(405);
    API.header("Testing-Refuse", "401").post("/batches/1/pause").statusCode(401);
    API.header("Testing-Refuse", "403").get("/batches/1").statusCode(403);
    assertEquals(before, head());
  }

  @Test
  void a_wrong_token_is_audited_once_a_minute_and_a_forbidden_request_each_time() {
    for (int i = 0; i < 5; i++) {
      API.header("Testing-Refuse", "401")
          .header("Authorization", "Bearer " + SECRET)
          .get("/batches")
          .statusCode(401);
    }
    for (int i = 0; i < 2; i++) {
      API.header("Testing-Refuse", "403").post("/batches/7/pause?of=" + project).statusCode(403);
    }
    Awaitility.await()
        .until(
            () ->
                StreamSupport.stream(lines("operation=refused").spliterator(), false)
                    .filter(line -> text(line, "request").contains("of=" + project))
                    .count(),
            Long.valueOf(2)::equals);
    List<JsonNode> unknown =
        StreamSupport.stream(lines("operation=refused").spliterator(), false)
            .filter(line -> line.path("status").asInt() == 401)
            .toList();
    assertEquals(1, unknown.size());
    assertEquals("127.0.0.1", text(unknown.get(0), "address"));
    assertTrue(unknown.get(0).path("role").isNull());
    assertFalse(lines("operation=refused").toString().contains(SECRET));
  }

  @Test
  void the_list_is_paged_and_filtered_and_rejects_unknown_parameters() {
    for (int i = 0; i < 3; i++) {
      json("{}").post("/api/v1/projects/" + project + "/batches").statusCode(400);
    }
    String next =
        API.get("/audit?limit=2&project=" + project + "&operation=startBatch")
            .body("items", hasSize(2))
            .path("next");
    API.get(next).body("items", hasSize(1)).body("next", nullValue());
    API.get("/audit?actor=a%26b%20c").statusCode(200).body("items", hasSize(0));
    API.get("/audit?batch=x&project=/&limit=0&before=-1")
        .statusCode(400)
        .body("violations.field", contains("project", "batch", "before", "limit"));
  }

  @Test
  void a_changed_line_is_named_by_the_failed_verification() throws Exception {
    json("{}").post("/api/v1/projects/" + project + "/batches").statusCode(400);
    API.get("/audit/verify")
        .statusCode(200)
        .body("valid", equalTo(true))
        .body("broken", nullValue());
    long id = newest("project=" + project).path("id").asLong();
    Sql.execute(database, "UPDATE audit SET http_status = 202 WHERE id = " + id);
    API.get("/audit/verify")
        .statusCode(200)
        .body("valid", equalTo(false))
        .body("rows", equalTo((int) id - 1))
        .body("broken", equalTo(Map.of("id", (int) id, "reason", "changed")));
    Sql.execute(database, "UPDATE audit SET http_status = 400 WHERE id = " + id);
    assertNull(API.get("/audit/verify").json().get("broken"));
  }
}
