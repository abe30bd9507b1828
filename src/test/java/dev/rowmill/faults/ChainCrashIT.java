package dev.rowmill.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rowmill.testing.Rig;
import dev.rowmill.testing.RowmillApi;
import dev.rowmill.testing.RowmillApi.Reply;
import dev.rowmill.testing.ServiceProcess;
import dev.rowmill.testing.SharedServer;
import dev.rowmill.testing.Soak;
import dev.rowmill.testing.TestServer;
import dev.rowmill.testing.WorkTable;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Kills the service by {@code kill -9} while it undoes or retries a chain of three steps, which
 * insert parents and children that are joined by a foreign key, and update the rows that they were
 * copied from. An undone chain must leave the tables as they were before it, and a retried one must
 * have changed each row exactly once.
 */
@ExtendWith(SharedServer.class)
class ChainCrashIT {

  private static final int ROWS = 2_000;

  /** Sets the number of kills of each test while steps run. */
  private static final int KILLS = Soak.number("testing.chain.kills", 2, 6);

  private static final Set<String> ENDED = Set.of("succeeded", "failed", "cancelled");
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Random random = Seed.random("ChainCrashIT");

  private @Nullable ServiceProcess service;

  /** Represents the tables of a chain. */
  private record Tables(WorkTable source, String parent, String child) {

    static Tables of(Rig rig) throws SQLException {
      WorkTable source = rig.table(ROWS);
      var tables = new Tables(source, source.name() + "_parent", source.name() + "_child");
      source.execute("CREATE TABLE " + tables.parent + " (id BIGINT PRIMARY KEY, n INT NOT NULL)");
      source.execute(
          ("CREATE TABLE %s (id BIGINT PRIMARY KEY, n INT NOT NULL, parent BIGINT NOT NULL,"
                  + " FOREIGN KEY (parent) REFERENCES %s (id))")
              .formatted(tables.child, tables.parent));
      return tables;
    }

    List<Long> sums() throws SQLException {
      return List.of(
          source.checksum(source.name()), source.checksum(parent), source.checksum(child));
    }

    ObjectNode chain() {
      ObjectNode chain = JSON.createObjectNode();
      ArrayNode steps = chain.putArray("steps");
      step(steps, "parents", "INSERT INTO " + parent + " SELECT id, n FROM " + source.name());
      step(steps, "children", "INSERT INTO " + child + " SELECT id, n, id FROM " + source.name())
          .putArray("needs")
          .add("parents");
      step(steps, "source", "UPDATE " + source.name() + " SET n = n + 1 WHERE id > 0")
          .putArray("needs")
          .add("children");
      return chain;
    }

    private static ObjectNode step(ArrayNode steps, String name, String sql) {
      return slow(steps.addObject())
          .put("name", name)
          .put("project", name)
          .put("sql", sql)
          .put("wholeTable", true);
    }
  }

  private static ObjectNode slow(ObjectNode body) {
    body.putObject("chunk").put("rows", 20);
    body.putObject("limits").put("rowsPerSecond", ROWS / 2);
    return body;
  }

  @Test
  void an_undone_chain_leaves_the_tables_as_they_were(TestServer server) throws Exception {
    try (var rig = new Rig(server)) {
      Tables tables = Tables.of(rig);
      List<Long> before = tables.sums();
      service = rig.start();
      long id = api().accepted("/chains", tables.chain());
      assertEquals("succeeded", ended(id).path("status").asText());
      assertNotEquals(before, tables.sums());

      long undo = undoneWhileKilled(rig, id);
      int kills = killedWhileRunning(rig, undo);
      JsonNode end = ended(undo);
      System.out.printf("ChainCrashIT: undone with %d kills%n", kills);
      assertTrue(kills > 0, "all was done before the service was killed");
      assertEquals("succeeded", end.path("status").asText(), end::toString);
      for (JsonNode step : end.path("steps")) {
        JsonNode batch = api().batch(step.path("batch").asLong());
        assertEquals(0, batch.path("conflicts").asInt(-1), batch::toString);
        assertEquals(ROWS, batch.path("progress").path("rowsChanged").asLong(), batch::toString);
      }
      assertEquals(before, tables.sums());
      rig.leavesNothingBehind(api());
    }
  }

  /**
   * Kills the service at a random moment of the request for the undo, repeats the request until it
   * has a response, and returns the only undo.
   */
  private long undoneWhileKilled(Rig rig, long id) throws Exception {
    String path = "/chains/" + id + "/undo";
    RowmillApi first = api();
    CompletableFuture<Void> lost = CompletableFuture.runAsync(() -> requested(first, path));
    Thread.sleep(random.nextInt(60));
    killAndRestart(rig);
    lost.exceptionally(e -> null).get();
    long undo = requested(api(), path).statusCode(202).id();
    assertEquals(id, api().get("/chains/" + undo).body().path("undoOf").asLong());
    assertEquals(
        1, rig.number("SELECT COUNT(*) FROM " + rig.schema() + ".chain WHERE undo_of = " + id));
    assertEquals(3, rig.batchesThat("undoes IS NOT NULL"));
    return undo;
  }

  private static Reply requested(RowmillApi api, String path) {
    return api.header("Idempotency-Key", "undo-once")
        .json(slow(JSON.createObjectNode()).put("onConflict", "stop"))
        .post(path);
  }

  @Test
  void a_retried_chain_changes_each_row_once(TestServer server) throws Exception {
    try (var rig = new Rig(server)) {
      Tables tables = Tables.of(rig);
      int bad = ROWS / 4 + random.nextInt(ROWS / 2);
      tables.source.execute("INSERT INTO " + tables.parent + " VALUES (" + bad + ", -1)");
      tables.source.execute(
          "UPDATE " + tables.source.name() + " SET n = 2147483647 WHERE id = " + bad);
      service = rig.start();
      long id = api().accepted("/chains", tables.chain());
      JsonNode end = ended(id);
      assertEquals("failed", end.path("status").asText(), end::toString);

      tables.source.execute("DELETE FROM " + tables.parent + " WHERE n = -1");
      retry(id);
      int kills = killedWhileRunning(rig, id);
      end = ended(id);
      assertEquals("failed", end.path("status").asText(), end::toString);
      assertEquals("succeeded", end.path("steps").path(1).path("status").asText(), end::toString);

      tables.source.execute("UPDATE " + tables.source.name() + " SET n = 0 WHERE id = " + bad);
      retry(id);
      kills += killedWhileRunning(rig, id);
      end = ended(id);
      System.out.printf("ChainCrashIT: retried with %d kills%n", kills);
      assertTrue(kills > 0, "all was done before the service was killed");
      assertEquals("succeeded", end.path("status").asText(), end::toString);
      assertEquals(ROWS, tables.source.rowsWith(1));
      for (String table : List.of(tables.parent, tables.child)) {
        assertEquals(ROWS, rig.number("SELECT COUNT(*) FROM " + table));
      }
      for (JsonNode step : end.path("steps")) {
        assertEquals(ROWS, step.path("progress").path("rowsChanged").asLong(), step::toString);
      }
      rig.leavesNothingBehind(api());
    }
  }

  private void retry(long id) {
    api().post("/chains/" + id + "/retry").statusCode(202);
  }

  private RowmillApi api() {
    return new RowmillApi(Objects.requireNonNull(service).address());
  }

  private JsonNode chain(long id) {
    return api().get("/chains/" + id).statusCode(200).body();
  }

  private static boolean isEnded(JsonNode chain) {
    return ENDED.contains(chain.path("status").asText());
  }

  private JsonNode ended(long id) {
    return Awaitility.await("end of chain " + id)
        .atMost(Duration.ofMinutes(4))
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(50))
        .until(() -> chain(id), ChainCrashIT::isEnded);
  }

  private static long scanned(JsonNode chain) {
    long rows = 0;
    for (JsonNode step : chain.path("steps")) {
      rows += step.path("progress").path("rowsScanned").asLong();
    }
    return rows;
  }

  /** Kills the service after random numbers of rows, and returns how often before the end. */
  private int killedWhileRunning(Rig rig, long id) {
    int kills = 0;
    for (int part = 0; part < KILLS; part++) {
      long after = (long) (3.0 * ROWS * (part + random.nextDouble(0.9)) / KILLS);
      JsonNode now =
          Awaitility.await("chain " + id + " past " + after + " rows")
              .atMost(Duration.ofMinutes(4))
              .pollDelay(Duration.ZERO)
              .pollInterval(Duration.ofMillis(3))
              .until(() -> chain(id), it -> scanned(it) > after || isEnded(it));
      if (isEnded(now)) {
        break;
      }
      killAndRestart(rig);
      kills++;
    }
    return kills;
  }

  private void killAndRestart(Rig rig) {
    Objects.requireNonNull(service).kill();
    Awaitility.await("the server to roll back").untilAsserted(rig::noTransactions);
    service = rig.start();
  }
}
