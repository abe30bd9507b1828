package dev.rowmill.rest;

import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.nullValue;

import dev.rowmill.testing.Batches;
import dev.rowmill.testing.DatabaseResource;
import dev.rowmill.testing.GateTask;
import dev.rowmill.testing.RowmillApi;
import dev.rowmill.testing.RowmillApi.Reply;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class ControlResourceTest {

  private static final RowmillApi API = RowmillApi.local();

  @Inject Batches batches;

  private final String project = Batches.newProject();

  @AfterEach
  void nothingIsLeftBehind() {
    GateTask.open(project);
    batches.leaveNothingBehind();
  }

  private long running() {
    long id =
        API.json(Map.of("task", "gate", "parameters", Map.of("gate", project)))
            .post("/projects/" + project + "/batches")
            .statusCode(202)
            .id();
    Awaitility.await()
        .atMost(Batches.PATIENCE)
        .until(() -> get(id).path("status").equals("running"));
    return id;
  }

  private static Reply get(long id) {
    return API.get("/batches/" + id).statusCode(200);
  }

  private static Reply post(long id, String what) {
    return API.post("/batches/" + id + "/" + what);
  }

  private static Reply patch(long id, String body) {
    return API.json(body).patch("/batches/" + id);
  }

  @Test
  void a_batch_is_paused_resumed_and_cancelled() {
    long id = running();
    post(id, "pause").statusCode(202).body("id", equalTo((int) id));
    post(id, "resume").statusCode(202).body("status", equalTo("running"));
    post(id, "cancel?force=true").statusCode(202);
    API.get("/batches/" + id + "?wait=60")
        .body("status", equalTo("cancelled"))
        .body("error", nullValue());
    API.get("/projects/" + project).body("running", equalTo(false)).body("last", equalTo((int) id));
  }

  @Test
  void a_request_is_pending_until_the_current_chunk_ends() {
    long id = running();
    get(id).body("pending", nullValue());
    post(id, "pause").statusCode(202);
    get(id).body("status", equalTo("running")).body("pending", equalTo("pausing"));
    API.get("/batches?project=" + project).body("items.pending", contains("pausing"));
    post(id, "resume").body("status", equalTo("running")).body("pending", nullValue());
    post(id, "pause").body("pending", equalTo("pausing"));
    post(id, "cancel").body("status", equalTo("running")).body("pending", equalTo("cancelling"));
    API.get("/projects/" + project)
        .body("running", equalTo(true))
        .body("batch", equalTo((int) id))
        .body("pending", equalTo("cancelling"));
    API.get("/projects?running=true&prefix=" + project)
        .body("items.pending", contains("cancelling"));
    GateTask.open(project);
    API.get("/batches/" + id + "?wait=60")
        .body("status", equalTo("cancelled"))
        .body("pending", nullValue());
    API.get("/projects/" + project).body("batch", nullValue()).body("pending", nullValue());
  }

  @Test
  void an_illegal_transition_is_rejected_with_the_allowed_ones() {
    long id = running();
    post(id, "cancel").statusCode(202);
    post(id, "pause")
        .statusCode(409)
        .contentType("application/problem+json")
        .body("type", equalTo("/problems/illegal-transition"))
        .body("from", equalTo("cancelled"))
        .body("to", equalTo("paused"))
        .body("allowed", equalTo(java.util.List.of()));
    GateTask.open(project);
    API.get("/batches/" + id + "?wait=60").body("status", equalTo("cancelled"));
    API.header("Accept-Language", "zh")
        .post("/batches/" + id + "/resume")
        .statusCode(409)
        .body("title", equalTo("批次的当前状态不允许该操作"));
    patch(id, "{\"lanes\": 2}").statusCode(409).body("type", equalTo("/problems/batch-ended"));
  }

  @Test
  void settings_are_changed_and_shown() {
    long id = running();
    get(id)
        .body("lanes", equalTo(1))
        .body("chunk.targetMillis", equalTo(50))
        .body("limits", equalTo(Map.of()))
        .body("throttle", nullValue());
    patch(id, "{\"lanes\": 3, \"limits\": {\"nice\": 0.5, \"threadsRunning\": 7}}")
        .statusCode(200)
        .body("lanes", equalTo(3))
        .body("limits.nice", equalTo(0.5f))
        .body("limits.threadsRunning", equalTo(7));
    patch(id, "{\"chunk\": {\"rows\": 500}, \"limits\": {\"nice\": null}}")
        .body("lanes", equalTo(3))
        .body("chunk.rows", equalTo(500))
        .body("chunk.targetMillis", nullValue())
        .body("limits", equalTo(Map.of("threadsRunning", 7)));
    patch(id, "{\"chunk\": {\"targetMillis\": 20}}").body("chunk.targetMillis", equalTo(20));
    patch(id, "{\"sql\": \"x\", \"lanes\": 0}")
        .statusCode(400)
        .body("violations.field", contains("sql", "lanes"));
    get(id).body("lanes", equalTo(3)).body("automaticLanes", equalTo(false));
    patch(id, "{\"lanes\": \"auto\"}").statusCode(200).body("automaticLanes", equalTo(true));
    patch(id, "{\"chunk\": {\"rows\": 400}}").body("automaticLanes", equalTo(true));
    patch(id, "{\"lanes\": \"automatic\"}")
        .statusCode(400)
        .body("violations.field", contains("lanes"));
    patch(id, "{\"lanes\": 2}").body("automaticLanes", equalTo(false)).body("lanes", equalTo(2));
  }

  @Test
  void missing_batches_are_not_found() {
    for (String what : java.util.List.of("pause", "resume", "cancel")) {
      post(Long.MAX_VALUE, what).statusCode(404).body("type", equalTo("/problems/not-found"));
    }
    patch(Long.MAX_VALUE, "{}").statusCode(404);
    post(1, "cancel?force=maybe").statusCode(400).body("violations.field", contains("force"));
    API.get("/batches/1/pause").statusCode(405).header("Allow", "OPTIONS, POST");
    API.delete("/batches/1").statusCode(405).header("Allow", "GET, HEAD, OPTIONS, PATCH");
  }
}
