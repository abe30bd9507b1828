package dev.rowmill.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rowmill.testing.Rig;
import dev.rowmill.testing.RowmillApi;
import dev.rowmill.testing.ServiceProcess;
import dev.rowmill.testing.SharedServer;
import dev.rowmill.testing.TestServer;
import dev.rowmill.testing.WorkTable;
import java.sql.Connection;
import java.sql.Statement;
import java.util.Map;
import java.util.Set;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Sends SIGTERM in the middle of a batch, and starts the service again. */
@ExtendWith(SharedServer.class)
class ShutdownIT {

  private static final int ROWS = 10_000;
  private static final int CHUNK = 10;
  private static final int LOCKED_ROW = 2_500;

  /** Lists the exit codes of an orderly shutdown; 143 is 128 + SIGTERM, a JVM's exit code. */
  private static final Set<Integer> IN_ORDER = Set.of(0, 143);

  @Test
  void a_batch_stops_after_its_chunk_and_resumes_at_the_next_start(TestServer server)
      throws Exception {
    try (var rig = new Rig(server)) {
      WorkTable table = rig.table(ROWS);
      ServiceProcess service = rig.start();
      var api = new RowmillApi(service.address());
      long batch = start(api, "stopped", table, "serial");
      long inLine = start(api, "in-line", table, "serial");
      rig.awaitScanned(batch, ROWS / 10);

      assertTrue(IN_ORDER.contains(service.stop()));
      assertEquals("QUEUED", rig.storedStatus(batch));
      assertEquals("QUEUED", rig.storedStatus(inLine));
      assertTrue(rig.scanned(batch) > 0 && rig.scanned(batch) < ROWS, "nothing was left to do");
      Awaitility.await("the server to see that the connections are closed")
          .until(() -> rig.connections().isEmpty());
      rig.noTransactions();

      var apiAfter = new RowmillApi(rig.start().address());
      assertEquals("succeeded", apiAfter.ended(batch).path("status").asText());
      assertEquals("succeeded", apiAfter.ended(inLine).path("status").asText());
      assertEquals(ROWS, table.rowsWith(2));
      assertEquals(2, rig.epoch(batch));
      rig.leavesNothingBehind(apiAfter);
    }
  }

  @Test
  void starts_are_rejected_and_reads_served_until_the_last_chunk_is_done(TestServer server)
      throws Exception {
    try (var rig = new Rig(server)) {
      WorkTable table = rig.table(ROWS);
      ServiceProcess service = rig.start();
      var api = new RowmillApi(service.address());
      long batch;
      try (Connection holder = rig.connect();
          Statement statement = holder.createStatement()) {
        lockRow(holder, statement, table);
        batch = start(api, "drained", table);
        rig.awaitLockWait();

        service.terminate();
        Awaitility.await("the drain to begin")
            .until(() -> api.get("/q/health/ready").status() == 503);
        RowmillApi.Reply refused =
            api.start("late").sql("UPDATE " + table.name() + " SET n = 0").chunkRows(CHUNK).send();
        assertEquals(503, refused.status(), refused::toString);
        assertEquals("shutting-down", refused.problem(), refused::toString);
        assertEquals("running", api.batch(batch).path("status").asText());
        assertEquals(200, api.get("/projects").status());
        assertTrue(service.isAlive());
        holder.rollback();
      }
      assertTrue(IN_ORDER.contains(service.awaitExit()));
      assertEquals("QUEUED", rig.storedStatus(batch));
      long scanned = rig.scanned(batch);
      assertTrue(scanned >= LOCKED_ROW && scanned < ROWS, "stopped at " + scanned);
      rig.checkpointFitsRows(batch, table);

      var apiAfter = new RowmillApi(rig.start().address());
      Rig.assertExact(apiAfter.ended(batch), table, ROWS);
      rig.leavesNothingBehind(apiAfter);
    }
  }

  @Test
  void a_chunk_that_does_not_end_in_time_is_rolled_back(TestServer server) throws Exception {
    try (var rig = new Rig(server)) {
      WorkTable table = rig.table(ROWS);
      ServiceProcess service = rig.start(Map.of("rowmill.shutdown.timeout", "1s"));
      var api = new RowmillApi(service.address());
      long batch;
      try (Connection holder = rig.connect();
          Statement statement = holder.createStatement()) {
        lockRow(holder, statement, table);
        batch = start(api, "overdue", table);
        rig.awaitLockWait();

        // The lock is still held, so the service has not waited for its chunk.
        assertTrue(IN_ORDER.contains(service.stop()));
        holder.rollback();
      }
      Awaitility.await("the server to roll back").untilAsserted(rig::noTransactions);
      rig.checkpointFitsRows(batch, table);
      assertTrue(rig.scanned(batch) < LOCKED_ROW, "the current chunk has been committed");

      var apiAfter = new RowmillApi(rig.start().address());
      JsonNode ended = apiAfter.ended(batch);
      Rig.assertExact(ended, table, ROWS);
      rig.leavesNothingBehind(apiAfter);
    }
  }

  private static long start(RowmillApi api, String project, WorkTable table) {
    return start(api, project, table, "parallel");
  }

  private static long start(RowmillApi api, String project, WorkTable table, String mode) {
    return api.start(project)
        .sql("UPDATE " + table.name() + " SET n = n + 1")
        .chunkRows(CHUNK)
        .with("mode", mode)
        // Another lane would not wait for the locked row.
        .with("lanes", 1)
        .accepted();
  }

  private static void lockRow(Connection holder, Statement statement, WorkTable table)
      throws Exception {
    holder.setAutoCommit(false);
    statement.executeQuery(
        "SELECT n FROM " + table.name() + " WHERE id = " + LOCKED_ROW + " FOR UPDATE");
  }
}
