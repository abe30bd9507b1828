package dev.rowmill.operations;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rowmill.operations.OtlpReceiver.Span;
import dev.rowmill.testing.Rig;
import dev.rowmill.testing.RowmillApi;
import dev.rowmill.testing.ServiceProcess;
import dev.rowmill.testing.SharedServer;
import dev.rowmill.testing.TestServer;
import dev.rowmill.testing.WorkTable;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Tests the traces that a collector receives from the built service, and that none are sent without
 * an endpoint.
 */
@ExtendWith(SharedServer.class)
class TracesIT {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String SECRET = "s3cret-value";
  private static final int CHUNKS = 130;
  private static final int SHOWN = 100;

  @Test
  void a_run_is_a_trace_linked_to_its_start_with_its_chunks_in_it(TestServer server)
      throws Exception {
    try (var rig = new Rig(server);
        var collector = new OtlpReceiver()) {
      WorkTable table = rig.table(10 * CHUNKS);
      ServiceProcess service =
          rig.start(
              Map.of(
                  "quarkus.otel.exporter.otlp.endpoint", collector.endpoint(),
                  "quarkus.otel.exporter.otlp.protocol", "http/protobuf",
                  "quarkus.log.console.json.enabled", "true",
                  "quarkus.otel.bsp.schedule.delay", "100ms"));
      var api = new RowmillApi(service.address());
      String path = "/projects/traced/batches";
      long good = api.accepted(path, body(table, "n + 1"));
      api.ended(good);
      long bad = api.accepted(path, body(table, "n + 3000000000"));
      api.ended(bad);
      Awaitility.await("both runs")
          .atMost(Duration.ofMinutes(2))
          .until(() -> named(collector, "batch run").size() == 2);

      Span run = runOf(collector, good);
      Span start = startOf(collector, 0);
      assertEquals("", run.parent());
      assertFalse(run.trace().equals(start.trace()));
      assertEquals(List.of(start.trace() + "/" + start.id()), run.links());
      assertEquals("traced", run.attributes().get("rowmill.project"));
      assertEquals("sql", run.attributes().get("rowmill.kind"));
      assertEquals("succeeded", run.attributes().get("rowmill.outcome"));
      assertEquals(0, run.status());

      List<Span> chunks = chunksOf(collector, run);
      assertEquals(SHOWN, chunks.size());
      for (Span chunk : chunks) {
        assertEquals(run.id(), chunk.parent());
        assertEquals("10", chunk.attributes().get("rowmill.rows.scanned"));
        assertEquals("10", chunk.attributes().get("rowmill.rows.changed"));
        assertEquals("0", chunk.attributes().get("rowmill.lane"));
        assertTrue(chunk.startNanos() <= chunk.endNanos());
        assertTrue(chunk.endNanos() <= run.endNanos());
      }

      Span failed = runOf(collector, bad);
      assertEquals(2, failed.status());
      assertEquals("chunk-failed", failed.attributes().get("error.type"));
      Span second = startOf(collector, 1);
      assertEquals(List.of(second.trace() + "/" + second.id()), failed.links());
      assertTrue(
          chunksOf(collector, failed).stream()
              .allMatch(
                  chunk ->
                      chunk.status() == 2 && "data".equals(chunk.attributes().get("error.type"))));
      assertFalse(chunksOf(collector, failed).isEmpty());

      for (String sent : collector.bodies()) {
        assertFalse(sent.contains(SECRET) || sent.contains("UPDATE"));
      }
      assertLogged(service, bad, failed);
    }
  }

  /** Checks that the log lines of a run contain its trace. */
  private static void assertLogged(ServiceProcess service, long batch, Span run) throws Exception {
    int lines = 0;
    for (String line : service.output().lines().toList()) {
      JsonNode names = JSON.readTree(line).path("mdc");
      if (names.path("batch").asText().equals(Long.toString(batch))) {
        assertEquals(run.trace(), names.path("traceId").asText(), line);
        assertEquals(run.id(), names.path("spanId").asText(), line);
        lines++;
      }
    }
    assertTrue(lines > 1);
  }

  @Test
  void traces_are_sent_over_grpc(TestServer server) throws Exception {
    try (var rig = new Rig(server);
        var collector = new OtlpReceiver()) {
      WorkTable table = rig.table(10);
      // The protocol is not set: gRPC is the default.
      ServiceProcess service =
          rig.start(Map.of("quarkus.otel.exporter.otlp.endpoint", collector.endpoint()));
      var api = new RowmillApi(service.address());
      long batch = api.accepted("/projects/traced/batches", body(table, "n + 1"));
      api.ended(batch);
      Awaitility.await("the run")
          .atMost(Duration.ofMinutes(2))
          .until(() -> !named(collector, "batch run").isEmpty());
      Span run = runOf(collector, batch);
      assertEquals("succeeded", run.attributes().get("rowmill.outcome"));
      assertEquals(1, chunksOf(collector, run).size());
    }
  }

  @Test
  void nothing_is_traced_without_an_endpoint(TestServer server) throws Exception {
    try (var rig = new Rig(server)) {
      WorkTable table = rig.table(10);
      ServiceProcess service = rig.start();
      var api = new RowmillApi(service.address());
      api.ended(api.accepted("/projects/untraced/batches", body(table, "n + 1")));
      assertEquals(1, rig.batchesThat("trace_parent IS NULL"));
      assertFalse(service.output().contains("traceId"), service.output());
      // A busy machine causes warnings of others.
      assertTrue(
          service
              .output()
              .lines()
              .noneMatch(
                  line -> line.matches("(?i).*WARN.*(\\[io\\.(qua\\.)?ope\\.|otlp|telemetry).*")),
          service.output());
    }
  }

  private static ObjectNode body(WorkTable table, String to) {
    ObjectNode body =
        JSON.createObjectNode()
            .put(
                "sql",
                "UPDATE "
                    + table.name()
                    + " SET n = "
                    + to
                    + " WHERE id > 0 AND CAST(id AS CHAR) <> :secret");
    body.putObject("parameters").put("secret", SECRET);
    body.put("lanes", 1).putObject("chunk").put("rows", 10);
    return body;
  }

  private static List<Span> named(OtlpReceiver collector, String name) {
    return collector.spans().stream().filter(span -> span.name().equals(name)).toList();
  }

  private static Span runOf(OtlpReceiver collector, long batch) {
    return named(collector, "batch run").stream()
        .filter(span -> Long.toString(batch).equals(span.attributes().get("rowmill.batch")))
        .findFirst()
        .orElseThrow();
  }

  private static List<Span> chunksOf(OtlpReceiver collector, Span run) {
    return named(collector, "chunk").stream()
        .filter(span -> span.trace().equals(run.trace()))
        .toList();
  }

  private static Span startOf(OtlpReceiver collector, int number) {
    return collector.spans().stream()
        .filter(span -> span.name().startsWith("POST "))
        .toList()
        .get(number);
  }
}
