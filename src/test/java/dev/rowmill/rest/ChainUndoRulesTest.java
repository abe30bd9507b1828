package dev.rowmill.rest;

import static dev.rowmill.rest.ChainCalls.awaitStatus;
import static dev.rowmill.rest.ChainCalls.batch;
import static dev.rowmill.rest.ChainCalls.chain;
import static dev.rowmill.rest.ChainCalls.done;
import static dev.rowmill.rest.ChainCalls.steps;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rowmill.database.ControlTransactions;
import dev.rowmill.database.Rows;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Tests over HTTP what the undo of a chain includes, and in which order. */
@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class ChainUndoRulesTest {

  private static final RowmillApi API = RowmillApi.local();
  private static final int ROWS = 60;

  @RegisterExtension final WorkTable table = WorkTable.ofRows(ROWS);

  @Inject Batches batches;
  @Inject ControlTransactions transactions;

  private final String project = Batches.newProject();
  private final String other = Batches.newProject();

  @AfterEach
  void nothingIsLeftBehind() {
    GateTask.open(project);
    batches.leaveNothingBehind();
  }

  private Map<String, Object> update(String name, String in, int from, String... needs) {
    Map<String, Object> step =
        ChainCalls.sql(
            name, in, "UPDATE " + table.name() + " SET n = n + 1 WHERE n = " + from, needs);
    step.put("chunk", Map.of("rows", 20));
    return step;
  }

  private static Reply undo(int id) {
    return API.post("/chains/" + id + "/undo");
  }

  private static int undone(int id) {
    int undo = undo(id).statusCode(202).path("id");
    awaitStatus(undo, "succeeded");
    return undo;
  }

  private static Reply refused(Reply reply, String reason) {
    return reply
        .statusCode(409)
        .body("type", equalTo("/problems/not-undoable"))
        .body("reason", equalTo(reason));
  }

  private static long single(long batch) {
    long undo = API.post("/batches/" + batch + "/undo").statusCode(202).id();
    assertEquals("succeeded", API.ended(undo).path("status").asText());
    return undo;
  }

  @Test
  void a_step_that_was_undone_and_redone_is_undone_again() throws SQLException {
    int id = done(update("first", project, 0), update("second", other, 1, "first"));
    long redo = single(single(batch(id, "second")));
    assertEquals(ROWS, table.rowsWith(2));
    int undo = undone(id);
    assertEquals(ROWS, table.rowsWith(0));
    JsonNode steps = chain(undo).path("steps");
    assertEquals("second", steps.path(0).path("name").asText());
    API.get("/batches/" + batch(undo, "second")).body("undoes", equalTo((int) redo));
    assertEquals("[\"second\"]", steps.path(1).path("needs").toString());
    undo(id)
        .statusCode(409)
        .body("type", equalTo("/problems/nothing-to-undo"))
        .body("detail", containsString("in force"));

    // The undo of the undo repeats both changes.
    undone(undo);
    assertEquals(ROWS, table.rowsWith(2));
    undone(id);
    assertEquals(ROWS, table.rowsWith(0));
  }

  @Test
  void a_step_that_was_redone_in_part_is_not_undone() throws SQLException {
    int id = done(update("only", project, 0));
    long undo = single(batch(id, "only"));
    // The redo stops at a row that was changed since.
    table.execute("UPDATE " + table.name() + " SET n = 7 WHERE id = 60");
    long redo =
        API.json(Map.of("onConflict", "stop", "chunk", Map.of("rows", 10)))
            .post("/batches/" + undo + "/undo")
            .statusCode(202)
            .id();
    assertEquals("failed", API.ended(redo).path("status").asText());
    assertTrue(table.rowsWith(1) > 0);
    refused(undo(id), "repeated-in-part").body("step", equalTo("only"));
    table.execute("UPDATE " + table.name() + " SET n = 0 WHERE id = 60");
    API.post("/batches/" + redo + "/retry").statusCode(202);
    API.ended(redo);
    assertEquals(ROWS, table.rowsWith(1));
    undone(id);
    assertEquals(ROWS, table.rowsWith(0));
  }

  @Test
  void independent_steps_of_a_project_are_undone_in_reverse_order() {
    int id = done(update("a", project, 0), update("b", project, 1), update("c", project, 2));
    Map<String, JsonNode> undos = steps(undo(id).statusCode(202).body());
    assertEquals("[]", undos.get("c").path("needs").toString());
    assertEquals("[\"c\"]", undos.get("b").path("needs").toString());
    assertEquals("[\"b\"]", undos.get("a").path("needs").toString());
  }

  @Test
  void skipped_rows_of_a_step_are_not_retried_after_the_undo_of_the_chain() throws SQLException {
    Map<String, Object> bad =
        ChainCalls.sql("bad", other, "UPDATE " + table.name() + " SET n = n + 9999999999", "first");
    bad.put("wholeTable", true);
    bad.put("onError", Map.of("mode", "skip", "maxSkipped", ROWS));
    int id = done(update("first", project, 0), bad);
    String retry = "/batches/" + batch(id, "bad") + "/skipped/retry";
    undone(id);
    assertEquals(ROWS, table.rowsWith(0));
    API.post(retry)
        .statusCode(409)
        .body("type", equalTo("/problems/skipped-not-retryable"))
        .body("reasons[0]", containsString("An undo has restored rows"));
  }

  @Test
  void a_key_that_is_repeated_at_the_same_time_undoes_once() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      for (int i = 0; i < 10; i++) {
        int id = done(update("only", Batches.newProject(), 0));
        String key = Batches.newProject();
        var barrier = new CyclicBarrier(4);
        List<Future<Reply>> replies = new ArrayList<>();
        for (int n = 0; n < 4; n++) {
          replies.add(
              threads.submit(
                  () -> {
                    barrier.await(1, TimeUnit.MINUTES);
                    return API.header("Idempotency-Key", key)
                        .json(Map.of())
                        .post("/chains/" + id + "/undo");
                  }));
        }
        int undo = replies.get(0).get(1, TimeUnit.MINUTES).statusCode(202).path("id");
        for (Future<Reply> reply : replies) {
          reply.get(1, TimeUnit.MINUTES).statusCode(202).body("id", equalTo(undo));
        }
        awaitStatus(undo, "succeeded");
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void an_undo_writes_to_the_rows_that_it_locks() throws SQLException {
    int id = done(update("only", project, 0));
    undone(id);
    assertEquals(
        List.of(1L, 1L),
        transactions.read(
            connection ->
                Rows.query(
                    connection,
                    "SELECT lock_count FROM batch WHERE id = ?"
                        + " UNION ALL SELECT lock_count FROM chain WHERE id = ?",
                    row -> row.getLong(1),
                    batch(id, "only"),
                    id)));
  }
}
