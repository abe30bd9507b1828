package dev.rowmill.operations;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rowmill.testing.Metrics;
import dev.rowmill.testing.Rig;
import dev.rowmill.testing.RowmillApi;
import dev.rowmill.testing.ServiceProcess;
import dev.rowmill.testing.SharedServer;
import dev.rowmill.testing.TestServer;
import dev.rowmill.testing.WorkTable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Tests metrics and log lines of a service that has run batches of all kinds: one that succeeded,
 * one that failed, one that was throttled, two in serial mode.
 */
@ExtendWith(SharedServer.class)
class SignalsIT {

  private static final ObjectMapper JSON = new ObjectMapper();

  private static final String SECRET = "s3cret-value";

  /** Lists the labels that Prometheus adds, not the service. */
  private static final Set<String> SCRAPED = Set.of("job", "instance");

  /** Holds a metric that exists only with configured replicas, see ReplicaThrottleTest. */
  private static final String LAG = "rowmill_throttle_replica_lag_seconds";

  private static Rig rig;
  private static WorkTable table;
  private static ServiceProcess service;
  private static RowmillApi api;
  private static long failed;

  @BeforeAll
  static void run_batches_of_all_kinds(TestServer server) throws Exception {
    rig = new Rig(server);
    table = rig.table(2_000);
    service = rig.start(Map.of("quarkus.log.console.json.enabled", "true"));
    api = new RowmillApi(service.address());
    String raise = "UPDATE " + table.name() + " SET n = n + 1 WHERE id > 0";
    api.ended(api.start("signals-good").sql(raise).chunkRows(500).accepted());
    failed =
        api.accepted(
            "/projects/signals-bad/batches",
            body(raise.replace("+ 1", "+ 3000000000"), "{\"lanes\": 2}"));
    assertEquals("failed", api.ended(failed).path("status").asText());
    long slow =
        api.accepted(
            "/projects/signals-slow/batches",
            body(raise, "{\"limits\": {\"rowsPerSecond\": 1000}, \"chunk\": {\"rows\": 500}}"));
    api.ended(slow);
    long first =
        api.start("signals-first").sql(raise).chunkRows(500).with("mode", "serial").accepted();
    long second =
        api.start("signals-second").sql(raise).chunkRows(500).with("mode", "serial").accepted();
    api.ended(first);
    api.ended(second);
    ObjectNode secret =
        body("UPDATE " + table.name() + " SET n = n + 1 WHERE CAST(id AS CHAR) <> :secret", "{}");
    secret.putObject("parameters").put("secret", SECRET);
    api.ended(api.accepted("/projects/signals-secret/batches", secret));
  }

  @AfterAll
  static void close() {
    if (rig != null) {
      rig.close();
    }
  }

  private static ObjectNode body(String sql, String more) throws JsonProcessingException {
    return ((ObjectNode) JSON.readTree(more)).put("sql", sql);
  }

  private static Metrics metrics() {
    return new Metrics(api.metrics());
  }

  @Test
  void every_query_of_the_dashboard_uses_existing_metrics() throws Exception {
    // The metrics of garbage collection exist after the first one; each request makes garbage.
    Awaitility.await("a garbage collection")
        .atMost(Duration.ofMinutes(4))
        .pollInterval(Duration.ofMillis(10))
        .until(() -> metrics().names().contains("jvm_gc_pause_seconds_sum"));
    Metrics shown = metrics();
    Set<String> known = new TreeSet<>(shown.names());
    known.add(LAG);
    Set<String> labels = new TreeSet<>(shown.labels().keySet());
    labels.addAll(SCRAPED);
    labels.add("replica");
    Panels panels = Panels.read();
    assertTrue(panels.queries().size() > 30);
    for (String query : panels.queries()) {
      Set<String> unknown = Panels.metrics(query);
      assertFalse(unknown.isEmpty(), query);
      unknown.removeAll(known);
      assertEquals(Set.of(), unknown, query);
      Set<String> strange = Panels.labels(query);
      strange.removeAll(labels);
      assertEquals(Set.of(), strange, query);
    }
  }

  @Test
  void events_are_counted() {
    Metrics shown = metrics();
    assertEquals(1, shown.value("rowmill_batches_ended_total{status=\"failed\"}"));
    assertTrue(shown.value("rowmill_batches_ended_total{status=\"succeeded\"}") >= 5);
    assertTrue(shown.value("rowmill_rows_changed_total") >= 8_000);
    assertTrue(shown.value("rowmill_chunk_retries_total{reason=\"data\"}") >= 1);
    assertTrue(shown.value("rowmill_throttle_waits_seconds_sum{reason=\"rows-per-second\"}") > 0.1);
    assertTrue(shown.value("rowmill_serial_wait_seconds_count") >= 2);
    assertTrue(shown.value("rowmill_undo_max_bytes") > 0);
    assertTrue(shown.value("rowmill_pool_size") > 0);
    assertEquals(
        shown.value("rowmill_chunk_time_seconds_count"),
        shown.value("rowmill_chunk_time_seconds_bucket{le=\"60.0\"}"));
  }

  @Test
  void labels_do_not_grow_with_projects_or_disclose_them() throws Exception {
    ask("bounded-before");
    Set<String> before = ofInterest(metrics());
    for (int i = 0; i < 50; i++) {
      ask("bounded-" + i);
    }
    Metrics shown = metrics();
    Set<String> more = ofInterest(shown);
    more.removeAll(before);
    assertEquals(Set.of(), more);
    shown
        .labels()
        .forEach(
            (label, values) -> {
              assertFalse(values.toString().contains("bounded-"), label + ": " + values);
              assertFalse(values.toString().contains("signals-"), label + ": " + values);
              assertFalse(values.toString().contains(SECRET), label + ": " + values);
            });
    assertEquals(
        Set.of(), intersection(shown.labels().keySet(), "project", "batch", "sql", "user"));
  }

  private static Set<String> intersection(Set<String> names, String... with) {
    Set<String> both = new TreeSet<>(List.of(with));
    both.retainAll(names);
    return both;
  }

  /**
   * Sends every kind of request with a project: a batch, reads, rejected requests, unknown paths.
   */
  private static void ask(String project) throws Exception {
    String path = "/projects/" + project + "/batches";
    api.ended(api.accepted(path, body("UPDATE " + table.name() + " SET n = 0 WHERE id = 1", "{}")));
    api.get(path);
    api.get("/events/" + project);
    api.request().send("GET", "/" + project);
    api.request().send("GET", "/" + project);
    api.request().send("GET", "/dashboard/" + project + ".js");
    api.patch(path, JSON.createObjectNode());
    api.patch("/batches/" + project, JSON.createObjectNode());
    api.post(path, JSON.createObjectNode());
  }

  /** Returns the series except those of the process, which appear and disappear on their own. */
  private static Set<String> ofInterest(Metrics shown) {
    Set<String> series = new TreeSet<>(shown.series());
    series.removeIf(name -> !name.matches("(rowmill|http|agroal|worker)_.*"));
    return series;
  }

  @Test
  void each_line_is_json_and_lines_of_a_run_contain_its_batch() throws Exception {
    List<JsonNode> ofRuns = new ArrayList<>();
    for (String line : service.output().lines().toList()) {
      JsonNode read = JSON.readTree(line);
      assertTrue(read.hasNonNull("timestamp") && read.hasNonNull("message"), line);
      assertFalse(line.contains(SECRET), line);
      if (read.path("threadName").asText().matches("rowmill-(\\d+|look-ahead)")) {
        ofRuns.add(read);
      }
    }
    assertFalse(ofRuns.isEmpty());
    for (JsonNode line : ofRuns) {
      assertTrue(line.path("mdc").path("batch").asText().matches("\\d+"), line::toString);
      assertFalse(line.path("mdc").path("project").asText().isEmpty(), line::toString);
    }
    List<JsonNode> bad =
        ofRuns.stream()
            .filter(line -> line.path("mdc").path("batch").asText().equals(Long.toString(failed)))
            .toList();
    assertTrue(bad.size() > 2, ofRuns::toString);
    for (JsonNode line : bad) {
      assertEquals("signals-bad", line.path("mdc").path("project").asText(), line::toString);
      assertTrue(line.path("mdc").hasNonNull("lane"), line::toString);
    }
    assertTrue(
        bad.stream().anyMatch(line -> line.path("level").asText().equals("ERROR")), bad::toString);
  }
}
