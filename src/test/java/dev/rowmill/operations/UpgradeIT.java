package dev.rowmill.operations;

import static org.hamcrest.Matchers.equalTo;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.rowmill.testing.Rig;
import dev.rowmill.testing.RowmillApi;
import dev.rowmill.testing.ServiceProcess;
import dev.rowmill.testing.SharedServer;
import dev.rowmill.testing.StartRequestBuilder;
import dev.rowmill.testing.TestServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Starts the service on the database of an earlier version, which was killed. */
@ExtendWith(SharedServer.class)
class UpgradeIT {

  private static final ObjectMapper JSON = new ObjectMapper();

  private static final JsonNode NOTHING = JsonNodeFactory.instance.objectNode();

  /** Names the schema with a table for each batch, of which each has the name of its project. */
  private static final String SHOP = "upgrade_shop";

  private static final int ROWS = 60;

  private static final int MANY_ROWS = 120;

  @TempDir Path folder;

  /** Writes the dump of this version; its name is the value of the property. */
  @Test
  @EnabledIfSystemProperty(named = "testing.write-dump", matches = ".+")
  void the_dump_of_this_version_is_written(TestServer server) throws Exception {
    Path file = folder.resolve("admin");
    try (var rig = new Rig(server)) {
      rig.execute("DROP DATABASE IF EXISTS " + SHOP);
      rig.execute("CREATE DATABASE " + SHOP);
      rig.grant(SHOP);
      ServiceProcess service =
          rig.start(
              Map.of(
                  "rowmill.auth", "token",
                  "rowmill.auth.token-file", file.toString(),
                  "rowmill.approval.rows", "100"));
      String admin = Files.readString(file).strip();
      long interrupted = data(rig, new RowmillApi(service.address(), admin));
      rig.awaitScanned(interrupted, 10);
      service.kill();
      Awaitility.await("the server to roll back").untilAsserted(rig::noTransactions);
      DatabaseDump.write(
          server, System.getProperty("testing.write-dump"), admin, rig.schema(), SHOP);
    }
  }

  /** Stores something of each kind, and returns the batch that runs. */
  private static long data(Rig rig, RowmillApi admin) throws Exception {
    String token =
        admin
            .post("/tokens", json("{'name': 'alice', 'role': 'author', 'projects': ['*']}"))
            .statusCode(201)
            .path("token");
    RowmillApi api = admin.as(token);
    create(rig, "finished", ROWS);
    api.start("finished")
        .sql(raise("finished"))
        .chunkRows(10)
        .with("undo", true)
        .with("reason", "a higher number")
        .with("labels", Map.of("ticket", "OPS-7"))
        .waiting()
        .send()
        .body("status", equalTo("succeeded"));

    create(rig, "skipped", ROWS);
    rig.execute("UPDATE " + SHOP + ".skipped SET n = 2147483647 WHERE id = 7");
    api.start("skipped")
        .sql(raise("skipped"))
        .with("onError", Map.of("mode", "skip", "maxSkipped", 1))
        .waiting()
        .send()
        .body("status", equalTo("succeeded"));

    create(rig, "waiting", MANY_ROWS);
    api.start("waiting").sql(raise("waiting")).accepted();

    create(rig, "paused", ROWS);
    long paused = slowly(api, "paused").accepted();
    rig.awaitScanned(paused, 0);
    api.post("/batches/" + paused + "/pause").statusCode(202);
    Awaitility.await("the pause").until(() -> rig.storedStatus(paused).equals("PAUSED"));

    create(rig, "planned", ROWS);
    api.start("planned").sql(raise("planned")).plan().statusCode(200);

    create(rig, "saved", ROWS);
    admin
        .put(
            "/statements/raise",
            json(
                "{'sql': 'UPDATE "
                    + SHOP
                    + ".saved SET n = n + :by', 'parameters': {'by': {'type': 'integer'}}}"))
        .statusCode(201);
    create(rig, "yearly", ROWS);
    api.put(
            "/schedules/yearly",
            json(
                "{'project': 'yearly', 'cron': '0 0 1 1 *', 'onMissed': 'skip', 'sql': '"
                    + raise("yearly")
                    + "'}"))
        .statusCode(201);
    create(rig, "chained", ROWS);
    api.post(
            "/chains",
            json(
                "{'name': 'twice', 'steps': ["
                    + "{'name': 'first', 'project': 'chained', 'sql': '%1$s'},"
                        .formatted(raise("chained"))
                    + "{'name': 'second', 'project': 'chained', 'needs': ['first'],"
                    + " 'sql': '%1$s'}]}".formatted(raise("chained"))))
        .statusCode(202);
    Awaitility.await("the chain")
        .until(() -> rig.batchesThat("project = 'chained' AND status = 'SUCCEEDED'") == 2);

    create(rig, "interrupted", ROWS);
    create(rig, "queued", ROWS);
    long interrupted = slowly(api, "interrupted").with("lanes", 2).accepted();
    api.start("interrupted").sql(raise("queued")).with("onBusy", "queue").accepted();
    return interrupted;
  }

  private static void create(Rig rig, String name, int rows) throws SQLException {
    String table = SHOP + "." + name;
    rig.execute("CREATE TABLE " + table + " (id BIGINT PRIMARY KEY, n INT NOT NULL)");
    for (int id = 1; id <= rows; id++) {
      rig.execute("INSERT INTO " + table + " VALUES (" + id + ", 0)");
    }
  }

  private static StartRequestBuilder slowly(RowmillApi api, String project) {
    return api.start(project)
        .sql(raise(project))
        .chunkRows(10)
        .with("limits", Map.of("rowsPerSecond", 20));
  }

  private static String raise(String table) {
    return "UPDATE " + SHOP + "." + table + " SET n = n + 1";
  }

  private static JsonNode json(String text) throws Exception {
    return JSON.readTree(text.replace('\'', '"'));
  }

  @ParameterizedTest
  @ValueSource(strings = {"V1", "V2"})
  void everything_continues_on_the_database_of(String version, TestServer server) throws Exception {
    DatabaseDump dump = DatabaseDump.read(version, server);
    try (var rig = new Rig(server)) {
      dump.load(server, rig.schema());
      rig.grant(SHOP);
      // The dump grows old.
      rig.execute(
          "UPDATE "
              + rig.schema()
              + ".batch_plan SET expires_at = UTC_TIMESTAMP() + INTERVAL 1 DAY");
      ServiceProcess service =
          rig.start(Map.of("rowmill.auth", "token", "rowmill.undo.retention", "36500d"));
      RowmillApi api = new RowmillApi(service.address(), dump.token());
      api.get("/q/health/ready").statusCode(200);
      assertEquals(2, api.get("/tokens").statusCode(200).body().path("items").size());

      long interrupted = batch(api, "project=interrupted", 1);
      succeeded(api, interrupted);
      assertEquals(2, rig.epoch(interrupted));
      assertAll(rig, "interrupted", ROWS, 1);
      succeeded(api, batch(api, "project=interrupted", 0));
      assertAll(rig, "queued", ROWS, 1);

      long paused = batch(api, "project=paused", 0);
      assertEquals("paused", api.batch(paused).path("status").asText());
      api.post("/batches/" + paused + "/resume").statusCode(202);
      succeeded(api, paused);
      assertAll(rig, "paused", ROWS, 1);

      long waiting = batch(api, "project=waiting", 0);
      assertEquals("waiting", api.batch(waiting).path("status").asText());
      api.post("/batches/" + waiting + "/approve").statusCode(202);
      succeeded(api, waiting);
      assertAll(rig, "waiting", MANY_ROWS, 1);

      long finished = batch(api, "label=ticket:OPS-7", 0);
      assertEquals(ROWS, api.get("/batches/" + finished + "/changes").text().lines().count());
      succeeded(api, api.accepted("/batches/" + finished + "/undo", NOTHING));
      assertAll(rig, "finished", ROWS, 0);

      long skipped = batch(api, "project=skipped", 0);
      rig.execute("UPDATE " + SHOP + ".skipped SET n = 0 WHERE id = 7");
      succeeded(api, api.accepted("/batches/" + skipped + "/skipped/retry", NOTHING));
      assertAll(rig, "skipped", ROWS, 1);

      api.get("/projects/planned/plans/" + dump.plan())
          .statusCode(200)
          .body("project", equalTo("planned"));
      succeeded(api, api.start("planned").with("plan", dump.plan()).accepted());
      assertAll(rig, "planned", ROWS, 1);

      succeeded(
          api,
          api.start("saved")
              .with("statement", "raise")
              .with("parameters", Map.of("by", 1))
              .accepted());
      assertAll(rig, "saved", ROWS, 1);

      JsonNode schedules = api.get("/schedules").statusCode(200).body().path("items");
      assertEquals("yearly", schedules.path(0).path("name").asText(), schedules::toString);
      assertEquals(1, api.get("/schedules/yearly/next?count=1").body().path("items").size());
      JsonNode chains = api.get("/chains").statusCode(200).body().path("items");
      assertEquals("twice", chains.path(0).path("name").asText(), chains::toString);
      JsonNode audit = api.get("/audit/verify").body();
      assertTrue(audit.path("valid").asBoolean(), audit::toString);
    }
  }

  /**
   * Returns the id of a batch that a filter admits.
   *
   * @param newer how many of these batches are newer
   */
  private static long batch(RowmillApi api, String filter, int newer) {
    return api.get("/batches?" + filter).body().path("items").path(newer).path("id").asLong();
  }

  private static void succeeded(RowmillApi api, long batch) {
    JsonNode ended = api.ended(batch);
    assertEquals("succeeded", ended.path("status").asText(), ended::toString);
  }

  /** Asserts that each row of a table has been changed so many times. */
  private static void assertAll(Rig rig, String table, int rows, int n) throws SQLException {
    assertEquals(
        List.of((long) rows, (long) n, (long) n),
        List.of(
            rig.number("SELECT COUNT(*) FROM " + SHOP + "." + table),
            rig.number("SELECT MIN(n) FROM " + SHOP + "." + table),
            rig.number("SELECT MAX(n) FROM " + SHOP + "." + table)));
  }
}
