package dev.rowmill.rest;

import static org.hamcrest.Matchers.endsWith;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.rowmill.testing.Batches;
import dev.rowmill.testing.DatabaseResource;
import dev.rowmill.testing.RowmillApi;
import dev.rowmill.testing.RowmillApi.Reply;
import dev.rowmill.testing.WorkTable;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.sql.SQLException;
import java.util.Map;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests which rules hold for a retry: those of a start, and those of the batch's earlier runs. */
@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class RetryRulesTest {

  private static final RowmillApi API = RowmillApi.local();
  private static final int ROWS = 300;
  private static final int BAD = 205;
  private static final Map<String, Object> SKIP = Map.of("mode", "skip", "maxSkipped", 10);
  private static final Map<String, Object> SLOW =
      Map.of("chunk", Map.of("rows", 10), "limits", Map.of("rowsPerSecond", 20));

  private final String project = Batches.newProject();
  @RegisterExtension final WorkTable table = WorkTable.ofRows(ROWS);

  private String update() {
    return "UPDATE " + table.name() + " SET n = n + 1 WHERE id > 0";
  }

  private long failed(String sql, Map<String, Object> more) throws SQLException {
    table.execute("UPDATE " + table.name() + " SET n = 2147483647 WHERE id = " + BAD);
    return API.start(project)
        .sql(sql)
        .chunkRows(10)
        .with("lanes", 1)
        .with(more)
        .waiting()
        .send()
        .statusCode(200)
        .body("status", equalTo("failed"))
        .id();
  }

  private void repair() throws SQLException {
    table.execute("UPDATE " + table.name() + " SET n = 0 WHERE id = " + BAD);
  }

  private static Reply retry(long id, Object body) {
    return API.waiting().json(body).post("/batches/" + id + "/retry");
  }

  @Test
  void a_retry_may_pass_over_the_row_that_failed() throws SQLException {
    long id = failed(update(), Map.of());
    retry(id, Map.of("onError", SKIP))
        .statusCode(200)
        .body("status", equalTo("succeeded"))
        .body("skipped", equalTo(1))
        .body("progress.rowsScanned", equalTo(ROWS))
        .body("progress.rowsChanged", equalTo(ROWS - 1));
    assertEquals(ROWS - 1, table.rowsWith(1));
    API.get("/batches/" + id + "/skipped").body("items[0].key.id", equalTo("" + BAD));
  }

  @ParameterizedTest
  @ValueSource(strings = {" LIMIT 290", " ORDER BY id LIMIT 290"})
  void the_limit_of_a_statement_holds_for_all_runs_together(String limit) throws SQLException {
    long id = failed(update() + limit, Map.of());
    // The statement is checked as at a start, and refused as it was.
    retry(id, Map.of("onError", SKIP)).statusCode(422).body("type", endsWith("skip-impossible"));
    API.get("/batches/" + id).body("status", equalTo("failed")).body("onError", nullValue());
    repair();
    retry(id, Map.of())
        .statusCode(200)
        .body("status", equalTo("succeeded"))
        .body("progress.rowsChanged", equalTo(290));
    assertEquals(290, table.rowsWith(1));
    assertEquals(10, table.rowsWith(0));
  }

  @Test
  void the_bounds_of_the_saved_statement_hold() throws SQLException {
    String name = "r-" + UUID.randomUUID();
    Map<String, Object> statement = Map.of("sql", update(), "maxDurationMillis", 60_000);
    API.json(statement).put("/statements/" + name).statusCode(201);
    table.execute("UPDATE " + table.name() + " SET n = 2147483647 WHERE id = " + BAD);
    long id =
        API.start(project)
            .with("statement", name)
            .with("onError", SKIP)
            .chunkRows(10)
            .waiting()
            .send()
            .statusCode(200)
            .body("maxDurationMillis", equalTo(60_000))
            .id();
    repair();
    for (String path : new String[] {"/retry", "/skipped/retry"}) {
      API.json(Map.of("maxDurationMillis", 60_001))
          .post("/batches/" + id + path)
          .statusCode(400)
          .body("violations[0].field", equalTo("maxDurationMillis"));
    }
    // A bound that was narrowed since then holds for a batch over the skipped rows as well.
    Map<String, Object> narrower = Map.of("sql", update(), "maxDurationMillis", 50_000);
    API.json(narrower).put("/statements/" + name).statusCode(200);
    API.waiting()
        .json(Map.of())
        .post("/batches/" + id + "/skipped/retry")
        .statusCode(200)
        .body("status", equalTo("succeeded"))
        .body("maxDurationMillis", equalTo(50_000));
    assertEquals(ROWS, table.rowsWith(1));
    API.delete("/statements/" + name);
  }

  @Test
  void an_undo_is_not_retried_after_another_one_has_restored_the_rows() throws SQLException {
    long id = failed(update(), Map.of("undo", true));
    long undo = API.json(SLOW).post("/batches/" + id + "/undo").statusCode(202).id();
    Awaitility.await().until(() -> API.batch(undo).at("/progress/rowsChanged").asInt() > 0);
    API.post("/batches/" + undo + "/cancel").statusCode(202);
    assertEquals("cancelled", API.ended(undo).path("status").asText());
    API.waiting()
        .json(Map.of())
        .post("/batches/" + id + "/undo")
        .statusCode(200)
        .body("status", equalTo("succeeded"));
    assertEquals(ROWS - 1, table.rowsWith(0));
    retry(undo, Map.of())
        .statusCode(409)
        .body("type", endsWith("not-undoable"))
        .body("reason", equalTo("undone"));
    API.get("/batches/" + undo).body("status", equalTo("cancelled"));
  }

  @Test
  void a_failed_batch_over_skipped_rows_is_not_retried_once_its_source_is_undone()
      throws SQLException {
    long source = failed(update(), Map.of("undo", true, "onError", Map.of("mode", "fail")));
    table.execute("UPDATE " + table.name() + " SET n = 2147483647 WHERE id = 210");
    retry(source, Map.of("onError", SKIP)).statusCode(200).body("skipped", equalTo(2));
    long over =
        API.waiting()
            .json(Map.of("onError", Map.of("mode", "fail")))
            .post("/batches/" + source + "/skipped/retry")
            .statusCode(200)
            .body("status", equalTo("failed"))
            .id();
    API.waiting()
        .json(Map.of())
        .post("/batches/" + source + "/undo")
        .statusCode(200)
        .body("status", equalTo("succeeded"));
    table.execute("UPDATE " + table.name() + " SET n = 0");
    retry(over, Map.of()).statusCode(409).body("type", endsWith("skipped-not-retryable"));
    API.get("/batches/" + over).body("status", equalTo("failed"));
    assertEquals(ROWS, table.rowsWith(0));
  }
}
