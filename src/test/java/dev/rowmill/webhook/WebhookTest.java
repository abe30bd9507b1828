package dev.rowmill.webhook;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rowmill.batch.BatchStatus;
import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.Mode;
import dev.rowmill.batch.StatusChange;
import dev.rowmill.batch.store.BatchRequests;
import dev.rowmill.batch.store.BatchRetries;
import dev.rowmill.batch.store.BatchStarts;
import dev.rowmill.batch.store.ChangeRecorder;
import dev.rowmill.batch.store.ProjectQueues;
import dev.rowmill.batch.store.RunStore;
import dev.rowmill.batch.store.StartResult;
import dev.rowmill.testing.Batches;
import dev.rowmill.testing.DatabaseResource;
import dev.rowmill.testing.GateTask;
import dev.rowmill.testing.Receiver;
import dev.rowmill.testing.RowmillApi;
import dev.rowmill.testing.Sql;
import dev.rowmill.testing.WebhookProfile;
import io.agroal.api.AgroalDataSource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntUnaryOperator;
import org.awaitility.Awaitility;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
@TestProfile(WebhookProfile.class)
class WebhookTest {

  private static final RowmillApi API = RowmillApi.local();

  private static final String SECRET = WebhookProfile.SECRET;

  /** Fails the transaction of an end on request. */
  @ApplicationScoped
  static class Spoiler implements ChangeRecorder {
    private volatile String project = "";

    void spoil(String spoilt) {
      project = spoilt;
    }

    @Override
    public void changed(Connection connection, List<StatusChange> changes) throws SQLException {
      StatusChange change = changes.get(0);
      if (change.status().isFinal() && change.project().equals(project)) {
        throw new SQLException("as the test wants it");
      }
    }
  }

  @Inject Batches batches;
  @Inject ProjectQueues queues;
  @Inject BatchRequests requests;
  @Inject BatchRetries retries;
  @Inject RunStore runs;
  @Inject BatchStarts starts;
  @Inject DeliveryTable deliveries;
  @Inject Spoiler spoiler;
  @Inject AgroalDataSource database;
  @Inject Clock clock;

  @ConfigProperty(name = "testing.webhook.port", defaultValue = "0")
  int port;

  private final String project = Batches.newProject();

  @AfterEach
  void nothingIsLeftBehind() throws SQLException {
    GateTask.open(project);
    batches.leaveNothingBehind();
    Sql.execute(database, "DELETE FROM webhook_delivery");
  }

  private Receiver receiver(IntUnaryOperator status) throws IOException {
    return new Receiver(port, status);
  }

  private BatchView ended() {
    GateTask.open(project);
    return batches.ended(batches.start(Batches.request(project, "gate", "gate", project)));
  }

  private static void await(Callable<Boolean> condition) {
    Awaitility.await().atMost(Batches.PATIENCE).until(condition);
  }

  private String state(long batch) throws SQLException {
    try (Connection connection = database.getConnection();
        var statement = connection.createStatement();
        var row =
            statement.executeQuery(
                "SELECT CONCAT(state, ' ', attempts) FROM webhook_delivery WHERE subject = "
                    + batch)) {
      return row.next() ? row.getString(1) : "none";
    }
  }

  @Test
  void the_end_of_a_batch_is_reported_signed_and_without_secrets() throws Exception {
    try (Receiver receiver = receiver(number -> 204)) {
      BatchView batch = ended();
      await(() -> state(batch.id()).equals("DELIVERED 1"));
      assertEquals(1, receiver.calls().size());
      Receiver.Call call = receiver.calls().get(0);
      assertTrue(call.isSignedBy(SECRET));
      assertFalse(call.isSignedBy("another secret"));
      assertEquals("/hook", call.path());
      assertEquals("Basic cm93bWlsbDpwdw==", call.account());
      JsonNode body = call.json();
      assertEquals("batch.ended", body.path("type").asText());
      assertEquals(call.delivery(), body.path("id").asText());
      assertEquals(batch.id(), body.at("/batch/id").asLong());
      assertEquals(project, body.at("/batch/project").asText());
      assertEquals("succeeded", body.at("/batch/status").asText());
      assertEquals(batch.finishedAt(), Instant.parse(body.path("at").asText()));
      Set<String> members = new HashSet<>();
      body.path("batch").fieldNames().forEachRemaining(members::add);
      assertEquals(
          Set.of(
              "id",
              "labels",
              "project",
              "kind",
              "task",
              "undoes",
              "skippedOf",
              "status",
              "error",
              "createdAt",
              "startedAt",
              "finishedAt",
              "rowsScanned",
              "rowsChanged",
              "skipped",
              "path"),
          members);
      API.get("/q/metrics")
          .body(
              org.hamcrest.Matchers.containsString(
                  "rowmill_webhook_attempts_total{outcome=\"delivered\"}"));
    }
  }

  @Test
  void a_delivery_that_is_not_accepted_is_sent_again_unchanged() throws Exception {
    IntUnaryOperator status =
        number ->
            switch (number) {
              case 1 -> Receiver.slowly(5000, 200);
              case 2 -> 302;
              default -> 200;
            };
    try (Receiver receiver = receiver(status)) {
      BatchView batch = ended();
      await(() -> state(batch.id()).equals("DELIVERED 3"));
      List<Receiver.Call> calls = receiver.calls();
      assertEquals(3, calls.size());
      for (Receiver.Call call : calls) {
        assertTrue(call.isSignedBy(SECRET));
        assertEquals("/hook", call.path());
        assertEquals(calls.get(0).delivery(), call.delivery());
        assertArrayEquals(calls.get(0).body(), call.body());
      }
    }
  }

  @Test
  void an_unavailable_receiver_gets_the_delivery_later() throws Exception {
    BatchView batch = ended();
    await(() -> state(batch.id()).startsWith("PENDING") && !state(batch.id()).endsWith(" 0"));
    try (Receiver receiver = receiver(number -> 200)) {
      await(() -> state(batch.id()).startsWith("DELIVERED"));
      assertEquals(1, receiver.calls().size());
    }
  }

  @Test
  void a_delivery_that_was_rejected_for_days_is_given_up_and_stored() throws Exception {
    try (Receiver receiver = receiver(number -> number == 1 ? 200 : 500)) {
      BatchView batch = ended();
      await(() -> state(batch.id()).equals("DELIVERED 1"));
      Sql.execute(
          database,
          "UPDATE webhook_delivery SET state = 'PENDING',"
              + " created_at = created_at - INTERVAL 4 DAY WHERE subject = "
              + batch.id());
      await(() -> state(batch.id()).startsWith("FAILED"));
      assertTrue(receiver.calls().size() >= 2);
    }
  }

  @Test
  void each_final_transition_is_reported_in_its_own_transaction() throws Exception {
    BatchView queued = stored();
    spoiler.spoil(project);
    assertThrows(
        RuntimeException.class, () -> requests.request(queued.id(), BatchStatus.CANCELLED, false));
    assertEquals("none", state(queued.id()));
    assertEquals("queued", API.get("/batches/" + queued.id()).path("status"));
    spoiler.spoil("");
    requests.request(queued.id(), BatchStatus.CANCELLED, false);
    assertFalse(state(queued.id()).equals("none"));

    // A cancel was requested during its run, and the next process finds the request.
    BatchView running = stored();
    runs.claim(running.id(), "test").orElseThrow();
    requests.request(running.id(), BatchStatus.CANCELLED, false);
    assertEquals("none", state(running.id()));
    queues.recover();
    assertFalse(state(running.id()).equals("none"));
    assertEquals("cancelled", API.get("/batches/" + running.id()).path("status"));

    // By a run, on request.
    BatchView failed = stored();
    var claim = runs.claim(failed.id(), "test").orElseThrow();
    spoiler.spoil(project);
    assertThrows(RuntimeException.class, () -> runs.end(claim, null, Duration.ZERO));
    assertEquals("none", state(failed.id()));
    spoiler.spoil("");
    runs.end(claim, null, Duration.ZERO);
    runs.end(claim, null, Duration.ZERO);
    assertFalse(state(failed.id()).equals("none"));
  }

  @Test
  void each_end_of_a_retried_batch_is_delivered_as_it_was() throws Exception {
    BatchView batch = stored();
    requests.request(batch.id(), BatchStatus.CANCELLED, false);
    retries.retry(batch.id(), batch.spec(), () -> {});
    assertEquals("queued", API.get("/batches/" + batch.id()).path("status"));
    try (Receiver receiver = receiver(number -> 200)) {
      await(() -> receiver.calls().size() == 1);
      JsonNode first = receiver.calls().get(0).json();
      assertEquals("cancelled", first.at("/batch/status").asText());
      assertEquals(first.path("at"), first.at("/batch/finishedAt"));
      assertFalse(first.path("at").isNull());
      requests.request(batch.id(), BatchStatus.CANCELLED, false);
      await(() -> receiver.calls().size() == 2);
      JsonNode second = receiver.calls().get(1).json();
      assertEquals("cancelled", second.at("/batch/status").asText());
      assertFalse(first.path("id").equals(second.path("id")));
    }
  }

  private BatchView stored() {
    var result = starts.store(Batches.unstarted(project, "call", Mode.PARALLEL), false);
    return ((StartResult.Stored) result).batch();
  }

  private static List<StatusChange> ends(List<Long> batches) {
    return batches.stream()
        .map(id -> new StatusChange(0, id, "p", Mode.PARALLEL, 1, BatchStatus.SUCCEEDED))
        .toList();
  }

  @Test
  void a_delivery_is_taken_by_one_of_many_senders() throws Exception {
    WebhookTarget other = WebhookTarget.of("http://other.example/");
    List<Long> ids = new ArrayList<>();
    for (long id = 1; id <= 30; id++) {
      ids.add(-id);
    }
    try (Connection connection = database.getConnection()) {
      DeliveryTable.add(connection, ends(ids), List.of(other), clock.instant());
      DeliveryTable.add(connection, ends(ids), List.of(other), clock.instant());
    }
    ExecutorService nodes = Executors.newFixedThreadPool(8);
    try {
      List<Future<List<Long>>> claims = new ArrayList<>();
      for (int node = 0; node < 8; node++) {
        claims.add(
            nodes.submit(
                () -> {
                  List<Long> own = new ArrayList<>();
                  for (int empty = 0; empty < 20; ) {
                    Instant now = clock.instant();
                    Optional<PendingDelivery> claimed =
                        deliveries.claim(other, now, now.plusSeconds(60));
                    claimed.ifPresent(delivery -> own.add(delivery.subject()));
                    empty += claimed.isEmpty() ? 1 : 0;
                  }
                  return own;
                }));
      }
      List<Long> all = new ArrayList<>();
      for (Future<List<Long>> claimed : claims) {
        all.addAll(claimed.get());
      }
      assertEquals(30, all.size());
      assertEquals(Set.copyOf(ids), Set.copyOf(all));
    } finally {
      nodes.shutdownNow();
    }
    // These may include ends of other tests.
    assertTrue(deliveries.drop(List.of()) >= 30);
    assertEquals(0, deliveries.counts().pending());
  }

  @Test
  void a_late_sender_takes_no_delivery_from_another() throws Exception {
    WebhookTarget other = WebhookTarget.of("http://late.example/");
    Instant now = clock.instant();
    try (Connection connection = database.getConnection()) {
      DeliveryTable.add(connection, ends(List.of(-100L)), List.of(other), now);
    }
    PendingDelivery first = deliveries.claim(other, now, now.plusSeconds(1)).orElseThrow();
    Instant later = now.plusSeconds(2);
    PendingDelivery second = deliveries.claim(other, later, later.plusSeconds(60)).orElseThrow();
    deliveries.postpone(first, later, "late");
    assertEquals(Optional.empty(), deliveries.claim(other, later, later.plusSeconds(60)));
    deliveries.givenUp(first, later, "late");
    assertEquals("PENDING 2", state(-100));
    deliveries.delivered(first, later);
    deliveries.postpone(second, later, "refused as a second one");
    deliveries.givenUp(second, later, "refused as a second one");
    assertEquals("DELIVERED 2", state(-100));
  }
}
