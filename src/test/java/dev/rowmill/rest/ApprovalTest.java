package dev.rowmill.rest;

import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.rowmill.batch.BatchSpec;
import dev.rowmill.batch.BatchStatus;
import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.BatchWork;
import dev.rowmill.batch.Predecessors;
import dev.rowmill.batch.store.ProjectQueues;
import dev.rowmill.dispatch.BatchControl;
import dev.rowmill.dispatch.BatchDefaults;
import dev.rowmill.dispatch.BatchStarter;
import dev.rowmill.dispatch.OnBusy;
import dev.rowmill.dispatch.StartRequest;
import dev.rowmill.task.Refusal;
import dev.rowmill.testing.Batches;
import dev.rowmill.testing.DatabaseResource;
import dev.rowmill.testing.GuardedProfile;
import dev.rowmill.testing.RowmillApi;
import dev.rowmill.testing.RowmillApi.Reply;
import dev.rowmill.testing.WorkTable;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.FutureTask;
import java.util.stream.Stream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

@QuarkusTest
@TestProfile(GuardedProfile.class)
@QuarkusTestResource(DatabaseResource.class)
class ApprovalTest {

  private static final RowmillApi API = RowmillApi.local();

  private static final int ROWS = 80;

  @Inject ProjectQueues queues;
  @Inject BatchControl control;
  @Inject BatchStarter starter;
  @Inject BatchDefaults defaults;

  private final String project = Batches.newProject();
  @RegisterExtension final WorkTable table = WorkTable.ofRows(ROWS);

  private Reply start(int rows, String more) {
    Reply started =
        API.json(
                "{\"sql\": \"UPDATE %s SET n = n + 1 WHERE id <= %d\" %s}"
                    .formatted(table.name(), rows, more))
            .post("/projects/" + project + "/batches");
    assertEquals(202, started.status(), started.text());
    return started;
  }

  private static Reply post(long id, String what) {
    return API.post("/batches/" + id + "/" + what);
  }

  private static Reply look(long id) {
    return API.get("/batches/" + id + "?wait=60");
  }

  @Test
  void a_large_batch_waits_for_its_approval_and_then_runs() throws SQLException {
    Reply started = start(60, "");
    started
        .body("status", equalTo("waiting"))
        .body("position", nullValue())
        .body("approval.needed", equalTo(true))
        .body("approval.plannedRows", equalTo(60))
        .body("approval.exact", equalTo(true))
        .body("approval.approvedAt", nullValue());
    long id = started.id();
    // It blocks no other batch, and the end of another batch does not launch it.
    Reply small = start(10, ", \"undo\": false");
    long other = small.id();
    look(other).body("status", equalTo("succeeded")).body("approval", nullValue());
    queues.queueNext(project);
    queues.recover();
    API.get("/batches/" + id).body("status", equalTo("waiting")).body("position", nullValue());
    API.get("/projects/" + project).body("running", equalTo(false)).body("waiting", equalTo(1));
    assertEquals(0, table.rowsWith(2));
    post(id, "approve")
        .statusCode(202)
        .body("approval.needed", equalTo(false))
        .body("approval.approvedAt", notNullValue());
    look(id).body("status", equalTo("succeeded")).body("approval.plannedRows", equalTo(60));
    assertEquals(10, table.rowsWith(2));
    post(id, "approve").statusCode(409).body("type", equalTo("/problems/illegal-transition"));
    post(other, "approve").statusCode(409);
    post(999_999_999, "approve").statusCode(404);
  }

  /** Returns a batch that has changed 20 rows, and skipped 60. */
  private long skipping() {
    long source =
        API.json(
                """
                {"sql": "UPDATE %s SET n = n + IF(id <= 60, 9999999999, 1) WHERE id <= 80",
                 "onError": {"mode": "skip"}, "undo": true}"""
                    .formatted(table.name()))
            .post("/projects/" + project + "/batches")
            .statusCode(202)
            .id();
    post(source, "approve").statusCode(202);
    look(source).body("status", equalTo("succeeded")).body("skipped", equalTo(60));
    return source;
  }

  @Test
  void a_batch_is_not_undone_while_a_retry_of_its_skipped_rows_awaits_an_approval()
      throws SQLException {
    long source = skipping();
    long retry = post(source, "skipped/retry").statusCode(202).id();
    API.get("/batches/" + retry).body("approval.needed", equalTo(true));
    post(source, "undo")
        .statusCode(409)
        .body("type", equalTo("/problems/not-undoable"))
        .body("reason", equalTo("skipped-retry-active"));
    post(retry, "cancel").statusCode(202);
    look(post(source, "undo").statusCode(202).id()).body("status", equalTo("succeeded"));
    assertEquals(ROWS, table.rowsWith(0));
    // Otherwise its rows would be the only ones that change.
    post(retry, "retry")
        .statusCode(409)
        .body("type", equalTo("/problems/skipped-not-retryable"))
        .body("batch", equalTo((int) source));
    post(source, "skipped/retry").statusCode(409);
    look(retry).body("status", equalTo("cancelled"));
  }

  @RepeatedTest(5)
  void of_an_undo_and_a_retry_of_skipped_rows_at_the_same_time_one_is_refused() throws Exception {
    long source = skipping();
    var barrier = new CyclicBarrier(2);
    var undo = new FutureTask<>(() -> together(barrier, source, "undo"));
    new Thread(undo).start();
    Reply retry = together(barrier, source, "skipped/retry");
    assertEquals(
        List.of(202, 409),
        Stream.of(undo.get().status(), retry.status()).sorted().toList(),
        () -> retry.text());
    if (retry.status() == 202) {
      post(retry.id(), "cancel").statusCode(202);
    } else {
      look(undo.get().id());
    }
  }

  private static Reply together(CyclicBarrier barrier, long id, String what) throws Exception {
    barrier.await();
    return post(id, what);
  }

  @Test
  void a_batch_approved_while_its_project_is_busy_is_queued() throws SQLException {
    long first = start(60, "").id();
    long second = start(61, "").id();
    long third = start(50, ", \"chunk\": {\"rows\": 10}").id();
    look(third).body("status", equalTo("succeeded"));
    post(second, "approve").statusCode(202);
    look(second).body("status", equalTo("succeeded"));
    long paused = start(20, ", \"chunk\": {\"rows\": 10}, \"limits\": {\"rowsPerSecond\": 1}").id();
    post(first, "approve")
        .statusCode(202)
        .body("status", equalTo("waiting"))
        .body("position", equalTo(1))
        .body("approval.needed", equalTo(false));
    post(paused, "cancel").statusCode(202);
    look(first).body("status", equalTo("succeeded"));
  }

  @Test
  void an_unwanted_batch_is_cancelled() throws SQLException {
    long id = start(60, "").id();
    post(id, "pause").statusCode(409);
    post(id, "cancel").statusCode(202).body("status", equalTo("cancelled"));
    post(id, "approve").statusCode(409);
    assertEquals(ROWS, table.rowsWith(0));
  }

  @Test
  void a_retry_needs_the_approval_that_was_not_given_and_keeps_one_that_was() throws SQLException {
    long id = start(60, "").id();
    post(id, "cancel").statusCode(202);
    post(id, "retry")
        .statusCode(202)
        .body("status", equalTo("waiting"))
        .body("approval.needed", equalTo(true));
    queues.queueNext(project);
    API.get("/batches/" + id).body("status", equalTo("waiting"));
    table.execute("UPDATE " + table.name() + " SET n = 2147483647 WHERE id = 55");
    post(id, "approve").statusCode(202);
    look(id).body("status", equalTo("failed"));
    table.execute("UPDATE " + table.name() + " SET n = 0 WHERE id = 55");
    post(id, "retry").statusCode(202).body("approval.needed", equalTo(false));
    look(id).body("status", equalTo("succeeded"));
    assertEquals(60, table.rowsWith(1));
  }

  @Test
  void a_repeated_start_stores_the_batch_once() {
    String body = "{\"sql\": \"UPDATE %s SET n = 1 WHERE id <= 60\"}".formatted(table.name());
    long[] ids = new long[2];
    for (int i = 0; i < 2; i++) {
      ids[i] =
          API.header("Idempotency-Key", "approval-" + project)
              .json(body)
              .post("/projects/" + project + "/batches")
              .id();
    }
    assertEquals(ids[0], ids[1]);
    post(ids[0], "cancel").statusCode(202);
  }

  @Test
  void a_batch_is_not_approved_by_its_requester() throws SQLException {
    BatchWork work =
        BatchWork.sql("UPDATE %s SET n = 1 WHERE id <= 60".formatted(table.name()), null, "{}");
    BatchSpec spec = defaults.of(project).with(work);
    BatchView batch =
        starter.start(
            new StartRequest(
                spec.with(spec.submission().by("alice")),
                OnBusy.REJECT,
                Predecessors.NONE,
                null,
                "hash"));
    assertEquals(BatchStatus.WAITING, batch.status());
    Refusal refusal = assertThrows(Refusal.class, () -> control.approve(batch.id(), "alice"));
    assertEquals("own-approval", refusal.type());
    assertEquals(ROWS, table.rowsWith(0));
    control.approve(batch.id(), "bob");
    look(batch.id())
        .body("status", equalTo("succeeded"))
        .body("submittedBy", equalTo("alice"))
        .body("approval.requestedBy", equalTo("alice"))
        .body("approval.approvedBy", equalTo("bob"));
    assertEquals(60, table.rowsWith(1));
  }

  @Test
  void an_undo_needs_no_approval() throws SQLException {
    long id = start(60, "").id();
    post(id, "approve").statusCode(202);
    look(id).body("status", equalTo("succeeded"));
    API.waiting()
        .header("Content-Type", "application/json")
        .post("/batches/" + id + "/undo")
        .statusCode(200)
        .body("status", equalTo("succeeded"));
    assertEquals(ROWS, table.rowsWith(0));
  }
}
