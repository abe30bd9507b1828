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
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Tests a server that accepts no writes for a while, as after a failover. */
@ExtendWith(SharedServer.class)
class FailoverIT {

  private static final int ROWS = 10_000;
  private static final int CHUNK = 10;
  private static final int RETRIES = 4;

  @Test
  void a_batch_survives_a_read_only_server(TestServer server) throws Exception {
    try (var rig = new Rig(server)) {
      WorkTable table = rig.table(ROWS);
      ServiceProcess service = rig.start();
      var api = new RowmillApi(service.address());
      long batch =
          api.start("failover")
              .sql("UPDATE " + table.name() + " SET n = n + 1")
              .chunkRows(CHUNK)
              .accepted();
      rig.awaitScanned(batch, ROWS / 10);
      JsonNode ended;
      try (Readers readers = Readers.of(api, batch)) {
        rig.execute("SET GLOBAL read_only = 1");
        try {
          Awaitility.await("the batch to try again some times")
              .atMost(Duration.ofMinutes(2))
              .until(() -> occurrences(service.output(), "READ_ONLY, retrying") >= RETRIES);
          JsonNode held = api.batch(batch).path("throttle");
          assertEquals("database-read-only", held.path("reason").asText(), held::toString);
          assertEquals(503, api.get("/q/health/ready").status());
          RowmillApi.Reply refused =
              api.start("other")
                  .sql("UPDATE " + table.name() + " SET n = 0")
                  .chunkRows(CHUNK)
                  .send();
          assertEquals(503, refused.status(), refused::toString);
          assertEquals("database-unavailable", refused.problem(), refused::toString);
        } finally {
          rig.execute("SET GLOBAL read_only = 0");
        }
        ended = api.ended(batch);
        assertEquals(List.of(), readers.bad());
      }
      assertEquals(200, api.get("/q/health/ready").status());
      Rig.assertExact(ended, table, ROWS);
      assertTrue(ended.path("progress").path("retries").asLong() > 0, ended::toString);
      rig.leavesNothingBehind(api);
    }
  }

  private static int occurrences(String text, String part) {
    return text.split(part, -1).length - 1;
  }
}
