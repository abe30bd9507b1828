package dev.rowmill.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
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
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.LongStream;
import java.util.stream.StreamSupport;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Tests batches of two nodes on one database. */
@ExtendWith(SharedServer.class)
class ClusterIT {

  private static final List<String> NAMES = List.of("one", "two");
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final ObjectNode NOTHING = JsonNodeFactory.instance.objectNode();
  private static final int TAKEOVER_SECONDS = 8;
  private static final int ROWS = 20_000;
  private static final int CHUNK = 20;

  /** Limits the rows per second, so that all rows take ten seconds. */
  private static final int PACE = ROWS / 10;

  private static Rig rig;

  /** Holds the services of all tests, including earlier ones that may have been killed. */
  private static final List<ServiceProcess> services = new ArrayList<>();

  private final List<RowmillApi> nodes = new ArrayList<>();
  private WorkTable table;

  @BeforeAll
  static void prepare(TestServer server) throws SQLException {
    rig = new Rig(server);
  }

  @AfterAll
  static void stop() {
    rig.close();
    services.clear();
  }

  @BeforeEach
  void start() throws SQLException {
    for (int i = 0; i < NAMES.size(); i++) {
      if (i == services.size()) {
        services.add(launch(NAMES.get(i)));
      } else if (!services.get(i).isAlive()) {
        services.set(i, launch(NAMES.get(i)));
      }
    }
    for (ServiceProcess service : services) {
      nodes.add(new RowmillApi(service.awaitListening().address()));
    }
    table = rig.table(ROWS);
  }

  private static ServiceProcess launch(String name) {
    return rig.launch(
        Map.of(
            "rowmill.cluster.enabled",
            "true",
            "rowmill.cluster.takeover",
            TAKEOVER_SECONDS + "s",
            "rowmill.pool.size",
            "4",
            "rowmill.node",
            name));
  }

  private ObjectNode change(String sql) {
    ObjectNode body = JsonNodeFactory.instance.objectNode().put("sql", sql);
    body.putObject("chunk").put("rows", CHUNK);
    return body;
  }

  private ObjectNode count() {
    return change("UPDATE " + table.name() + " SET n = n + 1");
  }

  /** Returns a start request for a batch that takes ten seconds. */
  private ObjectNode slow() {
    ObjectNode body = count();
    body.putObject("limits").put("rowsPerSecond", PACE);
    return body;
  }

  /** Returns the index of the node that runs a batch. */
  private int runner(long batch) {
    String name = nodes.get(0).batch(batch).path("node").asText();
    return NAMES.indexOf(name);
  }

  private static String status(JsonNode batch) {
    return batch.path("status").asText();
  }

  private void awaitStatus(RowmillApi node, long batch, String status) {
    Awaitility.await("batch " + batch + " to be " + status)
        .atMost(PATIENCE)
        .until(() -> status(node.batch(batch)).equals(status));
  }

  private void isDoneOnce(long batch) throws SQLException {
    Rig.assertExact(nodes.get(0).ended(batch), table, ROWS);
    nothingIsLeft();
  }

  private void nothingIsLeft() {
    Awaitility.await("no launch, an empty serial queue, no leased lane")
        .atMost(PATIENCE)
        .untilAsserted(
            () -> {
              assertEquals(0, count("launch WHERE task_name <> 'mend'"));
              assertEquals(0, count("serial_queue"));
              assertEquals(0, count("lane WHERE lease IS NOT NULL"));
            });
  }

  private long count(String from) throws SQLException {
    return rig.number("SELECT COUNT(*) FROM " + rig.schema() + "." + from);
  }

  @Test
  void any_node_accepts_requests_for_batches_of_other_nodes() throws Exception {
    long batch = nodes.get(0).accepted("/projects/asked/batches", slow());
    rig.awaitScanned(batch, 0);
    int runs = runner(batch);
    RowmillApi other = nodes.get(1 - runs);

    assertEquals(409, other.post("/projects/asked/batches", count()).status());
    assertEquals(202, other.post("/batches/" + batch + "/pause", NOTHING).status());
    awaitStatus(nodes.get(runs), batch, "paused");
    assertEquals(
        table.number("SELECT SUM(n) FROM " + table.name()),
        nodes.get(runs).batch(batch).at("/progress/rowsChanged").asLong());

    assertEquals(202, other.post("/batches/" + batch + "/resume", NOTHING).status());
    awaitStatus(other, batch, "running");
    RowmillApi notIt = nodes.get(1 - runner(batch));
    ObjectNode free = JsonNodeFactory.instance.objectNode();
    free.putObject("limits").put("rowsPerSecond", 0);
    assertEquals(200, notIt.patch("/batches/" + batch, free).status());
    isDoneOnce(batch);
  }

  @Test
  void a_statement_is_killed_through_another_node() throws Exception {
    try (var blocker = rig.connect();
        var statement = blocker.createStatement()) {
      blocker.setAutoCommit(false);
      statement.executeUpdate("UPDATE " + table.name() + " SET n = n WHERE id = 1");
      long batch = nodes.get(0).accepted("/projects/forced/batches", count());
      rig.awaitLockWait();
      RowmillApi other = nodes.get(1 - runner(batch));
      assertEquals(202, other.post("/batches/" + batch + "/cancel?force=true", NOTHING).status());
      awaitStatus(other, batch, "cancelled");
      blocker.rollback();
    }
    assertEquals(ROWS, table.rowsWith(0));
    nothingIsLeft();
  }

  @Test
  void serial_batches_of_all_nodes_run_one_at_a_time_in_the_order_of_their_starts()
      throws Exception {
    List<Long> started = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      ObjectNode body = change("UPDATE " + table.name() + " SET n = n + 1 WHERE id % 6 = " + i);
      JsonNode batch =
          nodes
              .get(i % 2)
              .post("/projects/s" + i + "/batches", body.put("mode", "serial"))
              .statusCode(202)
              .body();
      assertNotEquals(0, batch.path("position").asInt(-1), "positions begin at 1");
      started.add(batch.path("id").asLong());
    }
    // Cancel a batch in the middle of the queue.
    long left = started.remove(3);
    assertEquals(202, nodes.get(0).post("/batches/" + left + "/cancel", NOTHING).status());
    started.forEach(batch -> assertEquals("succeeded", status(nodes.get(1).ended(batch))));

    String times = " FROM " + rig.schema() + ".batch WHERE id IN (" + join(started) + ") ORDER BY ";
    assertEquals(started, rig.numbers("SELECT id" + times + "started_at, id"));
    List<Long> moments =
        rig.numbers(
            "SELECT at FROM (SELECT id, 1 AS what, started_at AS at0,"
                + " CAST(UNIX_TIMESTAMP(started_at) * 1000 AS SIGNED) AS at FROM "
                + rig.schema()
                + ".batch UNION ALL SELECT id, 2, finished_at,"
                + " CAST(UNIX_TIMESTAMP(finished_at) * 1000 AS SIGNED) FROM "
                + rig.schema()
                + ".batch) moments WHERE id IN ("
                + join(started)
                + ") ORDER BY id, what");
    assertEquals(moments.stream().sorted().toList(), moments);
    nothingIsLeft();
  }

  private static String join(List<Long> ids) {
    return String.join(", ", ids.stream().map(String::valueOf).toList());
  }

  @Test
  void batches_that_wait_for_each_other_run_in_order_on_all_nodes() throws Exception {
    int steps = 20;
    List<Long> started = new ArrayList<>();
    long first = nodes.get(0).accepted("/projects/chain-0/batches", slow());
    for (int i = 1; i < steps; i++) {
      ObjectNode body =
          change("UPDATE %s SET n = n + 1 WHERE id <= 500 AND n = %d".formatted(table.name(), i));
      if (i % 3 == 0) {
        body.put("mode", "serial");
      }
      body.putArray("after").addObject().put("batch", i == 1 ? first : started.get(i - 2));
      started.add(nodes.get(i % 2).accepted("/projects/chain-" + i % 5 + "/batches", body));
    }
    rig.awaitScanned(first, 0);
    int runs = runner(first);
    services.get(runs).kill();
    nodes.remove(runs);
    assertEquals("succeeded", status(nodes.get(0).ended(first)));
    started.forEach(batch -> assertEquals("succeeded", status(nodes.get(0).ended(batch))));
    assertEquals(500, table.rowsWith(steps));
    assertEquals(ROWS - 500, table.rowsWith(1));
    List<Long> all = new ArrayList<>(started);
    all.add(0, first);
    assertEquals(
        all,
        rig.numbers(
            "SELECT id FROM "
                + rig.schema()
                + ".batch WHERE id IN ("
                + join(all)
                + ") ORDER BY started_at, id"));
    // A batch that is freed on the other node begins soon there or here. If each began with the
    // reconcile, each would wait for its whole interval of ten seconds.
    assertTrue(
        count(
                "batch_condition c JOIN %1$s.batch p ON p.id = c.predecessor JOIN %1$s.batch b ON b.id = c.batch WHERE b.id IN (%2$s) AND b.started_at > p.finished_at + INTERVAL 3 SECOND"
                    .formatted(rig.schema(), join(started)))
            < steps / 2);
    nothingIsLeft();
  }

  @Test
  void the_batch_of_a_killed_node_resumes_at_its_checkpoint_elsewhere() throws Exception {
    long batch = nodes.get(0).accepted("/projects/killed/batches", slow());
    rig.awaitScanned(batch, ROWS / 10);
    int runs = runner(batch);
    services.get(runs).kill();
    long scanned = rig.scanned(batch);
    nodes.remove(runs);

    Awaitility.await("another run")
        .atMost(PATIENCE)
        .until(() -> rig.epoch(batch) == 2 && rig.scanned(batch) > scanned);
    isDoneOnce(batch);
    assertEquals(2, rig.epoch(batch));
  }

  @Test
  void a_frozen_node_changes_nothing_when_it_resumes() throws Exception {
    long batch = nodes.get(0).accepted("/projects/frozen/batches", slow());
    rig.awaitScanned(batch, ROWS / 10);
    int runs = runner(batch);
    ServiceProcess frozen = services.get(runs);
    frozen.signal("STOP");
    nodes.add(nodes.remove(runs));

    Awaitility.await("another run").atMost(PATIENCE).until(() -> rig.epoch(batch) == 2);
    long scanned = rig.scanned(batch);
    rig.awaitScanned(batch, scanned);
    frozen.signal("CONT");
    isDoneOnce(batch);
    Awaitility.await("the node to see it")
        .atMost(PATIENCE)
        .until(
            () ->
                StreamSupport.stream(
                        nodes.get(1).get("/nodes").body().path("nodes").spliterator(), false)
                    .filter(node -> node.path("alive").asBoolean())
                    .allMatch(node -> node.path("running").isEmpty()));
    assertEquals(ROWS, table.rowsWith(1));
    assertEquals(2, rig.epoch(batch));
  }

  @Test
  void locks_of_a_frozen_node_are_released_for_the_run_that_takes_over() throws Exception {
    try (var blocker = rig.connect();
        var statement = blocker.createStatement()) {
      blocker.setAutoCommit(false);
      statement.executeUpdate("UPDATE " + table.name() + " SET n = n WHERE id = " + ROWS / 2);
      long batch = nodes.get(0).accepted("/projects/locked/batches", count());
      rig.awaitLockWait();
      int runs = runner(batch);
      services.get(runs).signal("STOP");
      nodes.add(nodes.remove(runs));
      // Now the server executes the statement, for a process that does not commit it.
      blocker.rollback();
      isDoneOnce(batch);
      assertEquals(2, rig.epoch(batch));
    } finally {
      services.forEach(ClusterIT::wake);
    }
    Awaitility.await("the node to be alive again")
        .atMost(PATIENCE)
        .until(() -> nodes.get(1).get("/nodes").status() == 200);
    assertEquals(ROWS, table.rowsWith(1));
  }

  private static void wake(ServiceProcess service) {
    try {
      service.signal("CONT");
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void a_node_that_stops_hands_its_batches_over() throws Exception {
    long parallel = nodes.get(0).accepted("/projects/rolling/batches", slow());
    rig.awaitScanned(parallel, ROWS / 10);
    int runs = runner(parallel);
    services.get(runs).stop();
    nodes.remove(runs);

    // The node itself has released it, so nobody waits for missed heartbeats.
    assertEquals(0, count("launch WHERE picked AND picked_by LIKE '" + NAMES.get(runs) + "#%'"));
    Awaitility.await("another run").atMost(PATIENCE).until(() -> rig.epoch(parallel) == 2);
    isDoneOnce(parallel);
  }

  @Test
  void launches_claimed_by_a_stopping_node_are_released() throws Exception {
    WorkTable other = rig.table(ROWS);
    long parallel = nodes.get(0).accepted("/projects/rolling/batches", slow());
    rig.awaitScanned(parallel, ROWS / 10);
    int runs = runner(parallel);
    ObjectNode body = change("UPDATE " + other.name() + " SET n = n + 1");
    body.putObject("limits").put("rowsPerSecond", PACE);
    long fetched = nodes.get(0).accepted("/projects/fetched/batches", body);
    rig.awaitScanned(fetched, 1);
    nodes.get(0).post("/batches/" + fetched + "/pause", NOTHING);
    awaitStatus(nodes.get(0), fetched, "paused");
    // Insert its launch as claimed by the node, with a heartbeat far in the future.
    rig.execute(
        ("INSERT INTO %1$s.launch (task_name, task_instance, task_data, execution_time, picked,"
                + " picked_by, last_heartbeat, version) SELECT task_name, '%2$d/2', '%2$d',"
                + " execution_time, TRUE, picked_by, UTC_TIMESTAMP(6) + INTERVAL 1 HOUR, 1"
                + " FROM %1$s.launch WHERE task_instance = '%3$d/1'")
            .formatted(rig.schema(), fetched, parallel));
    nodes.get(0).post("/batches/" + fetched + "/resume", NOTHING);
    awaitStatus(nodes.get(0), fetched, "queued");

    services.get(runs).stop();
    nodes.remove(runs);
    assertEquals("succeeded", status(nodes.get(0).ended(fetched)));
    isDoneOnce(parallel);
  }

  @Test
  void a_retry_through_another_node_survives_the_death_of_that_node() throws Exception {
    long batch = failed("retried");
    int ran = runner(batch);
    RowmillApi other = nodes.get(1 - ran);
    assertEquals(202, other.post("/batches/" + batch + "/retry").status());
    services.get(1 - ran).kill();
    nodes.remove(1 - ran);
    isDoneOnce(batch);
  }

  @Test
  void one_of_two_retries_on_two_nodes_wins_and_another_node_takes_its_run_over() throws Exception {
    long batch = failed("twice");
    long epoch = rig.epoch(batch);
    List<CompletableFuture<Integer>> retries =
        nodes.stream()
            .map(
                node ->
                    CompletableFuture.supplyAsync(
                        () -> node.post("/batches/" + batch + "/retry").status()))
            .toList();
    assertEquals(
        List.of(202, 409), retries.stream().map(CompletableFuture::join).sorted().toList());
    rig.awaitScanned(batch, ROWS * 6 / 10);
    int runs = runner(batch);
    services.get(runs).kill();
    nodes.remove(runs);
    isDoneOnce(batch);
    // The retry, its claim, and the claim of the node that has taken over.
    assertEquals(epoch + 3, rig.epoch(batch));
  }

  /** Runs a batch of three lanes which fails in the middle of its rows, and repairs the row. */
  private long failed(String project) throws SQLException {
    table.execute("UPDATE " + table.name() + " SET n = 2147483647 WHERE id = " + ROWS / 2);
    long batch = nodes.get(0).accepted("/projects/" + project + "/batches", slow().put("lanes", 3));
    JsonNode failed = nodes.get(1).ended(batch);
    assertEquals("failed", status(failed), failed::toString);
    table.execute("UPDATE " + table.name() + " SET n = 0 WHERE n = 2147483647");
    return batch;
  }

  @Test
  void lanes_run_on_several_nodes_and_resume_when_one_dies() throws Exception {
    WorkTable large = rig.table(10 * ROWS);
    long batch = onBothNodes("lanes", large);
    int leads = runner(batch);
    services.get(1 - leads).kill();
    nodes.remove(1 - leads);

    Rig.assertExact(nodes.get(0).ended(batch), large, 10 * ROWS);
    assertEquals(1, rig.epoch(batch), "the node that leads was not killed");
    assertTrue(count("lane WHERE batch = " + batch + " AND epoch > 3") > 0, "no lane taken over");
    nothingIsLeft();
  }

  @Test
  void leased_lanes_are_revoked_when_the_leading_node_dies() throws Exception {
    WorkTable large = rig.table(10 * ROWS);
    long batch = onBothNodes("led", large);
    int leads = runner(batch);
    services.get(leads).kill();
    nodes.remove(leads);

    Rig.assertExact(nodes.get(0).ended(batch), large, 10 * ROWS);
    assertNotEquals(1, rig.epoch(batch));
    nothingIsLeft();
  }

  @Test
  void automatic_lanes_are_resumed_when_the_leading_node_dies() throws Exception {
    // Lanes make it faster even without a free core.
    table.execute(
        "CREATE TRIGGER %1$s_slow BEFORE UPDATE ON %1$s FOR EACH ROW SET NEW.n = NEW.n + SLEEP(0.002)"
            .formatted(table.name()));
    ObjectNode body = count();
    long batch = nodes.get(0).accepted("/projects/automatic/batches", body);
    Awaitility.await("several lanes")
        .atMost(PATIENCE)
        .until(() -> count("lane WHERE batch = " + batch) >= 3);
    int leads = runner(batch);
    services.get(leads).kill();
    nodes.remove(leads);

    Rig.assertExact(nodes.get(0).ended(batch), table, ROWS);
    assertTrue(nodes.get(0).batch(batch).path("automaticLanes").asBoolean());
    assertNotEquals(1, rig.epoch(batch));
    nothingIsLeft();
  }

  /** Starts a batch of several lanes, and returns its id when both nodes work on it. */
  private long onBothNodes(String project, WorkTable large) {
    ObjectNode body = change("UPDATE " + large.name() + " SET n = n + 1").put("lanes", 6);
    long batch = nodes.get(0).accepted("/projects/" + project + "/batches", body);
    Awaitility.await("lanes on both nodes")
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(20))
        .until(() -> nodesWithLanes(batch).distinct().count() == 2);
    return batch;
  }

  /**
   * Returns, for each claimed launch of a batch and its lanes, a number that identifies its node.
   */
  private LongStream nodesWithLanes(long batch) throws SQLException {
    return rig
        .numbers(
            "SELECT CRC32(picked_by) FROM "
                + rig.schema()
                + ".launch WHERE picked AND task_instance LIKE '"
                + batch
                + "/%'")
        .stream()
        .mapToLong(Long::longValue);
  }
}
