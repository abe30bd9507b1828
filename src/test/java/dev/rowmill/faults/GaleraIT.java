package dev.rowmill.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rowmill.database.HostsDriver;
import dev.rowmill.testing.GaleraCluster;
import dev.rowmill.testing.Rig;
import dev.rowmill.testing.RowmillApi;
import dev.rowmill.testing.ServiceProcess;
import dev.rowmill.testing.WorkTable;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Tests Rowmill on a Galera cluster, whose servers all accept writes and detect conflicts at the
 * commit.
 */
class GaleraIT {

  private static final int ROWS = 20_000;
  private static final int FEW_ROWS = 2_000;
  private static final int CHUNK = 20;
  private static final int MOST_BATCHES = 10;

  /** Is logged for a chunk that another server's commit has prevented. */
  private static final String CONFLICT = "DEADLOCK, retrying";

  private static final int WRITTEN_AT_ONCE = 400;
  private static final int PAUSE_MILLIS = 200;

  private GaleraCluster cluster;

  @BeforeEach
  void start() {
    String missing = GaleraCluster.missing().orElse(null);
    if (missing != null) {
      assumeTrue(GaleraCluster.isDemanded(), missing);
    }
    cluster = GaleraCluster.start();
  }

  @AfterEach
  void end() {
    if (cluster != null) {
      cluster.close();
    }
  }

  @Test
  void a_batch_is_exact_with_concurrent_writers_on_another_server() throws Exception {
    try (Rig rig = rig()) {
      ServiceProcess service = rig.start(hosts(rig));
      var api = new RowmillApi(service.address());
      // How often they meet depends on the speed of the machine, so some batches may meet none.
      for (int i = 0; i < MOST_BATCHES && !service.output().contains(CONFLICT); i++) {
        writesMeet(rig, api);
      }
      assertTrue(service.output().contains(CONFLICT), "no conflict at a commit");
      rig.leavesNothingBehind(api);
    }
  }

  private void writesMeet(Rig rig, RowmillApi api) throws Exception {
    WorkTable table = rig.table(ROWS);
    rig.execute("ALTER TABLE " + table.name() + " ADD COLUMN m INT NOT NULL DEFAULT 0");
    var stop = new AtomicBoolean();
    long batch =
        api.start("galera")
            .sql("UPDATE " + table.name() + " SET n = n + 1")
            .chunkRows(CHUNK)
            .accepted();
    CompletableFuture<Long> writer =
        CompletableFuture.supplyAsync(() -> writeWhereItIs(rig, batch, table, stop));
    JsonNode ended = api.ended(batch);
    stop.set(true);
    long written = writer.get();
    Rig.assertExact(ended, table, ROWS);
    assertEquals(written, table.number("SELECT SUM(m) FROM " + table.name()));
    System.out.printf(
        "GaleraIT: %d retries during %d written rows%n",
        ended.path("progress").path("retries").asLong(), written);
  }

  @Test
  void a_batch_continues_over_the_next_host_when_its_server_is_killed() throws Exception {
    try (Rig rig = rig()) {
      WorkTable table = rig.table(ROWS);
      ServiceProcess service = rig.start(hosts(rig));
      var api = new RowmillApi(service.address());
      long batch =
          api.start("killed")
              .sql("UPDATE " + table.name() + " SET n = n + 1")
              .chunkRows(CHUNK)
              .accepted();
      rig.awaitScanned(batch, ROWS / 10);
      cluster.server(0).kill();
      JsonNode ended = api.ended(batch);
      Rig.assertExact(ended, table, ROWS);
      assertTrue(ended.path("progress").path("retries").asLong() > 0, ended::toString);
      assertEquals(1, rig.epoch(batch));
      long next =
          api.start("killed")
              .sql("UPDATE " + table.name() + " SET n = 5")
              .chunkRows(ROWS)
              .accepted();
      assertEquals("succeeded", api.ended(next).path("status").asText());
      rig.leavesNothingBehind(api);
    }
  }

  /** Kills two of three servers, so that the third accepts neither reads nor writes. */
  @Test
  void a_partitioned_server_is_unavailable() throws Exception {
    try (Rig rig = rig()) {
      cluster.server(0).kill();
      cluster.server(2).kill();
      Awaitility.await("the last server to notice the partition")
          .atMost(Duration.ofMinutes(2))
          .until(() -> isAway(rig.schema()));
    }
  }

  @Test
  void a_commit_on_one_server_is_visible_on_the_next_at_once() throws Exception {
    try (Rig rig = rig();
        Connection writer = cluster.server(0).connect(rig.schema());
        Statement write = writer.createStatement();
        Connection reader = driven(cluster.server(1).url(rig.schema()));
        Statement read = reader.createStatement()) {
      write.execute("CREATE TABLE seen (id INT PRIMARY KEY, filler LONGTEXT)");
      for (int id = 1; id <= 300; id++) {
        write.execute("INSERT INTO seen VALUES (" + id + ", REPEAT('x', 100000))");
        try (ResultSet row = read.executeQuery("SELECT COALESCE(MAX(id), 0) FROM seen")) {
          row.next();
          assertEquals(id, row.getInt(1));
        }
      }
    }
  }

  @Test
  void two_nodes_on_two_servers_run_each_batch_once_and_serial_ones_in_turn() throws Exception {
    try (Rig rig = rig()) {
      List<RowmillApi> nodes = new ArrayList<>();
      for (int node = 0; node < 2; node++) {
        ServiceProcess service =
            rig.start(
                Map.of(
                    "quarkus.datasource.jdbc.url",
                    cluster.url(node, rig.schema()),
                    "rowmill.cluster.enabled",
                    "true",
                    "rowmill.cluster.takeover",
                    "5s",
                    "rowmill.node",
                    "node-" + node));
        nodes.add(new RowmillApi(service.address()));
      }
      List<WorkTable> tables = new ArrayList<>();
      List<Long> batches = new ArrayList<>();
      for (int i = 0; i < 12; i++) {
        WorkTable table = rig.table(FEW_ROWS);
        tables.add(table);
        batches.add(
            nodes
                .get(i % 2)
                .start("project-" + i)
                .sql("UPDATE " + table.name() + " SET n = n + 1")
                .chunkRows(CHUNK)
                .with("mode", i < 8 ? "serial" : "parallel")
                .accepted());
      }
      cluster.server(0).kill();
      for (int i = 0; i < batches.size(); i++) {
        Rig.assertExact(nodes.get((i + 1) % 2).ended(batches.get(i)), tables.get(i), FEW_ROWS);
      }
      assertEquals(
          0,
          rig.number(
              "SELECT COUNT(*) FROM %1$s.batch a JOIN %1$s.batch b ON a.id < b.id"
                      .formatted(rig.schema())
                  + " AND a.started_at < b.finished_at AND b.started_at < a.finished_at"
                  + " WHERE a.mode = 'SERIAL' AND b.mode = 'SERIAL'"),
          "serial batches that ran at the same time");
    }
  }

  /** Connects the test to a server that stays alive, and lets it read all commits of the others. */
  private Rig rig() throws SQLException {
    return new Rig(cluster.server(1), "&sessionVariables=wsrep_sync_wait=7");
  }

  private Map<String, String> hosts(Rig rig) {
    return Map.of("quarkus.datasource.jdbc.url", cluster.url(0, rig.schema()));
  }

  private boolean isAway(String schema) throws SQLException {
    try (Connection connection = driven(cluster.url(1, schema))) {
      return connection.isClosed();
    } catch (SQLException e) {
      return e.getMessage().startsWith("no host accepts writes: ");
    }
  }

  private Connection driven(String url) throws SQLException {
    var account = new Properties();
    account.setProperty("user", cluster.server(1).user());
    account.setProperty("password", cluster.server(1).password());
    account.setProperty("openTelemetry", "DISABLED");
    return new HostsDriver().connect(url, account);
  }

  /** Changes rows near the batch's checkpoint repeatedly; returns the number of changes. */
  private static long writeWhereItIs(Rig rig, long batch, WorkTable table, AtomicBoolean stop) {
    long written = 0;
    try (Connection connection = rig.connect();
        Statement statement = connection.createStatement()) {
      while (!stop.get()) {
        long at = Math.max(0, rig.scannedWhileRunning(batch));
        try {
          written +=
              statement.executeUpdate(
                  "UPDATE %s SET m = m + 1 WHERE id BETWEEN %d AND %d"
                      .formatted(table.name(), at, at + WRITTEN_AT_ONCE));
        } catch (SQLException e) {
          if (e.getErrorCode() != 1213 && e.getErrorCode() != 1205) {
            throw e;
          }
        }
        // Without this pause, the batch would never pass these rows.
        Thread.sleep(PAUSE_MILLIS);
      }
    } catch (SQLException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
    return written;
  }
}
