package dev.rowmill.rest;

import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rowmill.batch.BatchStatus;
import dev.rowmill.batch.StatusChange;
import dev.rowmill.batch.store.StatusListener;
import dev.rowmill.batch.store.UndoRetention;
import dev.rowmill.database.StoredTime;
import dev.rowmill.testing.Batches;
import dev.rowmill.testing.DatabaseResource;
import dev.rowmill.testing.EventReader;
import dev.rowmill.testing.RowmillApi;
import dev.rowmill.testing.RowmillApi.Reply;
import dev.rowmill.testing.WorkTable;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Tests that a failed or cancelled batch continues from its checkpoints, or is refused. */
@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class RetryTest {

  private static final RowmillApi API = RowmillApi.local();
  private static final int ROWS = 300;

  /** Holds the row that rejects the change until it is repaired. */
  private static final int BAD = 205;

  @Inject UndoRetention retention;
  @Inject Clock clock;
  @Inject Holder holder;

  private final String project = Batches.newProject();
  @RegisterExtension final WorkTable table = WorkTable.ofRows(ROWS);

  private String update() {
    return "UPDATE " + table.name() + " SET n = n + 1 WHERE id > 0";
  }

  private void spoil() throws SQLException {
    table.execute("UPDATE " + table.name() + " SET n = 2147483647 WHERE id = " + BAD);
  }

  private void repair() throws SQLException {
    table.execute("UPDATE " + table.name() + " SET n = 0 WHERE id = " + BAD);
  }

  /** Starts a batch that fails at the bad row, and waits for that. */
  private JsonPath failed(Map<String, Object> more) throws SQLException {
    spoil();
    Reply reply = API.start(project).sql(update()).chunkRows(10).with(more).waiting().send();
    reply.statusCode(200).body("status", equalTo("failed"));
    return reply.json();
  }

  private static Reply retry(long id, Object body) {
    return API.json(body).post("/batches/" + id + "/retry");
  }

  private static Reply retried(long id, Object body) {
    return API.waiting().json(body).post("/batches/" + id + "/retry").statusCode(200);
  }

  private static JsonPath ended(long id) {
    return JsonPath.from(API.ended(id).toString());
  }

  @Test
  void a_failed_batch_continues_from_its_checkpoint() throws SQLException {
    JsonPath failed = failed(Map.of("lanes", 1));
    long id = failed.getLong("id");
    assertEquals(BAD - 1, failed.getInt("progress.rowsChanged"));
    repair();
    JsonPath again = retried(id, Map.of()).json();
    assertEquals("succeeded", again.getString("status"), again::prettify);
    assertEquals(id, again.getLong("id"));
    assertEquals(failed.getString("startedAt"), again.getString("startedAt"));
    assertEquals(null, again.getString("error.type"));
    assertTrue(again.getString("finishedAt").compareTo(failed.getString("finishedAt")) > 0);
    assertEquals(ROWS, again.getInt("progress.rowsChanged"));
    assertEquals(ROWS, table.rowsWith(1));
    // A retry is over when the batch is, and not when it had ended before.
    retry(id, Map.of())
        .statusCode(409)
        .body("type", equalTo("/problems/illegal-transition"))
        .body("from", equalTo("succeeded"))
        .body("to", equalTo("queued"))
        .body("allowed", empty());
    API.post("/batches/" + id + "/undo").statusCode(202);
  }

  @Test
  void an_undo_after_a_retry_restores_the_rows_of_all_runs() throws SQLException {
    long id = failed(Map.of("undo", true, "lanes", 3)).getLong("id");
    repair();
    assertEquals("succeeded", retried(id, Map.of()).path("status"));
    assertEquals(ROWS, table.rowsWith(1));
    Reply undo = API.waiting().json(Map.of()).post("/batches/" + id + "/undo").statusCode(200);
    assertEquals("succeeded", undo.path("status"), undo.text());
    assertEquals(ROWS, table.rowsWith(0));
  }

  @Test
  void a_retry_without_a_body_is_accepted_at_once() throws SQLException {
    long id = failed(Map.of()).getLong("id");
    Reply reply = API.post("/batches/" + id + "/retry").statusCode(202);
    assertEquals("/api/v1/batches/" + id, reply.header("Location").orElseThrow());
    reply
        .body("status", equalTo("queued"))
        .body("finishedAt", nullValue())
        .body("error", nullValue());
    // Nobody has repaired the row.
    assertEquals("failed", ended(id).getString("status"));
  }

  @Test
  void a_retry_in_the_moment_of_the_failure_is_launched() throws SQLException {
    spoil();
    table.execute("DELETE FROM " + table.name() + " WHERE id <> " + BAD);
    long id = API.start(project).sql(update()).accepted();
    for (int i = 0; i < 30; i++) {
      await(id, "failed");
      API.post("/batches/" + id + "/retry").statusCode(202);
    }
    await(id, "failed");
    repair();
    assertEquals("succeeded", retried(id, Map.of()).path("status"));
  }

  /** Holds up the thread of a run after it has stored the failure of its batch. */
  @ApplicationScoped
  static class Holder implements StatusListener {
    private volatile String project = "";
    private volatile CountDownLatch released = new CountDownLatch(0);

    void hold(String projectOfBatch) {
      released = new CountDownLatch(1);
      project = projectOfBatch;
    }

    void release() {
      released.countDown();
    }

    @Override
    public void changed(List<StatusChange> changes) {
      for (StatusChange change : changes) {
        if (change.project().equals(project) && change.status() == BatchStatus.FAILED) {
          try {
            released.await(1, TimeUnit.MINUTES);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        }
      }
    }
  }

  @Test
  void a_retry_before_the_failed_run_has_left_its_project_is_launched() throws SQLException {
    spoil();
    holder.hold(project);
    long id = API.start(project).sql(update()).chunkRows(10).accepted();
    await(id, "failed");
    repair();
    API.post("/batches/" + id + "/retry").statusCode(202);
    holder.release();
    assertEquals("succeeded", ended(id).getString("status"));
    assertEquals(ROWS, table.rowsWith(1));
  }

  private static void await(long id, String status) {
    Awaitility.await("batch " + id + " to be " + status)
        .atMost(Duration.ofMinutes(2))
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(1))
        .until(() -> API.get("/batches/" + id).path("status").equals(status));
  }

  @Test
  void cancelled_batches_continue_with_other_settings() throws SQLException {
    Map<String, Object> slow = Map.of("limits", Map.of("rowsPerSecond", 20));
    long id = API.start(project).sql(update()).chunkRows(10).with(slow).accepted();
    Awaitility.await().until(() -> API.batch(id).path("progress").path("rowsChanged").asInt() > 0);
    API.post("/batches/" + id + "/cancel").statusCode(202);
    assertEquals("cancelled", ended(id).getString("status"));
    JsonPath again =
        retried(id, Map.of("chunk", Map.of("rows", 50), "lanes", 2, "limits", Map.of())).json();
    assertEquals("succeeded", again.getString("status"), again::prettify);
    assertEquals(2, again.getInt("lanes"));
    assertEquals(null, again.getString("limits.rowsPerSecond"));
    assertEquals(ROWS, table.rowsWith(1));
  }

  @Test
  void a_batch_that_never_ran_can_be_retried() throws SQLException {
    Map<String, Object> slow = Map.of("limits", Map.of("rowsPerSecond", 20));
    long first = API.start(project).sql(update()).chunkRows(10).with(slow).accepted();
    long id = API.start(project).sql(update()).with("onBusy", "queue").accepted();
    API.post("/batches/" + id + "/cancel").statusCode(202);
    Awaitility.await()
        .until(() -> API.get("/batches/" + first).path("progress.rowsTotal"), Objects::nonNull);
    retry(id, Map.of())
        .statusCode(409)
        .body("type", equalTo("/problems/project-busy"))
        .body("batch", equalTo((int) first))
        .body("progress.rowsTotal", equalTo(ROWS));
    for (String status : List.of("running", "paused")) {
      Awaitility.await().until(() -> API.get("/batches/" + first).path("status").equals(status));
      retry(first, Map.of()).statusCode(409).body("from", equalTo(status));
      API.post("/batches/" + first + "/pause");
    }
    API.post("/batches/" + first + "/cancel").statusCode(202);
    long done = ended(first).getLong("progress.rowsChanged");
    assertEquals("succeeded", retried(id, Map.of()).path("status"));
    assertEquals("succeeded", retried(first, Map.of("limits", Map.of())).path("status"));
    assertTrue(done < ROWS);
    assertEquals(ROWS, table.rowsWith(2));
  }

  @Test
  void changed_tables_are_named() throws SQLException {
    long id = failed(Map.of()).getLong("id");
    repair();
    table.execute("ALTER TABLE " + table.name() + " MODIFY n BIGINT NOT NULL, ADD extra INT");
    retry(id, Map.of())
        .statusCode(409)
        .body("type", equalTo("/problems/definition-changed"))
        .body("batch", equalTo((int) id))
        .body(
            "differences.what",
            contains("column extra of " + table.name(), "column n of " + table.name()))
        .body("differences[0].before", nullValue());
    // Without a key the statement can't even be checked.
    table.execute(
        "ALTER TABLE " + table.name() + " DROP extra, DROP PRIMARY KEY, MODIFY n INT NOT NULL");
    retry(id, Map.of())
        .statusCode(409)
        .body("type", equalTo("/problems/definition-changed"))
        .body("differences.what", contains("unique keys of " + table.name()));
    table.execute("ALTER TABLE " + table.name() + " ADD PRIMARY KEY (id)");
    String trigger = table.name() + "_t";
    table.execute(
        "CREATE TRIGGER "
            + trigger
            + " BEFORE UPDATE ON "
            + table.name()
            + " FOR EACH ROW SET NEW.n = NEW.n + 1");
    retry(id, Map.of())
        .statusCode(409)
        .body("differences.what", contains("triggers of " + table.name()))
        .body("differences[0].before", equalTo(""));
    table.execute("DROP TRIGGER " + trigger);
    assertEquals("succeeded", retried(id, Map.of()).path("status"));
    assertEquals(ROWS, table.rowsWith(1));
  }

  @Test
  void a_batch_that_was_undone_is_not_retried_but_its_undo_is() throws SQLException {
    long id = failed(Map.of("undo", true, "lanes", 1)).getLong("id");
    repair();
    long undo =
        API.json(Map.of("chunk", Map.of("rows", 10), "limits", Map.of("rowsPerSecond", 20)))
            .post("/batches/" + id + "/undo")
            .statusCode(202)
            .id();
    notRetryable(id, "undo-active");
    Awaitility.await()
        .until(() -> API.batch(undo).path("progress").path("rowsChanged").asInt() > 0);
    API.post("/batches/" + undo + "/cancel").statusCode(202);
    assertEquals("cancelled", ended(undo).getString("status"));
    notRetryable(id, "undone-in-part");
    assertEquals("succeeded", retried(undo, Map.of("limits", Map.of())).path("status"));
    assertEquals(ROWS, table.rowsWith(0));
    notRetryable(id, "undone");
  }

  private static void notRetryable(long id, String reason) {
    retry(id, Map.of())
        .statusCode(409)
        .body("type", equalTo("/problems/not-retryable"))
        .body("reason", equalTo(reason));
  }

  @Test
  void a_batch_whose_undo_data_were_deleted_is_retried_without() throws SQLException {
    JsonPath failed = failed(Map.of("undo", true));
    long id = failed.getLong("id");
    assertTrue(failed.getBoolean("undo.available"));
    repair();
    String old = StoredTime.text(clock.instant().minus(Duration.ofDays(100)));
    table.execute("UPDATE batch SET finished_at = '%s' WHERE id = %d".formatted(old, id));
    // Those before it, which other tests have left, would end the search for old ones.
    table.execute("UPDATE batch SET created_at = '%s' WHERE id <= %d".formatted(old, id));
    retention.purge(clock.instant().minus(Duration.ofDays(90)), () -> true);
    assertEquals(0, table.number("SELECT COUNT(*) FROM chunk_record WHERE batch = " + id));
    JsonPath again = retried(id, Map.of()).json();
    assertEquals("succeeded", again.getString("status"), again::prettify);
    assertEquals(ROWS, table.rowsWith(1));
    assertFalse(again.getBoolean("undo.available"));
    assertEquals(0, again.getInt("undo.rows"));
    API.post("/batches/" + id + "/undo")
        .statusCode(409)
        .body("type", equalTo("/problems/not-undoable"));
  }

  @Test
  void undo_data_of_a_retried_batch_are_not_deleted() throws SQLException {
    long id = failed(Map.of("undo", true)).getLong("id");
    table.execute("UPDATE batch SET created_at = '2020-01-01' WHERE id = " + id);
    repair();
    Map<String, Object> slow = Map.of("limits", Map.of("rowsPerSecond", 20));
    retry(id, slow).statusCode(202);
    retention.purge(clock.instant().plus(Duration.ofDays(1)), () -> true);
    assertTrue(table.number("SELECT COUNT(*) FROM chunk_record WHERE batch = " + id) > 0);
    API.post("/batches/" + id + "/cancel").statusCode(202);
    assertTrue(ended(id).getBoolean("undo.available"));
  }

  @Test
  void secret_values_are_given_again() throws SQLException {
    String name = "r-" + UUID.randomUUID();
    Map<String, Object> secret = Map.of("type", "integer", "secret", true);
    Map<String, Object> plain = Map.of("type", "integer");
    API.json(
            Map.of(
                "sql",
                "UPDATE " + table.name() + " SET n = n + :add WHERE id > :from",
                "parameters",
                Map.of("add", secret, "from", plain)))
        .put("/statements/" + name)
        .statusCode(201);
    spoil();
    Map<String, Object> values = Map.of("add", 74_310, "from", 0);
    long id =
        API.start(project)
            .with("statement", name)
            .with("parameters", values)
            .chunkRows(10)
            .waiting()
            .send()
            .statusCode(200)
            .body("status", equalTo("failed"))
            .id();
    repair();
    retry(id, Map.of())
        .statusCode(422)
        .body("type", equalTo("/problems/parameter-mismatch"))
        .body("missing", contains("add"))
        .body("unused", empty());
    retry(id, Map.of("parameters", values)).statusCode(422).body("unused", contains("from"));
    retry(id, Map.of("parameters", Map.of("add", "x")))
        .statusCode(400)
        .body("violations[0].field", equalTo("parameters.add"));
    Reply again = retried(id, Map.of("parameters", Map.of("add", 74_310)));
    assertEquals("succeeded", again.path("status"), again.text());
    assertEquals("******", again.path("parameters.add"));
    assertFalse(again.text().contains("74310"));
    assertEquals(ROWS, table.rowsWith(74_310));
    for (String where : List.of("batch WHERE parameters", "audit WHERE detail")) {
      assertEquals(0, table.number("SELECT COUNT(*) FROM " + where + " LIKE '%74310%'"), where);
    }
    API.delete("/statements/" + name);
  }

  @Test
  void values_of_a_batch_without_secrets_are_unused() throws SQLException {
    long id = failed(Map.of()).getLong("id");
    retry(id, Map.of("parameters", Map.of("add", 1)))
        .statusCode(422)
        .body("missing", empty())
        .body("unused", contains("add"));
  }

  @Test
  void the_duration_of_earlier_runs_counts() throws SQLException {
    Reply failed =
        API.start(project)
            .sql(update())
            .chunkRows(10)
            .with("maxDurationMillis", 400)
            .with("limits", Map.of("rowsPerSecond", 50))
            .waiting()
            .send()
            .statusCode(200);
    assertEquals("/problems/too-long-running", failed.path("error.type"), failed.text());
    long id = failed.id();
    retry(id, Map.of("limits", Map.of()))
        .statusCode(422)
        .body("type", equalTo("/problems/duration-spent"))
        .body("maxDurationMillis", equalTo(400));
    Reply again = retried(id, Map.of("limits", Map.of(), "maxDurationMillis", 60_000));
    assertEquals("succeeded", again.path("status"), again.text());
    assertEquals(60_000, again.<Integer>path("maxDurationMillis"));
    assertEquals(ROWS, table.rowsWith(1));
  }

  @Test
  void malformed_bodies_and_unknown_batches_are_refused() throws SQLException {
    long id = failed(Map.of()).getLong("id");
    for (String body : List.of("{\"sql\": \"x\"}", "[]", "{\"lanes\": 0}", "{\"chunk\": 5}")) {
      retry(id, body).statusCode(400).body("type", equalTo("/problems/invalid-request"));
    }
    retry(987_654_321, Map.of()).statusCode(404);
  }

  @Test
  void a_stream_reports_each_status_in_order() throws SQLException {
    long id = failed(Map.of()).getLong("id");
    repair();
    try (EventReader events =
        EventReader.open(RowmillApi.localUri("/api/v1/events?project=" + project), null)) {
      events.next("snapshot");
      retry(id, Map.of()).statusCode(202);
      List<String> statuses = new ArrayList<>();
      while (!statuses.contains("succeeded")) {
        statuses.add(events.next("status").status());
      }
      assertEquals(List.of("queued", "running", "succeeded"), statuses);
    }
  }
}
