package dev.rowmill.webhook;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rowmill.batch.Approval;
import dev.rowmill.batch.BatchStatus;
import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.Mode;
import dev.rowmill.batch.NewBatch;
import dev.rowmill.batch.Predecessors;
import dev.rowmill.batch.Submission;
import dev.rowmill.batch.UsualRows;
import dev.rowmill.batch.store.BatchRequests;
import dev.rowmill.batch.store.BatchRetries;
import dev.rowmill.batch.store.BatchStarts;
import dev.rowmill.batch.store.StartResult;
import dev.rowmill.schedule.RunRecorder;
import dev.rowmill.schedule.Schedule;
import dev.rowmill.schedule.ScheduleRun;
import dev.rowmill.testing.Batches;
import dev.rowmill.testing.DatabaseResource;
import dev.rowmill.testing.Receiver;
import dev.rowmill.testing.RowmillApi;
import dev.rowmill.testing.Sql;
import dev.rowmill.testing.WebhookProfile;
import dev.rowmill.testing.WorkTable;
import io.agroal.api.AgroalDataSource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Tests the webhooks of events other than the end of a batch. */
@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
@TestProfile(WebhookProfile.class)
class WebhookEventsTest {

  private static final RowmillApi API = RowmillApi.local();

  /** Fails the transaction of a run on request. */
  @ApplicationScoped
  static class Spoiler implements RunRecorder {
    private volatile String name = "";

    @Override
    public void recorded(Connection connection, Schedule schedule, ScheduleRun run)
        throws SQLException {
      if (schedule.name().equals(name)) {
        throw new SQLException("as the test wants it");
      }
    }

    void spoil(String spoilt) {
      name = spoilt;
    }
  }

  @Inject Batches batches;
  @Inject BatchStarts starts;
  @Inject BatchRequests requests;
  @Inject BatchRetries retries;
  @Inject Spoiler spoiler;
  @Inject AgroalDataSource database;
  @Inject Clock clock;

  @ConfigProperty(name = "testing.webhook.port", defaultValue = "0")
  int port;

  private final String project = Batches.newProject();
  private final String name = "w-" + UUID.randomUUID();
  @RegisterExtension final WorkTable table = WorkTable.ofRows(10);

  @AfterEach
  void nothingIsLeftBehind() throws SQLException {
    spoiler.spoil("");
    API.delete("/schedules/" + name);
    batches.leaveNothingBehind();
    execute("DELETE FROM webhook_delivery");
  }

  private void execute(String sql) throws SQLException {
    Sql.execute(database, sql);
  }

  private long deliveries(String type) throws SQLException {
    return Sql.number(
        database, "SELECT COUNT(*) FROM webhook_delivery WHERE type = '" + type + "'");
  }

  private BatchView awaiting(Approval approval) {
    return awaiting(approval, Submission.NONE.by("alice"));
  }

  private BatchView awaiting(Approval approval, Submission submission) {
    NewBatch start = Batches.unstarted(project, "call", Mode.PARALLEL);
    NewBatch unapproved =
        new NewBatch(
            start.spec().with(submission),
            approval,
            Predecessors.NONE,
            start.startKey(),
            "",
            null,
            null,
            false,
            null);
    return ((StartResult.Stored) starts.store(unapproved, false)).batch();
  }

  private Receiver receiver() throws IOException {
    return new Receiver(port, number -> 200);
  }

  /** Returns the calls about a batch, at least as many as given. */
  private static List<Receiver.Call> calls(Receiver receiver, BatchView batch, int number) {
    return Awaitility.await()
        .atMost(Batches.PATIENCE)
        .until(
            () ->
                receiver.calls().stream()
                    .filter(call -> call.json().at("/batch/id").asLong() == batch.id())
                    .toList(),
            calls -> calls.size() >= number);
  }

  /** Returns the body of the first call of a type. A call about an earlier test may come before. */
  private static JsonNode first(Receiver receiver, String type) {
    return Awaitility.await()
        .atMost(Batches.PATIENCE)
        .until(
            () ->
                receiver.calls().stream()
                    .map(Receiver.Call::json)
                    .filter(body -> body.path("type").asText().equals(type))
                    .findFirst(),
            Optional::isPresent)
        .orElseThrow();
  }

  @Test
  void a_batch_that_waits_for_an_approval_is_reported_once() throws Exception {
    try (Receiver receiver = receiver()) {
      BatchView batch = awaiting(Approval.awaited(5, true));
      JsonNode body = calls(receiver, batch, 1).get(0).json();
      assertEquals("approval.wanted", body.path("type").asText());
      assertTrue(calls(receiver, batch, 1).get(0).isSignedBy(WebhookProfile.SECRET));
      assertEquals(batch.id(), body.at("/batch/id").asLong());
      assertEquals(project, body.at("/batch/project").asText());
      assertEquals("many-rows", body.at("/batch/reason").asText());
      assertEquals(5, body.at("/batch/plannedRows").asInt());
      assertTrue(body.at("/batch/exact").asBoolean(), body::toString);
      assertEquals("alice", body.at("/batch/requestedBy").asText());
      assertTrue(body.at("/batch/schedule").isNull(), body::toString);
      assertEquals("/api/v1/batches/" + batch.id(), body.at("/batch/path").asText());
      assertTrue(body.at("/batch/median").isNull());
      assertTrue(body.at("/batch/sql").isMissingNode());
      requests.request(batch.id(), BatchStatus.CANCELLED, false);
      assertEquals("batch.ended", calls(receiver, batch, 2).get(1).json().path("type").asText());
      // It waits again after a retry.
      retries.retry(batch.id(), batch.spec(), () -> {});
      assertEquals(
          "approval.wanted", calls(receiver, batch, 3).get(2).json().path("type").asText());
      requests.approve(batch.id(), "bob");
      requests.request(batch.id(), BatchStatus.CANCELLED, false);
      calls(receiver, batch, 4);
      assertEquals(2, deliveries("APPROVAL_WANTED"));
    }
  }

  private void schedule(String more) {
    API.json(
            """
            {"project": "%s", "every": "PT1H", "sql": "UPDATE %s SET n = n + 1 WHERE id <= :most",
             "parameters": {"most": 4} %s}"""
                .formatted(project, table.name(), more))
        .put("/schedules/" + name);
  }

  @Test
  void an_unusual_run_is_reported_with_its_numbers() throws Exception {
    awaiting(
        new Approval(700, false, new UsualRows(12, new BigDecimal("2.50")), null, null, false),
        Submission.NONE.ofSchedule(name));
    try (Receiver receiver = receiver()) {
      JsonNode batch = first(receiver, "approval.wanted").path("batch");
      assertEquals("unusual-rows", batch.path("reason").asText(), batch::toString);
      assertEquals(name, batch.path("schedule").asText());
      assertEquals(700, batch.path("plannedRows").asInt());
      assertFalse(batch.path("exact").asBoolean());
      assertEquals(12, batch.path("median").asInt());
      assertEquals(2.5, batch.path("factor").asDouble());
      assertTrue(batch.path("authors").isArray(), batch::toString);
    }
  }

  @Test
  void a_batch_with_a_start_time_is_reported_before_that_time() throws Exception {
    try (Receiver receiver = receiver()) {
      BatchView batch =
          awaiting(
              Approval.awaited(5, true),
              Submission.NONE.at(clock.instant().plus(Duration.ofHours(1))));
      assertEquals(BatchStatus.SCHEDULED, batch.status());
      JsonNode body = calls(receiver, batch, 1).get(0).json();
      assertEquals("approval.wanted", body.path("type").asText());
      requests.request(batch.id(), BatchStatus.CANCELLED, false);
      calls(receiver, batch, 2);
    }
  }

  /** Makes the schedule due as if its first firing had been two and a half hours ago. */
  private void due() throws SQLException {
    execute(
        "UPDATE schedule SET definition = JSON_SET(definition, '$.anchor', '2026-01-01T00:00:00Z')"
            + " WHERE name = '"
            + name
            + "'");
    execute(
        "UPDATE due SET execution_time = execution_time - INTERVAL 150 MINUTE,"
            + " version = version + 1 WHERE task_name = 'schedule' AND task_instance ="
            + " (SELECT id FROM schedule WHERE name = '"
            + name
            + "')");
  }

  @Test
  void a_missed_firing_is_reported() throws Exception {
    schedule(", \"onMissed\": \"skip\"");
    due();
    try (Receiver receiver = receiver()) {
      JsonNode body = first(receiver, "schedule.missed");
      assertEquals(name, body.at("/schedule/name").asText());
      assertEquals(project, body.at("/schedule/project").asText());
      assertTrue(body.at("/schedule/missed").asInt() > 1, body::toString);
      assertTrue(body.at("/schedule/error").isNull());
      assertEquals(body.path("at"), body.at("/schedule/firedAt"));
      Instant due = Instant.parse(body.at("/schedule/fireAt").asText());
      Duration late = Duration.between(due, Instant.parse(body.path("at").asText()));
      assertTrue(late.compareTo(Duration.ofMinutes(29)) > 0, body::toString);
      assertEquals("/api/v1/schedules/" + name, body.at("/schedule/path").asText());
    }
  }

  @Test
  void a_failed_firing_is_reported_in_the_transaction_of_its_run() throws Exception {
    schedule("");
    execute("RENAME TABLE " + table.name() + " TO " + table.name() + "_away");
    spoiler.spoil(name);
    due();
    Awaitility.await()
        .during(Duration.ofSeconds(3))
        .atMost(Batches.PATIENCE)
        .until(() -> deliveries("SCHEDULE_FAILED") == 0);
    assertEquals(0, API.get("/schedules/" + name + "/runs").body().path("items").size());
    spoiler.spoil("");
    try (Receiver receiver = receiver()) {
      JsonNode body = first(receiver, "schedule.failed");
      assertEquals("unknown-table", body.at("/schedule/error").asText());
      assertEquals("failed", API.get("/schedules/" + name + "/runs").path("items[0].outcome"));
    } finally {
      execute("RENAME TABLE " + table.name() + "_away TO " + table.name());
    }
  }
}
