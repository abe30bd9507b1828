package dev.rowmill.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rowmill.testing.Rig;
import dev.rowmill.testing.RowmillApi;
import dev.rowmill.testing.ServiceProcess;
import dev.rowmill.testing.SharedServer;
import dev.rowmill.testing.TestServer;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Tests that the nodes of a cluster see each other, and do not run beside an unclustered instance.
 */
@ExtendWith(SharedServer.class)
class NodesIT {

  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private static Map<String, String> node(String name, String... more) {
    Map<String, String> config = new HashMap<>();
    config.put("rowmill.cluster.enabled", "true");
    config.put("rowmill.node", name);
    config.put("rowmill.pool.size", "3");
    for (int i = 0; i < more.length; i += 2) {
      config.put(more[i], more[i + 1]);
    }
    return config;
  }

  /** Returns the names of the nodes that a node reports, each with whether it is alive. */
  private static Map<String, Boolean> nodes(RowmillApi api) {
    JsonNode body = api.get("/nodes").body();
    assertTrue(body.path("cluster").asBoolean(), body::toString);
    Map<String, Boolean> nodes = new TreeMap<>();
    body.path("nodes")
        .forEach(node -> nodes.put(node.path("name").asText(), node.path("alive").asBoolean()));
    return nodes;
  }

  private static void awaitNodes(Map<String, Boolean> expected, RowmillApi... apis) {
    for (RowmillApi api : apis) {
      Awaitility.await("nodes " + expected)
          .atMost(PATIENCE)
          .until(() -> nodes(api), expected::equals);
    }
  }

  @Test
  void nodes_that_start_together_see_each_other_until_one_is_killed(TestServer server)
      throws Exception {
    try (var rig = new Rig(server)) {
      ServiceProcess first = rig.launch(node("one", "rowmill.cluster.takeover", "5s"));
      ServiceProcess second = rig.launch(node("two", "rowmill.cluster.takeover", "5s"));
      var one = new RowmillApi(first.awaitListening().address());
      var two = new RowmillApi(second.awaitListening().address());
      awaitNodes(Map.of("one", true, "two", true), one, two);
      assertEquals(6, one.get("/pool").body().path("size").asInt());
      assertEquals(one.get("/pool").body(), two.get("/pool").body());

      first.kill();
      awaitNodes(Map.of("one", false, "two", true), two);
      assertEquals(3, two.get("/pool").body().path("size").asInt());

      // A node that was frozen until its row was deleted inserts it again.
      rig.execute("DELETE FROM " + rig.schema() + ".node");
      awaitNodes(Map.of("two", true), two);

      ServiceProcess third = rig.start(node("three", "rowmill.cluster.takeover", "5s"));
      awaitNodes(Map.of("two", true, "three", true), two, new RowmillApi(third.address()));
      third.stop();
      awaitNodes(Map.of("two", true), two);
    }
  }

  @Test
  void a_local_instance_and_nodes_reject_each_other(TestServer server) throws Exception {
    try (var rig = new Rig(server)) {
      ServiceProcess alone = rig.start();
      JsonNode own = new RowmillApi(alone.address()).get("/nodes").body();
      assertEquals(false, own.path("cluster").asBoolean(true));
      assertEquals(1, own.path("nodes").size());

      ServiceProcess refused = rig.launch(node("one"));
      assertNotEquals(0, refused.awaitExit());
      assertTrue(refused.output().contains("a Rowmill that is not a node of a cluster is running"));
      assertTrue(alone.isAlive());
      assertEquals(0, rig.number("SELECT COUNT(*) FROM " + rig.schema() + ".node"));

      alone.kill();
      ServiceProcess node = rig.start(node("two", "rowmill.cluster.takeover", "5s"));
      refused = rig.launch(Map.of("rowmill.cluster.takeover", "5s"));
      assertNotEquals(0, refused.awaitExit());
      assertTrue(
          refused.output().contains("these nodes of a cluster are running on this database: two ("),
          refused.output());
      awaitNodes(Map.of("two", true), new RowmillApi(node.address()));

      node.stop();
      rig.start().stop();
    }
  }

  /** Simulates a long pause of a virtual machine. */
  @Test
  void a_node_that_was_frozen_while_a_local_instance_started_exits(TestServer server)
      throws Exception {
    try (var rig = new Rig(server)) {
      ServiceProcess frozen = rig.start(node("one", "rowmill.cluster.takeover", "5s"));
      frozen.signal("STOP");
      Awaitility.await("the node to count as dead")
          .atMost(PATIENCE)
          .until(
              () ->
                  rig.number(
                          "SELECT seen_at < UTC_TIMESTAMP(3) - INTERVAL 5 SECOND FROM "
                              + rig.schema()
                              + ".node")
                      == 1);
      ServiceProcess alone = rig.start(Map.of("rowmill.cluster.takeover", "5s"));
      frozen.signal("CONT");
      assertEquals(1, frozen.awaitExit());
      assertTrue(frozen.output().contains("has taken over this database; this one stops"));
      assertTrue(alone.isAlive());
    }
  }
}
