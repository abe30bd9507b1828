package dev.rowmill.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rowmill.testing.Rig;
import dev.rowmill.testing.RowmillApi;
import dev.rowmill.testing.ServiceProcess;
import dev.rowmill.testing.SharedServer;
import dev.rowmill.testing.Soak;
import dev.rowmill.testing.TestServer;
import dev.rowmill.testing.WorkTable;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Lets an UPDATE and an INSERT … SELECT of several lanes fail at random rows, repairs one row after
 * each failure and retries, and kills the service by {@code kill -9} during retried runs. At the
 * end, each row must have been changed exactly once, and an undo must restore all of them.
 */
@ExtendWith(SharedServer.class)
class RetryCrashIT {

  private static final int ROWS = 6_000;
  private static final int BAD_ROWS = 4;

  /** Sets the number of kills for each batch. */
  private static final int KILLS = Soak.number("testing.retry.kills", 2, 5);

  private static final Set<String> ENDED = Set.of("succeeded", "failed");
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Random random = Seed.random("RetryCrashIT");

  private @Nullable ServiceProcess service;

  /** Repairs one of the rows that reject the change. */
  private interface Repair {
    void one() throws SQLException;
  }

  @Test
  void failed_batches_continue_exactly_whenever_they_fail_and_are_killed(TestServer server)
      throws Exception {
    try (var rig = new Rig(server)) {
      WorkTable table = rig.table(ROWS);
      WorkTable source = rig.table(ROWS);
      WorkTable archive = rig.table(0);
      for (int i = 0; i < BAD_ROWS; i++) {
        long bad = 1 + random.nextInt(ROWS);
        table.execute("UPDATE " + table.name() + " SET n = 2147483647 WHERE id = " + bad);
        archive.execute("REPLACE INTO " + archive.name() + " VALUES (" + bad + ", -1)");
      }

      long update =
          run(
              rig,
              "updated",
              "UPDATE " + table.name() + " SET n = n + 1 WHERE id > 0",
              () ->
                  table.execute(
                      "UPDATE "
                          + table.name()
                          + " SET n = 0 WHERE n = 2147483647"
                          + " ORDER BY id LIMIT 1"));
      assertEquals(ROWS, table.rowsWith(1));
      long insert =
          run(
              rig,
              "inserted",
              "INSERT INTO " + archive.name() + " SELECT id, n FROM " + source.name(),
              () ->
                  archive.execute(
                      "DELETE FROM " + archive.name() + " WHERE n = -1 ORDER BY id DESC LIMIT 1"));
      assertEquals(ROWS, archive.rowsWith(0));
      assertEquals(ROWS, archive.number("SELECT COUNT(*) FROM " + archive.name()));

      RowmillApi api = api();
      for (long id : new long[] {update, insert}) {
        long undo = api.accepted("/batches/" + id + "/undo", JSON.createObjectNode());
        JsonNode undone = api.ended(undo);
        assertEquals("succeeded", undone.path("status").asText(), undone::toString);
        assertEquals(0, undone.path("conflicts").asInt(-1), undone::toString);
      }
      assertEquals(ROWS, table.rowsWith(0));
      assertEquals(0, archive.number("SELECT COUNT(*) FROM " + archive.name()));
      rig.leavesNothingBehind(api);
    }
  }

  /** Runs a batch until it has succeeded, and returns its id. */
  private long run(Rig rig, String project, String sql, Repair repair) throws Exception {
    if (service == null) {
      service = rig.start();
    }
    ObjectNode body = JSON.createObjectNode().put("sql", sql).put("undo", true).put("lanes", 4);
    body.put("wholeTable", true);
    body.putObject("chunk").put("rows", 20);
    body.putObject("limits").put("rowsPerSecond", ROWS / 3);
    long id = api().accepted("/projects/" + project + "/batches", body);
    int failures = 0;
    int kills = 0;
    JsonNode batch = api().ended(id);
    while (!batch.path("status").asText().equals("succeeded")) {
      assertEquals("failed", batch.path("status").asText(), batch::toString);
      failures++;
      repair.one();
      api().post("/batches/" + id + "/retry").statusCode(202);
      if (kills < KILLS && killed(rig, id)) {
        kills++;
      }
      batch = api().ended(id);
    }
    System.out.printf("RetryCrashIT: %s: %d failures, %d kills%n", project, failures, kills);
    assertTrue(failures > 0, "nothing failed");
    JsonNode progress = batch.path("progress");
    assertEquals(ROWS, progress.path("rowsChanged").asLong(), batch::toString);
    assertEquals(ROWS, batch.path("undo").path("rows").asLong(), batch::toString);
    return id;
  }

  private RowmillApi api() {
    return new RowmillApi(Objects.requireNonNull(service).address());
  }

  /** Kills the service during the run, unless it ends before, and returns whether it did. */
  private boolean killed(Rig rig, long id) {
    double before = percent(api().batch(id));
    double moment = before + random.nextDouble() * (98 - before) / 2;
    JsonNode batch =
        Awaitility.await("batch " + id + " past " + moment + " %")
            .atMost(Duration.ofMinutes(2))
            .pollDelay(Duration.ZERO)
            .pollInterval(Duration.ofMillis(3))
            .until(
                () -> api().batch(id),
                it -> percent(it) > moment || ENDED.contains(it.path("status").asText()));
    if (!batch.path("status").asText().equals("running")) {
      return false;
    }
    Objects.requireNonNull(service).kill();
    Awaitility.await("the server to roll back").untilAsserted(rig::noTransactions);
    service = rig.start();
    return true;
  }

  private static double percent(JsonNode batch) {
    return batch.path("progress").path("percent").asDouble(0);
  }
}
