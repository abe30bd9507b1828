package dev.rowmill.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.mysql.cj.jdbc.MysqlDataSource;
import dev.rowmill.embedded.EmbeddedDatabase;
import dev.rowmill.testing.Rig;
import dev.rowmill.testing.RowmillApi;
import dev.rowmill.testing.RunDirectory;
import dev.rowmill.testing.ServiceProcess;
import dev.rowmill.testing.SharedServer;
import dev.rowmill.testing.Soak;
import dev.rowmill.testing.TestServer;
import dev.rowmill.testing.WorkTable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Kills the JVM by {@code kill -9} at random moments of a batch that must not count a row twice.
 * {@code testing.crash.rows} and {@code testing.crash.kills} set its length.
 */
@ExtendWith(SharedServer.class)
class CrashIT {

  private static final int ROWS = Soak.number("testing.crash.rows", 50_000, 100_000);
  private static final int KILLS = Soak.number("testing.crash.kills", 2, 4);

  /** Sets a small chunk size, so that each kill happens in the middle of many chunks. */
  private static final int CHUNK = 50;

  @Test
  void every_row_changes_once_whenever_the_service_is_killed(TestServer server) throws Exception {
    Random random = Seed.random("CrashIT");
    try (var rig = new Rig(server)) {
      WorkTable table = rig.table(ROWS);
      ServiceProcess service = rig.start();
      long batch =
          new RowmillApi(service.address())
              .start("crash")
              .sql("UPDATE " + table.name() + " SET n = n + 1")
              .chunkRows(CHUNK)
              .accepted();
      long scanned = 0;
      for (int kill = 0; kill < KILLS; kill++) {
        // Choose one random moment in each of KILLS equal parts; the last tenth has no kill.
        double moment = 0.9 * (kill + random.nextDouble(0.8)) / KILLS;
        rig.awaitScanned(batch, Math.max(scanned, Math.round(moment * ROWS)));
        service.kill();
        Awaitility.await("the server to roll back").untilAsserted(rig::noTransactions);
        scanned = rig.scannedWhileRunning(batch);
        assertTrue(scanned > 0 && scanned < ROWS, "killed at " + scanned + " rows");
        System.out.printf("CrashIT: killed at %d of %d rows%n", scanned, ROWS);
        rig.checkpointFitsRows(batch, table);
        service = rig.start();
      }
      var api = new RowmillApi(service.address());
      Rig.assertExact(api.ended(batch), table, ROWS);
      assertEquals(KILLS + 1, rig.epoch(batch));
      rig.leavesNothingBehind(api);
    }
  }

  @Test
  void every_row_changes_once_when_the_embedded_database_is_killed_too() throws Exception {
    int rows = 40_000;
    try (RunDirectory directory =
        RunDirectory.create(Path.of("target").toAbsolutePath(), "crash")) {
      isExactAfterAKill(directory.path(), rows);
    }
  }

  private static void isExactAfterAKill(Path home, int rows) throws Exception {
    Map<String, String> config = Map.of("rowmill.embedded.directory", home.toString());
    long batch;
    try (ServiceProcess first = ServiceProcess.launch(config).awaitListening()) {
      WorkTable table = WorkTable.create(embedded(first, home), rows);
      var api = new RowmillApi(first.address());
      batch =
          api.start("crash")
              .sql("UPDATE " + table.name() + " SET n = n + 1")
              .chunkRows(CHUNK)
              // Slow enough to be still running after the second start, however late that is.
              .with("limits", Map.of("rowsPerSecond", rows / 20))
              .accepted();
      Awaitility.await("the batch to be under way")
          .until(() -> api.batch(batch).path("progress").path("rowsScanned").asLong() > rows / 10);
      first.kill();
      try (ServiceProcess second = ServiceProcess.launch(config).awaitListening()) {
        var apiAfter = new RowmillApi(second.address());
        assertEquals("running", apiAfter.batch(batch).path("status").asText());
        ObjectNode fast = JsonNodeFactory.instance.objectNode();
        fast.putObject("limits").put("rowsPerSecond", 0);
        assertEquals(200, apiAfter.patch("/batches/" + batch, fast).status());
        WorkTable same = table.on(embedded(second, home));
        Rig.assertExact(apiAfter.ended(batch), same, rows);
      }
    }
  }

  private static MysqlDataSource embedded(ServiceProcess service, Path home) throws Exception {
    Matcher port =
        Pattern.compile("embedded database listens on 127.0.0.1:(\\d+)").matcher(service.output());
    assertTrue(port.find(), service.output());
    var database = new MysqlDataSource();
    database.setURL(
        "jdbc:mysql://127.0.0.1:"
            + port.group(1)
            + "/?sslMode=DISABLED&allowPublicKeyRetrieval=true");
    database.setUser(EmbeddedDatabase.USER);
    database.setPassword(Files.readString(home.resolve("password")).strip());
    return database;
  }
}
