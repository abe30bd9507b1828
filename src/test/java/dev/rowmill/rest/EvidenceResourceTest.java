package dev.rowmill.rest;

import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.nullValue;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.rowmill.testing.Batches;
import dev.rowmill.testing.DatabaseResource;
import dev.rowmill.testing.RowmillApi;
import dev.rowmill.testing.RowmillApi.Reply;
import dev.rowmill.testing.WorkTable;
import io.agroal.api.AgroalDataSource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class EvidenceResourceTest {

  private static final RowmillApi API = RowmillApi.local();

  @Inject Batches batches;
  @Inject AgroalDataSource database;

  @AfterEach
  void check_leftovers() {
    batches.leaveNothingBehind();
  }

  private static long start(String body) {
    return API.waiting()
        .json(body)
        .post("/projects/" + Batches.newProject() + "/batches")
        .statusCode(200)
        .body("status", equalTo("succeeded"))
        .id();
  }

  @Test
  void ranges_come_in_pages_with_the_residual_on_the_first() throws SQLException {
    WorkTable table = WorkTable.create(database, 100);
    long id =
        start(
            """
            {"sql": "UPDATE %s SET n = 1 WHERE n = 0", "chunk": {"rows": 10}, "lanes": 3}"""
                .formatted(table.name()));
    table.execute("DELETE FROM chunk_record WHERE batch = " + id);
    table.execute("UPDATE " + table.name() + " SET n = 0 WHERE id <= 7");
    String next =
        API.get("/batches/" + id + "/ranges?limit=1")
            .statusCode(200)
            .body("items", hasSize(1))
            .body("items[0].lane", equalTo(0))
            .body("items[0].from", nullValue())
            .body("items[0].to", startsWith("[\""))
            .body("residual", equalTo(7))
            .path("next");
    assertEquals("/api/v1/batches/" + id + "/ranges?limit=1&after=1", next);
    API.get(next).body("items[0].lane", equalTo(1)).body("residual", nullValue());
    List<Map<String, Object>> all = API.get("/batches/" + id + "/ranges").path("items");
    assertEquals(100, all.stream().mapToInt(it -> (int) it.get("rowsChanged")).sum());
    assertEquals(
        List.of("lane", "from", "to", "rowsScanned", "rowsChanged", "rowsSkipped"),
        List.copyOf(all.get(0).keySet()));
  }

  @Test
  void lanes_report_their_progress() throws SQLException {
    WorkTable table = WorkTable.create(database, 100);
    long id =
        start(
            """
            {"sql": "UPDATE %1$s SET n = 1", "chunk": {"rows": 10}, "lanes": 2,
             "check": "SELECT COUNT(*) >= 0 FROM %1$s"}"""
                .formatted(table.name()));
    API.get("/batches/" + id + "/lanes")
        .statusCode(200)
        .body("items[0].lane", equalTo(0))
        .body("items[0].from", nullValue())
        .body("items.findAll { !it.done || it.upTo != it.end }", hasSize(0))
        .body("items.rowsChanged.sum()", equalTo(100))
        .body("items.rowsScanned.sum()", equalTo(100))
        .body("items[1].from", equalTo("[\"50\"]"));
    API.get("/batches/" + id)
        .body("check", equalTo("SELECT COUNT(*) >= 0 FROM " + table.name()))
        .body("canaryChunks", equalTo(3));
  }

  @Test
  void a_missing_batch_is_not_found() {
    API.get("/batches/999999999/lanes").statusCode(404);
    for (String list : List.of("ranges", "conflicts")) {
      API.get("/batches/999999999/" + list).statusCode(404);
      API.get("/batches/1/" + list + "?after=x&limit=0").statusCode(400);
    }
  }

  @Test
  void conflicts_come_in_pages_as_json_or_csv() throws SQLException {
    WorkTable table = WorkTable.create(database, 1);
    long id = start("{\"sql\": \"UPDATE %s SET n = 1\"}".formatted(table.name()));
    String path = "/api/v1/batches/" + id + "/conflicts";
    API.get(path).statusCode(200).body("items", hasSize(0)).body("next", nullValue());
    for (int i = 1; i <= 3; i++) {
      table.execute(
          "INSERT INTO undo_conflict (batch, row_key, reason, detail) VALUES (%d, '{\"id\":\"%d\"}',"
                  .formatted(id, i)
              + " 'changed-since', 'n is 2, \"not\" 1')");
    }
    String next =
        API.get(path + "?limit=2")
            .contentType("application/json")
            .body("items", hasSize(2))
            .body("items[0].key", equalTo(Map.of("id", "1")))
            .body("items[0].reason", equalTo("changed-since"))
            .body("items[0].detail", equalTo("n is 2, \"not\" 1"))
            .path("next");
    API.get(next).body("items[0].key.id", equalTo("3")).body("next", nullValue());

    var csv = API.header("Accept", "text/csv").get(path + "?limit=2").statusCode(200);
    csv.contentType("text/csv").header("Link", "<" + next + ">; rel=\"next\"");
    assertEquals(
        "key.id,reason,detail\r\n1,changed-since,\"n is 2, \"\"not\"\" 1\"\r\n"
            + "2,changed-since,\"n is 2, \"\"not\"\" 1\"\r\n",
        csv.text());
    var last = API.header("Accept", "text/csv;q=0.9, application/json;q=0.1").get(next);
    assertEquals("key.id,reason,detail", last.text().split("\r\n")[0]);
    last.header("Link", nullValue());
    API.header("Accept", "*/*").get(path).contentType("application/json");
    API.header("Accept", "image/png").get(path).statusCode(406);
  }

  @Test
  void a_failed_check_is_shown_as_the_hold() throws SQLException {
    WorkTable table = WorkTable.create(database, 100);
    String body =
        """
        {"sql": "UPDATE %1$s SET n = 1", "chunk": {"rows": 10}, "canaryChunks": 2,
         "check": "SELECT COUNT(*) = 0 FROM %1$s WHERE n = 1"}"""
            .formatted(table.name());
    int id =
        API.json(body)
            .post("/projects/" + Batches.newProject() + "/batches")
            .statusCode(202)
            .path("id");
    String path = "/api/v1/batches/" + id;
    org.awaitility.Awaitility.await()
        .atMost(Batches.PATIENCE)
        .until(() -> "paused".equals(API.get(path).path("status")));
    API.get(path)
        .body("throttle.reason", equalTo("check-failed"))
        .body("throttle.detail", equalTo("The check gave 0."))
        .body("progress.rowsChanged", equalTo(20));
    API.post(path + "/cancel").statusCode(202).body("throttle", nullValue());
  }

  @Test
  void a_check_is_read_strictly() throws SQLException {
    WorkTable table = WorkTable.create(database, 1);
    String sql = "\"sql\": \"UPDATE " + table.name() + " SET n = 1\"";
    for (String body :
        List.of(
            "{" + sql + ", \"check\": \" \"}",
            "{" + sql + ", \"check\": 1}",
            "{" + sql + ", \"check\": \"SELECT " + "1".repeat(65_536) + "\"}",
            "{" + sql + ", \"canaryChunks\": 3}",
            "{" + sql + ", \"check\": \"SELECT 1\", \"canaryChunks\": 0}",
            "{" + sql + ", \"check\": \"SELECT 1\", \"canaryChunks\": 1001}",
            "{\"task\": \"gate\", \"check\": \"SELECT 1\"}")) {
      post(body).statusCode(400);
    }
    post("{" + sql + ", \"check\": \"SELECT 1 FOR UPDATE\"}")
        .statusCode(422)
        .body("type", equalTo("/problems/unsupported-statement"))
        .body("field", equalTo("check"))
        .body("reasons[0]", startsWith("Remove FOR UPDATE"));
  }

  private static Reply post(String body) {
    return API.json(body).post("/projects/" + Batches.newProject() + "/batches");
  }
}
