package dev.rowmill.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rowmill.testing.Rig;
import dev.rowmill.testing.RowmillApi;
import dev.rowmill.testing.ServiceProcess;
import dev.rowmill.testing.SharedServer;
import dev.rowmill.testing.TestServer;
import dev.rowmill.testing.WorkTable;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Kills connections of the service by {@code KILL} during a batch, which callers must not notice.
 * {@code testing.kill.rows} and {@code testing.kill.millis} (between kills) set its length.
 */
@ExtendWith(SharedServer.class)
class ConnectionKillIT {

  private static final int ROWS = Integer.getInteger("testing.kill.rows", 30_000);
  private static final int MILLIS = Integer.getInteger("testing.kill.millis", 200);
  private static final int CHUNK = 20;
  private static final int NO_SUCH_THREAD = 1094;

  /** Sets the interval, in kills, at which all connections are killed instead of one. */
  private static final int ALL_AT_EACH = 5;

  private static final int OTHER_PROJECTS = 4;

  private final Queue<String> faults = new ConcurrentLinkedQueue<>();

  @Test
  void killed_connections_have_no_visible_effect(TestServer server) throws Exception {
    Random random = Seed.random("ConnectionKillIT");
    try (var rig = new Rig(server)) {
      WorkTable table = rig.table(ROWS);
      WorkTable small = rig.table(10);
      ServiceProcess service = rig.start();
      var api = new RowmillApi(service.address());
      long batch =
          api.start("killed")
              .sql("UPDATE " + table.name() + " SET n = n + 1")
              .chunkRows(CHUNK)
              .accepted();
      rig.awaitScanned(batch, 0);

      var killer = new Killer(rig, random);
      var starter = new Starter(api, small);
      ScheduledExecutorService meanwhile = Executors.newScheduledThreadPool(2);
      JsonNode ended;
      try (Readers readers = Readers.of(api, batch)) {
        meanwhile.scheduleWithFixedDelay(killer, 0, MILLIS, TimeUnit.MILLISECONDS);
        meanwhile.scheduleWithFixedDelay(starter, 0, MILLIS / 3, TimeUnit.MILLISECONDS);
        ended = api.ended(batch);
        meanwhile.shutdown();
        assertTrue(meanwhile.awaitTermination(1, TimeUnit.MINUTES));
        assertEquals(List.of(), readers.bad());
        assertTrue(readers.responses() > 100, "only " + readers.responses() + " answers");
      } finally {
        meanwhile.shutdownNow();
      }
      assertEquals(List.of(), List.copyOf(faults));
      Rig.assertExact(ended, table, ROWS);
      for (long other : starter.accepted) {
        assertEquals("succeeded", api.ended(other).path("status").asText());
      }
      assertEquals(10, small.rowsWith(starter.accepted.size()));
      System.out.printf(
          "ConnectionKillIT: %d connections killed in %d kills, %d retries, %d other batches%n",
          killer.killed,
          killer.kills,
          ended.path("progress").path("retries").asLong(),
          starter.accepted.size());
      assertTrue(killer.kills > ALL_AT_EACH, "the batch ended before it was disturbed");
      assertTrue(ended.path("progress").path("retries").asLong() > 0, ended::toString);
      assertTrue(service.isAlive());
      assertEquals(1, rig.epoch(batch));
      rig.leavesNothingBehind(api);
    }
  }

  private final class Killer implements Runnable {

    private final Rig rig;
    private final Random random;
    private int kills;
    private int killed;

    Killer(Rig rig, Random random) {
      this.rig = rig;
      this.random = random;
    }

    @Override
    public void run() {
      try {
        List<Long> all = rig.connections();
        if (all.isEmpty()) {
          return;
        }
        kills++;
        List<Long> chosen =
            kills % ALL_AT_EACH == 0 ? all : List.of(all.get(random.nextInt(all.size())));
        try (Connection connection = rig.connect();
            Statement statement = connection.createStatement()) {
          for (long id : chosen) {
            kill(statement, id);
          }
        }
      } catch (SQLException | RuntimeException e) {
        faults.add("killer: " + e);
      }
    }

    private void kill(Statement statement, long id) throws SQLException {
      try {
        statement.execute("KILL " + id);
        killed++;
      } catch (SQLException e) {
        if (e.getErrorCode() != NO_SUCH_THREAD) {
          throw e;
        }
      }
    }
  }

  private final class Starter implements Runnable {

    private final RowmillApi api;
    private final WorkTable table;
    private final List<Long> accepted = new ArrayList<>();
    private int requests;

    Starter(RowmillApi api, WorkTable table) {
      this.api = api;
      this.table = table;
    }

    @Override
    public void run() {
      try {
        RowmillApi.Reply reply =
            api.start("other-" + requests++ % OTHER_PROJECTS)
                .sql("UPDATE " + table.name() + " SET n = n + 1")
                .chunkRows(CHUNK)
                .send();
        if (reply.status() == 202) {
          accepted.add(reply.body().path("id").asLong());
        } else if (reply.status() != 409 || !reply.problem().equals("project-busy")) {
          faults.add("start: " + reply);
        }
      } catch (RuntimeException e) {
        faults.add("start: " + e + ", " + e.getCause());
      }
    }
  }
}
