package dev.rowmill.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rowmill.embedded.GuardedProcess;
import dev.rowmill.testing.Rig;
import dev.rowmill.testing.RowmillApi;
import dev.rowmill.testing.RowmillApi.Reply;
import dev.rowmill.testing.ServiceProcess;
import dev.rowmill.testing.SharedServer;
import dev.rowmill.testing.Soak;
import dev.rowmill.testing.TaskEndpoint;
import dev.rowmill.testing.TestServer;
import dev.rowmill.testing.WorkTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Kills the service, a node, or the endpoint of an HTTP task by {@code kill -9} while calls are in
 * flight or chunks are leased: each row is written once, although its call may be repeated.
 */
@ExtendWith(SharedServer.class)
class HttpTaskCrashIT {

  private static final int ROWS = 6_000;

  /** Sets how long the endpoint is away; {@code -Dtesting.outage=60} for a minute. */
  private static final int OUTAGE_SECONDS = Integer.getInteger("testing.outage", 5);

  private static final Map<String, String> HOSTS = Map.of("rowmill.tasks.hosts", "127.0.0.1");

  private static final int KILLS = Soak.number("testing.crash.kills", 2, 4);

  @Test
  void rows_are_written_once_whenever_the_service_is_killed(TestServer server) throws Exception {
    Random random = Seed.random("HttpTaskCrashIT");
    try (var rig = new Rig(server);
        var endpoint =
            TaskEndpoint.of(
                (number, call) -> {
                  Thread.sleep(10);
                  return TaskEndpoint.set(call, "n", row -> row.get("n").asInt() + 1);
                })) {
      WorkTable table = rig.table(ROWS);
      ServiceProcess service = rig.start(HOSTS);
      var api = new RowmillApi(service.address());
      api.json(Map.of("url", endpoint.url(), "secret", TaskEndpoint.SECRET, "concurrency", 8))
          .put("/tasks/add")
          .statusCode(201);
      long batch =
          api.json(
                  "{\"task\": \"add\", \"select\": \"SELECT id, n FROM %s\", \"batchRows\": 7, \"wholeTable\": true, \"lanes\": 2}"
                      .formatted(table.name()))
              .post("/projects/crash/batches")
              .statusCode(202)
              .id();
      for (int kill = 0; kill < KILLS; kill++) {
        double moment = 0.8 * (kill + random.nextDouble(0.8)) / KILLS;
        rig.awaitScanned(batch, Math.round(moment * ROWS));
        service.kill();
        Awaitility.await("the server to roll back").untilAsserted(rig::noTransactions);
        assertEquals(ROWS, table.rowsWith(0) + table.rowsWith(1));
        service = rig.start(HOSTS);
      }
      api = new RowmillApi(service.address());
      JsonNode ended = api.ended(batch);
      assertEquals("succeeded", ended.path("status").asText(), ended::toString);
      assertEquals(ROWS, ended.path("progress").path("rowsChanged").asInt());
      assertEquals(ROWS, table.rowsWith(1));
      assertTrue(rig.epoch(batch) > KILLS);
      JsonNode undo =
          api.ended(
              api.accepted("/batches/" + batch + "/undo", JsonNodeFactory.instance.objectNode()));
      assertEquals(0, undo.path("conflicts").asInt(-1), undo::toString);
      assertEquals(ROWS, table.rowsWith(0));
      rig.leavesNothingBehind(api);
    }
  }

  private static long start(RowmillApi api, String task, WorkTable table, int batchRows) {
    return api.json(
            "{\"task\": \"%s\", \"select\": \"SELECT id, n FROM %s\", \"batchRows\": %d, \"wholeTable\": true, \"lanes\": 2}"
                .formatted(task, table.name(), batchRows))
        .post("/projects/of-" + task + "/batches")
        .statusCode(202)
        .id();
  }

  /** Starts an endpoint as a process of its own, which ends with this one. */
  private static GuardedProcess endpoint(int port) throws IOException {
    Path folder = Files.createDirectories(Path.of("target", "service-logs").toAbsolutePath());
    String name = "endpoint-" + ProcessHandle.current().pid();
    return GuardedProcess.start(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            TaskEndpoint.class.getName(),
            Integer.toString(port)),
        folder.resolve(name + ".pid"),
        folder.resolve(name + ".log"));
  }

  private static void kill(GuardedProcess process) {
    process.command().ifPresent(ProcessHandle::destroyForcibly);
    assertTrue(process.awaitExit(Duration.ofMinutes(1)));
  }

  @Test
  void rows_are_written_once_when_the_endpoint_is_killed_and_returns(TestServer server)
      throws Exception {
    int port = TestServer.freePort();
    GuardedProcess endpoint = endpoint(port);
    try (var rig = new Rig(server)) {
      WorkTable table = rig.table(ROWS);
      var api = new RowmillApi(rig.start(HOSTS).address());
      api.json(
              Map.of(
                  "url",
                  "http://127.0.0.1:" + port,
                  "secret",
                  TaskEndpoint.SECRET,
                  "concurrency",
                  10))
          .put("/tasks/add")
          .statusCode(201);
      long batch = start(api, "add", table, 5);
      rig.awaitScanned(batch, ROWS / 10);
      kill(endpoint);
      Awaitility.await("the hold")
          .atMost(Duration.ofMinutes(2))
          .until(
              () -> "task-away".equals(api.batch(batch).path("throttle").path("reason").asText()));
      Thread.sleep(Duration.ofSeconds(OUTAGE_SECONDS).toMillis());
      Awaitility.await("no open transaction").untilAsserted(rig::noTransactions);
      rig.checkpointFitsRows(batch, table);
      assertEquals("running", api.batch(batch).path("status").asText());
      long done = rig.scanned(batch);
      assertTrue(done < ROWS, () -> done + " rows");
      endpoint = endpoint(port);
      Rig.assertExact(api.ended(batch), table, ROWS);
      rig.leavesNothingBehind(api);
    } finally {
      kill(endpoint);
    }
  }

  private static Map<String, String> node(String name) {
    Map<String, String> config = new HashMap<>(HOSTS);
    config.put("rowmill.cluster.enabled", "true");
    config.put("rowmill.cluster.takeover", "5s");
    config.put("rowmill.node", name);
    return config;
  }

  private static Reply lease(RowmillApi api, int seconds) {
    return api.post("/tasks/pull/lease?wait=" + seconds);
  }

  private static Reply complete(RowmillApi api, Reply lease) {
    ObjectNode answer = JsonNodeFactory.instance.objectNode();
    for (JsonNode row : lease.body().path("request").path("rows")) {
      ObjectNode update = answer.withArray("update").addObject();
      update.putObject("key").set("id", row.get("id"));
      update.putObject("set").put("n", row.get("n").asInt() + 1);
    }
    return api.json(Map.of("lease", lease.body().get("lease"), "answer", answer))
        .post("/tasks/pull/complete");
  }

  @Test
  void rows_are_written_once_when_a_node_is_killed_while_a_chunk_is_leased(TestServer server)
      throws Exception {
    try (var rig = new Rig(server);
        var endpoint =
            TaskEndpoint.of(
                (number, call) -> {
                  Thread.sleep(20);
                  return TaskEndpoint.set(call, "n", row -> row.get("n").asInt() + 1);
                })) {
      WorkTable pulled = rig.table(100);
      WorkTable pushed = rig.table(ROWS);
      Map<String, ServiceProcess> nodes = new HashMap<>();
      for (String name : List.of("one", "two")) {
        nodes.put(name, rig.launch(node(name)));
      }
      Map<String, RowmillApi> apis = new HashMap<>();
      nodes.forEach(
          (name, node) -> apis.put(name, new RowmillApi(node.awaitListening().address())));
      RowmillApi one = apis.get("one");
      one.json(Map.of("timeoutMillis", 60_000)).put("/tasks/pull").statusCode(201);
      one.json(Map.of("url", endpoint.url(), "secret", TaskEndpoint.SECRET, "concurrency", 4))
          .put("/tasks/push")
          .statusCode(201);
      long byLeases = start(one, "pull", pulled, 10);
      Awaitility.await("a node to run the batch")
          .atMost(Duration.ofMinutes(2))
          .until(() -> "running".equals(one.batch(byLeases).path("status").asText()));
      String holder = one.batch(byLeases).path("node").asText();
      RowmillApi other = apis.get(holder.equals("one") ? "two" : "one");
      // Leased at one node, completed at another.
      complete(apis.get(holder), lease(other, 60).statusCode(200)).statusCode(204);
      Reply open = lease(other, 60).statusCode(200);
      long byCalls = start(one, "push", pushed, 5);
      rig.awaitScanned(byCalls, ROWS / 10);
      nodes.get(holder).kill();
      complete(other, open);
      Awaitility.await("the end of the leased chunks")
          .atMost(Duration.ofMinutes(3))
          .until(
              () -> {
                Reply lease = lease(other, 1);
                if (lease.status() == 200) {
                  complete(other, lease);
                }
                return other.batch(byLeases).hasNonNull("finishedAt");
              });
      Rig.assertExact(other.ended(byLeases), pulled, 100);
      Rig.assertExact(other.ended(byCalls), pushed, ROWS);
    }
  }
}
