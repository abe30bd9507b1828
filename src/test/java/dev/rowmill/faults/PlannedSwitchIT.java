package dev.rowmill.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.mysql.cj.jdbc.MysqlDataSource;
import dev.rowmill.testing.MySqlGroup;
import dev.rowmill.testing.Rig;
import dev.rowmill.testing.RowmillApi;
import dev.rowmill.testing.TestServer;
import dev.rowmill.testing.WorkTable;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/**
 * Makes another server of a group the primary while a batch runs, by a planned switchover and by a
 * kill.
 */
class PlannedSwitchIT {

  private static final int ROWS = 20_000;
  private static final int CHUNK = 10;
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  @Test
  void a_batch_continues_over_the_new_primary() throws Exception {
    assumeTrue(MySqlGroup.canBe(), "no MySQL (-Dtesting.mariadbd=/usr/sbin/mysqld)");
    try (MySqlGroup group = MySqlGroup.start();
        var rig = new Rig(group.server(0))) {
      WorkTable table = rig.table(ROWS);
      var config = Map.of("quarkus.datasource.jdbc.url", group.url(rig.schema()));
      var api = new RowmillApi(rig.start(config).address());
      long batch =
          api.start("switch")
              .sql("UPDATE " + table.name() + " SET n = n + 1")
              .chunkRows(CHUNK)
              .accepted();
      awaitMore(api, batch, ROWS / 20, PATIENCE);
      // From now on the old primary rejects writes, but keeps its connections.
      group.setPrimary(1);
      awaitMore(api, batch, scanned(api, batch) + CHUNK, PATIENCE);
      assertEquals(200, api.get("/q/health/ready").status());
      JsonNode going = api.batch(batch);
      assertTrue(going.path("throttle").isNull(), going::toString);
      TestServer last = group.server(2);
      var admin = new MysqlDataSource();
      admin.setURL(last.url(""));
      admin.setUser(last.user());
      admin.setPassword(last.password());
      goesOnAfterKill(group.server(1), admin, rig.schema(), batch);
      JsonNode ended = api.ended(batch);
      Rig.assertExact(ended, table.on(admin), ROWS);
      assertTrue(ended.path("progress").path("retries").asLong() > 0, ended::toString);
    }
  }

  /** Kills the primary, and waits until another server has the batch's next chunk. */
  private static void goesOnAfterKill(
      TestServer primary, MysqlDataSource other, String schema, long batch) throws SQLException {
    String stored = "SELECT retries, chunks FROM " + schema + ".lane WHERE batch = " + batch;
    try (Connection connection = other.getConnection();
        PreparedStatement select = connection.prepareStatement(stored)) {
      long retries = numbers(select)[0];
      long killed = System.nanoTime();
      primary.kill();
      // The run counts a retry after it has read the stored checkpoint. Chunks that were being
      // replicated were stored before that.
      long[] found =
          Awaitility.await("the run to go over")
              .pollDelay(Duration.ZERO)
              .pollInterval(Duration.ofMillis(20))
              .atMost(PATIENCE)
              .until(() -> numbers(select), now -> now[0] > retries);
      Awaitility.await("the next chunk")
          .pollDelay(Duration.ZERO)
          .pollInterval(Duration.ofMillis(20))
          .atMost(PATIENCE)
          .until(() -> numbers(select)[1] > found[1]);
      Duration took = Duration.ofNanos(System.nanoTime() - killed);
      System.out.printf("PlannedSwitchIT: the next chunk %d ms after the kill%n", took.toMillis());
    }
  }

  /** Returns the retries and chunks of the batch's only lane. */
  private static long[] numbers(PreparedStatement select) throws SQLException {
    try (ResultSet row = select.executeQuery()) {
      row.next();
      return new long[] {row.getLong(1), row.getLong(2)};
    }
  }

  private static long scanned(RowmillApi api, long batch) {
    return api.batch(batch).path("progress").path("rowsScanned").asLong();
  }

  private static void awaitMore(RowmillApi api, long batch, long rows, Duration patience) {
    Awaitility.await("the batch past " + rows + " rows")
        .atMost(patience)
        .pollInterval(Duration.ofMillis(50))
        .until(
            () -> {
              RowmillApi.Reply reply = api.get("/batches/" + batch);
              return reply.body().path("progress").path("rowsScanned").asLong() > rows;
            });
  }
}
