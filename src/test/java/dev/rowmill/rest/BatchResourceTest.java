package dev.rowmill.rest;

import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.matchesPattern;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.rowmill.testing.Batches;
import dev.rowmill.testing.CallTask;
import dev.rowmill.testing.DatabaseResource;
import dev.rowmill.testing.GateTask;
import dev.rowmill.testing.RowmillApi;
import dev.rowmill.testing.RowmillApi.Reply;
import io.agroal.api.AgroalDataSource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class BatchResourceTest {

  private static final RowmillApi API = RowmillApi.local();

  private static final List<String> MEMBERS =
      List.of(
          "id",
          "project",
          "kind",
          "sql",
          "parameters",
          "task",
          "mode",
          "status",
          "pending",
          "lanes",
          "automaticLanes",
          "reason",
          "submittedBy",
          "createdAt",
          "startedAt",
          "finishedAt",
          "node",
          "progress",
          "chunk",
          "limits",
          "position",
          "throttle",
          "waits",
          "error",
          "undo",
          "check",
          "canaryChunks",
          "undoes",
          "undoneBy",
          "conflicts",
          "skippedOf",
          "skippedError",
          "skippedRetry",
          "statement",
          "walk",
          "maxRows",
          "maxDurationMillis",
          "window",
          "approval",
          "after",
          "labels",
          "onError",
          "skipped",
          "startAt",
          "schedule",
          "chain",
          "step");

  @Inject Batches batches;
  @Inject AgroalDataSource database;

  private final String project = Batches.newProject();

  @AfterEach
  void check_leftovers() {
    GateTask.open(project);
    batches.leaveNothingBehind();
  }

  @Test
  void a_start_returns_while_the_batch_runs() {
    var response = start(gate()).statusCode(202).contentType("application/json");
    long id = response.id();
    assertEquals("/api/v1/batches/" + id, response.header("Location").orElseThrow());
    assertEquals(MEMBERS, List.copyOf(response.json().getMap("").keySet()));
    API.get("/batches/" + id)
        .statusCode(200)
        .body("id", equalTo((int) id))
        .body("project", equalTo(project))
        .body("kind", equalTo("task"))
        .body("task", equalTo("gate"))
        .body("sql", nullValue())
        .body("parameters", equalTo(Map.of("gate", project)))
        .body("mode", equalTo("parallel"))
        .body("lanes", equalTo(1))
        .body("createdAt", matchesPattern("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?Z"))
        .body("finishedAt", nullValue())
        .body("progress.percent", nullValue())
        .body("progress.rowsScanned", equalTo(0))
        .body("chunk", equalTo(chunk(1000, 50)))
        .body("error", nullValue())
        .body("undo.available", equalTo(false));
    GateTask.open(project);
    API.get("/batches/" + id + "?wait=60")
        .statusCode(200)
        .body("status", equalTo("succeeded"))
        .body("progress.percent", equalTo(100.0f));
  }

  @Test
  void a_long_wait_returns_the_ended_batch() {
    GateTask.open(project);
    API.header("Prefer", "respond-async, wait=\"900\"")
        .json(gate())
        .post("/projects/" + project + "/batches")
        .statusCode(200)
        .header("Preference-Applied", "wait=60")
        .body("status", equalTo("succeeded"));
  }

  @Test
  void a_short_wait_returns_the_current_batch() {
    API.request()
        .waiting(1)
        .json(gate())
        .post("/projects/" + project + "/batches")
        .statusCode(202)
        .header("Preference-Applied", "wait=1")
        .header("Location", containsString("/api/v1/batches/"))
        .body("status", not(equalTo("succeeded")));
  }

  @Test
  void the_table_named_by_a_plan_is_walked() throws SQLException {
    String schema = "walk_" + project.replaceAll("\\W", "_");
    try (Connection connection = database.getConnection();
        Statement sql = connection.createStatement()) {
      sql.execute("CREATE TABLE " + schema + "_large (id INT PRIMARY KEY)");
      sql.execute("CREATE TABLE " + schema + "_small (id INT PRIMARY KEY)");
      sql.execute("CREATE TABLE " + schema + "_made (large INT, small INT)");
      sql.execute("INSERT INTO " + schema + "_large VALUES (1), (2), (3), (4), (5), (6), (7)");
      sql.execute("INSERT INTO " + schema + "_small VALUES (1), (2)");
    }
    String body =
        """
        {"sql": "INSERT INTO %1$s_made SELECT l.id, s.id FROM %1$s_large l JOIN %1$s_small s",
         "wholeTable": true, "walk": "s"}
        """
            .formatted(schema);
    String plan = API.json(body).post("/projects/" + project + "/plans").statusCode(200).path("id");
    API.request()
        .waiting(60)
        .json("{\"plan\": \"" + plan + "\"}")
        .post("/projects/" + project + "/batches")
        .statusCode(200)
        .body("status", equalTo("succeeded"))
        .body("walk", equalTo("s"))
        .body("progress.rowsScanned", equalTo(2))
        .body("progress.rowsChanged", equalTo(14));
    start(body.replace("\"s\"}", "\"small\"}"))
        .statusCode(422)
        .body("reasons[0]", containsString("l, s"));
  }

  @Test
  void a_busy_project_is_rejected_in_the_callers_language() {
    long id = start(gate()).statusCode(202).id();
    start(gate())
        .statusCode(409)
        .contentType("application/problem+json")
        .header("Retry-After", matchesPattern("[1-9][0-9]?"))
        .header("Content-Language", "en")
        .header("Vary", "Accept-Language")
        .body("type", equalTo("/problems/project-busy"))
        .body("title", equalTo("A batch task is being processed, please try again later"))
        .body("status", equalTo(409))
        .body("detail", containsString("Batch " + id))
        .body("instance", equalTo("/api/v1/projects/" + project + "/batches"))
        .body("batch", equalTo((int) id))
        .body("progress.rowsScanned", equalTo(0))
        .body("progress.etaSeconds", nullValue());
    API.header("Accept-Language", "zh-CN,zh;q=0.9,en;q=0.8")
        .json(gate())
        .post("/projects/" + project + "/batches")
        .statusCode(409)
        .header("Content-Language", "zh")
        .body("type", equalTo("/problems/project-busy"))
        .body("title", equalTo("正在处理批量任务，请稍后再试"));
    assertEquals(1, stored());
  }

  @Test
  void a_queued_batch_has_its_position() {
    start(gate()).statusCode(202);
    for (int position = 1; position <= 2; position++) {
      start(
              gate()
                  .replace("{", "{\"onBusy\":\"queue\",")
                  .replace("\":{\"onBusy\":\"queue\",", "\":{"))
          .statusCode(202)
          .body("status", equalTo("waiting"))
          .body("position", equalTo(position));
    }
    API.get("/projects/" + project)
        .statusCode(200)
        .body("running", equalTo(true))
        .body("waiting", equalTo(2))
        .body("last", nullValue());
  }

  @Test
  void the_same_key_and_body_start_once() {
    String first = keyed("k " + project + " ~!", gate()).statusCode(202).path("id").toString();
    String second =
        keyed("k " + project + " ~!", gate().replace(":", " : "))
            .statusCode(202)
            .path("id")
            .toString();
    assertEquals(first, second);
    keyed("k " + project + " ~!", gate().replace("gate\":\"" + project, "gate\":\"other"))
        .statusCode(422)
        .body("type", equalTo("/problems/idempotency-mismatch"));
    assertEquals(1, stored());
  }

  @Test
  void an_invalid_key_is_rejected() {
    for (String key : List.of("x".repeat(256), "", "a\tb")) {
      keyed(key, gate())
          .statusCode(400)
          .body("violations.field", equalTo(List.of("Idempotency-Key")));
    }
    assertEquals(0, stored());
  }

  @Test
  void a_failed_batch_contains_its_error_as_a_problem() {
    CallTask.put(
        project,
        context -> {
          throw new IllegalStateException("the price list is empty");
        });
    long id = start(call()).statusCode(202).id();
    API.get("/batches/" + id + "?wait=60")
        .statusCode(200)
        .body("status", equalTo("failed"))
        .body("error.type", equalTo("/problems/task-failed"))
        .body("error.title", equalTo("The task failed"))
        .body("error.status", equalTo(500))
        .body("error.detail", containsString("the price list is empty"))
        .body("error.instance", equalTo("/api/v1/batches/" + id));
    API.header("Accept-Language", "zh").get("/batches/" + id).body("error.title", equalTo("任务失败"));
    API.get("/projects/" + project)
        .body("running", equalTo(false))
        .body("batch", nullValue())
        .body("last", equalTo((int) id));
  }

  @Test
  void pages_of_lists_retain_their_filters() {
    GateTask.open(project);
    for (int i = 0; i < 3; i++) {
      API.request()
          .waiting(60)
          .json(gate())
          .post("/projects/" + project + "/batches")
          .statusCode(200);
    }
    String first = "/api/v1/batches?limit=2&mode=parallel&status=succeeded&project=" + project;
    var page = API.get(first).statusCode(200).body("items", hasSize(2));
    String next = page.path("next");
    assertEquals(
        "/api/v1/batches?project="
            + project
            + "&status=succeeded&mode=parallel&limit=2&before="
            + page.path("items[1].id"),
        next);
    API.get(next)
        .statusCode(200)
        .body("items", hasSize(1))
        .body("items.project", everyItem(equalTo(project)))
        .body("next", nullValue());
    API.get("/projects/" + project + "/batches?limit=1")
        .statusCode(200)
        .body("items", hasSize(1))
        .body("next", containsString("/api/v1/projects/" + project + "/batches?limit=1&before="));
    API.get("/batches?status=failed&project=" + project).body("items", empty());
  }

  @Test
  void running_projects_can_be_listed_alone() {
    start(gate()).statusCode(202);
    API.get("/projects?running=true&limit=500")
        .statusCode(200)
        .body("items.project", hasItem(project))
        .body("items.running", everyItem(equalTo(true)));
  }

  @Test
  void the_pool_shows_running_batches() {
    long id = start(gate()).statusCode(202).id();
    Awaitility.await()
        .untilAsserted(
            () ->
                API.get("/pool")
                    .statusCode(200)
                    .body("size", equalTo(20))
                    .body("threads.batch", hasItem((int) id))
                    .body("serial.holder", nullValue())
                    .body("serial.waiting", empty()));
  }

  @Test
  void tasks_are_listed_with_their_schemas() {
    API.get("/tasks")
        .statusCode(200)
        .body("items.name", hasItem("gate"))
        .body("next", nullValue())
        .body("items.find { it.name == 'gate' }.parameters.properties.gate.type", equalTo("string"))
        .body("items.find { it.name == 'gate' }.parameters.additionalProperties", equalTo(false));
  }

  private String gate() {
    return "{\"task\":\"gate\",\"parameters\":{\"gate\":\"" + project + "\"}}";
  }

  private String call() {
    return "{\"task\":\"call\",\"parameters\":{\"call\":\"" + project + "\"}}";
  }

  private static Map<String, Object> chunk(int rows, Integer targetMillis) {
    Map<String, Object> chunk = new HashMap<>();
    chunk.put("rows", rows);
    chunk.put("targetMillis", targetMillis);
    return chunk;
  }

  private Reply start(String body) {
    return API.json(body).post("/projects/" + project + "/batches");
  }

  private Reply keyed(String key, String body) {
    return API.header("Idempotency-Key", key).json(body).post("/projects/" + project + "/batches");
  }

  private int stored() {
    return API.get("/projects/" + project + "/batches")
        .statusCode(200)
        .<List<Object>>path("items")
        .size();
  }
}
