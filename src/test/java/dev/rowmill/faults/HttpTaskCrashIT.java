package dev.rowmill.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.rowmill.testing.Rig;
import dev.rowmill.testing.RowmillApi;
import dev.rowmill.testing.ServiceProcess;
import dev.rowmill.testing.SharedServer;
import dev.rowmill.testing.Soak;
import dev.rowmill.testing.TaskEndpoint;
import dev.rowmill.testing.TestServer;
import dev.rowmill.testing.WorkTable;
import java.util.Map;
import java.util.Random;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Kills the JVM by {@code kill -9} while calls of an HTTP task are in flight: each row is written
 * once, although its call may be repeated.
 */
@ExtendWith(SharedServer.class)
class HttpTaskCrashIT {

  private static final int ROWS = 6_000;
  private static final int KILLS = Soak.number("testing.crash.kills", 2, 4);

  @Test
  void rows_are_written_once_whenever_the_service_is_killed(TestServer server) throws Exception {
    Random random = Seed.random("HttpTaskCrashIT");
    Map<String, String> hosts = Map.of("rowmill.tasks.hosts", "127.0.0.1");
    try (var rig = new Rig(server);
        var endpoint =
            TaskEndpoint.of(
                (number, call) -> {
                  Thread.sleep(10);
                  return TaskEndpoint.set(call, "n", row -> row.get("n").asInt() + 1);
                })) {
      WorkTable table = rig.table(ROWS);
      ServiceProcess service = rig.start(hosts);
      var api = new RowmillApi(service.address());
      api.json(Map.of("url", endpoint.url(), "secret", TaskEndpoint.SECRET, "concurrency", 8))
          .put("/tasks/add")
          .statusCode(201);
      long batch =
          api.json(
                  "{\"task\": \"add\", \"select\": \"SELECT id, n FROM %s\", \"batchRows\": 7, \"wholeTable\": true, \"lanes\": 2}"
                      .formatted(table.name()))
              .post("/projects/crash/batches")
              .statusCode(202)
              .id();
      for (int kill = 0; kill < KILLS; kill++) {
        double moment = 0.8 * (kill + random.nextDouble(0.8)) / KILLS;
        rig.awaitScanned(batch, Math.round(moment * ROWS));
        service.kill();
        Awaitility.await("the server to roll back").untilAsserted(rig::noTransactions);
        assertEquals(ROWS, table.rowsWith(0) + table.rowsWith(1));
        service = rig.start(hosts);
      }
      api = new RowmillApi(service.address());
      JsonNode ended = api.ended(batch);
      assertEquals("succeeded", ended.path("status").asText(), ended::toString);
      assertEquals(ROWS, ended.path("progress").path("rowsChanged").asInt());
      assertEquals(ROWS, table.rowsWith(1));
      assertTrue(rig.epoch(batch) > KILLS);
      JsonNode undo =
          api.ended(
              api.accepted("/batches/" + batch + "/undo", JsonNodeFactory.instance.objectNode()));
      assertEquals(0, undo.path("conflicts").asInt(-1), undo::toString);
      assertEquals(ROWS, table.rowsWith(0));
      rig.leavesNothingBehind(api);
    }
  }
}
