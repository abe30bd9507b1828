package dev.rowmill.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rowmill.testing.Rig;
import dev.rowmill.testing.RowmillApi;
import dev.rowmill.testing.ServiceProcess;
import dev.rowmill.testing.TestServer;
import dev.rowmill.testing.WorkTable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Tests an idle service on a server that closes idle connections after 4 seconds. */
class StaleConnectionIT {

  private static final int ROWS = 2_000;
  private static final int ROUNDS = 2;

  @Test
  void idle_connections_that_the_server_closed_have_no_visible_effect() throws Exception {
    try (var server = new TestServer("--wait-timeout=4", "--interactive-timeout=4").start();
        var rig = new Rig(server)) {
      ServiceProcess service = rig.start();
      var api = new RowmillApi(service.address());
      for (int round = 1; round <= ROUNDS; round++) {
        List<WorkTable> tables = new ArrayList<>();
        List<Long> batches = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
          WorkTable table = rig.table(ROWS);
          tables.add(table);
          batches.add(
              api.start("idle-" + round + "-" + i)
                  .sql("UPDATE " + table.name() + " SET n = n + 1")
                  .chunkRows(100)
                  .accepted());
        }
        try (Readers readers = Readers.of(api, batches.get(0))) {
          for (int i = 0; i < tables.size(); i++) {
            JsonNode ended = api.ended(batches.get(i));
            Rig.assertExact(ended, tables.get(i), ROWS);
            assertEquals(0, ended.path("progress").path("retries").asLong(), ended::toString);
          }
          // Before the server closes the first of them.
          int open = rig.connections().size();
          assertTrue(open > 2, "only " + open + " connections to hang up on");
          assertEquals(List.of(), readers.bad());
        }
        rig.leavesNothingBehind(api);
        // The connection of the instance lock is kept alive, and so is the one by which the service
        // reads about once a second what is due.
        Awaitility.await("the server to hang up")
            .atMost(Duration.ofMinutes(2))
            .until(() -> rig.connections().size() <= 2);
      }
      RowmillApi.Reply health = api.get("/q/health/ready");
      assertEquals(200, health.status(), health::toString);
      assertEquals(200, api.get("/projects").status());
    }
  }
}
