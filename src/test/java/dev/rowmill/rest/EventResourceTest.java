package dev.rowmill.rest;

import static dev.rowmill.testing.Batches.request;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.lessThanOrEqualTo;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rowmill.batch.BatchStatus;
import dev.rowmill.batch.BatchView;
import dev.rowmill.dispatch.BatchControl;
import dev.rowmill.dispatch.PoolStatus;
import dev.rowmill.dispatch.SettingsChange;
import dev.rowmill.dispatch.StartRequest;
import dev.rowmill.testing.Batches;
import dev.rowmill.testing.DatabaseResource;
import dev.rowmill.testing.EventReader;
import dev.rowmill.testing.EventReader.Event;
import dev.rowmill.testing.GateTask;
import dev.rowmill.testing.RowmillApi;
import dev.rowmill.testing.WorkTable;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.agroal.DataSource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class EventResourceTest {

  private static final RowmillApi API = RowmillApi.local();

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int ROWS = 2000;

  @Inject Batches batches;
  @Inject BatchControl control;
  @Inject PoolStatus pools;
  @Inject MeterRegistry metrics;

  @Inject
  @DataSource("data")
  javax.sql.DataSource database;

  private final String project = Batches.newProject();

  @AfterEach
  void nothingIsLeftBehind() {
    GateTask.open(project);
    batches.leaveNothingBehind();
    Awaitility.await("listeners").atMost(Batches.PATIENCE).until(() -> listeners() == 0);
  }

  private double listeners() {
    return metrics.get("rowmill.events.listeners").gauge().value();
  }

  private static EventReader listen(String path, @Nullable String lastEventId) {
    return EventReader.open(RowmillApi.localUri("/api/v1" + path), lastEventId);
  }

  private EventReader listenToProject(@Nullable String lastEventId) {
    return listen("/events?project=" + project, lastEventId);
  }

  private static EventReader listen(BatchView batch) {
    return listen("/batches/" + batch.id() + "/events", null);
  }

  private BatchView startAtGate() {
    return batches.start(request(project, "gate", "gate", project));
  }

  /** Starts a slow batch: chunks of ten rows, with a rate limit. */
  private BatchView startSlow(int rowsPerSecond) throws Exception {
    WorkTable table = WorkTable.create(database, ROWS);
    StartRequest r = request(project, "faulty", "table", table.name());
    ObjectNode limits = JSON.createObjectNode().put("rowsPerSecond", rowsPerSecond);
    return batches.start(Batches.with(r, new SettingsChange(10, null, 1, limits)));
  }

  private void unlimit(BatchView batch) {
    ObjectNode limits = JSON.createObjectNode().put("rowsPerSecond", 0);
    control.change(batch.id(), new SettingsChange(null, null, null, limits));
  }

  @Test
  void a_batch_is_reported_from_its_snapshot_to_its_end() throws Exception {
    BatchView batch = startAtGate();
    try (EventReader reader = listen(batch)) {
      assertEquals(
          "text/event-stream", reader.response().headers().firstValue("Content-Type").orElse(""));
      assertEquals("no-store", reader.response().headers().firstValue("Cache-Control").orElse(""));
      Event first = reader.next();
      assertEquals("snapshot", first.name());
      Map<?, ?> body = API.get("/batches/" + batch.id()).json().getMap("");
      assertEquals(body.keySet(), JSON.convertValue(first.data(), Map.class).keySet());
      GateTask.open(project);
      Event last = reader.next(event -> event.status().equals("succeeded"));
      assertEquals("status", last.name());
      assertEquals(100.0, last.data().path("progress").path("percent").asDouble());
      assertFalse(last.data().path("finishedAt").isNull());
      assertFalse(last.data().has("sql"));
      reader.awaitEnd();
      assertEquals(
          204, listen("/batches/" + batch.id() + "/events", last.id()).response().statusCode());
    }
    try (EventReader late = listen(batch)) {
      assertEquals("succeeded", late.next("snapshot").status());
      late.awaitEnd();
    }
  }

  @Test
  void the_data_of_each_event_have_the_members_of_their_schema() throws Exception {
    JsonNode document = API.get("/q/openapi?format=json").body();
    BatchView batch = startSlow(500);
    try (EventReader reader = listen(batch)) {
      for (String name : List.of("snapshot", "throttle", "progress")) {
        assertDescribed(document, reader.next(name));
      }
      unlimit(batch);
      assertDescribed(document, reader.next("status"));
      reader.awaitEnd();
    }
  }

  private static void assertDescribed(JsonNode document, Event event) {
    JsonNode reference =
        document.at(
            "/paths/~1api~1v1~1batches~1{id}~1events/get/responses/200/content/text~1event-stream"
                + "/schema/x-events/"
                + event.name()
                + "/$ref");
    JsonNode schema = document.at(reference.asText().substring(1));
    Set<String> members = new HashSet<>();
    event.data().fieldNames().forEachRemaining(members::add);
    schema.path("required").forEach(it -> assertTrue(members.contains(it.asText()), it::toString));
    members.forEach(it -> assertTrue(schema.path("properties").has(it), it));
  }

  @Test
  void a_request_for_a_running_batch_is_published_before_it_takes_effect() {
    BatchView batch = startAtGate();
    String path = "/batches/" + batch.id();
    Awaitility.await()
        .atMost(Batches.PATIENCE)
        .until(() -> API.get(path).path("status").equals("running"));
    try (EventReader reader = listen(batch)) {
      assertEquals("snapshot", reader.next().name());
      for (String request : List.of("pause", "resume", "cancel")) {
        API.post(path + "/" + request).statusCode(202);
        Event event = reader.next("status");
        assertEquals("running", event.status());
        assertEquals(
            switch (request) {
              case "pause" -> "pausing";
              case "resume" -> "null";
              default -> "cancelling";
            },
            event.data().path("pending").asText());
      }
      GateTask.open(project);
      assertEquals("cancelled", reader.next("status").status());
      reader.awaitEnd();
    }
  }

  @Test
  void every_status_of_a_projects_batches_is_published_and_none_of_others() {
    try (EventReader reader = listenToProject(null)) {
      Event first = reader.next();
      assertEquals("snapshot", first.name());
      assertEquals(0, first.data().path("items").size());
      assertFalse(first.data().path("more").asBoolean());
      String other = Batches.newProject();
      GateTask.open(other);
      batches.ended(batches.start(request(other, "gate", "gate", other)));
      BatchView batch = startAtGate();
      BatchView behind = batches.start(Batches.lining(request(project, "gate", "gate", project)));
      List<String> received = new ArrayList<>();
      while (!received.contains(behind.id() + " waiting")) {
        received.add(idAndStatus(reader.next("status")));
      }
      GateTask.open(project);
      while (!received.contains(behind.id() + " succeeded")) {
        received.add(idAndStatus(reader.next("status")));
      }
      assertEquals(
          List.of("queued", "running", "succeeded"),
          statusesOf(batch, received),
          received::toString);
      assertEquals(
          List.of("waiting", "queued", "running", "succeeded"),
          statusesOf(behind, received),
          received::toString);
      assertEquals(7, received.size(), received::toString);
    }
  }

  private static String idAndStatus(Event event) {
    return event.data().path("id").asLong() + " " + event.status();
  }

  private static List<String> statusesOf(BatchView batch, List<String> received) {
    String prefix = batch.id() + " ";
    return received.stream()
        .filter(each -> each.startsWith(prefix))
        .map(each -> each.substring(prefix.length()))
        .toList();
  }

  @Test
  void pauses_and_resumes_are_published() {
    BatchView batch = startAtGate();
    try (EventReader reader = listenToProject(null)) {
      reader.next("snapshot");
      Awaitility.await()
          .atMost(Batches.PATIENCE)
          .until(() -> pools.pool().threads().stream().anyMatch(t -> t.batch() == batch.id()));
      control.pause(batch.id());
      GateTask.open(project);
      reader.next(event -> event.name().equals("status") && event.status().equals("paused"));
      control.resume(batch.id());
      assertEquals(List.of("queued", "running", "succeeded"), reader.statusesUpTo("succeeded"));
    }
  }

  @Test
  void progress_and_holds_are_published_up_to_four_times_per_second() throws Exception {
    BatchView batch = startSlow(100);
    try (EventReader reader = listen(batch)) {
      reader.next("snapshot");
      long began = System.nanoTime();
      List<Event> events = new ArrayList<>();
      for (int progress = 0; progress < 7; ) {
        Event event = reader.next();
        events.add(event);
        progress += "progress".equals(event.name()) ? 1 : 0;
      }
      double seconds = (System.nanoTime() - began) / 1e9;
      List<Event> progress = events.stream().filter(e -> "progress".equals(e.name())).toList();
      assertTrue(progress.size() <= 4 * seconds + 2, events::toString);
      List<Long> scanned =
          progress.stream().map(e -> e.data().at("/progress/rowsScanned").asLong()).toList();
      assertEquals(scanned.stream().sorted().toList(), scanned);
      Event newest = progress.get(progress.size() - 1);
      assertEquals("running", newest.status());
      long rate = newest.data().at("/progress/rowsPerSecond").asLong();
      assertTrue(rate > 10 && rate < 1000, newest::toString);
      assertTrue(newest.data().at("/progress/etaSeconds").isIntegralNumber(), newest::toString);
      assertEquals(10, newest.data().at("/chunk/rows").asInt());
      assertTrue(newest.data().at("/chunk/lastMillis").asDouble() > 0, newest::toString);
      List<Event> holds = events.stream().filter(e -> "throttle".equals(e.name())).toList();
      // A busy machine may cause other holds, too.
      assertTrue(
          holds.stream()
              .map(event -> event.data().at("/throttle/reason").asText())
              .anyMatch("rows-per-second"::equals),
          events::toString);
      unlimit(batch);
      reader.awaitEnd();
    }
    API.get("/batches/" + batch.id() + "/timeline")
        .body("items.size()", greaterThan(5))
        .body("items.size()", lessThanOrEqualTo(240))
        .body("items[-1].rowsScanned", equalTo(ROWS))
        .body("items.waits.flatten().reason", hasItem("rows-per-second"))
        .body("items.chunks.sum()", equalTo(ROWS / 10));
  }

  @Test
  void the_end_of_a_hold_is_published() throws Exception {
    BatchView batch = startSlow(500);
    try (EventReader reader = listenToProject(null)) {
      reader.next(event -> event.data().at("/throttle/reason").asText().equals("rows-per-second"));
      control.change(
          batch.id(),
          new SettingsChange(
              null, null, null, JSON.createObjectNode().put("rowsPerSecond", 0).put("nice", 20)));
      // Either another limit or none, but no longer this one.
      Event next =
          reader.next(
              event ->
                  event.name().equals("throttle")
                      || (event.name().equals("status") && event.status().equals("succeeded")));
      assertNotEquals("rows-per-second", next.data().at("/throttle/reason").asText());
      batches.ended(batch);
    }
  }

  @Test
  void a_listener_that_reconnects_gets_the_events_that_it_missed() {
    BatchView batch = startAtGate();
    String last;
    try (EventReader reader = listenToProject(null)) {
      Event event = reader.next("snapshot");
      while (!pools.pool().threads().stream().anyMatch(t -> t.batch() == batch.id())
          || !event.status().equals("running")) {
        event = reader.next();
      }
      last = event.id();
    }
    control.pause(batch.id());
    GateTask.open(project);
    Awaitility.await().atMost(Batches.PATIENCE).until(() -> status(batch).equals("paused"));
    control.resume(batch.id());
    batches.ended(batch);
    try (EventReader back = listenToProject(last)) {
      Event first = back.next();
      assertEquals("status", first.name());
      assertEquals("running", first.status(), "the request to pause");
      List<String> statuses = back.statusesUpTo("succeeded");
      assertEquals(List.of("paused", "queued", "running", "succeeded"), statuses);
    }
    try (EventReader back = listen("/batches/" + batch.id() + "/events", last)) {
      assertEquals(204, back.response().statusCode());
    }
  }

  private static String status(BatchView batch) {
    return API.get("/batches/" + batch.id()).path("status");
  }

  @ParameterizedTest
  @ValueSource(strings = {"another-7", "x", "-1", "00000000-99999999999999999999"})
  void a_listener_with_an_unknown_event_id_gets_a_snapshot(String lastEventId) {
    API.header("Last-Event-ID", lastEventId)
        .get("/batches/" + ended().id() + "/events")
        .statusCode(204);
    try (EventReader reader = listenToProject(lastEventId)) {
      assertEquals("snapshot", reader.next().name());
    }
  }

  private BatchView ended() {
    GateTask.open(project);
    return batches.ended(startAtGate());
  }

  @Test
  void the_snapshot_of_all_contains_active_batches_ordered_by_status() {
    BatchView running = startAtGate();
    BatchView waiting = batches.start(Batches.lining(request(project, "gate", "gate", project)));
    String other = Batches.newProject();
    BatchView paused = batches.start(request(other, "gate", "gate", other));
    Awaitility.await().atMost(Batches.PATIENCE).until(() -> pools.pool().active() == 2);
    control.pause(paused.id());
    GateTask.open(other);
    Awaitility.await().atMost(Batches.PATIENCE).until(() -> status(paused).equals("paused"));
    try (EventReader reader = listen("/events", null)) {
      List<String> items =
          StreamSupport.stream(reader.next("snapshot").data().path("items").spliterator(), false)
              // Other tests leave batches that no thread runs.
              .filter(item -> item.path("id").asLong() >= running.id())
              .map(item -> item.path("id").asLong() + " " + item.path("status").asText())
              .toList();
      assertEquals(
          List.of(running.id() + " running", paused.id() + " paused", waiting.id() + " waiting"),
          items);
    }
    control.resume(paused.id());
    batches.ended(paused);
  }

  @Test
  void the_connection_is_kept_alive_and_closed_ones_are_cleaned_up() {
    List<EventReader> readers = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      readers.add(listen("/events", null));
    }
    readers.forEach(reader -> reader.next("snapshot"));
    assertEquals(50, listeners());
    Awaitility.await()
        .atMost(Batches.PATIENCE)
        .until(() -> readers.stream().allMatch(reader -> reader.comments() >= 2));
    readers.forEach(EventReader::close);
  }

  @Test
  void the_error_of_a_failed_batch_is_published_in_the_language_of_the_listener() throws Exception {
    WorkTable table = WorkTable.create(database, 0);
    table.execute("DROP TABLE " + table.name());
    try (EventReader reader = listenToProject(null)) {
      reader.next("snapshot");
      BatchView batch = batches.start(request(project, "faulty", "table", table.name()));
      assertEquals(BatchStatus.FAILED, batches.ended(batch).status());
      Event failed = reader.next(event -> event.status().equals("failed"));
      assertTrue(failed.data().at("/error/type").asText().startsWith("/problems/"));
      assertTrue(failed.data().at("/error/title").asText().matches("[\\x20-\\x7e]+"));
      String chinese =
          API.header("Accept-Language", "zh")
              .wholeStream()
              .get("/batches/" + batch.id() + "/events")
              .text();
      assertTrue(chinese.codePoints().anyMatch(Character::isIdeographic), chinese);
    }
  }

  @Test
  void missing_batches_and_invalid_queries_are_rejected_with_a_problem() {
    for (String path : List.of("/batches/999999999/events", "/batches/999999999/timeline")) {
      API.get("/api/v1" + path)
          .statusCode(404)
          .contentType("application/problem+json")
          .body("type", equalTo("/problems/not-found"));
    }
    API.get("/events?project=no%20project")
        .statusCode(400)
        .contentType("application/problem+json")
        .body("violations[0].field", equalTo("project"));
  }

  @Test
  void a_batch_that_ends_at_once_has_no_timeline() {
    API.get("/batches/" + ended().id() + "/timeline").statusCode(200).body("items", empty());
  }

  @Test
  void projects_are_found_by_the_prefix_of_their_names() {
    ended();
    API.header("Content-Type", "application/json")
        .get("/projects?prefix=" + project + "&limit=500")
        .statusCode(200)
        .body("items.project.findAll { !it.startsWith('" + project + "') }", empty())
        .body("items.project.size()", greaterThan(0));
    String next = API.get("/projects?prefix=p&limit=1").path("next");
    assertEquals(
        new TreeSet<>(List.of("prefix=p", "limit=1")),
        List.of(next.substring(next.indexOf('?') + 1).split("&")).stream()
            .filter(parameter -> !parameter.startsWith("before="))
            .collect(Collectors.toCollection(TreeSet::new)));
    API.get("/projects?prefix=no-such-").body("items", empty());
    API.get("/projects?prefix=%25").statusCode(400);
  }
}
