package dev.rowmill.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

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

/** Tests that a database accepts only one instance. */
@ExtendWith(SharedServer.class)
class SecondInstanceIT {

  private static final int ROWS = 10_000;
  private static final int CHUNK = 10;

  @Test
  void a_second_instance_is_rejected_until_the_first_is_dead(TestServer server) throws Exception {
    try (var rig = new Rig(server)) {
      WorkTable table = rig.table(ROWS);
      ServiceProcess first = rig.start();
      var api = new RowmillApi(first.address());
      long batch =
          api.start("held")
              .sql("UPDATE " + table.name() + " SET n = n + 1")
              .chunkRows(CHUNK)
              .accepted();
      ServiceProcess second;
      try (Readers readers = Readers.of(api, batch)) {
        second = rig.launch(Map.of());
        assertNotEquals(0, second.awaitExit());
        assertEquals(List.of(), readers.bad());
      }
      assertTrue(
          second.output().contains("another Rowmill is running on this database already"),
          second.output());
      assertTrue(first.isAlive());
      Rig.assertExact(api.ended(batch), table, ROWS);
      assertEquals(1, rig.epoch(batch));

      first.kill();
      ServiceProcess third = rig.start();
      var apiAfter = new RowmillApi(third.address());
      assertEquals("succeeded", apiAfter.batch(batch).path("status").asText());
      long next =
          apiAfter
              .start("held")
              .sql("UPDATE " + table.name() + " SET n = 1")
              .chunkRows(10_000)
              .accepted();
      assertEquals("succeeded", apiAfter.ended(next).path("status").asText());
      rig.leavesNothingBehind(apiAfter);
    }
  }

  /** Simulates a long pause of a virtual machine, or of its network. */
  @Test
  void an_instance_that_was_superseded_while_frozen_changes_nothing(TestServer server)
      throws Exception {
    try (var rig = new Rig(server)) {
      WorkTable table = rig.table(ROWS);
      ServiceProcess first = rig.start();
      long batch =
          new RowmillApi(first.address())
              .start("frozen")
              .sql("UPDATE " + table.name() + " SET n = n + 1")
              .chunkRows(CHUNK)
              // It must not end while the second instance starts.
              .with("limits", Map.of("rowsPerSecond", ROWS / 10))
              .accepted();
      rig.awaitScanned(batch, ROWS / 10);
      first.signal("STOP");
      for (long connection : rig.connections()) {
        rig.execute("KILL " + connection);
      }
      ServiceProcess second = rig.start();
      rig.awaitScanned(batch, rig.scanned(batch));
      first.signal("CONT");
      var api = new RowmillApi(second.address());
      api.json("{\"limits\": {\"rowsPerSecond\": null}}")
          .patch("/batches/" + batch)
          .statusCode(200);
      Rig.assertExact(api.ended(batch), table, ROWS);
      Awaitility.await("the first to find out")
          .atMost(Duration.ofMinutes(2))
          .until(() -> first.output().contains("This run stops"));
      assertEquals(ROWS, table.rowsWith(1));
      assertEquals(2, rig.epoch(batch));
      first.kill();
      rig.leavesNothingBehind(api);
    }
  }
}
