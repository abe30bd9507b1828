package dev.rowmill.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rowmill.chaos.FaultyLink;
import dev.rowmill.testing.Rig;
import dev.rowmill.testing.RowmillApi;
import dev.rowmill.testing.RowmillApi.Reply;
import dev.rowmill.testing.SharedServer;
import dev.rowmill.testing.TestServer;
import dev.rowmill.testing.WorkTable;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Cuts connections of the service after the server has received a commit, so its response is lost:
 * that of a retry itself, and those of the chunks of the retried run. Each row must change once.
 */
@ExtendWith(SharedServer.class)
class LostCommitIT {

  private static final int ROWS = 6_000;

  /** Counts the rows that a batch skips: those whose id ends with 7. */
  private static final int SKIPPED = ROWS / 10;

  /**
   * Sets how often it is drawn whether the response to the next commit is lost, by one in so many.
   */
  private static final Duration DRAWS = Duration.ofMillis(20);

  private static final int ONE_IN = 4;

  /** Is more than the attempts of any transaction of the control tables. */
  private static final int ALL = 100;

  @Test
  void retries_are_exact_when_responses_to_commits_are_lost(TestServer server) throws Exception {
    Random random = Seed.random("LostCommitIT");
    InetAddress own = InetAddress.getByName("127.0.0.1");
    try (var rig = new Rig(server);
        var link = new FaultyLink(own, server.port())) {
      WorkTable table = rig.table(ROWS);
      String url = TestServer.url(link.port(), rig.schema());
      var api = new RowmillApi(rig.start(Map.of("quarkus.datasource.jdbc.url", url)).address());
      rig.execute("UPDATE " + table.name() + " SET n = 2147483647 WHERE id % 10 = 7");
      ObjectNode body = slow(ROWS / 3).put("sql", "UPDATE " + table.name() + " SET n = n + 1");
      body.put("undo", true).put("wholeTable", true);
      body.putObject("onError").put("mode", "skip").put("maxSkipped", SKIPPED);
      long batch = api.accepted("/projects/lost/batches", body);
      rig.awaitScanned(batch, ROWS / 10);
      api.post("/batches/" + batch + "/cancel").statusCode(202);
      assertEquals("cancelled", api.ended(batch).path("status").asText());

      link.loseAnswers(1);
      assertEquals(1, lost(link, () -> api.post("/batches/" + batch + "/retry").statusCode(202)));
      JsonNode ended = endedWithLosses(api, link, random, batch);
      assertEquals("succeeded", ended.path("status").asText(), ended::toString);
      assertEquals(SKIPPED, ended.path("skipped").asInt(), ended::toString);
      assertEquals(ROWS - SKIPPED, ended.at("/progress/rowsChanged").asInt(), ended::toString);
      assertEquals(ROWS - SKIPPED, table.rowsWith(1));

      rig.execute("UPDATE " + table.name() + " SET n = 0 WHERE n = 2147483647");
      link.loseAnswers(1);
      var retry = new Reply[1];
      assertEquals(
          1,
          lost(
              link,
              () ->
                  retry[0] =
                      api.post("/batches/" + batch + "/skipped/retry", slow(SKIPPED / 3))
                          .statusCode(202)));
      JsonNode retried = endedWithLosses(api, link, random, retry[0].id());
      assertEquals("succeeded", retried.path("status").asText(), retried::toString);
      assertEquals(SKIPPED, retried.at("/progress/rowsChanged").asInt(), retried::toString);
      assertEquals(ROWS, table.rowsWith(1));

      for (long undo : new long[] {retry[0].id(), batch}) {
        JsonNode undone = api.ended(api.accepted("/batches/" + undo + "/undo", slow(2 * ROWS)));
        assertEquals("succeeded", undone.path("status").asText(), undone::toString);
        assertEquals(0, undone.path("conflicts").asInt(-1), undone::toString);
      }
      assertEquals(ROWS, table.rowsWith(0));
      rig.leavesNothingBehind(api);
    }
  }

  @Test
  void a_retry_that_is_stored_without_any_response_runs(TestServer server) throws Exception {
    InetAddress own = InetAddress.getByName("127.0.0.1");
    try (var rig = new Rig(server);
        var link = new FaultyLink(own, server.port())) {
      WorkTable table = rig.table(50);
      String url = TestServer.url(link.port(), rig.schema());
      var api = new RowmillApi(rig.start(Map.of("quarkus.datasource.jdbc.url", url)).address());
      rig.execute("UPDATE " + table.name() + " SET n = 2147483647 WHERE id = 45");
      ObjectNode body = slow(1000).put("sql", "UPDATE " + table.name() + " SET n = n + 1");
      long batch = api.accepted("/projects/unanswered/batches", body);
      assertEquals("failed", api.ended(batch).path("status").asText());
      rig.execute("UPDATE " + table.name() + " SET n = 0 WHERE id = 45");

      link.loseAnswers(ALL);
      Reply reply = api.post("/batches/" + batch + "/retry");
      link.loseAnswers(0);
      assertEquals(503, reply.status(), reply::toString);
      assertEquals("database-unavailable", reply.problem(), reply::toString);
      Awaitility.await("the batch that was stored to run")
          .atMost(Duration.ofMinutes(2))
          .until(() -> api.batch(batch).path("status").asText().equals("succeeded"));
      assertEquals(50, table.rowsWith(1));
      assertEquals(3, rig.epoch(batch), "two claims and a retry");
      rig.leavesNothingBehind(api);
    }
  }

  private static ObjectNode slow(int rowsPerSecond) {
    ObjectNode body = JsonNodeFactory.instance.objectNode().put("lanes", 3);
    body.putObject("chunk").put("rows", 10);
    body.putObject("limits").put("rowsPerSecond", rowsPerSecond);
    return body;
  }

  /** Returns how many responses to commits are lost by a call. */
  private static int lost(FaultyLink link, Runnable call) {
    int before = link.answersLost();
    call.run();
    return link.answersLost() - before;
  }

  /** Waits for the end of a batch, of which responses to commits are lost meanwhile. */
  private static JsonNode endedWithLosses(
      RowmillApi api, FaultyLink link, Random random, long batch) throws InterruptedException {
    int before = link.answersLost();
    ScheduledExecutorService cuts = Executors.newSingleThreadScheduledExecutor();
    try {
      cuts.scheduleWithFixedDelay(
          () -> link.loseAnswers(random.nextInt(ONE_IN) == 0 ? 1 : 0),
          DRAWS.toMillis(),
          DRAWS.toMillis(),
          TimeUnit.MILLISECONDS);
      JsonNode ended = api.ended(batch);
      System.out.printf(
          "LostCommitIT: %d responses lost, %d retries of chunks%n",
          link.answersLost() - before, ended.at("/progress/retries").asInt());
      assertTrue(link.answersLost() > before, "no response was lost");
      assertTrue(ended.at("/progress/retries").asInt() > 0, ended::toString);
      return ended;
    } finally {
      cuts.shutdownNow();
      cuts.awaitTermination(1, TimeUnit.MINUTES);
      link.loseAnswers(0);
    }
  }
}
