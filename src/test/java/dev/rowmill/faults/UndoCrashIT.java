package dev.rowmill.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rowmill.testing.AllTypesTable;
import dev.rowmill.testing.AllTypesTable.Key;
import dev.rowmill.testing.AllTypesTable.State;
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
import java.util.Random;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Kills the JVM by {@code kill -9} at random moments of an UPDATE, a DELETE and an INSERT … SELECT
 * of tables of all types. They run at the same time, each in a project, with two UPDATEs of small
 * tables: the rows of one are read as lists, those of the other twice, because a trigger changes
 * them. Then kills it at random moments of their undos. At the end, each table must have its
 * original checksum. {@code testing.undo.rows} (200,000 for a long run) and {@code
 * testing.undo.kills} set its length.
 */
@ExtendWith(SharedServer.class)
class UndoCrashIT {

  private static final int ROWS = Integer.getInteger("testing.undo.rows", 6_000);

  /**
   * Sets the number of kills. Each costs a start of the service, the longest part of a short run.
   */
  private static final int KILLS = Soak.number("testing.undo.kills", 2, ROWS < 100_000 ? 3 : 5);

  private static final ObjectMapper JSON = new ObjectMapper();

  /** Sets a small chunk size, so that each kill happens in the middle of many chunks. */
  private static final int CHUNK = 20;

  /** Sets the minimum duration of a batch, which leaves time to kill it. */
  private static final int LEAST_SECONDS = 6;

  @Test
  void tables_are_restored_whenever_the_service_is_killed(TestServer server) throws Exception {
    Random random = Seed.random("UndoCrashIT");
    try (var rig = new Rig(server)) {
      AllTypesTable updated = rig.table(Key.TEXT_AND_INT, ROWS);
      AllTypesTable deleted = rig.table(Key.BINARY16, ROWS);
      AllTypesTable source = rig.table(Key.BIGINT, ROWS);
      AllTypesTable archive = source.likeThis();
      archive.execute(source.copyTo(archive) + " WHERE n <= 600 AND " + source.strict());
      WorkTable listed = rig.table(ROWS);
      WorkTable triggered = rig.table(ROWS);
      triggered.execute(
          ("CREATE TRIGGER %1$s_more BEFORE UPDATE ON %1$s FOR EACH ROW"
                  + " SET NEW.n = IF(NEW.n > OLD.n, NEW.n + 1, NEW.n)")
              .formatted(triggered.name()));
      List<AllTypesTable> tables = List.of(updated, deleted, archive);
      List<State> before = states(tables);

      ServiceProcess service = rig.start();
      var api = new RowmillApi(service.address());
      List<Long> changes = new ArrayList<>();
      changes.add(start(api, "update", updated.update()));
      changes.add(start(api, "delete", "DELETE FROM " + deleted.name() + " WHERE n % 10 <> 3"));
      changes.add(
          start(api, "insert", source.copyTo(archive) + " WHERE n > 600 AND " + source.strict()));
      changes.add(start(api, "listed", "UPDATE " + listed.name() + " SET n = n + 1"));
      changes.add(start(api, "triggered", "UPDATE " + triggered.name() + " SET n = n + 1"));
      service = killed(rig, service, random, changes, "changing");
      List<Long> rowsChanged = succeeded(new RowmillApi(service.address()), changes);
      List<State> changed = states(tables);
      for (int i = 0; i < tables.size(); i++) {
        assertNotEquals(before.get(i), changed.get(i));
      }
      assertEquals(ROWS, rowsChanged.get(0));
      assertEquals(ROWS, listed.rowsWith(1));
      assertEquals(ROWS, triggered.rowsWith(2));
      assertEquals(before.get(1).rows() - changed.get(1).rows(), rowsChanged.get(1));
      assertEquals(changed.get(2).rows() - before.get(2).rows(), rowsChanged.get(2));

      api = new RowmillApi(service.address());
      List<Long> undos = new ArrayList<>();
      for (long change : changes) {
        undos.add(api.accepted("/batches/" + change + "/undo", slow()));
      }
      service = killed(rig, service, random, undos, "undoing");
      api = new RowmillApi(service.address());
      assertEquals(rowsChanged, succeeded(api, undos), "rows put back");
      for (int i = 0; i < undos.size(); i++) {
        assertEquals(0, api.batch(undos.get(i)).path("conflicts").asInt(-1));
        assertEquals(undos.get(i), api.batch(changes.get(i)).path("undoneBy").asLong());
      }
      for (int i = 0; i < tables.size(); i++) {
        assertEquals(before.get(i).columns(), tables.get(i).state().columns());
        assertEquals(before.get(i), tables.get(i).state());
      }
      assertEquals(ROWS, listed.rowsWith(0));
      assertEquals(ROWS, triggered.rowsWith(0));
      rig.leavesNothingBehind(api);
    }
  }

  /**
   * Kills the service {@code KILLS} times while batches run, and returns the last one, which is
   * alive.
   */
  private static ServiceProcess killed(
      Rig rig, ServiceProcess first, Random random, List<Long> batches, String what) {
    ServiceProcess service = first;
    for (int kill = 0; kill < KILLS; kill++) {
      var api = new RowmillApi(service.address());
      // One random moment in each of equally many parts; the last tenth has no kill.
      double moment = 90 * (kill + random.nextDouble(0.8)) / KILLS;
      double percent =
          Awaitility.await(what + " past " + moment + " %")
              .atMost(Duration.ofMinutes(10))
              .pollDelay(Duration.ZERO)
              .pollInterval(Duration.ofMillis(5))
              .until(() -> percent(api, batches), it -> it > moment);
      service.kill();
      System.out.printf("UndoCrashIT: killed while %s, at %.1f %%%n", what, percent);
      assertTrue(percent < 100, "all was done before the service was killed");
      Awaitility.await("the server to roll back").untilAsserted(rig::noTransactions);
      service = rig.start();
    }
    return service;
  }

  /** Returns the progress of all batches together; each has about the same number of rows. */
  private static double percent(RowmillApi api, List<Long> batches) {
    return batches.stream()
        .mapToDouble(id -> api.batch(id).path("progress").path("percent").asDouble(0))
        .average()
        .orElseThrow();
  }

  /** Waits for the end of all batches, and returns the changed rows of each. */
  private static List<Long> succeeded(RowmillApi api, List<Long> batches) {
    List<Long> rows = new ArrayList<>();
    for (long id : batches) {
      JsonNode batch = api.ended(id);
      assertEquals("succeeded", batch.path("status").asText(), batch::toString);
      rows.add(batch.path("progress").path("rowsChanged").asLong());
    }
    return rows;
  }

  private static long start(RowmillApi api, String project, String sql) {
    return api.accepted(
        "/projects/" + project + "/batches", slow().put("sql", sql).put("undo", true));
  }

  private static ObjectNode slow() {
    ObjectNode body = JSON.createObjectNode();
    body.putObject("chunk").put("rows", CHUNK);
    body.putObject("limits").put("rowsPerSecond", ROWS / LEAST_SECONDS);
    return body;
  }

  private static List<State> states(List<AllTypesTable> tables) throws Exception {
    List<State> states = new ArrayList<>();
    for (AllTypesTable table : tables) {
      states.add(table.state());
    }
    return states;
  }
}
