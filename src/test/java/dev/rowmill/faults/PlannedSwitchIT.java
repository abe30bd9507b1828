package dev.rowmill.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.mysql.cj.jdbc.MysqlDataSource;
import dev.rowmill.testing.Api;
import dev.rowmill.testing.MySqlGroup;
import dev.rowmill.testing.Rig;
import dev.rowmill.testing.TestServer;
import dev.rowmill.testing.WorkTable;
import java.time.Duration;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Another server of a group becomes the primary while a batch runs, planned and by force. */
class PlannedSwitchIT {

  private static final int ROWS = 20_000;
  private static final int CHUNK = 10;
  private static final Duration SOON = Duration.ofSeconds(12);

  /** The group takes six seconds to find that its primary is gone. */
  private static final Duration AFTER_KILL = Duration.ofSeconds(20);

  @Test
  void a_batch_goes_on_over_the_new_primary() throws Exception {
    assumeTrue(MySqlGroup.canBe(), "no MySQL (-Dtesting.mariadbd=/usr/sbin/mysqld)");
    try (MySqlGroup group = MySqlGroup.start();
        var rig = new Rig(group.server(0))) {
      WorkTable table = rig.table(ROWS);
      var config = Map.of("quarkus.datasource.jdbc.url", group.url(rig.schema()));
      var api = new Api(rig.start(config).address());
      long batch = api.accepted("switch", "UPDATE " + table.name() + " SET n = n + 1", CHUNK);
      awaitMore(api, batch, ROWS / 20, Duration.ofMinutes(1));
      // The old primary takes no writes from now on, and keeps its connections.
      group.setPrimary(1);
      awaitMore(api, batch, scanned(api, batch) + CHUNK, SOON);
      assertEquals(200, api.getRaw("/q/health/ready").status());
      JsonNode going = api.batch(batch);
      assertTrue(going.path("throttle").isNull(), going::toString);
      long before = scanned(api, batch);
      group.server(1).kill();
      // Chunks in hand may have been counted since.
      awaitMore(api, batch, before + 10 * CHUNK, AFTER_KILL);
      JsonNode ended = api.ended(batch);
      TestServer last = group.server(2);
      var admin = new MysqlDataSource();
      admin.setURL(last.url(""));
      admin.setUser(last.user());
      admin.setPassword(last.password());
      Rig.assertExact(ended, table.on(admin), ROWS);
      assertTrue(ended.path("progress").path("retries").asLong() > 0, ended::toString);
    }
  }

  private static long scanned(Api api, long batch) {
    return api.batch(batch).path("progress").path("rowsScanned").asLong();
  }

  private static void awaitMore(Api api, long batch, long rows, Duration patience) {
    Awaitility.await("the batch past " + rows + " rows")
        .atMost(patience)
        .pollInterval(Duration.ofMillis(50))
        .until(
            () -> {
              Api.Reply reply = api.get("/batches/" + batch);
              return reply.body().path("progress").path("rowsScanned").asLong() > rows;
            });
  }
}
