package dev.rowmill.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rowmill.testing.EventReader;
import dev.rowmill.testing.Rig;
import dev.rowmill.testing.RowmillApi;
import dev.rowmill.testing.ServiceProcess;
import dev.rowmill.testing.SharedServer;
import dev.rowmill.testing.TestServer;
import dev.rowmill.testing.WorkTable;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Tests that batches and uploads do not depend on the node that serves the request. */
@ExtendWith(SharedServer.class)
class OtherNodesIT {

  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final List<String> NAMES = List.of("one", "two");
  private static final int ROWS = 3000;
  private static final int CHUNK = 10;

  private Rig rig;
  private WorkTable table;
  private final List<ServiceProcess> services = new ArrayList<>();
  private final List<URI> addresses = new ArrayList<>();
  private final List<RowmillApi> nodes = new ArrayList<>();

  @BeforeEach
  void start(TestServer server) throws Exception {
    rig = new Rig(server);
    table = rig.table(ROWS);
    for (String name : NAMES) {
      services.add(rig.launch(node(name)));
    }
    for (ServiceProcess service : services) {
      addresses.add(service.awaitListening().address());
      nodes.add(new RowmillApi(service.address()));
    }
  }

  private static Map<String, String> node(String name) {
    return Map.of(
        "rowmill.cluster.enabled", "true",
        "rowmill.cluster.takeover", "5s",
        "rowmill.upload.purge-interval", "1s",
        "rowmill.node", name);
  }

  @AfterEach
  void stop() {
    rig.close();
  }

  /** Starts a batch that is slow until {@link #let}. */
  private long slow(String project) {
    ObjectNode body =
        JsonNodeFactory.instance
            .objectNode()
            .put("sql", "UPDATE " + table.name() + " SET n = n + 1");
    body.putObject("chunk").put("rows", CHUNK);
    body.putObject("limits").put("rowsPerSecond", ROWS / 100);
    return nodes.get(0).accepted("/projects/" + project + "/batches", body);
  }

  private void let(long batch) {
    let(batch, nodes.get(1));
  }

  private static void let(long batch, RowmillApi node) {
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    body.putObject("limits").put("rowsPerSecond", 0);
    RowmillApi.Reply reply = node.patch("/batches/" + batch, body);
    assertEquals(200, reply.status(), reply::toString);
  }

  @Test
  void each_node_reports_the_speed_and_the_holds_of_a_batch() {
    long batch = slow("watched");
    for (RowmillApi node : nodes) {
      Awaitility.await("its speed")
          .atMost(PATIENCE)
          .until(
              () -> {
                JsonNode it = node.batch(batch);
                return it.at("/progress/rowsPerSecond").asLong() > 0
                    && it.at("/progress/etaSeconds").isIntegralNumber()
                    && it.at("/throttle/reason").asText().equals("rows-per-second");
              });
      // A node stores what it runs at intervals, for the others.
      Awaitility.await("its thread")
          .atMost(PATIENCE)
          .untilAsserted(
              () -> {
                JsonNode threads = node.get("/pool").body().path("threads");
                assertEquals(1, threads.size(), threads::toString);
                assertEquals(batch, threads.at("/0/batch").asLong());
                JsonNode all = node.get("/nodes").body().path("nodes");
                assertEquals(1, all.findValues("batch").size(), all::toString);
              });
    }
    let(batch);
    JsonNode ended = nodes.get(0).ended(batch);
    assertEquals("succeeded", ended.path("status").asText());
    assertEquals(ended, nodes.get(1).batch(batch));
    Awaitility.await("nothing to run")
        .atMost(PATIENCE)
        .until(() -> nodes.get(1).get("/pool").body().path("threads").isEmpty());
  }

  private static JsonNode course(long batch, RowmillApi node) {
    return node.get("/batches/" + batch + "/timeline").body();
  }

  private static long scanned(JsonNode course) {
    JsonNode steps = course.path("items");
    return steps.path(steps.size() - 1).path("rowsScanned").asLong();
  }

  @Test
  void timelines_are_available_on_each_node_and_after_the_death_of_their_nodes() {
    long batch = slow("course");
    for (RowmillApi node : nodes) {
      // The last step may still change.
      Awaitility.await("its course")
          .atMost(PATIENCE)
          .until(() -> course(batch, node).path("items").size() > 1);
    }
    int runner = NAMES.indexOf(nodes.get(0).batch(batch).path("node").asText());
    RowmillApi other = nodes.get(1 - runner);
    JsonNode before = course(batch, other);
    services.get(runner).kill();
    Awaitility.await("the other to run it")
        .atMost(PATIENCE)
        .until(() -> other.batch(batch).path("node").asText().equals(NAMES.get(1 - runner)));
    let(batch, other);
    assertEquals("succeeded", other.ended(batch).path("status").asText());
    JsonNode whole = course(batch, other);
    assertEquals(ROWS, scanned(whole));
    // The steps of the dead node are unchanged.
    int steps = before.path("items").size() - 1;
    assertTrue(steps > 0, before::toString);
    assertEquals(before.path("stepMillis"), whole.path("stepMillis"));
    for (int i = 0; i < steps; i++) {
      assertEquals(before.at("/items/" + i), whole.at("/items/" + i));
    }
    ServiceProcess third = rig.start(node("three"));
    Awaitility.await("it to be stored")
        .atMost(PATIENCE)
        .until(() -> course(batch, new RowmillApi(third.address())), whole::equals);
    services.get(1 - runner).kill();
    assertEquals(whole, course(batch, new RowmillApi(third.address())));
  }

  @Test
  void a_listener_that_reconnects_after_a_gap_gets_a_new_snapshot() {
    URI events = addresses.get(1).resolve("/api/v1/events");
    String last;
    try (EventReader listener = EventReader.open(events, null)) {
      last = String.valueOf(listener.next().id());
      long batch =
          nodes
              .get(0)
              .start("left")
              .sql("UPDATE " + table.name() + " SET n = 1")
              .chunkRows(ROWS)
              .accepted();
      EventReader.Event end = listener.next(event -> event.status().equals("succeeded"));
      assertEquals(batch, end.data().path("id").asLong());
    }
    Awaitility.await("the node to look no longer")
        .atMost(PATIENCE)
        .until(
            () -> nodes.get(1).metrics().lines().anyMatch("rowmill_events_listeners 0.0"::equals));
    nodes
        .get(0)
        .ended(
            nodes
                .get(0)
                .start("left")
                .sql("UPDATE " + table.name() + " SET n = 2")
                .chunkRows(ROWS)
                .accepted());
    Awaitility.await("a snapshot")
        .atMost(PATIENCE)
        .until(
            () -> {
              try (EventReader listener = EventReader.open(events, last)) {
                return "snapshot".equals(listener.next().name());
              }
            });
  }

  private static List<EventReader.Event> named(String name, List<EventReader.Event> events) {
    return events.stream().filter(event -> name.equals(event.name())).toList();
  }

  @Test
  void listeners_on_each_node_get_the_same_events() {
    List<EventReader> listeners = new ArrayList<>();
    try {
      for (URI address : addresses) {
        listeners.add(EventReader.open(address.resolve("/api/v1/events"), null));
      }
      listeners.forEach(it -> assertEquals("snapshot", it.next().name()));
      long slow = slow("heard");
      List<List<EventReader.Event>> received = new ArrayList<>();
      for (EventReader listener : listeners) {
        List<EventReader.Event> events = new ArrayList<>();
        do {
          events.add(listener.next());
        } while (named("progress", events).size() < 3 || named("throttle", events).isEmpty());
        received.add(events);
      }
      let(slow);
      for (List<EventReader.Event> events : received) {
        EventReader listener = listeners.get(received.indexOf(events));
        do {
          events.add(listener.next());
        } while (!events.get(events.size() - 1).status().equals("succeeded"));
        events.forEach(event -> assertEquals(slow, event.data().path("id").asLong()));
        List<String> statuses =
            named("status", events).stream().map(EventReader.Event::status).toList();
        assertEquals(new HashSet<>(statuses).size(), statuses.size(), statuses::toString);
        assertEquals("running", statuses.get(statuses.size() - 2), statuses::toString);
        List<Long> scanned =
            named("progress", events).stream()
                .peek(event -> assertEquals("running", event.status()))
                .map(event -> event.data().at("/progress/rowsScanned").asLong())
                .toList();
        assertEquals(scanned.stream().sorted().toList(), scanned);
        // A chunk may be overdue, too, while the machine is busy.
        assertTrue(
            named("throttle", events).stream()
                .map(event -> event.data().at("/throttle/reason").asText())
                .anyMatch("rows-per-second"::equals));
      }
      // Ended before a scan sees it.
      long quick =
          nodes
              .get(0)
              .start("heard")
              .sql("UPDATE " + table.name() + " SET n = 1")
              .chunkRows(ROWS)
              .accepted();
      for (EventReader listener : listeners) {
        EventReader.Event end = listener.next(event -> event.status().equals("succeeded"));
        assertEquals(quick, end.data().path("id").asLong());
        assertEquals(100.0, end.data().at("/progress/percent").asDouble());
      }
    } finally {
      listeners.forEach(EventReader::close);
    }
  }

  private static String lines(int count) {
    return IntStream.rangeClosed(1, count)
        .mapToObj(id -> id + ",1\n")
        .collect(Collectors.joining("", "id,n\n", ""));
  }

  @Test
  void an_upload_is_applied_by_another_node_and_a_killed_node_leaves_nothing() throws Exception {
    String path = "/uploads?project=other&table=" + table.name();
    JsonNode upload = nodes.get(0).request().body(lines(ROWS)).post(path).statusCode(201).body();
    String half = lines(25_000);
    try (var socket = new Socket(addresses.get(0).getHost(), addresses.get(0).getPort())) {
      socket
          .getOutputStream()
          .write(
              "POST /api/v1%s HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n%s"
                  .formatted(path, 2 * half.length(), half)
                  .getBytes(StandardCharsets.UTF_8));
      socket.getOutputStream().flush();
      Awaitility.await("some stored rows")
          .atMost(PATIENCE)
          .until(
              () ->
                  nodes.get(1).get("/uploads?project=other").body().at("/items/0/rows").asInt()
                      >= 10_000);
      services.get(0).kill();
    }
    ObjectNode start =
        JsonNodeFactory.instance
            .objectNode()
            .put("upload", upload.path("id").asText())
            .put("table", table.name())
            .put("do", "update");
    start.putArray("match").add("id");
    long batch = nodes.get(1).accepted("/projects/other/batches", start);
    assertEquals("succeeded", nodes.get(1).ended(batch).path("status").asText());
    assertEquals(ROWS, table.rowsWith(1));
    String uploads = rig.schema() + ".upload";
    assertEquals(1, rig.number("SELECT COUNT(*) FROM " + uploads + " WHERE status = 'LOADING'"));
    rig.execute("UPDATE " + uploads + " SET seen_at = '2020-01-01' WHERE status = 'LOADING'");
    Awaitility.await("the purge")
        .atMost(PATIENCE)
        .until(() -> rig.number("SELECT COUNT(*) FROM " + uploads) == 0);
    assertEquals(
        0,
        rig.number(
            "SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = '%s' AND TABLE_NAME LIKE 'upload_rows%%'"
                .formatted(rig.schema())));
  }
}
