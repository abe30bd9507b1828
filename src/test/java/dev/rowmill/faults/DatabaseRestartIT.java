package dev.rowmill.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rowmill.testing.Rig;
import dev.rowmill.testing.RowmillApi;
import dev.rowmill.testing.ServiceProcess;
import dev.rowmill.testing.Soak;
import dev.rowmill.testing.TestServer;
import dev.rowmill.testing.WorkTable;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Stops the database during a batch and starts it again. {@code testing.down.seconds} sets the
 * length of the outage.
 */
class DatabaseRestartIT {

  private static final Duration DOWN =
      Duration.ofSeconds(Integer.getInteger("testing.down.seconds", 10));
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final int ROWS = 20_000;
  private static final int CHUNK = 20;
  private static final int KILLS = Soak.number(4, 20);
  private static final int ROWS_A_SECOND = ROWS / 5;

  private static TestServer server = new TestServer();

  @BeforeAll
  static void start_server() {
    server.start();
  }

  @AfterAll
  static void end_server() {
    server.close();
  }

  @Test
  void a_batch_survives_a_stopped_database_and_reads_report_it_as_unavailable() throws Exception {
    try (var rig = new Rig(server)) {
      WorkTable table = rig.table(ROWS);
      ServiceProcess service = rig.start();
      var api = new RowmillApi(service.address());
      assertHealth(api, 200, "UP");
      long batch = start(api, "restart", table);
      rig.awaitScanned(batch, ROWS / 10);

      List<Runnable> reads =
          List.of(
              () -> assertUnavailable(() -> api.get("/batches/" + batch)),
              () -> assertHealth(api, 503, "DOWN"),
              () -> assertUnavailable(() -> api.get("/projects")),
              () ->
                  assertUnavailable(
                      () ->
                          api.start("other")
                              .sql("DELETE FROM " + table.name())
                              .chunkRows(CHUNK)
                              .send()),
              () -> assertUnavailable(() -> api.get("/batches/" + batch + "?wait=1")));
      var next = new AtomicInteger();
      server.stop();
      long stopped = System.nanoTime();
      Awaitility.await("all requests to be rejected while the database is unavailable")
          .pollInSameThread()
          .pollDelay(Duration.ZERO)
          .pollInterval(Duration.ofMillis(100))
          .atMost(DOWN.plusSeconds(60))
          .until(
              () -> {
                reads.get(next.getAndIncrement() % reads.size()).run();
                assertEquals(200, api.get("/pool").status());
                return System.nanoTime() - stopped > DOWN.toNanos() && next.get() >= reads.size();
              });
      assertTrue(service.isAlive());

      server.start();
      JsonNode ended;
      try (Readers readers = Readers.of(api, batch)) {
        ended = api.ended(batch);
        assertEquals(List.of(), readers.bad());
      }
      Rig.assertExact(ended, table, ROWS);
      assertTrue(ended.path("progress").path("retries").asLong() > 0, ended::toString);
      assertHealth(api, 200, "UP");
      System.out.printf(
          "DatabaseRestartIT: %d retries%n", ended.path("progress").path("retries").asLong());
      rig.leavesNothingBehind(api);
    }
  }

  @Test
  void a_batch_survives_a_killed_database() throws Exception {
    try (var rig = new Rig(server)) {
      WorkTable table = rig.table(ROWS);
      ServiceProcess service = rig.start();
      var api = new RowmillApi(service.address());
      long batch = start(api, "killed", table);
      long scanned = 0;
      for (int kill = 0; kill < 3; kill++) {
        rig.awaitScanned(batch, Math.max(scanned, (long) ROWS * kill / 4));
        server.kill();
        server.start();
        scanned = rig.scannedWhileRunning(batch);
        assertTrue(scanned > 0 && scanned < ROWS, "killed at " + scanned + " rows");
        rig.checkpointFitsRows(batch, table);
        assertEquals(200, api.get("/batches/" + batch).status());
      }
      Rig.assertExact(api.ended(batch), table, ROWS);
      assertTrue(service.isAlive());
      assertEquals(1, rig.epoch(batch));
      rig.leavesNothingBehind(api);
    }
  }

  @Test
  void a_retry_is_rejected_while_the_database_is_stopped_and_works_afterwards() throws Exception {
    try (var rig = new Rig(server)) {
      WorkTable table = rig.table(ROWS / 10);
      ServiceProcess service = rig.start();
      var api = new RowmillApi(service.address());
      rig.execute("UPDATE " + table.name() + " SET n = 2147483647 WHERE id = " + ROWS / 20);
      long batch = start(api, "retried", table);
      JsonNode failed = api.ended(batch);
      assertEquals("failed", failed.path("status").asText(), failed::toString);
      rig.execute("UPDATE " + table.name() + " SET n = 0 WHERE n = 2147483647");
      long epoch = rig.epoch(batch);

      server.stop();
      for (int i = 0; i < 3; i++) {
        assertUnavailable(() -> api.post("/batches/" + batch + "/retry"));
        assertUnavailable(() -> api.post("/batches/" + batch + "/skipped/retry"));
      }
      server.start();
      Awaitility.await("the service to reach the database again")
          .until(() -> api.get("/batches/" + batch).status() == 200);
      assertEquals("failed", api.batch(batch).path("status").asText());
      assertEquals(epoch, rig.epoch(batch));
      api.post("/batches/" + batch + "/retry").statusCode(202);
      Rig.assertExact(api.ended(batch), table, ROWS / 10);
      assertEquals(epoch + 2, rig.epoch(batch));
      rig.leavesNothingBehind(api);
    }
  }

  @Test
  void a_retry_in_the_moment_of_a_kill_of_the_database_is_carried_out_or_not_stored()
      throws Exception {
    Random random = Seed.random("DatabaseRestartIT");
    try (var rig = new Rig(server)) {
      WorkTable table = rig.table(ROWS / 10);
      ServiceProcess service = rig.start();
      var api = new RowmillApi(service.address());
      rig.execute("UPDATE " + table.name() + " SET n = 2147483647 WHERE id = " + ROWS / 20);
      long batch = start(api, "uncertain", table);
      api.ended(batch);
      for (int kill = 0; kill < KILLS; kill++) {
        CompletableFuture<RowmillApi.Reply> reply =
            CompletableFuture.supplyAsync(() -> api.post("/batches/" + batch + "/retry"));
        Thread.sleep(random.nextInt(20));
        server.kill();
        server.start();
        int status = reply.get(1, TimeUnit.MINUTES).status();
        assertTrue(status == 202 || status == 503, reply::toString);
        // The row is still bad, so the retried run fails once more.
        JsonNode ended = api.ended(batch);
        assertEquals("failed", ended.path("status").asText(), ended::toString);
        assertEquals(ended.at("/progress/rowsChanged").asLong(), table.rowsWith(1));
      }
      rig.execute("UPDATE " + table.name() + " SET n = 0 WHERE n = 2147483647");
      api.post("/batches/" + batch + "/retry").statusCode(202);
      Rig.assertExact(api.ended(batch), table, ROWS / 10);
      rig.leavesNothingBehind(api);
    }
  }

  /**
   * Starts a batch that takes some seconds on any machine, so that the fault happens while it runs.
   */
  private static long start(RowmillApi api, String project, WorkTable table) {
    ObjectNode body =
        JsonNodeFactory.instance
            .objectNode()
            .put("sql", "UPDATE " + table.name() + " SET n = n + 1");
    body.putObject("chunk").put("rows", CHUNK);
    body.putObject("limits").put("rowsPerSecond", ROWS_A_SECOND);
    return api.accepted("/projects/" + project + "/batches", body);
  }

  /** Checks that requests get a 503 soon. */
  private static void assertUnavailable(Supplier<RowmillApi.Reply> call) {
    long began = System.nanoTime();
    RowmillApi.Reply reply = call.get();
    Duration took = Duration.ofNanos(System.nanoTime() - began);
    assertTrue(took.compareTo(SOON) < 0, "response after " + took);
    assertEquals(503, reply.status(), reply::toString);
    assertEquals("database-unavailable", reply.problem(), reply::toString);
  }

  private static void assertHealth(RowmillApi api, int status, String text) {
    RowmillApi.Reply reply = api.get("/q/health/ready");
    assertEquals(status, reply.status(), reply::toString);
    assertEquals(text, reply.body().path("status").asText(), reply::toString);
    // The response must contain no hosts, accounts or errors.
    assertTrue(reply.body().findValues("data").isEmpty(), reply::toString);
  }
}
