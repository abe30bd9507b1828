package dev.rowmill.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rowmill.testing.Rig;
import dev.rowmill.testing.RowmillApi;
import dev.rowmill.testing.S3Server;
import dev.rowmill.testing.Sequence;
import dev.rowmill.testing.ServiceProcess;
import dev.rowmill.testing.SharedServer;
import dev.rowmill.testing.TestServer;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Kills the service while it exports, and checks that each row is in one listed file. */
@ExtendWith(SharedServer.class)
class ExportCrashIT {

  private static final String TABLE = "rowmill_work.exported";
  private static final int ROWS = 6_000;

  private final Random random = Seed.random("ExportCrashIT");

  private static void fill(Rig rig) throws Exception {
    rig.table(0); // Creates the schema.
    rig.execute("DROP TABLE IF EXISTS " + TABLE);
    rig.execute("CREATE TABLE " + TABLE + " (id INT PRIMARY KEY, t VARCHAR(20))");
    StringBuilder values = new StringBuilder();
    for (int id = 1; id <= ROWS; id++) {
      values
          .append(id == 1 ? "" : ", ")
          .append("(")
          .append(id)
          .append(", 'v")
          .append(id)
          .append("')");
    }
    rig.execute("INSERT INTO " + TABLE + " VALUES " + values);
  }

  private static String export(String to) {
    return """
        {"select": "SELECT id, t FROM %s", "format": "parquet", "to": %s, "lanes": 2,
         "chunk": {"rows": 40}, "limits": {"rowsPerSecond": 1000}}"""
        .formatted(TABLE, to);
  }

  /** Runs an export whose service is killed at random moments, and returns its manifest. */
  private JsonNode killed(Rig rig, Map<String, String> config, String to) throws Exception {
    ServiceProcess service = rig.start(config);
    long id =
        new RowmillApi(service.address())
            .json(export(to))
            .post("/projects/exported/exports")
            .statusCode(202)
            .id();
    for (int kills = 0; kills < 2; kills++) {
      Awaitility.await("the batch to run")
          .atMost(Duration.ofMinutes(2))
          .until(() -> rig.scannedWhileRunning(id) > 0);
      Thread.sleep(random.nextInt(500)); // A random moment, not a condition.
      service.kill();
      service = rig.start(config);
    }
    var api = new RowmillApi(service.address());
    JsonNode batch = api.ended(id);
    assertEquals("succeeded", batch.path("status").asText(), batch::toString);
    JsonNode manifest = api.get("/batches/" + id + "/manifest").statusCode(200).body();
    assertEquals(ROWS, manifest.get("rows").asInt());
    assertFalse(service.output().contains(S3Server.SECRET));
    rig.leavesNothingBehind(api);
    return manifest;
  }

  private static void hasEachRowOnce(String files) throws Exception {
    hasEachRowOnce(files, ROWS);
  }

  private static void hasEachRowOnce(String files, int rows) throws Exception {
    try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
        Statement duck = connection.createStatement();
        ResultSet row =
            duck.executeQuery(
                "SELECT COUNT(*), COUNT(DISTINCT id), MIN(id), MAX(id), COUNT(*) FILTER (t <> 'v'"
                    + " || id) FROM '"
                    + files
                    + "'")) {
      row.next();
      assertEquals(rows, row.getInt(1));
      assertEquals(rows, row.getInt(2));
      assertEquals(1, row.getInt(3));
      assertEquals(rows, row.getInt(4));
      assertEquals(0, row.getInt(5));
    }
  }

  @Test
  void a_killed_export_to_a_directory_has_each_row_once(TestServer server, @TempDir Path directory)
      throws Exception {
    try (var rig = new Rig(server)) {
      fill(rig);
      JsonNode manifest =
          killed(
              rig,
              Map.of("rowmill.export.directory", directory.toString()),
              "{\"directory\": \"daily\"}");
      Path place = directory.resolve(manifest.get("place").asText());
      hasEachRowOnce(place + "/*.parquet");
      try (Stream<Path> files = Files.list(place)) {
        assertEquals(manifest.get("parts").size() + 1, files.count());
      }
    }
  }

  @Test
  void a_killed_export_to_a_bucket_has_each_row_once(TestServer server, @TempDir Path directory)
      throws Exception {
    Path files = Files.createDirectory(directory.resolve("s3"));
    try (var s3 = new S3Server(files);
        var rig = new Rig(server)) {
      fill(rig);
      JsonNode manifest =
          killed(
              rig,
              s3.config(),
              "{\"bucket\": \"%s\", \"prefix\": \"daily\"}".formatted(S3Server.BUCKET));
      assertTrue(manifest.get("parts").size() >= ROWS / 40);
      // Their content: the server stores each object in a file of its own.
      Path copies = Files.createDirectory(directory.resolve("copies"));
      int copied = 0;
      try (Stream<Path> stored = Files.walk(files)) {
        for (Path file : stored.filter(it -> it.endsWith("binaryData")).toList()) {
          if (Files.size(file) > 4
              && Files.readString(file, StandardCharsets.ISO_8859_1).startsWith("PAR1")) {
            Files.copy(file, copies.resolve(copied++ + ".parquet"));
          }
        }
      }
      assertEquals(manifest.get("parts").size(), copied);
      hasEachRowOnce(copies + "/*.parquet");
    }
  }

  private static Map<String, String> node(String name, Path directory) {
    return Map.of(
        "rowmill.export.directory", directory.toString(),
        "rowmill.cluster.enabled", "true",
        "rowmill.cluster.takeover", "8s",
        "rowmill.pool.size", "4",
        "rowmill.node", name);
  }

  @Test
  void two_nodes_export_each_row_once_even_if_one_dies(TestServer server, @TempDir Path directory)
      throws Exception {
    try (var rig = new Rig(server)) {
      fill(rig);
      int rows = 10 * ROWS;
      rig.execute(
          "INSERT INTO %s SELECT i, CONCAT('v', i) FROM (%s) numbers"
              .formatted(TABLE, Sequence.sql(ROWS + 1, rows + 1)));
      List<ServiceProcess> nodes =
          List.of(rig.launch(node("one", directory)), rig.launch(node("two", directory)));
      nodes.forEach(ServiceProcess::awaitListening);
      long id =
          new RowmillApi(nodes.get(0).address())
              .json(
                  export("{\"directory\": \"daily\"}")
                      // A rate would keep all lanes on one node.
                      .replace("\"limits\": {\"rowsPerSecond\": 1000}", "\"limits\": {}")
                      .replace("\"lanes\": 2", "\"lanes\": 6")
                      .replace("\"rows\": 40", "\"rows\": 20"))
              .post("/projects/exported/exports")
              .statusCode(202)
              .id();
      String onNodes =
          "SELECT COUNT(DISTINCT picked_by) FROM %s.launch WHERE picked AND task_instance LIKE '%d/%%'"
              .formatted(rig.schema(), id);
      Awaitility.await("lanes on both nodes")
          .atMost(Duration.ofMinutes(2))
          .pollInterval(Duration.ofMillis(20))
          .until(() -> rig.number(onNodes) == 2 && rig.scannedWhileRunning(id) > 0);
      int dies = random.nextInt(2);
      nodes.get(dies).kill();
      var api = new RowmillApi(nodes.get(1 - dies).address());
      JsonNode batch = api.ended(id);
      assertEquals("succeeded", batch.path("status").asText(), batch::toString);
      JsonNode manifest = api.get("/batches/" + id + "/manifest").statusCode(200).body();
      assertEquals(rows, manifest.get("rows").asInt());
      hasEachRowOnce(directory.resolve(manifest.get("place").asText()) + "/*.parquet", rows);
    }
  }

  @Test
  void more_rows_than_the_heap_holds_are_exported_and_their_changes_downloaded(
      TestServer server, @TempDir Path directory) throws Exception {
    try (var rig = new Rig(server)) {
      rig.table(0); // Creates the schema.
      rig.execute("DROP TABLE IF EXISTS " + TABLE);
      rig.execute("CREATE TABLE " + TABLE + " (id INT PRIMARY KEY, t VARCHAR(4000) NOT NULL)");
      int rows = 100_000;
      rig.execute(
          "INSERT INTO %s SELECT i, REPEAT(SHA2(i, 512), 20) FROM (%s) numbers"
              .formatted(TABLE, Sequence.sql(1, rows + 1)));
      ServiceProcess service =
          rig.launch(
                  List.of("env", "JDK_JAVA_OPTIONS=-Xmx128m -XX:+UseSerialGC"),
                  Map.of("rowmill.export.directory", directory.toString()))
              .awaitListening();
      var api = new RowmillApi(service.address());
      for (String format : List.of("parquet", "csv")) {
        long id =
            api.json(
                    """
                    {"select": "SELECT id, t FROM %s", "format": "%s", "to": {"directory": "large"},
                     "lanes": 2}"""
                        .formatted(TABLE, format))
                .post("/projects/large/exports")
                .statusCode(202)
                .id();
        JsonNode batch = api.ended(id);
        assertEquals("succeeded", batch.path("status").asText(), batch::toString);
        assertEquals(rows, batch.at("/progress/rowsChanged").asInt());
      }
      long id =
          api.json(
                  """
                  {"sql": "DELETE FROM %s", "undo": true, "wholeTable": true}"""
                      .formatted(TABLE))
              .post("/projects/large/batches")
              .statusCode(202)
              .id();
      assertEquals("succeeded", api.ended(id).path("status").asText());
      URI changes = service.address().resolve("/api/v1/batches/" + id + "/changes?format=csv");
      try (var lines =
          new BufferedReader(
              new InputStreamReader(changes.toURL().openStream(), StandardCharsets.UTF_8))) {
        assertEquals(rows + 1, lines.lines().count());
      }
      assertFalse(service.output().contains("OutOfMemoryError"));
    }
  }

  @Test
  void a_bucket_that_stays_away_fails_the_batch_and_archives_no_row(TestServer server)
      throws Exception {
    try (var rig = new Rig(server)) {
      fill(rig);
      Map<String, String> config = new HashMap<>(S3Server.away());
      config.put("rowmill.retry.max-attempts", "2");
      ServiceProcess service = rig.start(config);
      var api = new RowmillApi(service.address());
      String to = "{\"bucket\": \"%s\"}".formatted(S3Server.BUCKET);
      String archive =
          """
          {"archive": {"table": "%s", "where": "id > 0",
                       "to": {"files": {"format": "csv", "bucket": "%s"}}}, "undo": false}"""
              .formatted(TABLE, S3Server.BUCKET);
      for (long id :
          List.of(
              api.json(export(to)).post("/projects/exported/exports").statusCode(202).id(),
              api.json(archive).post("/projects/archived/batches").statusCode(202).id())) {
        JsonNode batch = api.ended(id);
        assertEquals("failed", batch.path("status").asText(), batch::toString);
        String error = batch.path("error").toString();
        assertTrue(error.contains("the bucket " + S3Server.BUCKET + " at 127.0.0.1:"), error);
      }
      assertEquals(ROWS, rig.number("SELECT COUNT(*) FROM " + TABLE));
      assertFalse(service.output().contains(S3Server.SECRET));
    }
  }

  @Test
  void a_missing_bucket_fails_the_batch(TestServer server, @TempDir Path directory)
      throws Exception {
    Path files = Files.createDirectory(directory.resolve("s3"));
    try (var s3 = new S3Server(files);
        var rig = new Rig(server)) {
      fill(rig);
      var api = new RowmillApi(rig.start(s3.config()).address());
      long id =
          api.json(export("{\"bucket\": \"missing\"}"))
              .post("/projects/exported/exports")
              .statusCode(202)
              .id();
      JsonNode batch = api.ended(id);
      assertEquals("failed", batch.path("status").asText(), batch::toString);
      assertTrue(batch.path("error").toString().contains("bucket"), batch::toString);
    }
  }
}
