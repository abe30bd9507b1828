package dev.rowmill.rest;

import static dev.rowmill.rest.ChainCalls.awaitStatus;
import static dev.rowmill.rest.ChainCalls.awaitStep;
import static dev.rowmill.rest.ChainCalls.batch;
import static dev.rowmill.rest.ChainCalls.chain;
import static dev.rowmill.rest.ChainCalls.start;
import static dev.rowmill.rest.ChainCalls.steps;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasItems;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rowmill.testing.Batches;
import dev.rowmill.testing.DatabaseResource;
import dev.rowmill.testing.GateTask;
import dev.rowmill.testing.RowmillApi;
import dev.rowmill.testing.RowmillApi.Reply;
import dev.rowmill.testing.WorkTable;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Tests chains over HTTP. */
@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class ChainTest {

  private static final RowmillApi API = RowmillApi.local();

  @RegisterExtension final WorkTable table = WorkTable.ofRows(10);

  @Inject Batches batches;

  private final String gate = Batches.newProject();

  @AfterEach
  void nothingIsLeftBehind() {
    GateTask.open(gate);
    batches.leaveNothingBehind();
  }

  private Map<String, Object> sql(String name, String project, int from, String... needs) {
    return ChainCalls.sql(
        name, project, "UPDATE " + table.name() + " SET n = n + 1 WHERE n = " + from, needs);
  }

  private Map<String, Object> blocked(String name, String project, String... needs) {
    Map<String, Object> step = sql(name, project, 0, needs);
    step.remove("sql");
    step.put("task", "gate");
    step.put("parameters", Map.of("gate", gate));
    return step;
  }

  @Test
  void steps_run_in_the_order_that_they_need() throws SQLException {
    String one = Batches.newProject();
    Reply reply =
        start(
            sql("last", one, 3, "left", "right"),
            sql("left", Batches.newProject(), 1, "first"),
            sql("right", Batches.newProject(), 2, "left"),
            sql("first", one, 0));
    int id =
        reply
            .statusCode(202)
            .body("steps.name", contains("first", "left", "right", "last"))
            .body("steps[3].needs", contains("left", "right"))
            .path("id");
    assertEquals("/api/v1/chains/" + id, reply.header("Location").orElseThrow());
    JsonNode end = awaitStatus(id, "succeeded");
    assertEquals(10, table.rowsWith(4));
    steps(end).values().forEach(step -> assertEquals("succeeded", step.path("status").asText()));
    JsonNode last = steps(end).get("last");
    API.get("/batches/" + last.path("batch").asLong())
        .body("chain", equalTo(id))
        .body("step", equalTo("last"))
        .body("after.met", contains(true, true));
    API.get("/chains?limit=1").body("items.id", contains(id));
    API.get("/chains?limit=1&before=" + id).statusCode(200);
    API.get("/chains/999999999").statusCode(404);
  }

  @Test
  void steps_of_one_project_queue_in_it() {
    String project = Batches.newProject();
    int id = start(blocked("a", project), blocked("b", project)).statusCode(202).path("id");
    awaitStep(id, "a", "running");
    awaitStep(id, "b", "waiting");
    GateTask.open(gate);
    awaitStatus(id, "succeeded");
  }

  @Test
  void a_chain_is_paused_and_resumed() throws SQLException {
    int id =
        start(
                blocked("first", Batches.newProject()),
                sql("second", Batches.newProject(), 0, "first"))
            .path("id");
    awaitStep(id, "first", "running");
    API.post("/chains/" + id + "/pause").statusCode(202);
    API.post("/chains/" + id + "/pause").statusCode(202);
    GateTask.open(gate);
    // The task is over before it can pause, but nothing follows.
    Awaitility.await()
        .atMost(Batches.PATIENCE)
        .until(
            () ->
                List.of("paused", "succeeded")
                    .contains(steps(chain(id)).get("first").path("status").asText()));
    awaitStatus(id, "paused");
    assertTrue(chain(id).path("paused").asBoolean());
    assertEquals("waiting", steps(chain(id)).get("second").path("status").asText());
    assertEquals(10, table.rowsWith(0));
    API.post("/chains/" + id + "/resume").statusCode(202).body("paused", equalTo(false));
    awaitStatus(id, "succeeded");
    assertEquals(10, table.rowsWith(1));
    API.post("/chains/" + id + "/pause").statusCode(202).body("status", equalTo("succeeded"));
  }

  @Test
  void a_chain_is_cancelled() throws SQLException {
    int id =
        start(
                blocked("first", Batches.newProject()),
                sql("second", Batches.newProject(), 0, "first"),
                sql("third", Batches.newProject(), 0, "second"))
            .path("id");
    awaitStep(id, "first", "running");
    API.post("/chains/" + id + "/cancel?force=true")
        .statusCode(202)
        .body("steps.status", hasItems("cancelled"))
        .body("steps[2].error", nullValue());
    awaitStatus(id, "cancelled");
    assertEquals(10, table.rowsWith(0));
  }

  @Test
  void a_step_that_is_cancelled_ends_what_needs_it() {
    int id =
        start(
                blocked("first", Batches.newProject()),
                sql("second", Batches.newProject(), 0, "first"))
            .path("id");
    awaitStep(id, "first", "running");
    long first = steps(chain(id)).get("first").path("batch").asLong();
    API.post("/batches/" + first + "/cancel?force=true").statusCode(202);
    JsonNode end = awaitStatus(id, "cancelled");
    assertEquals(
        "/problems/dependency-failed", steps(end).get("second").at("/error/type").asText());
  }

  private int cancelled(String first, String second) {
    int id =
        start(blocked("first", first), sql("second", second, 0, "first"))
            .statusCode(202)
            .path("id");
    awaitStep(id, "first", "running");
    API.post("/batches/" + batch(id, "first") + "/cancel?force=true").statusCode(202);
    awaitStatus(id, "cancelled");
    return id;
  }

  @Test
  void a_retried_chain_continues_in_its_order() throws SQLException {
    int id = cancelled(Batches.newProject(), Batches.newProject());
    API.post("/chains/" + id + "/retry")
        .statusCode(202)
        .body("steps[1].status", equalTo("waiting"))
        .body("steps[1].error", nullValue());
    awaitStep(id, "first", "running");
    assertEquals(10, table.rowsWith(0));
    GateTask.open(gate);
    awaitStatus(id, "succeeded");
    assertEquals(10, table.rowsWith(1));
    API.post("/chains/" + id + "/retry")
        .statusCode(409)
        .body("type", equalTo("/problems/illegal-transition"));
  }

  @Test
  void retried_steps_of_one_project_queue_in_it() throws SQLException {
    String project = Batches.newProject();
    int id = cancelled(project, project);
    GateTask.open(gate);
    API.post("/chains/" + id + "/retry").statusCode(202);
    awaitStatus(id, "succeeded");
    assertEquals(10, table.rowsWith(1));
  }

  @Test
  void a_chain_is_retried_as_a_whole_or_not_at_all() throws SQLException {
    int id = cancelled(Batches.newProject(), Batches.newProject());
    table.execute("ALTER TABLE " + table.name() + " ADD COLUMN extra INT");
    API.post("/chains/" + id + "/retry")
        .statusCode(409)
        .body("type", equalTo("/problems/definition-changed"))
        .body("step", equalTo("second"));
    steps(chain(id))
        .values()
        .forEach(step -> assertEquals("cancelled", step.path("status").asText()));
  }

  @Test
  void a_step_that_the_store_refuses_to_retry_is_named() throws SQLException {
    int id =
        API.json(
                """
                {"steps": [{"name": "first", "project": "%s", "undo": true,
                  "sql": "UPDATE %s SET n = IF(id = 10, 9999999999, 1) WHERE id > 0"}]}"""
                    .formatted(Batches.newProject(), table.name()))
            .post("/chains")
            .statusCode(202)
            .path("id");
    awaitStatus(id, "failed");
    long first = batch(id, "first");
    API.ended(API.json("{}").post("/batches/" + first + "/undo").statusCode(202).id());
    API.post("/chains/" + id + "/retry")
        .statusCode(409)
        .body("type", equalTo("/problems/not-retryable"))
        .body("step", equalTo("first"));
    assertEquals(10, table.rowsWith(0));
  }

  @Test
  void a_retried_batch_keeps_its_conditions() throws SQLException {
    int id = cancelled(Batches.newProject(), Batches.newProject());
    long second = batch(id, "second");
    API.post("/batches/" + second + "/retry")
        .statusCode(409)
        .body("type", equalTo("/problems/dependency-failed"))
        .body("batch", equalTo((int) batch(id, "first")));
    API.post("/batches/" + batch(id, "first") + "/retry").statusCode(202);
    API.post("/batches/" + second + "/retry").statusCode(202).body("status", equalTo("waiting"));
    awaitStep(id, "first", "running");
    GateTask.open(gate);
    awaitStatus(id, "succeeded");
    assertEquals(10, table.rowsWith(1));
  }

  @Test
  void a_retried_step_of_a_paused_chain_is_held() throws SQLException {
    int id = cancelled(Batches.newProject(), Batches.newProject());
    GateTask.open(gate);
    API.post("/chains/" + id + "/pause").statusCode(202);
    API.post("/batches/" + batch(id, "first") + "/retry")
        .statusCode(202)
        .body("status", equalTo("waiting"));
    API.post("/chains/" + id + "/retry").statusCode(202).body("status", equalTo("paused"));
    assertEquals(10, table.rowsWith(0));
    API.post("/chains/" + id + "/resume").statusCode(202);
    awaitStatus(id, "succeeded");
    assertEquals(10, table.rowsWith(1));
  }

  @Test
  void a_repeated_request_starts_nothing() {
    Map<String, Object> body =
        Map.of("name", "nightly", "steps", List.of(sql("a", Batches.newProject(), 0)));
    String key = Batches.newProject();
    int id = API.header("Idempotency-Key", key).json(body).post("/chains").path("id");
    API.header("Idempotency-Key", key)
        .json(body)
        .post("/chains")
        .statusCode(202)
        .body("id", equalTo(id))
        .body("name", equalTo("nightly"));
    API.header("Idempotency-Key", key)
        .json(Map.of("steps", List.of(sql("b", Batches.newProject(), 0))))
        .post("/chains")
        .statusCode(422)
        .body("type", equalTo("/problems/idempotency-mismatch"));
    awaitStatus(id, "succeeded");
  }

  @Test
  void all_bad_steps_are_reported_and_none_is_stored() {
    String project = Batches.newProject();
    start(
            sql("good", project, 0),
            Map.of(
                "name",
                "no-table",
                "project",
                project,
                "sql",
                "DELETE FROM rowmill_work.none WHERE id = 1"),
            Map.of("name", "no-task", "project", project, "task", "none"))
        .statusCode(422)
        .body("type", equalTo("/problems/invalid-chain"))
        .body("violations.field", contains("steps.no-table", "steps.no-task"))
        .body("violations[0].message", containsString("rowmill_work.none"));
    API.get("/projects/" + project).statusCode(404);
  }

  @Test
  void bad_chains_are_rejected() {
    String p = Batches.newProject();
    violations(start(), "steps");
    violations(start(sql("a", p, 0, "b"), sql("b", p, 0, "c"), sql("c", p, 0, "b")), "steps")
        .body("violations.message", hasItem(containsString("b → c → b")));
    violations(start(sql("a", p, 0, "a")), "steps");
    violations(start(sql("a", p, 0, "x")), "steps.a.needs")
        .body("violations.message", hasItem(containsString("x")));
    violations(start(sql("a", p, 0), sql("a", p, 0)), "steps.a.name");
    violations(start(sql("a b", p, 0)), "steps.a b.name");
    violations(start(sql("a", "p p", 0)), "steps.a.project");
    violations(start(Map.of("name", "a", "project", p)), "steps.a.sql");
    violations(
        start(Map.of("name", "a", "project", p, "sql", "x", "onBusy", "queue")), "steps.a.onBusy");
    violations(
        start(Map.of("name", "a", "project", p, "sql", "x", "after", List.of())), "steps.a.after");
    violations(start(Map.of("name", "a", "project", p, "sql", "x", "lanes", 99)), "steps.a.lanes");
    violations(start(Map.of("project", p, "sql", "x")), "steps.0.name");
    violations(API.json(Map.of("steps", "x")).post("/chains"), "steps");
    List<Map<String, Object>> many =
        java.util.stream.IntStream.range(0, 101).mapToObj(i -> sql("s" + i, p, 0)).toList();
    violations(API.json(Map.of("steps", many)).post("/chains"), "steps");
    API.get("/projects/" + p).statusCode(404);
  }

  private static Reply violations(Reply reply, String field) {
    return reply.statusCode(400).body("violations.field", contains(field));
  }

  @Test
  void a_chain_of_a_hundred_steps_runs() throws SQLException {
    List<Map<String, Object>> steps = new java.util.ArrayList<>();
    for (int i = 0; i < 100; i++) {
      String project = gate + "-" + i % 7;
      steps.add(0, i == 0 ? sql("s0", project, 0) : sql("s" + i, project, i, "s" + (i - 1)));
    }
    int id = API.json(Map.of("steps", steps)).post("/chains").statusCode(202).path("id");
    JsonNode end = awaitStatus(id, "succeeded");
    assertEquals(10, table.rowsWith(100));
    assertTrue(
        StreamSupport.stream(end.path("steps").spliterator(), false)
            .allMatch(step -> step.path("status").asText().equals("succeeded")));
  }
}
