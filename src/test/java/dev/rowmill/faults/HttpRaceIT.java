package dev.rowmill.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rowmill.testing.Rig;
import dev.rowmill.testing.RowmillApi;
import dev.rowmill.testing.SharedServer;
import dev.rowmill.testing.Soak;
import dev.rowmill.testing.TestServer;
import dev.rowmill.testing.WorkTable;
import java.sql.Connection;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Tests many concurrent callers. {@code testing.race.rounds} and {@code testing.burst.starts} set
 * its length.
 */
@ExtendWith(SharedServer.class)
class HttpRaceIT {

  private static final int ROUNDS = Soak.number("testing.race.rounds", 8, 20);
  private static final int STARTS = Integer.getInteger("testing.burst.starts", 1_100);
  private static final int CALLERS = 64;
  private static final int WAITS = 4 * CALLERS;
  private static final int CHUNK = 10;
  private static final int WARM_UP = 50;
  private static final int TIMED = 100;

  private final ExecutorService callers = Executors.newFixedThreadPool(CALLERS);

  @AfterEach
  void end_callers() {
    callers.shutdownNow();
  }

  @Test
  void one_of_many_callers_for_one_project_is_accepted(TestServer server) throws Exception {
    try (var rig = new Rig(server)) {
      WorkTable table = rig.table(1);
      var api = new RowmillApi(rig.start().address());
      for (int round = 1; round <= ROUNDS; round++) {
        List<RowmillApi.Reply> replies;
        try (Connection holder = rig.connect();
            Statement statement = holder.createStatement()) {
          // Keep the batch from ending before all requests are sent.
          holder.setAutoCommit(false);
          statement.executeQuery("SELECT n FROM " + table.name() + " FOR UPDATE");
          var barrier = new CyclicBarrier(CALLERS);
          replies =
              all(
                  CALLERS,
                  i ->
                      () -> {
                        barrier.await();
                        return start(api, "race", table);
                      });
          holder.rollback();
        }
        List<RowmillApi.Reply> accepted = replies.stream().filter(r -> r.status() == 202).toList();
        assertEquals(1, accepted.size(), replies::toString);
        long batch = accepted.get(0).body().path("id").asLong();
        for (RowmillApi.Reply reply : replies) {
          if (reply.status() != 202) {
            assertEquals(409, reply.status(), reply::toString);
            assertEquals("project-busy", reply.problem(), reply::toString);
            assertEquals(batch, reply.body().path("batch").asLong(), reply::toString);
            assertTrue(reply.body().path("progress").isObject(), reply::toString);
          }
        }
        assertEquals("succeeded", api.ended(batch).path("status").asText());
        assertEquals(1, table.rowsWith(round));
      }
      rig.leavesNothingBehind(api);
    }
  }

  @Test
  void a_wait_that_times_out_returns_the_batch_as_it_is(TestServer server) throws Exception {
    try (var rig = new Rig(server)) {
      var api = new RowmillApi(rig.start().address());
      // A batch that no thread runs sends no events, so its status is polled.
      long batch = rig.storeLeftBatch("left");
      for (RowmillApi.Reply reply :
          all(WAITS, i -> () -> api.get("/batches/" + batch + "?wait=1"))) {
        assertEquals(200, reply.status(), reply::toString);
        assertEquals("queued", reply.body().path("status").asText(), reply::toString);
      }
    }
  }

  @Test
  void a_burst_of_starts_is_accepted_and_done(TestServer server) throws Exception {
    try (var rig = new Rig(server)) {
      WorkTable table = rig.table(10);
      var api = new RowmillApi(rig.start().address());
      List<RowmillApi.Reply> replies = all(STARTS, i -> () -> start(api, "burst-" + i, table));
      List<Long> batches = new ArrayList<>();
      for (RowmillApi.Reply reply : replies) {
        if (reply.status() == 202) {
          batches.add(reply.body().path("id").asLong());
        } else {
          assertEquals(503, reply.status(), reply::toString);
          assertEquals("pool-full", reply.problem(), reply::toString);
        }
      }
      rig.leavesNothingBehind(api);
      assertEquals(10, table.rowsWith(batches.size()));
      assertEquals(batches.size(), rig.batchesThat("status = 'SUCCEEDED'"));
      assertEquals(batches.size(), rig.batchesThat("TRUE"));
      System.out.printf("HttpRaceIT: %d of %d starts accepted%n", batches.size(), STARTS);
      time(api, table);
      rig.leavesNothingBehind(api);
    }
  }

  /** Measures how long a start takes on an idle service. */
  private static void time(RowmillApi api, WorkTable table) {
    List<Long> nanos = new ArrayList<>();
    for (int i = 0; i < WARM_UP + TIMED; i++) {
      long began = System.nanoTime();
      long batch =
          api.start("timed")
              .sql("UPDATE " + table.name() + " SET n = n + 1")
              .chunkRows(CHUNK)
              .accepted();
      if (i >= WARM_UP) {
        nanos.add(System.nanoTime() - began);
      }
      api.ended(batch);
    }
    nanos.sort(null);
    System.out.printf(
        "HttpRaceIT: a start takes %.1f ms at the median, %.1f ms at the 95th percentile%n",
        nanos.get(TIMED / 2) / 1e6, nanos.get(TIMED * 95 / 100) / 1e6);
  }

  private static RowmillApi.Reply start(RowmillApi api, String project, WorkTable table) {
    return api.start(project)
        .sql("UPDATE " + table.name() + " SET n = n + 1")
        .chunkRows(CHUNK)
        .send();
  }

  private interface Call {
    Callable<RowmillApi.Reply> number(int i);
  }

  private List<RowmillApi.Reply> all(int count, Call call) throws Exception {
    List<Callable<RowmillApi.Reply>> calls = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      calls.add(call.number(i));
    }
    List<RowmillApi.Reply> replies = new ArrayList<>();
    for (Future<RowmillApi.Reply> future : callers.invokeAll(calls, 5, TimeUnit.MINUTES)) {
      replies.add(future.get());
    }
    return replies;
  }
}
