package dev.rowmill.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rowmill.testing.Rig;
import dev.rowmill.testing.RowmillApi;
import dev.rowmill.testing.ServiceProcess;
import dev.rowmill.testing.SharedServer;
import dev.rowmill.testing.TestServer;
import dev.rowmill.testing.WorkTable;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Tests schedules on nodes that are killed, and missed firings. */
@ExtendWith(SharedServer.class)
class ScheduleIT {

  private static final int NODES = 3;
  private static final int SCHEDULES = 40;
  private static final int EVERY_SECONDS = 10;
  private static final int KILLS = 5;
  private static final int IDLE = 10_000;
  private static final int IDLE_SECONDS = 20;
  private static final int BETWEEN_KILLS = 5;
  private static final Duration PATIENCE = Duration.ofMinutes(4);

  private Rig rig;
  private WorkTable table;

  @BeforeEach
  void prepare(TestServer server) throws SQLException {
    rig = new Rig(server);
    table = rig.table(SCHEDULES);
  }

  @AfterEach
  void stop() {
    rig.close();
  }

  private ServiceProcess node(int number) {
    return rig.launch(
        Map.of(
            "rowmill.cluster.enabled", "true",
            "rowmill.cluster.takeover", "6s",
            "rowmill.pool.size", "6",
            "rowmill.node", "node-" + number));
  }

  private ObjectNode schedule(int row, String every) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("project", "scheduled-" + row)
        .put("every", every)
        .put("onBusy", "queue")
        .put("sql", "UPDATE " + table.name() + " SET n = n + 1 WHERE id = " + row);
  }

  private static RowmillApi api(ServiceProcess service) {
    return new RowmillApi(service.awaitListening().address());
  }

  private static void put(RowmillApi api, String name, ObjectNode body) {
    api.json(body).put("/schedules/" + name).statusCode(201);
  }

  /** Represents a stored firing. */
  private record Run(long schedule, Instant fireAt, String outcome, long batch, long lateMillis) {}

  private List<Run> runs() throws SQLException {
    List<Run> runs = new ArrayList<>();
    try (Connection connection = rig.connect();
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT r.schedule, CAST(UNIX_TIMESTAMP(CONVERT_TZ(fire_at, '+00:00',"
                    + " @@session.time_zone)) AS SIGNED), outcome, COALESCE(r.batch, 0),"
                    + " COALESCE(TIMESTAMPDIFF(MICROSECOND, fire_at, b.created_at) DIV 1000, 0)"
                    + " FROM "
                    + rig.schema()
                    + ".schedule_run r LEFT JOIN "
                    + rig.schema()
                    + ".batch b ON b.id = r.batch ORDER BY 1, 2")) {
      while (row.next()) {
        runs.add(
            new Run(
                row.getLong(1),
                Instant.ofEpochSecond(row.getLong(2)),
                row.getString(3),
                row.getLong(4),
                row.getLong(5)));
      }
    }
    return runs;
  }

  @Test
  void each_firing_has_exactly_one_batch_while_nodes_are_killed() throws Exception {
    List<ServiceProcess> nodes = new ArrayList<>();
    for (int i = 0; i < NODES; i++) {
      nodes.add(node(i));
    }
    RowmillApi first = api(nodes.get(0));
    nodes.forEach(ServiceProcess::awaitListening);
    for (int row = 1; row <= SCHEDULES; row++) {
      put(first, "s" + row, schedule(row, "PT" + EVERY_SECONDS + "S"));
    }
    storeIdle();
    Awaitility.await("first firings").atMost(PATIENCE).until(() -> runs().size() >= SCHEDULES);
    for (int kill = 0; kill < KILLS; kill++) {
      int victim = kill % NODES;
      nodes.get(victim).kill();
      Instant next = Instant.now().plusSeconds(BETWEEN_KILLS);
      nodes.set(victim, node(NODES + kill));
      Awaitility.await()
          .atMost(PATIENCE)
          .pollInterval(Duration.ofMillis(20))
          .until(() -> Instant.now().isAfter(next));
      nodes.get(victim).awaitListening();
    }
    RowmillApi last = api(nodes.get(0));
    for (int row = 1; row <= SCHEDULES; row++) {
      last.post("/schedules/s" + row + "/pause").statusCode(200);
    }
    Awaitility.await("all batches to end")
        .atMost(PATIENCE)
        .until(() -> rig.batchesThat("finished_at IS NULL") == 0);

    List<Run> runs = runs();
    assertTrue(runs.size() >= 3 * SCHEDULES, () -> "only " + runs.size() + " firings");
    assertEquals(
        runs.size(), runs.stream().map(Run::batch).distinct().count(), "a batch for each firing");
    assertEquals(runs.size(), rig.batchesThat("schedule IS NOT NULL"), "no other batch");
    assertEquals(runs.size(), rig.batchesThat("status = 'SUCCEEDED'"));
    for (int i = 0; i < runs.size(); i++) {
      Run run = runs.get(i);
      assertEquals("STARTED", run.outcome, run::toString);
      if (i > 0 && runs.get(i - 1).schedule == run.schedule) {
        assertEquals(
            EVERY_SECONDS,
            Duration.between(runs.get(i - 1).fireAt, run.fireAt).toSeconds(),
            () -> "a firing is missing before " + run);
      }
    }
    assertEquals(runs.size(), table.number("SELECT SUM(n) FROM " + table.name()));
    List<Long> late = new ArrayList<>(runs.stream().map(Run::lateMillis).toList());
    Collections.sort(late);
    System.out.printf(
        "%d firings: median %d ms late, 99 %% within %d ms, latest %d ms%n",
        late.size(),
        late.get(late.size() / 2),
        late.get(late.size() * 99 / 100),
        late.get(late.size() - 1));
    assertTrue(late.get(0) >= 0, "a firing was early");
  }

  /** Stores schedules that are not due for years. */
  private void storeIdle() throws SQLException {
    String schema = rig.schema();
    rig.execute(
        """
        INSERT INTO %s.schedule (name, project, definition, enabled, updated_at)
        WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
        SELECT CONCAT('idle-', a.i, '-', b.i), 'idle',
               '{"cron":"0 0 1 1 *","zone":"UTC","onBusy":"SKIP","onMissed":"ONCE","anchor":"2026-01-01T00:00:00Z","start":"{}","secrets":[]}',
               TRUE, UTC_TIMESTAMP() FROM n a JOIN n b ON b.i <= %d"""
            .formatted(schema, IDLE / 1000));
    rig.execute(
        """
        INSERT INTO %s.due (task_name, task_instance, execution_time, picked, version)
        SELECT 'schedule', id, '2037-01-01', FALSE, 1 FROM %s.schedule WHERE project = 'idle'"""
            .formatted(schema, schema));
  }

  @Test
  void idle_schedules_cost_less_than_one_query_a_second() throws Exception {
    RowmillApi api = new RowmillApi(rig.start().address());
    put(api, "rare", schedule(1, "P30D"));
    storeIdle();
    rig.execute("SET GLOBAL log_output = 'TABLE'");
    rig.execute("TRUNCATE TABLE mysql.general_log");
    Instant begin = Instant.now();
    rig.execute("SET GLOBAL general_log = TRUE");
    Instant end = begin.plusSeconds(IDLE_SECONDS);
    Awaitility.await().atMost(PATIENCE).until(() -> Instant.now().isAfter(end));
    rig.execute("SET GLOBAL general_log = FALSE");
    long seconds = Duration.between(begin, Instant.now()).toSeconds();
    long queries =
        rig.number(
            // Services of other tests may use the same server.
            "SELECT COUNT(*) FROM mysql.general_log WHERE thread_id IN"
                + " (SELECT id FROM information_schema.PROCESSLIST WHERE db = '"
                + rig.schema()
                + "') AND CONVERT(argument USING utf8mb4) REGEXP"
                + " '(FROM|from|UPDATE|update) due'");
    System.out.printf("%d queries in %d seconds%n", queries, seconds);
    assertTrue(queries > 0 && queries <= seconds, () -> queries + " queries");
  }

  @Test
  void firings_missed_during_downtime_start_one_batch_or_none() throws Exception {
    ServiceProcess service = rig.start();
    RowmillApi api = new RowmillApi(service.address());
    put(api, "once", schedule(1, "PT1H"));
    put(api, "skip", schedule(2, "PT1H").put("onMissed", "skip"));
    put(api, "often", schedule(3, "PT5M").put("onMissed", "skip"));
    put(api, "paused", schedule(4, "PT1H").put("enabled", false));
    ObjectNode later = JsonNodeFactory.instance.objectNode();
    later.put("sql", "UPDATE " + table.name() + " SET n = n + 1 WHERE id = 5");
    later.put("startAt", Instant.now().plusSeconds(120).toString());
    long batch = api.accepted("/projects/later/batches", later);
    service.kill();
    // As if the schedules had been stored four and a half hours ago, just before the service ended.
    String schema = rig.schema();
    Instant anchor = Instant.now().truncatedTo(ChronoUnit.SECONDS).minus(Duration.ofMinutes(270));
    rig.execute(
        "UPDATE %s.schedule SET definition = JSON_SET(definition, '$.anchor', '%s')"
            .formatted(schema, anchor));
    rig.execute(
        ("UPDATE %s.due d JOIN %s.schedule s ON d.task_name = 'schedule' AND d.task_instance = s.id"
                + " SET d.execution_time = FROM_UNIXTIME(%d + IF(s.name = 'often', 300, 3600))")
            .formatted(schema, schema, anchor.getEpochSecond()));
    rig.execute("UPDATE " + schema + ".due SET picked = TRUE, last_heartbeat = NOW(3)");
    rig.execute(
        "UPDATE "
            + schema
            + ".batch SET start_at = start_at - INTERVAL 10 MINUTE WHERE id = "
            + batch);
    rig.execute(
        "UPDATE "
            + schema
            + ".due SET execution_time = execution_time - INTERVAL 10 MINUTE"
            + " WHERE task_name = 'start'");

    RowmillApi again = new RowmillApi(rig.start().address());
    assertEquals("succeeded", again.ended(batch).path("status").asText());
    JsonNode once = onlyRun(again, "once");
    assertEquals("started", once.path("outcome").asText(), once::toString);
    assertEquals(3, once.path("missed").asInt(), once::toString);
    again.ended(once.path("batch").asLong());
    JsonNode skip = onlyRun(again, "skip");
    assertEquals("missed", skip.path("outcome").asText(), skip::toString);
    assertEquals(3, skip.path("missed").asInt(), skip::toString);
    JsonNode often = onlyRun(again, "often");
    assertTrue(often.path("missed").asInt() >= 50, often::toString);
    assertEquals(0, again.get("/schedules/paused/runs").body().path("items").size());
    for (String name : List.of("once", "skip", "often")) {
      Instant next = Instant.parse(again.get("/schedules/" + name).body().path("next").asText());
      assertTrue(next.isAfter(Instant.now().minusSeconds(10)), next::toString);
    }
    assertEquals(1, table.number("SELECT n FROM " + table.name() + " WHERE id = 1"));
    assertEquals(0, table.number("SELECT n FROM " + table.name() + " WHERE id = 2"));
    assertEquals(1, table.number("SELECT n FROM " + table.name() + " WHERE id = 5"));
  }

  private static JsonNode onlyRun(RowmillApi api, String schedule) {
    JsonNode runs =
        Awaitility.await("the firing of " + schedule)
            .atMost(PATIENCE)
            .until(
                () -> api.get("/schedules/" + schedule + "/runs").body().path("items"),
                found -> !found.isEmpty());
    assertEquals(1, runs.size(), runs::toString);
    return runs.get(0);
  }
}
