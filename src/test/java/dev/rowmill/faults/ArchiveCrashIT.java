package dev.rowmill.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;

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
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Kills the JVM by {@code kill -9} at random moments of an archive and of its undo: each row is in
 * exactly one of the tables, and each child is with its parent.
 */
@ExtendWith(SharedServer.class)
class ArchiveCrashIT {

  private static final int ROWS = Soak.number("testing.crash.rows", 20_000, 100_000);
  private static final int KILLS = Soak.number("testing.crash.kills", 2, 4);

  @Test
  void each_row_is_in_one_table_whenever_the_service_is_killed(TestServer server) throws Exception {
    Random random = Seed.random("ArchiveCrashIT");
    try (var rig = new Rig(server)) {
      WorkTable table = rig.table(ROWS);
      String parents = table.name();
      String children = parents + "_child";
      rig.execute(
          "CREATE TABLE " + children + " (id BIGINT PRIMARY KEY, parent BIGINT, KEY (parent))");
      rig.execute("INSERT INTO " + children + " SELECT id, id FROM " + parents);
      long before = table.checksum(parents);
      ServiceProcess service = rig.start();
      var api = new RowmillApi(service.address());
      long archive =
          api.start("crash")
              .with(
                  "archive",
                  Map.of(
                      "table",
                      parents,
                      "where",
                      "id > 0",
                      "to",
                      Map.of("table", parents + "_old"),
                      "missingTable",
                      "create",
                      "children",
                      List.of(
                          Map.of(
                              "table",
                              children,
                              "by",
                              "parent",
                              "to",
                              Map.of("table", children + "_old")))))
              .with("undo", true)
              .with("limits", Map.of("rowsPerSecond", ROWS / 5))
              .with("lanes", 2)
              .chunkRows(100)
              .accepted();
      service = killed(rig, archive, random, service, table, children);
      api = new RowmillApi(service.address());
      succeeded(api, archive);
      assertEquals(before, table.checksum(parents + "_old"));
      assertEquals(0, table.number("SELECT COUNT(*) FROM " + parents));

      ObjectNode slowly = JsonNodeFactory.instance.objectNode();
      slowly.putObject("limits").put("rowsPerSecond", ROWS / 5);
      long undo = api.accepted("/batches/" + archive + "/restore", slowly);
      service = killed(rig, undo, random, service, table, children);
      api = new RowmillApi(service.address());
      succeeded(api, undo);
      assertEquals(before, table.checksum(parents));
      assertEquals(0, table.number("SELECT COUNT(*) FROM " + parents + "_old"));
      rig.leavesNothingBehind(api);
    }
  }

  private static void succeeded(RowmillApi api, long batch) {
    JsonNode ended = api.ended(batch);
    assertEquals("succeeded", ended.path("status").asText(), ended::toString);
    assertEquals(0, ended.path("conflicts").asInt(), ended::toString);
  }

  /** Kills the service at some moments of a batch, and returns the last one. */
  private static ServiceProcess killed(
      Rig rig, long batch, Random random, ServiceProcess first, WorkTable table, String children)
      throws Exception {
    ServiceProcess service = first;
    for (int kill = 0; kill < KILLS; kill++) {
      double moment = 0.8 * (kill + random.nextDouble(0.8)) / KILLS;
      rig.awaitScanned(batch, Math.round(moment * ROWS));
      service.kill();
      Awaitility.await("the server to roll back").untilAsserted(rig::noTransactions);
      for (String name : List.of(table.name(), children)) {
        String both = "(SELECT id FROM %1$s UNION ALL SELECT id FROM %1$s_old) AS both_tables";
        assertEquals(ROWS, table.number("SELECT COUNT(*) FROM " + both.formatted(name)));
        assertEquals(ROWS, table.number("SELECT COUNT(DISTINCT id) FROM " + both.formatted(name)));
      }
      service = rig.start();
    }
    return service;
  }
}
