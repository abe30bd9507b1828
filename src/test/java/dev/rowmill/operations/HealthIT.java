package dev.rowmill.operations;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rowmill.testing.Rig;
import dev.rowmill.testing.RowmillApi;
import dev.rowmill.testing.ServiceProcess;
import dev.rowmill.testing.SharedServer;
import dev.rowmill.testing.TestServer;
import dev.rowmill.testing.WorkTable;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Tests the health checks for orchestrators, from the start of the service to its end. */
@ExtendWith(SharedServer.class)
class HealthIT {

  private static final Duration PATIENCE = Duration.ofMinutes(2);

  @Test
  void a_stuck_or_draining_pool_is_not_ready_and_the_process_is_alive(TestServer server)
      throws Exception {
    try (var rig = new Rig(server)) {
      WorkTable table = rig.table(20);
      ServiceProcess service =
          rig.start(Map.of("rowmill.pool.size", "1", "rowmill.health.stuck-after", "1s"));
      var api = new RowmillApi(service.address());
      assertReported(api, "started", 200, "migrations", "UP");
      assertReported(api, "ready", 200, "pool", "UP");
      assertReported(api, "ready", 200, "migrations", "UP");
      assertReported(api, "ready", 200, "database", "UP");
      assertReported(api, "live", 200, "threads", "UP");

      String sql = "UPDATE " + table.name() + " SET n = n + 1 WHERE id > 0";
      try (Connection other = holding(rig, table)) {
        long batch = api.start("stuck").sql(sql).chunkRows(10).accepted();
        awaitTold(api, 503, "DOWN");
        assertReported(api, "live", 200, "threads", "UP");
        other.rollback();
        api.ended(batch);
        awaitTold(api, 200, "UP");
      }
      try (Connection other = holding(rig, table)) {
        api.start("draining").sql(sql).chunkRows(10).accepted();
        rig.awaitLockWait();
        service.terminate();
        awaitTold(api, 503, "DOWN");
        assertEquals(200, api.get("/q/health/live").status());
        other.rollback();
      }
      service.awaitExit();
    }
  }

  /** Locks a row that the batch needs, so that its only thread waits. */
  private static Connection holding(Rig rig, WorkTable table) throws Exception {
    Connection connection = rig.connect();
    connection.setAutoCommit(false);
    try (Statement statement = connection.createStatement()) {
      statement.execute("UPDATE " + table.name() + " SET n = 100 WHERE id = 15");
    }
    return connection;
  }

  private static void awaitTold(RowmillApi api, int status, String pool) {
    Awaitility.await("the pool to be " + pool)
        .atMost(PATIENCE)
        .ignoreExceptions()
        .untilAsserted(() -> assertReported(api, "ready", status, "pool", pool));
  }

  private static void assertReported(
      RowmillApi api, String of, int status, String check, String expected) {
    RowmillApi.Reply reply = api.get("/q/health/" + of);
    assertEquals(status, reply.status(), reply::toString);
    JsonNode found = null;
    for (JsonNode each : reply.body().path("checks")) {
      // The response contains names and statuses, but no hosts, accounts or errors.
      assertFalse(each.has("data"), reply::toString);
      found = each.path("name").asText().equals(check) ? each : found;
    }
    assertEquals(expected, found == null ? null : found.path("status").asText(), reply::toString);
  }
}
