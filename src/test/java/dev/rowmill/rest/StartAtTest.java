package dev.rowmill.rest;

import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rowmill.database.ControlTransactions;
import dev.rowmill.database.Rows;
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
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
@TestProfile(GuardedProfile.class)
@QuarkusTestResource(DatabaseResource.class)
class StartAtTest {

  private static final RowmillApi API = RowmillApi.local();

  private final String project = Batches.newProject();
  @RegisterExtension final WorkTable table = WorkTable.ofRows(80);

  @Inject ControlTransactions transactions;

  private Reply start(String more) {
    return start(40, more);
  }

  private Reply start(int rows, String more) {
    return API.json(
            "{\"sql\": \"UPDATE %s SET n = n + 1 WHERE id <= %d\" %s}"
                .formatted(table.name(), rows, more))
        .post("/projects/" + project + "/batches");
  }

  private static String at(Instant time) {
    return ", \"startAt\": \"" + time.atOffset(ZoneOffset.ofHours(2)) + "\"";
  }

  private static Instant in(int millis) {
    return Instant.now().plusMillis(millis);
  }

  private Reply blocker() {
    return start(", \"chunk\": {\"rows\": 10}, \"limits\": {\"rowsPerSecond\": 1}");
  }

  private static Reply post(long id, String what) {
    return API.post("/batches/" + id + "/" + what);
  }

  @Test
  void a_batch_starts_at_its_time_and_holds_nothing_before() throws SQLException {
    long id = start(at(in(6000))).statusCode(202).body("status", equalTo("scheduled")).id();
    API.get("/projects/" + project)
        .body("running", equalTo(false))
        .body("batch", nullValue())
        .body("waiting", equalTo(0));
    API.get("/batches?status=scheduled&project=" + project).body("items.id", hasItem((int) id));
    API.get("/batches/" + id)
        .body("position", nullValue())
        .body("startedAt", nullValue())
        .body("schedule", nullValue());
    // Another batch of the project runs meanwhile.
    API.ended(start("").statusCode(202).id());
    assertEquals(40, table.rowsWith(1));
    JsonNode ended = API.ended(id);
    assertEquals("succeeded", ended.path("status").asText());
    assertEquals(40, table.rowsWith(2));
    Instant started = Instant.parse(ended.path("startedAt").asText());
    assertFalse(started.isBefore(Instant.parse(ended.path("startAt").asText())), ended::toString);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "2020-01-01T00:00:00Z",
        "2999-01-01T00:00:00Z",
        "2027-01-01",
        "2027-01-01T00:00:00",
        "soon",
        "+999999999-12-31T23:59:59-18:00"
      })
  void a_time_that_is_past_or_too_far_ahead_or_without_an_offset_is_rejected(String time) {
    start(", \"startAt\": \"" + time + "\"")
        .statusCode(400)
        .body("violations[0].field", equalTo("startAt"))
        .body(
            "violations[0].message",
            equalTo(
                "must be a future date and time with an offset, such as 2027-01-31T02:00:00+01:00,"
                    + " within 366 days"));
    API.get("/batches?status=scheduled&project=" + project).body("items", hasSize(0));
  }

  @Test
  void the_statement_is_checked_at_the_request() {
    API.json("{\"sql\": \"UPDATE rowmill_work.none SET n = 1 WHERE id = 1\"" + at(in(60_000)) + "}")
        .post("/projects/" + project + "/batches")
        .statusCode(422)
        .body("type", equalTo("/problems/unknown-table"));
  }

  @Test
  void a_repeated_request_returns_the_batch_even_after_its_time() {
    String body =
        "{\"sql\": \"UPDATE %s SET n = n + 1 WHERE id = 1\"%s}"
            .formatted(table.name(), at(in(2500)));
    long id = keyed(body).statusCode(202).id();
    assertEquals(id, keyed(body).statusCode(202).id());
    API.ended(id);
    assertEquals(id, keyed(body).statusCode(202).id());
  }

  private Reply keyed(String body) {
    return API.json(body)
        .header("Idempotency-Key", project)
        .post("/projects/" + project + "/batches");
  }

  @Test
  void a_scheduled_batch_can_be_moved_and_changed() {
    long id = start(at(in(600_000))).id();
    Instant sooner = in(3000);
    API.json("{\"lanes\": 2, \"startAt\": \"" + sooner + "\"}")
        .patch("/batches/" + id)
        .statusCode(200)
        .body("status", equalTo("scheduled"))
        .body("lanes", equalTo(2));
    JsonNode ended = API.ended(id);
    assertFalse(
        Instant.parse(ended.path("startedAt").asText())
            .isBefore(sooner.truncatedTo(ChronoUnit.MILLIS)),
        ended::toString);
    API.json("{\"startAt\": \"" + in(60_000) + "\"}")
        .patch("/batches/" + id)
        .statusCode(409)
        .body("type", equalTo("/problems/not-scheduled"));
    API.json("{\"startAt\": \"2020-01-01T00:00:00Z\"}").patch("/batches/" + id).statusCode(400);
  }

  @Test
  void a_batch_that_failed_is_queued_by_a_retry_though_its_time_seems_to_come()
      throws SQLException {
    table.execute("UPDATE " + table.name() + " SET n = 2147483647 WHERE id = 1");
    long id = start("").id();
    assertEquals("failed", API.ended(id).path("status").asText());
    // As a node sees it whose clock is behind.
    transactions.sql(
        connection ->
            Rows.update(connection, "UPDATE batch SET start_at = ? WHERE id = ?", in(60_000), id));
    table.execute("UPDATE " + table.name() + " SET n = 0 WHERE id = 1");
    post(id, "retry").statusCode(202);
    assertEquals("succeeded", API.ended(id).path("status").asText());
  }

  @Test
  void a_batch_that_was_cancelled_before_its_time_is_scheduled_again_by_a_retry()
      throws SQLException {
    long id = start(at(in(600_000))).id();
    String startAt = API.get("/batches/" + id).path("startAt");
    API.post("/batches/" + id + "/cancel").statusCode(202);
    for (int i = 0; i < 2; i++) {
      API.json("{}")
          .post("/batches/" + id + "/retry")
          .statusCode(202)
          .body("status", equalTo("scheduled"))
          .body("startAt", equalTo(startAt));
      API.post("/batches/" + id + "/cancel").statusCode(202);
    }
    API.post("/batches/" + id + "/retry").statusCode(202);
    assertEquals(80, table.rowsWith(0));
    Instant sooner = in(3000);
    API.json("{\"startAt\": \"" + sooner + "\"}").patch("/batches/" + id).statusCode(200);
    JsonNode ended = API.ended(id);
    assertEquals("succeeded", ended.path("status").asText());
    assertFalse(
        Instant.parse(ended.path("startedAt").asText())
            .isBefore(sooner.truncatedTo(ChronoUnit.MILLIS)),
        ended::toString);
    assertEquals(40, table.rowsWith(1));
  }

  @Test
  void a_batch_that_is_moved_to_later_does_not_start_at_its_first_time() {
    long id = start(at(in(5000))).id();
    API.json("{\"startAt\": \"" + in(7000) + "\"}").patch("/batches/" + id).statusCode(200);
    JsonNode ended = API.ended(id);
    Instant started = Instant.parse(ended.path("startedAt").asText());
    assertFalse(started.isBefore(Instant.parse(ended.path("startAt").asText())), ended::toString);
  }

  @Test
  void a_scheduled_batch_can_be_cancelled_and_not_paused() throws SQLException {
    Instant time = in(4000);
    long id = start(at(time)).id();
    post(id, "pause").statusCode(409).body("allowed", equalTo(java.util.List.of("cancelled")));
    post(id, "resume").statusCode(409);
    post(id, "cancel").statusCode(202).body("status", equalTo("cancelled"));
    // A later one shows that the time of the cancelled one has passed.
    API.ended(start(20, at(time.plusMillis(300))).id());
    API.get("/batches/" + id).body("status", equalTo("cancelled")).body("error", nullValue());
    assertEquals(20, table.rowsWith(1));
  }

  @Test
  void a_busy_project_cancels_a_batch_that_does_not_queue() {
    long blocker = blocker().statusCode(202).id();
    long id = start(at(in(2500))).statusCode(202).id();
    API.get("/batches/" + id + "?wait=60")
        .body("status", equalTo("cancelled"))
        .body("error.type", equalTo("/problems/project-busy"))
        .body("error.batch", equalTo((int) blocker));
    post(blocker, "cancel").statusCode(202);
  }

  @Test
  void a_busy_project_lets_a_batch_wait_that_queues() {
    long blocker = blocker().statusCode(202).id();
    long id = start(", \"onBusy\": \"queue\"" + at(in(2500))).statusCode(202).id();
    await(id, "waiting");
    API.get("/batches/" + id).body("position", equalTo(1));
    post(blocker, "cancel").statusCode(202);
    assertEquals("succeeded", API.ended(id).path("status").asText());
  }

  private static void await(long id, String status) {
    Awaitility.await(status)
        .atMost(Duration.ofMinutes(2))
        .pollInterval(Duration.ofMillis(50))
        .until(() -> API.batch(id).path("status").asText().equals(status));
  }

  @Test
  void an_approval_may_come_before_or_after_the_time() throws SQLException {
    long before = start(60, at(in(5000))).id();
    API.get("/batches/" + before)
        .body("status", equalTo("scheduled"))
        .body("approval.needed", equalTo(true));
    post(before, "approve")
        .statusCode(202)
        .body("status", equalTo("scheduled"))
        .body("approval.needed", equalTo(false));
    long after = start(60, at(in(2500))).id();
    await(after, "waiting");
    API.get("/batches/" + after)
        .body("approval.needed", equalTo(true))
        .body("position", nullValue());
    assertEquals("succeeded", API.ended(before).path("status").asText());
    assertEquals(60, table.rowsWith(1));
    post(after, "approve").statusCode(202);
    assertEquals("succeeded", API.ended(after).path("status").asText());
    assertEquals(60, table.rowsWith(2));
  }

  @Test
  void a_plan_keeps_the_time_of_its_body() {
    String body =
        "{\"sql\": \"UPDATE %s SET n = n + 1 WHERE id = 1\"%s}"
            .formatted(table.name(), at(in(5000)));
    String plan = API.json(body).post("/projects/" + project + "/plans").statusCode(200).path("id");
    long id =
        API.json("{\"plan\": \"" + plan + "\"}")
            .post("/projects/" + project + "/batches")
            .statusCode(202)
            .body("status", equalTo("scheduled"))
            .id();
    assertEquals("succeeded", API.ended(id).path("status").asText());
  }

  @Test
  void conditions_and_the_time_must_both_be_met() throws SQLException {
    long first = blocker().statusCode(202).id();
    String after = ", \"after\": [{\"batch\": %d, \"on\": \"ended\"}]".formatted(first);
    long early =
        start(after + at(in(2500))).statusCode(202).body("status", equalTo("scheduled")).id();
    long late = start(after + at(in(6000))).statusCode(202).id();
    String impossible = ", \"after\": [{\"batch\": %d, \"on\": \"succeeded\"}]".formatted(first);
    long never = start(impossible + at(in(60_000))).statusCode(202).id();
    await(early, "waiting");
    API.get("/batches/" + early).body("position", nullValue());
    post(first, "cancel").statusCode(202);
    assertEquals("succeeded", API.ended(early).path("status").asText());
    API.get("/batches/" + never + "?wait=60")
        .body("status", equalTo("cancelled"))
        .body("error.type", equalTo("/problems/dependency-failed"));
    JsonNode ended = API.ended(late);
    assertEquals("succeeded", ended.path("status").asText(), ended::toString);
    assertFalse(
        Instant.parse(ended.path("startedAt").asText())
            .isBefore(Instant.parse(ended.path("startAt").asText())),
        ended::toString);
  }
}
