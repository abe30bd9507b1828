package dev.rowmill.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rowmill.testing.Rig;
import dev.rowmill.testing.RowmillApi;
import dev.rowmill.testing.S3Server;
import dev.rowmill.testing.ServiceProcess;
import dev.rowmill.testing.SharedServer;
import dev.rowmill.testing.Soak;
import dev.rowmill.testing.TestServer;
import dev.rowmill.testing.WorkTable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Kills the JVM by {@code kill -9} at random moments of an archive, and while its rows come back:
 * each row is in exactly one of the tables or files, and each child is with its parent.
 */
@ExtendWith(SharedServer.class)
class ArchiveCrashIT {

  private static final int ROWS = Soak.number("testing.crash.rows", 20_000, 100_000);
  private static final int KILLS = Soak.number("testing.crash.kills", 2, 4);
  private static final Random RANDOM = Seed.random("ArchiveCrashIT");

  @Test
  void each_row_is_in_one_table_whenever_the_service_is_killed(TestServer server) throws Exception {
    try (var rig = new Rig(server)) {
      WorkTable table = rig.table(ROWS);
      String parents = table.name();
      String children = parents + "_child";
      rig.execute(
          "CREATE TABLE " + children + " (id BIGINT PRIMARY KEY, parent BIGINT, KEY (parent))");
      rig.execute("INSERT INTO " + children + " SELECT id, id FROM " + parents);
      long before = table.checksum(parents);
      ServiceProcess service = rig.start();
      var api = new RowmillApi(service.address());
      long archive =
          api.start("crash")
              .with(
                  "archive",
                  Map.of(
                      "table",
                      parents,
                      "where",
                      "id > 0",
                      "to",
                      Map.of("table", parents + "_old"),
                      "missingTable",
                      "create",
                      "children",
                      List.of(
                          Map.of(
                              "table",
                              children,
                              "by",
                              "parent",
                              "to",
                              Map.of("table", children + "_old")))))
              .with("undo", true)
              .with("limits", Map.of("rowsPerSecond", ROWS / 5))
              .with("lanes", 2)
              .chunkRows(100)
              .accepted();
      service = killed(rig, archive, service, table, children);
      api = new RowmillApi(service.address());
      succeeded(api, archive);
      assertEquals(before, table.checksum(parents + "_old"));
      assertEquals(0, table.number("SELECT COUNT(*) FROM " + parents));

      ObjectNode slowly = JsonNodeFactory.instance.objectNode();
      slowly.putObject("limits").put("rowsPerSecond", ROWS / 5);
      long undo = api.accepted("/batches/" + archive + "/restore", slowly);
      service = killed(rig, undo, service, table, children);
      api = new RowmillApi(service.address());
      succeeded(api, undo);
      assertEquals(before, table.checksum(parents));
      assertEquals(0, table.number("SELECT COUNT(*) FROM " + parents + "_old"));
      rig.leavesNothingBehind(api);
    }
  }

  private static void succeeded(RowmillApi api, long batch) {
    JsonNode ended = api.ended(batch);
    assertEquals("succeeded", ended.path("status").asText(), ended::toString);
    assertEquals(0, ended.path("conflicts").asInt(), ended::toString);
    // A row that was inserted twice would be listed, as its key is taken.
    assertEquals(0, ended.path("skipped").asInt(), ended::toString);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void each_row_is_in_a_table_or_a_file_whenever_the_service_is_killed(
      boolean bucket, TestServer server, @TempDir Path directory) throws Exception {
    Path files = Files.createDirectory(directory.resolve("files"));
    try (S3Server s3 = bucket ? new S3Server(files) : null;
        var rig = new Rig(server)) {
      Map<String, String> config =
          s3 == null ? Map.of("rowmill.export.directory", files.toString()) : s3.config();
      Map<String, String> to =
          bucket
              ? Map.of("format", "parquet", "bucket", S3Server.BUCKET)
              : Map.of("format", "csv", "directory", "old");
      int rows = ROWS / 4;
      WorkTable table = rig.table(rows);
      String children = table.name() + "_child";
      rig.execute(
          "CREATE TABLE %s (id BIGINT PRIMARY KEY, parent BIGINT, FOREIGN KEY (parent) REFERENCES %s (id))"
              .formatted(children, table.name()));
      rig.execute("INSERT INTO " + children + " SELECT id, id FROM " + table.name());
      long before = table.checksum(table.name());
      long childrenBefore = table.checksum(children);
      ServiceProcess service = rig.start(config);
      var api = new RowmillApi(service.address());
      long archive =
          api.start("crash")
              .with(
                  "archive",
                  Map.of(
                      "table",
                      table.name(),
                      "where",
                      "id > 0",
                      "to",
                      Map.of("files", to),
                      "children",
                      List.of(Map.of("table", children, "by", "parent"))))
              .with("undo", false)
              .with("limits", Map.of("rowsPerSecond", rows / 3))
              .with("lanes", 2)
              .chunkRows(100)
              .accepted();
      for (int kill = 0; kill < KILLS; kill++) {
        service = killed(rig, archive, rows, kill, service, config);
        assertEquals(2L * rows, table.number(allRows(rig, archive, table, children)));
      }
      api = new RowmillApi(service.address());
      succeeded(api, archive);
      assertEquals(0, table.number("SELECT COUNT(*) FROM " + table.name()));
      assertEquals(
          2 * rows, api.get("/batches/" + archive + "/manifest").body().path("rows").asInt());

      ObjectNode slowly = JsonNodeFactory.instance.objectNode().put("lanes", 2);
      slowly.putObject("limits").put("rowsPerSecond", 2 * rows / 3);
      slowly.putObject("chunk").put("rows", 60);
      long restore = api.accepted("/batches/" + archive + "/restore", slowly);
      for (int kill = 0; kill < KILLS; kill++) {
        service = killed(rig, restore, 2 * rows, kill, service, config);
      }
      api = new RowmillApi(service.address());
      succeeded(api, restore);
      assertEquals(before, table.checksum(table.name()));
      assertEquals(childrenBefore, table.checksum(children));
      rig.leavesNothingBehind(api);
    }
  }

  @Test
  void a_few_large_rows_need_little_memory(TestServer server, @TempDir Path directory)
      throws Exception {
    try (var rig = new Rig(server)) {
      WorkTable table = rig.table(1000);
      String name = table.name();
      rig.execute("ALTER TABLE " + name + " ADD t LONGTEXT, ADD u LONGTEXT");
      rig.execute(
          "UPDATE %s SET t = REPEAT(MD5(id), 90000) WHERE id BETWEEN 400 AND 429".formatted(name));
      long before = table.checksum(name);
      ServiceProcess service =
          rig.launch(
                  List.of("env", "JDK_JAVA_OPTIONS=-Xmx160m -XX:+UseSerialGC"),
                  Map.of("rowmill.export.directory", directory.toString()))
              .awaitListening();
      var api = new RowmillApi(service.address());
      for (String format : List.of("csv", "parquet")) {
        succeeded(api, archived(api, name, format));
        assertEquals(0, table.number("SELECT COUNT(*) FROM " + name));
        long archive = table.number("SELECT MAX(batch) FROM " + rig.schema() + ".export_part");
        ObjectNode manner = JsonNodeFactory.instance.objectNode().put("lanes", 1);
        succeeded(api, api.accepted("/batches/" + archive + "/restore", manner));
        assertEquals(before, table.checksum(name));
      }
      // A row with a sixteenth of the heap could not be read again.
      rig.execute("UPDATE %s SET t = REPEAT('x', 6000000), u = t WHERE id = 500".formatted(name));
      JsonNode failed = api.ended(archived(api, name, "parquet"));
      assertEquals("failed", failed.path("status").asText(), failed::toString);
      String error = failed.path("error").toString();
      assertTrue(error.contains("larger heap (-Xmx), or use the format csv or ndjson"), error);
      succeeded(api, archived(api, name, "csv"));
      assertFalse(service.output().contains("OutOfMemoryError"));
    }
  }

  private static long archived(RowmillApi api, String table, String format) {
    return api.start("large")
        .with(
            "archive",
            Map.of(
                "table",
                table,
                "where",
                "id > 0",
                "to",
                Map.of("files", Map.of("format", format, "directory", "old"))))
        .with("undo", false)
        .with("lanes", 1)
        .chunkRows(2000)
        .accepted();
  }

  /** Returns a query for the number of rows in the tables and in the committed files. */
  private static String allRows(Rig rig, long archive, WorkTable table, String children) {
    return "SELECT (SELECT COALESCE(SUM(row_count), 0) FROM %s.export_part WHERE batch = %d) + (SELECT COUNT(*) FROM %s) + (SELECT COUNT(*) FROM %s)"
        .formatted(rig.schema(), archive, table.name(), children);
  }

  /** Kills the service at a random moment of a part of a batch, and returns the next one. */
  private static ServiceProcess killed(
      Rig rig, long batch, int rows, int kill, ServiceProcess service, Map<String, String> config)
      throws Exception {
    double moment = 0.8 * (kill + RANDOM.nextDouble(0.8)) / KILLS;
    rig.awaitScanned(batch, Math.round(moment * rows));
    service.kill();
    Awaitility.await("the server to roll back").untilAsserted(rig::noTransactions);
    return rig.start(config);
  }

  /** Kills the service at some moments of a batch, and returns the last one. */
  private static ServiceProcess killed(
      Rig rig, long batch, ServiceProcess first, WorkTable table, String children)
      throws Exception {
    ServiceProcess service = first;
    for (int kill = 0; kill < KILLS; kill++) {
      service = killed(rig, batch, ROWS, kill, service, Map.of());
      for (String name : List.of(table.name(), children)) {
        String both = "(SELECT id FROM %1$s UNION ALL SELECT id FROM %1$s_old) AS both_tables";
        assertEquals(ROWS, table.number("SELECT COUNT(*) FROM " + both.formatted(name)));
        assertEquals(ROWS, table.number("SELECT COUNT(DISTINCT id) FROM " + both.formatted(name)));
      }
    }
    return service;
  }
}
