package dev.rowmill.undo;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.equalTo;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.restassured.path.json.JsonPath;
import io.restassured.response.ValidatableResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/** Starts batches and undoes them over HTTP, in one project. */
final class Calls {

  static final Duration PATIENCE = Duration.ofMinutes(2);

  private final String project;

  Calls(String project) {
    this.project = project;
  }

  /**
   * Asks for a batch.
   *
   * @param more members of the request
   */
  ValidatableResponse start(String sql, Map<String, Object> more) {
    Map<String, Object> body = new HashMap<>(more);
    body.put("sql", sql);
    return given()
        .contentType("application/json")
        .body(body)
        .post("/api/v1/projects/" + project + "/batches")
        .then();
  }

  /** Starts a batch that must be accepted, and answers its id. */
  long accepted(String sql, Map<String, Object> more) {
    return start(sql, more).statusCode(202).extract().jsonPath().getLong("id");
  }

  /** Runs a batch that must succeed, and answers its id. */
  long done(String sql, Map<String, Object> more) {
    long id = accepted(sql, more);
    succeeded(id);
    return id;
  }

  /** Asks for an undo. */
  static ValidatableResponse undo(long id, Map<String, Object> body) {
    return given()
        .contentType("application/json")
        .body(body)
        .post("/api/v1/batches/" + id + "/undo")
        .then();
  }

  /** Starts an undo that must be accepted, and answers the undo's id. */
  long undoAccepted(long id, Map<String, Object> body) {
    var answer = undo(id, body).statusCode(202).body("kind", equalTo("undo")).extract();
    long undo = answer.jsonPath().getLong("id");
    assertEquals("/api/v1/batches/" + undo, answer.header("Location"));
    assertEquals(id, answer.jsonPath().getLong("undoes"));
    assertEquals(project, answer.jsonPath().getString("project"));
    return undo;
  }

  /** Undoes a batch, which must succeed, and answers the undo's id. */
  long undone(long id, Map<String, Object> body) {
    long undo = undoAccepted(id, body);
    succeeded(undo);
    JsonPath original = batch(id);
    assertEquals(undo, original.getLong("undoneBy"), original::prettify);
    assertEquals(false, original.getBoolean("undo.available"), original::prettify);
    return undo;
  }

  JsonPath batch(long id) {
    return given().get("/api/v1/batches/" + id).then().statusCode(200).extract().jsonPath();
  }

  /** Waits for the end of a batch. */
  JsonPath ended(long id) {
    return Awaitility.await("end of batch " + id)
        .atMost(PATIENCE)
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(20))
        .until(
            () ->
                given()
                    .get("/api/v1/batches/" + id + "?wait=30")
                    .then()
                    .statusCode(200)
                    .extract()
                    .jsonPath(),
            batch -> batch.get("finishedAt") != null);
  }

  JsonPath succeeded(long id) {
    JsonPath batch = ended(id);
    assertEquals("succeeded", batch.getString("status"), batch::prettify);
    return batch;
  }

  /** Waits until a batch has been through some rows, of which it must still have some before it. */
  void underWay(long id, int rows) {
    Awaitility.await("batch " + id + " past " + rows + " rows")
        .atMost(PATIENCE)
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(5))
        .until(() -> batch(id).getLong("progress.rowsScanned") >= rows);
  }

  /** Cancels a batch that must not have ended, and waits for its end. */
  JsonPath cancelled(long id) {
    given().post("/api/v1/batches/" + id + "/cancel").then().statusCode(202);
    JsonPath batch = ended(id);
    assertEquals("cancelled", batch.getString("status"), batch::prettify);
    return batch;
  }

  /** Pauses a batch that must not have ended. */
  void paused(long id) {
    given().post("/api/v1/batches/" + id + "/pause").then().statusCode(202);
    Awaitility.await("pause of batch " + id)
        .atMost(PATIENCE)
        .until(() -> batch(id).getString("status").equals("paused"));
  }

  void resume(long id) {
    given().post("/api/v1/batches/" + id + "/resume").then().statusCode(202);
  }

  /** All the pages of an undo's conflicts: the reason by the key's only column. */
  static Map<Long, String> conflicts(long undo, int limit) {
    Map<Long, String> reasons = new HashMap<>();
    List<String> twice = new ArrayList<>();
    @Nullable String path = "/api/v1/batches/" + undo + "/conflicts?limit=" + limit;
    while (path != null) {
      JsonPath page =
          given().urlEncodingEnabled(false).get(path).then().statusCode(200).extract().jsonPath();
      List<Map<String, Object>> items = page.getList("items");
      for (Map<String, Object> item : items) {
        Map<?, ?> key = (Map<?, ?>) item.get("key");
        assertEquals(Set.of("id"), key.keySet());
        String id = (String) key.get("id");
        if (reasons.put(Long.valueOf(id), (String) item.get("reason")) != null) {
          twice.add(id);
        }
      }
      path = page.getString("next");
    }
    assertEquals(List.of(), twice, "keys listed twice");
    return reasons;
  }
}
