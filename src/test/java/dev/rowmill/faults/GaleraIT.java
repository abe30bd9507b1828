package dev.rowmill.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rowmill.testing.Api;
import dev.rowmill.testing.GaleraCluster;
import dev.rowmill.testing.Rig;
import dev.rowmill.testing.ServiceProcess;
import dev.rowmill.testing.WorkTable;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Rowmill on a Galera cluster: each server of it takes writes, and they decide at the commit. */
class GaleraIT {

  private static final int ROWS = 20_000;
  private static final int CHUNK = 20;

  private GaleraCluster cluster;

  @BeforeEach
  void start() {
    String missing = GaleraCluster.missing().orElse(null);
    assumeTrue(missing == null || GaleraCluster.isDemanded(), missing);
    cluster = GaleraCluster.start();
  }

  @AfterEach
  void end() {
    if (cluster != null) {
      cluster.close();
    }
  }

  @Test
  void a_batch_is_exact_beside_writers_on_another_server() throws Exception {
    try (var rig = new Rig(cluster.server(1))) {
      WorkTable table = rig.table(ROWS);
      rig.execute("ALTER TABLE " + table.name() + " ADD COLUMN m INT NOT NULL DEFAULT 0");
      ServiceProcess service = rig.start(hosts(rig));
      var api = new Api(service.address());
      var stop = new AtomicBoolean();
      var written = new AtomicLong();
      var writer = new Thread(() -> write(rig, table, stop, written));
      writer.start();
      long batch = api.accepted("galera", "UPDATE " + table.name() + " SET n = n + 1", CHUNK);
      JsonNode ended = api.ended(batch);
      stop.set(true);
      writer.join();
      caughtUp(rig);
      Rig.assertExact(ended, table, ROWS);
      assertEquals(written.get(), table.number("SELECT SUM(m) FROM " + table.name()));
      assertTrue(ended.path("progress").path("retries").asLong() > 0, ended::toString);
      assertTrue(service.output().contains("DEADLOCK, trying again"), "no conflict at a commit");
      System.out.printf(
          "GaleraIT: %d retries beside %d writes%n",
          ended.path("progress").path("retries").asLong(), written.get());
      rig.leavesNothingBehind(api);
    }
  }

  @Test
  void a_batch_goes_on_over_the_next_host_when_its_server_is_killed() throws Exception {
    try (var rig = new Rig(cluster.server(1))) {
      WorkTable table = rig.table(ROWS);
      ServiceProcess service = rig.start(hosts(rig));
      var api = new Api(service.address());
      long batch = api.accepted("killed", "UPDATE " + table.name() + " SET n = n + 1", CHUNK);
      rig.awaitScanned(batch, ROWS / 10);
      cluster.server(0).kill();
      JsonNode ended = api.ended(batch);
      caughtUp(rig);
      Rig.assertExact(ended, table, ROWS);
      assertTrue(ended.path("progress").path("retries").asLong() > 0, ended::toString);
      assertEquals(1, rig.epoch(batch));
      long next = api.accepted("killed", "UPDATE " + table.name() + " SET n = 5", ROWS);
      assertEquals("succeeded", api.ended(next).path("status").asText());
      rig.leavesNothingBehind(api);
    }
  }

  private Map<String, String> hosts(Rig rig) {
    return Map.of("quarkus.datasource.jdbc.url", cluster.url(rig.schema()));
  }

  /** Waits until the server that the test looks at has all that was committed on the others. */
  private static void caughtUp(Rig rig) throws SQLException {
    rig.number("SELECT WSREP_SYNC_WAIT_UPTO_GTID(WSREP_LAST_SEEN_GTID()) * 0");
  }

  private static void write(Rig rig, WorkTable table, AtomicBoolean stop, AtomicLong written) {
    try (Connection connection = rig.connect();
        Statement statement = connection.createStatement()) {
      while (!stop.get()) {
        try {
          written.addAndGet(
              statement.executeUpdate(
                  "UPDATE " + table.name() + " SET m = m + 1 WHERE id <= " + ROWS));
        } catch (SQLException e) {
          if (e.getErrorCode() != 1213 && e.getErrorCode() != 1205) {
            throw e;
          }
        }
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }
}
