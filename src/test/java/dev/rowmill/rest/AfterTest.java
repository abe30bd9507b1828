package dev.rowmill.rest;

import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assertions.assertEquals;

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
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Tests starts that wait for other batches, over HTTP. */
@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class AfterTest {

  private static final RowmillApi API = RowmillApi.local();

  @RegisterExtension final WorkTable table = WorkTable.ofRows(10);

  @Inject Batches batches;

  private final String gate = Batches.newProject();

  @AfterEach
  void nothingIsLeftBehind() {
    GateTask.open(gate);
    batches.leaveNothingBehind();
  }

  private Reply start(String project, Map<String, Object> members) {
    Map<String, Object> body = new LinkedHashMap<>(members);
    body.put("task", "gate");
    body.put("parameters", Map.of("gate", gate));
    return API.json(body).post("/projects/" + project + "/batches");
  }

  private long blocked() {
    return start(Batches.newProject(), Map.of()).statusCode(202).id();
  }

  private static Map<String, Object> after(long batch) {
    return Map.of("after", List.of(Map.of("batch", batch)));
  }

  private static Map<String, Object> after(long batch, String on) {
    return Map.of("after", List.of(Map.of("batch", batch, "on", on)));
  }

  private static JsonNode ended(long id) {
    return API.ended(id);
  }

  @Test
  void a_batch_runs_after_one_of_another_project() {
    long first = blocked();
    long second =
        start(Batches.newProject(), after(first))
            .statusCode(202)
            .body("status", equalTo("waiting"))
            .body("position", nullValue())
            .body("after.batch", contains((int) first))
            .body("after.on", contains("succeeded"))
            .body("after.met", contains(false))
            .id();
    API.get("/batches/" + second).body("after.met", contains(false));
    GateTask.open(gate);
    JsonNode end = ended(second);
    assertEquals("succeeded", end.get("status").asText());
    assertEquals(true, end.at("/after/0/met").asBoolean());
  }

  @Test
  void a_batch_that_is_due_still_waits_for_others() {
    long first = blocked();
    Map<String, Object> later = new LinkedHashMap<>(after(first));
    later.put("startAt", Instant.now().plusSeconds(3).toString());
    long second =
        start(Batches.newProject(), later)
            .statusCode(202)
            .body("status", equalTo("scheduled"))
            .id();
    Awaitility.await("the start time")
        .atMost(Batches.PATIENCE)
        .until(() -> API.batch(second).path("status").asText().equals("waiting"));
    GateTask.open(gate);
    assertEquals("succeeded", ended(second).get("status").asText());
  }

  @Test
  void a_condition_is_met_or_fails_before_the_start_time() {
    long first = blocked();
    Map<String, Object> later = new LinkedHashMap<>(after(first));
    later.put("startAt", Instant.now().plusSeconds(3600).toString());
    long met = start(Batches.newProject(), later).statusCode(202).id();
    later.put("after", List.of(Map.of("batch", first, "on", "failed")));
    long failed = start(Batches.newProject(), later).statusCode(202).id();
    GateTask.open(gate);
    ended(first);
    assertEquals("/problems/dependency-failed", ended(failed).at("/error/type").asText());
    API.get("/batches/" + met)
        .body("status", equalTo("scheduled"))
        .body("after.met", contains(true));
    API.post("/batches/" + met + "/cancel").statusCode(202);
  }

  @Test
  void a_chain_of_batches_in_one_project_runs_in_order() {
    String project = Batches.newProject();
    long first = start(project, Map.of()).statusCode(202).id();
    long second = start(project, after(first)).statusCode(202).id();
    long third = start(project, after(second)).statusCode(202).id();
    GateTask.open(gate);
    assertEquals("succeeded", ended(third).get("status").asText());
    assertEquals("succeeded", ended(second).get("status").asText());
  }

  @Test
  void what_depends_on_a_cancelled_batch_is_cancelled_with_the_reason() {
    long first = blocked();
    long second = start(Batches.newProject(), after(first)).statusCode(202).id();
    long third = start(Batches.newProject(), after(second)).statusCode(202).id();
    long cleanup = start(Batches.newProject(), after(second, "ended")).statusCode(202).id();
    API.post("/batches/" + first + "/cancel?force=true").statusCode(202);
    JsonNode end = ended(third);
    assertEquals("cancelled", end.get("status").asText());
    assertEquals("/problems/dependency-failed", end.at("/error/type").asText());
    assertEquals(second, end.at("/error/batch").asLong());
    assertEquals("cancelled", end.at("/error/batchStatus").asText());
    assertEquals(first, ended(second).at("/error/batch").asLong());
    GateTask.open(gate);
    assertEquals("succeeded", ended(cleanup).get("status").asText());
    API.header("Accept-Language", "zh")
        .get("/batches/" + third)
        .body("error.title", equalTo("所依赖的批次没有按要求结束"));
    start(Batches.newProject(), after(third))
        .statusCode(409)
        .body("type", equalTo("/problems/dependency-failed"))
        .body("batch", equalTo((int) third))
        .body("batchStatus", equalTo("cancelled"))
        .body("status", equalTo(409));
  }

  @Test
  void a_batch_with_a_start_time_waits_for_both() {
    long first = blocked();
    Map<String, Object> later = new LinkedHashMap<>(after(first));
    later.put("startAt", Instant.now().plusSeconds(5).toString());
    long due = start(Batches.newProject(), later).body("status", equalTo("scheduled")).id();
    later.put("startAt", Instant.now().plusSeconds(3600).toString());
    later.put("after", List.of(Map.of("batch", first, "on", "failed")));
    long never = start(Batches.newProject(), later).body("status", equalTo("scheduled")).id();
    GateTask.open(gate);
    JsonNode end = ended(due);
    assertEquals("succeeded", end.get("status").asText());
    assertEquals(true, end.at("/after/0/met").asBoolean());
    assertEquals("cancelled", ended(never).get("status").asText());
  }

  @Test
  void a_waiting_batch_is_cancelled_on_request() {
    long first = blocked();
    long second = start(Batches.newProject(), after(first)).statusCode(202).id();
    API.post("/batches/" + second + "/pause").statusCode(409);
    API.post("/batches/" + second + "/cancel")
        .statusCode(202)
        .body("status", equalTo("cancelled"))
        .body("error", nullValue());
  }

  @Test
  void a_queue_stops_behind_a_failure_where_it_should() {
    String project = Batches.newProject();
    Map<String, Object> following = Map.of("onBusy", "queue", "queueAfter", "succeeded");
    long first = start(project, following).statusCode(202).body("after", equalTo(List.of())).id();
    long second = start(project, following).body("after.batch", contains((int) first)).id();
    long patient = start(project, Map.of("onBusy", "queue")).body("position", equalTo(1)).id();
    API.post("/batches/" + first + "/cancel?force=true").statusCode(202);
    GateTask.open(gate);
    assertEquals("succeeded", ended(patient).get("status").asText());
    assertEquals("cancelled", ended(second).get("status").asText());
  }

  @Test
  void bad_conditions_are_rejected() {
    String project = Batches.newProject();
    start(project, after(999_999_999))
        .statusCode(422)
        .body("type", equalTo("/problems/unknown-batch"))
        .body("batch", equalTo(999_999_999));
    violation(Map.of("after", List.of(Map.of("on", "ended"))), "after.0.batch");
    violation(after(1, "done"), "after.0.on");
    violation(Map.of("after", List.of(Map.of("batch", "1"))), "after.0.batch");
    violation(Map.of("after", List.of(Map.of("batch", 0))), "after.0.batch");
    violation(Map.of("after", List.of(Map.of("batch", 1, "state", "x"))), "after.0.state");
    violation(Map.of("after", List.of(1)), "after");
    violation(Map.of("after", Map.of("batch", 1)), "after");
    violation(
        Map.of("after", List.of(Map.of("batch", 1), Map.of("batch", 1, "on", "ended"))),
        "after.1.batch");
    List<Map<String, Object>> many = new ArrayList<>();
    for (int i = 1; i <= 21; i++) {
      many.add(Map.of("batch", i));
    }
    violation(Map.of("after", many), "after");
    violation(Map.of("queueAfter", "succeeded"), "queueAfter");
    violation(Map.of("queueAfter", "succeeded", "onBusy", "reject"), "queueAfter");
    violation(Map.of("queueAfter", "failed", "onBusy", "queue"), "queueAfter");
    API.get("/projects/" + project).statusCode(404);
  }

  private void violation(Map<String, Object> members, String field) {
    start(Batches.newProject(), members).statusCode(400).body("violations.field", contains(field));
  }

  @Test
  void a_plan_keeps_what_its_start_waits_for() {
    long first = blocked();
    String project = Batches.newProject();
    String plan =
        API.start(project)
            .sql("UPDATE " + table.name() + " SET n = 1 WHERE id > 0")
            .with(after(first))
            .with("labels", Map.of("ticket", "OPS-7"))
            .plan()
            .statusCode(200)
            .path("id");
    API.start(project)
        .with("plan", plan)
        .send()
        .statusCode(202)
        .body("status", equalTo("waiting"))
        .body("after.batch", contains((int) first))
        .body("labels", equalTo(Map.of("ticket", "OPS-7")));
  }
}
