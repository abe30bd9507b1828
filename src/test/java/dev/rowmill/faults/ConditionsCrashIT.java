package dev.rowmill.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rowmill.testing.Rig;
import dev.rowmill.testing.RowmillApi;
import dev.rowmill.testing.ServiceProcess;
import dev.rowmill.testing.SharedServer;
import dev.rowmill.testing.Soak;
import dev.rowmill.testing.TestServer;
import dev.rowmill.testing.WorkTable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Kills the JVM by {@code kill -9} while batches wait for each other. */
@ExtendWith(SharedServer.class)
class ConditionsCrashIT {

  private static final int STEPS = 40;
  private static final int KILLS = Soak.number(4, 20);
  private static final int ROWS = 50;

  @Test
  void a_chain_of_batches_runs_in_order_whenever_the_service_is_killed(TestServer server)
      throws Exception {
    Random random = Seed.random("ConditionsCrashIT");
    try (var rig = new Rig(server)) {
      WorkTable table = rig.table(ROWS);
      ServiceProcess service = rig.start();
      var api = new RowmillApi(service.address());
      List<Long> steps = new ArrayList<>();
      for (int i = 0; i < STEPS; i++) {
        // Each step changes only what the one before it has left.
        var start =
            api.start("chain-" + i % 7)
                .sql("UPDATE " + table.name() + " SET n = n + 1 WHERE n = " + i)
                .chunkRows(10)
                .with("limits", Map.of("rowsPerSecond", 500));
        if (i > 0) {
          start.with("after", List.of(Map.of("batch", steps.get(i - 1))));
        }
        steps.add(start.accepted());
      }
      long wrong =
          api.start("wrong")
              .sql("UPDATE " + table.name() + " SET n = -1 WHERE id = 1")
              .with("after", List.of(Map.of("batch", steps.get(STEPS - 1), "on", "failed")))
              .accepted();
      long alsoWrong =
          api.start("also-wrong")
              .sql("UPDATE " + table.name() + " SET n = -1 WHERE id = 1")
              .with("after", List.of(Map.of("batch", wrong)))
              .accepted();
      for (int kill = 0; kill < KILLS; kill++) {
        int done = (kill + 1) * STEPS / (KILLS + 2);
        long step = steps.get(done);
        Awaitility.await("step " + done)
            .atMost(Duration.ofMinutes(5))
            .pollInterval(Duration.ofMillis(1 + random.nextInt(20)))
            .until(() -> rig.batchesThat("status = 'SUCCEEDED' AND id = " + step) == 1);
        service.kill();
        service = rig.start();
      }
      api = new RowmillApi(service.address());
      for (long step : steps) {
        assertEquals("succeeded", api.ended(step).path("status").asText());
      }
      assertEquals(ROWS, table.rowsWith(STEPS));
      JsonNode cancelled = api.ended(alsoWrong);
      assertEquals("cancelled", cancelled.path("status").asText());
      assertEquals(wrong, cancelled.at("/error/batch").asLong());
      assertEquals(0, rig.batchesThat("open_conditions > 0"));
      rig.leavesNothingBehind(api);
    }
  }

  @Test
  void a_chain_is_stored_as_a_whole_or_not_at_all(TestServer server) throws Exception {
    Random random = Seed.random("ConditionsCrashIT");
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try (var rig = new Rig(server)) {
      WorkTable table = rig.table(ROWS);
      List<Map<String, Object>> steps = new ArrayList<>();
      for (int i = 0; i < STEPS; i++) {
        steps.add(
            Map.of(
                "name",
                "s" + i,
                "project",
                "whole-" + i % 5,
                "needs",
                i == 0 ? List.of() : List.of("s" + (i - 1)),
                "sql",
                "UPDATE " + table.name() + " SET n = n + 1 WHERE id = 1"));
      }
      ServiceProcess service = rig.start();
      for (int kill = 0; kill < KILLS; kill++) {
        var api = new RowmillApi(service.address());
        for (int thread = 0; thread < 2; thread++) {
          threads.execute(
              () -> {
                try {
                  while (true) {
                    api.json(Map.of("steps", steps)).post("/chains").statusCode(202);
                  }
                } catch (RuntimeException | AssertionError e) {
                  // The service is killed.
                }
              });
        }
        long before = rig.batchesThat("step = 's0'");
        int chains = 1 + random.nextInt(3);
        Awaitility.await("some chains")
            .pollInterval(Duration.ofMillis(1 + random.nextInt(50)))
            .until(() -> rig.batchesThat("step = 's0'") >= before + chains);
        service.kill();
        service = rig.start();
        assertEquals(
            0,
            rig.number(
                "SELECT COUNT(*) FROM (SELECT c.id FROM %1$s.chain c LEFT JOIN %1$s.batch b ON b.chain = c.id GROUP BY c.id HAVING COUNT(b.id) <> %2$d) odd"
                    .formatted(rig.schema(), STEPS)));
      }
      var api = new RowmillApi(service.address());
      Awaitility.await("all chains to end")
          .atMost(Duration.ofMinutes(10))
          .until(() -> rig.batchesThat("finished_at IS NULL") == 0);
      long all = rig.batchesThat("status = 'SUCCEEDED'");
      assertEquals(0, rig.batchesThat("status <> 'SUCCEEDED'"));
      assertEquals(all, rig.number("SELECT n FROM " + table.name() + " WHERE id = 1"));
      rig.leavesNothingBehind(api);
    } finally {
      threads.shutdownNow();
    }
  }
}
