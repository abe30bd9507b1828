package dev.rowmill.faults;

import static org.hamcrest.Matchers.hasItem;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rowmill.testing.Rig;
import dev.rowmill.testing.RowmillApi;
import dev.rowmill.testing.RowmillApi.Reply;
import dev.rowmill.testing.ServiceProcess;
import dev.rowmill.testing.SharedServer;
import dev.rowmill.testing.TestServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Random;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Kills the service by {@code kill -9} while it drops the partitions of a retention, and at random
 * moments afterwards, and takes its privileges away. At the end exactly the young rows are left.
 */
@ExtendWith(SharedServer.class)
class RetentionCrashIT {

  private static final String TABLE = "rowmill_work.aged";
  private static final int OLD_PARTITIONS = 4;
  private static final int ROWS_A_PARTITION = 1_000;

  /** Sets the old rows of the partition that also has young ones. */
  private static final int OLD_ROWS = 3_000;

  private static final int YOUNG_ROWS = 500;

  private final Random random = Seed.random("RetentionCrashIT");

  private static void fill(Rig rig) throws SQLException {
    rig.table(0); // Creates the schema.
    rig.execute("DROP TABLE IF EXISTS " + TABLE);
    var partitions = new StringBuilder();
    for (int year = 2001; year <= 2000 + OLD_PARTITIONS; year++) {
      partitions.append("PARTITION p%1$d VALUES LESS THAN (%1$d), ".formatted(year));
    }
    rig.execute(
        "CREATE TABLE "
            + TABLE
            + " (id INT NOT NULL AUTO_INCREMENT, at DATETIME NOT NULL, PRIMARY KEY (id, at),"
            + " KEY by_at (at)) PARTITION BY RANGE (YEAR(at)) ("
            + partitions
            + "PARTITION later VALUES LESS THAN MAXVALUE)");
    for (int year = 2000; year < 2000 + OLD_PARTITIONS; year++) {
      insert(rig, ROWS_A_PARTITION, "'" + year + "-06-01'");
    }
    insert(rig, OLD_ROWS, "'2010-01-01'");
    insert(rig, YOUNG_ROWS, "NOW()");
  }

  private static void insert(Rig rig, int rows, String at) throws SQLException {
    String values = ("(" + at + "), ").repeat(rows);
    rig.execute(
        "INSERT INTO "
            + TABLE
            + " (at) VALUES "
            + values.substring(0, values.length() - ", ".length()));
  }

  private static long rows(Rig rig) throws SQLException {
    return rig.number("SELECT COUNT(*) FROM " + TABLE);
  }

  private static long partitions(Rig rig) throws SQLException {
    return rig.number(
        "SELECT COUNT(*) FROM information_schema.PARTITIONS"
            + " WHERE TABLE_SCHEMA = 'rowmill_work' AND TABLE_NAME = 'aged'");
  }

  private static Reply store(RowmillApi api, int rowsPerSecond) {
    return api.json(
            """
            {"project": "aged", "table": "%s", "column": "at", "keep": "P90D",
             "allowDropPartition": true, "cron": "0 0 1 1 *", "lanes": 2,
             "chunk": {"rows": 50}, "limits": {"rowsPerSecond": %d}}"""
                .formatted(TABLE, rowsPerSecond))
        .put("/retention/aged");
  }

  @Test
  void a_run_that_is_killed_again_and_again_deletes_each_old_row(TestServer server)
      throws Exception {
    try (var rig = new Rig(server)) {
      fill(rig);
      ServiceProcess service = rig.start();
      store(new RowmillApi(service.address()), OLD_ROWS / 8).statusCode(201);
      long id;
      try (Connection reader = rig.connect();
          Statement reading = reader.createStatement()) {
        // An open transaction that has read the table holds back whoever alters it.
        reader.setAutoCommit(false);
        reading.executeQuery("SELECT COUNT(*) FROM " + TABLE).close();
        id = new RowmillApi(service.address()).post("/schedules/aged/run").statusCode(202).id();
        Awaitility.await("the statement that drops the partitions")
            .atMost(Duration.ofMinutes(2))
            .until(
                () ->
                    rig.number(
                            "SELECT COUNT(*) FROM information_schema.processlist"
                                + " WHERE info LIKE 'ALTER TABLE%DROP PARTITION%'")
                        > 0);
        service.kill();
        reader.rollback();
      }
      for (int kills = 0; kills < 2; kills++) {
        service = rig.start();
        Awaitility.await("the batch to run")
            .atMost(Duration.ofMinutes(2))
            .until(() -> rig.scannedWhileRunning(id) >= 0);
        Thread.sleep(random.nextInt(700)); // A random moment, not a condition.
        service.kill();
      }
      service = rig.start();
      var api = new RowmillApi(service.address());
      JsonNode batch = api.ended(id);
      assertEquals("succeeded", batch.path("status").asText(), batch::toString);
      assertEquals(OLD_ROWS, batch.at("/progress/rowsChanged").asLong(), batch::toString);
      assertEquals(YOUNG_ROWS, rows(rig));
      assertEquals(1, partitions(rig));
      rig.leavesNothingBehind(api);
    }
  }

  @Test
  void an_account_that_may_not_drop_partitions_deletes_their_rows(TestServer server)
      throws Exception {
    try (var rig = new Rig(server)) {
      fill(rig);
      String account = "'of_" + rig.schema() + "'@'127.0.0.1'";
      rig.execute("REVOKE ALL PRIVILEGES ON rowmill_work.* FROM " + account);
      rig.execute("GRANT SELECT, DELETE, TRIGGER ON rowmill_work.* TO " + account);
      var api = new RowmillApi(rig.start().address());
      store(api, OLD_ROWS).statusCode(201).body("warnings.code", hasItem("retention-may-not-drop"));
      JsonNode batch = api.ended(api.post("/schedules/aged/run").statusCode(202).id());
      assertEquals("succeeded", batch.path("status").asText(), batch::toString);
      assertEquals(
          OLD_ROWS + OLD_PARTITIONS * ROWS_A_PARTITION,
          batch.at("/progress/rowsChanged").asLong(),
          batch::toString);
      assertEquals(YOUNG_ROWS, rows(rig));
      assertEquals(OLD_PARTITIONS + 1, partitions(rig));
      JsonNode audit = api.get("/audit?operation=dropPartitions").body().path("items");
      assertEquals("not-dropped", audit.at("/0/problem").asText(), audit::toString);
      assertEquals(2, audit.size(), audit::toString);
      rig.execute("REVOKE TRIGGER ON rowmill_work.* FROM " + account);
      store(api, OLD_ROWS).statusCode(400);
    }
  }
}
