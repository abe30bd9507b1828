package dev.rowmill.rest;

import static io.restassured.RestAssured.given;
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
import io.agroal.api.AgroalDataSource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ValidatableResponse;
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
          "statement",
          "walk",
          "maxRows",
          "maxDurationMillis",
          "window",
          "approval");

  @Inject Batches batches;
  @Inject AgroalDataSource database;

  private final String project = Batches.newProject();

  @AfterEach
  void nothing_is_left_behind() {
    GateTask.open(project);
    batches.leaveNothingBehind();
  }

  @Test
  void a_start_is_answered_while_the_work_goes_on() {
    var answer = start(gate()).statusCode(202).contentType("application/json").extract();
    long id = answer.jsonPath().getLong("id");
    assertEquals("/api/v1/batches/" + id, answer.header("Location"));
    assertEquals(MEMBERS, List.copyOf(answer.jsonPath().getMap("").keySet()));
    given()
        .get("/api/v1/batches/" + id)
        .then()
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
    given()
        .get("/api/v1/batches/" + id + "?wait=60")
        .then()
        .statusCode(200)
        .body("status", equalTo("succeeded"))
        .body("progress.percent", equalTo(100.0f));
  }

  @Test
  void a_wait_that_is_long_enough_gives_the_ended_batch() {
    GateTask.open(project);
    given()
        .header("Prefer", "respond-async, wait=\"900\"")
        .contentType("application/json")
        .body(gate())
        .post("/api/v1/projects/" + project + "/batches")
        .then()
        .statusCode(200)
        .header("Preference-Applied", "wait=60")
        .body("status", equalTo("succeeded"));
  }

  @Test
  void a_wait_that_is_too_short_gives_the_batch_as_it_is() {
    given()
        .header("Prefer", "wait=1")
        .contentType("application/json")
        .body(gate())
        .post("/api/v1/projects/" + project + "/batches")
        .then()
        .statusCode(202)
        .header("Preference-Applied", "wait=1")
        .header("Location", containsString("/api/v1/batches/"))
        .body("status", not(equalTo("succeeded")));
  }

  @Test
  void the_table_that_a_plan_names_is_walked() throws SQLException {
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
    String plan =
        given()
            .contentType("application/json")
            .body(body)
            .post("/api/v1/projects/" + project + "/plans")
            .then()
            .statusCode(200)
            .extract()
            .path("id");
    given()
        .header("Prefer", "wait=60")
        .contentType("application/json")
        .body("{\"plan\": \"" + plan + "\"}")
        .post("/api/v1/projects/" + project + "/batches")
        .then()
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
  void a_busy_project_is_refused_in_the_callers_language() {
    long id = start(gate()).statusCode(202).extract().jsonPath().getLong("id");
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
    given()
        .header("Accept-Language", "zh-CN,zh;q=0.9,en;q=0.8")
        .contentType("application/json")
        .body(gate())
        .post("/api/v1/projects/" + project + "/batches")
        .then()
        .statusCode(409)
        .header("Content-Language", "zh")
        .body("type", equalTo("/problems/project-busy"))
        .body("title", equalTo("正在处理批量任务，请稍后再试"));
    assertEquals(1, stored());
  }

  @Test
  void a_batch_in_line_has_its_position() {
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
    given()
        .get("/api/v1/projects/" + project)
        .then()
        .statusCode(200)
        .body("running", equalTo(true))
        .body("waiting", equalTo(2))
        .body("last", nullValue());
  }

  @Test
  void the_same_key_and_body_start_once() {
    String first =
        keyed("k " + project + " ~!", gate()).statusCode(202).extract().path("id").toString();
    String second =
        keyed("k " + project + " ~!", gate().replace(":", " : "))
            .statusCode(202)
            .extract()
            .path("id")
            .toString();
    assertEquals(first, second);
    keyed("k " + project + " ~!", gate().replace("gate\":\"" + project, "gate\":\"other"))
        .statusCode(422)
        .body("type", equalTo("/problems/idempotency-mismatch"));
    assertEquals(1, stored());
  }

  @Test
  void a_bad_key_is_refused() {
    for (String key : List.of("x".repeat(256), "", "a\tb")) {
      keyed(key, gate())
          .statusCode(400)
          .body("violations.field", equalTo(List.of("Idempotency-Key")));
    }
    assertEquals(0, stored());
  }

  @Test
  void a_failed_batch_carries_its_error_as_a_problem() {
    CallTask.put(
        project,
        context -> {
          throw new IllegalStateException("the price list is empty");
        });
    long id = start(call()).statusCode(202).extract().jsonPath().getLong("id");
    given()
        .get("/api/v1/batches/" + id + "?wait=60")
        .then()
        .statusCode(200)
        .body("status", equalTo("failed"))
        .body("error.type", equalTo("/problems/task-failed"))
        .body("error.title", equalTo("The task failed"))
        .body("error.status", equalTo(500))
        .body("error.detail", containsString("the price list is empty"))
        .body("error.instance", equalTo("/api/v1/batches/" + id));
    given()
        .header("Accept-Language", "zh")
        .get("/api/v1/batches/" + id)
        .then()
        .body("error.title", equalTo("任务失败"));
    given()
        .get("/api/v1/projects/" + project)
        .then()
        .body("running", equalTo(false))
        .body("batch", nullValue())
        .body("last", equalTo((int) id));
  }

  @Test
  void lists_are_pages_that_keep_their_filters() {
    GateTask.open(project);
    for (int i = 0; i < 3; i++) {
      given()
          .header("Prefer", "wait=60")
          .contentType("application/json")
          .body(gate())
          .post("/api/v1/projects/" + project + "/batches")
          .then()
          .statusCode(200);
    }
    String first = "/api/v1/batches?limit=2&mode=parallel&status=succeeded&project=" + project;
    var page = given().get(first).then().statusCode(200).body("items", hasSize(2)).extract();
    String next = page.path("next");
    assertEquals(
        "/api/v1/batches?project="
            + project
            + "&status=succeeded&mode=parallel&limit=2&before="
            + page.path("items[1].id"),
        next);
    given()
        .get(next)
        .then()
        .statusCode(200)
        .body("items", hasSize(1))
        .body("items.project", everyItem(equalTo(project)))
        .body("next", nullValue());
    given()
        .get("/api/v1/projects/" + project + "/batches?limit=1")
        .then()
        .statusCode(200)
        .body("items", hasSize(1))
        .body("next", containsString("/api/v1/projects/" + project + "/batches?limit=1&before="));
    given().get("/api/v1/batches?status=failed&project=" + project).then().body("items", empty());
  }

  @Test
  void running_projects_can_be_listed_alone() {
    start(gate()).statusCode(202);
    given()
        .get("/api/v1/projects?running=true&limit=500")
        .then()
        .statusCode(200)
        .body("items.project", hasItem(project))
        .body("items.running", everyItem(equalTo(true)));
  }

  @Test
  void the_pool_shows_who_works() {
    long id = start(gate()).statusCode(202).extract().jsonPath().getLong("id");
    Awaitility.await()
        .untilAsserted(
            () ->
                given()
                    .get("/api/v1/pool")
                    .then()
                    .statusCode(200)
                    .body("size", equalTo(20))
                    .body("threads.batch", hasItem((int) id))
                    .body("serial.holder", nullValue())
                    .body("serial.waiting", empty()));
  }

  @Test
  void tasks_are_listed_with_their_schemas() {
    given()
        .get("/api/v1/tasks")
        .then()
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

  private ValidatableResponse start(String body) {
    return given()
        .contentType("application/json")
        .body(body)
        .post("/api/v1/projects/" + project + "/batches")
        .then();
  }

  private ValidatableResponse keyed(String key, String body) {
    return given()
        .header("Idempotency-Key", key)
        .contentType("application/json")
        .body(body)
        .post("/api/v1/projects/" + project + "/batches")
        .then();
  }

  private int stored() {
    return given()
        .get("/api/v1/projects/" + project + "/batches")
        .then()
        .statusCode(200)
        .extract()
        .<List<Object>>path("items")
        .size();
  }
}
