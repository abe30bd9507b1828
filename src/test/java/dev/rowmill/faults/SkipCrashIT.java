package dev.rowmill.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rowmill.testing.Rig;
import dev.rowmill.testing.RowmillApi;
import dev.rowmill.testing.ServiceProcess;
import dev.rowmill.testing.SharedServer;
import dev.rowmill.testing.Soak;
import dev.rowmill.testing.TestServer;
import dev.rowmill.testing.WorkTable;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Kills the JVM by {@code kill -9} at random moments of a batch that skips rows: the skipped ones
 * are exactly the bad ones, each is noted once, and every other row changes once.
 */
@ExtendWith(SharedServer.class)
class SkipCrashIT {

  private static final int ROWS = Soak.number("testing.crash.rows", 40_000, 100_000);
  private static final int KILLS = Soak.number("testing.crash.kills", 2, 4);
  private static final int BAD = ROWS / 100;

  @Test
  void skipped_rows_are_exact_whenever_the_service_is_killed(TestServer server) throws Exception {
    Random random = Seed.random("SkipCrashIT");
    TreeSet<Long> bad = new TreeSet<>();
    while (bad.size() < BAD) {
      // A tenth of them are in blocks of ten.
      long first = 1 + random.nextInt(ROWS);
      int block = random.nextInt(100) == 0 ? 10 : 1;
      for (long id = first; id < first + block && id <= ROWS && bad.size() < BAD; id++) {
        bad.add(id);
      }
    }
    try (var rig = new Rig(server)) {
      WorkTable table = rig.table(ROWS);
      rig.execute(
          "UPDATE "
              + table.name()
              + " SET n = 2147483647 WHERE id IN ("
              + bad.stream().map(String::valueOf).collect(Collectors.joining(","))
              + ")");
      ServiceProcess service = rig.start();
      long batch =
          new RowmillApi(service.address())
              .start("crash")
              .sql("UPDATE " + table.name() + " SET n = n + 1")
              .with("wholeTable", true)
              .with("onError", Map.of("mode", "skip", "maxSkipped", "1%"))
              .with("undo", true)
              .with("lanes", 2)
              .chunkRows(200)
              .accepted();
      for (int kill = 0; kill < KILLS; kill++) {
        double moment = 0.8 * (kill + random.nextDouble(0.8)) / KILLS;
        rig.awaitScanned(batch, Math.round(moment * ROWS));
        service.kill();
        Awaitility.await("the server to roll back").untilAsserted(rig::noTransactions);
        countsFitRows(rig, batch, table);
        service = rig.start();
      }
      var api = new RowmillApi(service.address());
      JsonNode ended = api.ended(batch);
      assertEquals("succeeded", ended.path("status").asText(), ended::toString);
      assertEquals(BAD, ended.path("skipped").asInt());
      countsFitRows(rig, batch, table);
      assertEquals(
          bad,
          new TreeSet<>(rig.numbers("SELECT id FROM " + table.name() + " WHERE n = 2147483647")));
      String keys = "SELECT JSON_VALUE(row_key, '$.id') FROM " + rig.schema() + ".skipped_row";
      assertEquals(bad, new TreeSet<>(rig.numbers(keys)));
      assertEquals(BAD, rig.numbers(keys).size());
      assertTrue(rig.epoch(batch) > KILLS);

      rig.execute("UPDATE " + table.name() + " SET n = 0 WHERE n = 2147483647");
      ObjectNode slowly = JsonNodeFactory.instance.objectNode().put("lanes", 2);
      slowly.putObject("chunk").put("rows", 10);
      slowly.putObject("limits").put("rowsPerSecond", BAD / 4);
      long retry = api.accepted("/batches/" + batch + "/skipped/retry", slowly);
      for (int kill = 0; kill < KILLS; kill++) {
        rig.awaitScanned(retry, Math.round(0.7 * (kill + random.nextDouble()) / KILLS * BAD));
        service.kill();
        Awaitility.await("the server to roll back").untilAsserted(rig::noTransactions);
        retriedFitRows(rig, retry, table);
        service = rig.start();
      }
      api = new RowmillApi(service.address());
      JsonNode retried = api.ended(retry);
      assertEquals("succeeded", retried.path("status").asText(), retried::toString);
      assertEquals(BAD, retried.path("progress").path("rowsChanged").asInt(), retried::toString);
      retriedFitRows(rig, retry, table);
      assertEquals(ROWS, table.rowsWith(1));
      JsonNode undoneRetry =
          api.ended(
              api.accepted("/batches/" + retry + "/undo", JsonNodeFactory.instance.objectNode()));
      assertEquals(0, undoneRetry.path("conflicts").asInt(-1), undoneRetry::toString);
      assertEquals(BAD, table.rowsWith(0));
      JsonNode undo =
          api.ended(
              api.accepted("/batches/" + batch + "/undo", JsonNodeFactory.instance.objectNode()));
      assertEquals(0, undo.path("conflicts").asInt(-1), undo::toString);
      assertEquals(ROWS, table.rowsWith(0));
      rig.leavesNothingBehind(api);
    }
  }

  /** Asserts that the checkpoints of a retry, the marks of its notes and the rows agree. */
  private static void retriedFitRows(Rig rig, long retry, WorkTable table) throws Exception {
    String lanes = " FROM " + rig.schema() + ".lane WHERE batch = " + retry;
    long scanned = rig.number("SELECT COALESCE(SUM(rows_scanned), 0)" + lanes);
    assertEquals(
        scanned,
        rig.number(
            "SELECT COUNT(*) FROM " + rig.schema() + ".skipped_row WHERE retried_by = " + retry));
    assertEquals(ROWS - BAD + scanned, table.rowsWith(1));
  }

  /** Asserts that the checkpoints, the notes and the rows of the table agree. */
  private static void countsFitRows(Rig rig, long batch, WorkTable table) throws Exception {
    String sum =
        "SELECT COALESCE(SUM(%s), 0) FROM " + rig.schema() + ".lane WHERE batch = " + batch;
    long changed = rig.number(sum.formatted("rows_changed"));
    long skipped = rig.number(sum.formatted("rows_skipped"));
    assertEquals(rig.number(sum.formatted("rows_scanned")), changed + skipped);
    assertEquals(changed, table.rowsWith(1));
    assertEquals(
        skipped,
        rig.number("SELECT COUNT(*) FROM " + rig.schema() + ".skipped_row WHERE batch = " + batch));
  }
}
