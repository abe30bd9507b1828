package dev.rowmill.archive;

import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.endsWith;
import static org.hamcrest.Matchers.equalTo;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.rowmill.testing.AllTypesTable;
import dev.rowmill.testing.AllTypesTable.Key;
import dev.rowmill.testing.Batches;
import dev.rowmill.testing.DatabaseResource;
import dev.rowmill.testing.RowmillApi;
import dev.rowmill.testing.RowmillApi.Reply;
import dev.rowmill.testing.Sql;
import dev.rowmill.testing.StartRequestBuilder;
import dev.rowmill.testing.WorkTable;
import io.agroal.api.AgroalDataSource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests archives whose rows are written to files, and that the files give them back. */
@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class ArchiveFilesTest {

  private static final RowmillApi API = RowmillApi.local();
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int ROWS = 1000;

  @Inject AgroalDataSource database;
  @Inject Batches batches;

  private final String project = Batches.newProject();
  @RegisterExtension final WorkTable table = WorkTable.ofRows(ROWS);

  private String lines = "";

  @BeforeEach
  void children() throws SQLException {
    lines = table.name() + "_line";
    execute("DROP TABLE IF EXISTS " + lines);
    execute(
        "CREATE TABLE %s (id BIGINT NOT NULL PRIMARY KEY, order_id BIGINT NOT NULL, note VARCHAR(20), FOREIGN KEY (order_id) REFERENCES %s (id))"
            .formatted(lines, table.name()));
  }

  private void fillChildren() throws SQLException {
    execute("INSERT INTO %s SELECT id, id, 'a' FROM %s".formatted(lines, table.name()));
    execute("INSERT INTO %1$s SELECT id + 100000, id, NULL FROM %1$s".formatted(lines));
  }

  @AfterEach
  void leaveNothingBehind() throws SQLException {
    execute("DROP TABLE IF EXISTS " + lines);
    batches.leaveNothingBehind();
  }

  private void execute(String sql) throws SQLException {
    Sql.execute(database, sql);
  }

  private long count(String from) throws SQLException {
    return Sql.number(database, "SELECT COUNT(*) FROM " + from);
  }

  private static Map<String, Object> files(String format) {
    return Map.of("files", Map.of("format", format, "directory", "archive"));
  }

  private Map<String, Object> archive(String format) {
    return new HashMap<>(Map.of("table", table.name(), "where", "id > 0", "to", files(format)));
  }

  private StartRequestBuilder start(Map<String, ?> archive) {
    return API.start(project).with("archive", archive).with("undo", false).chunkRows(300);
  }

  private static long succeeded(StartRequestBuilder start) {
    return start.waiting().send().statusCode(200).body("status", equalTo("succeeded")).id();
  }

  private static Reply restored(long archive, String settings) {
    return API.waiting().json(settings).post("/batches/" + archive + "/restore").statusCode(200);
  }

  private static Path place(long batch) {
    return DatabaseResource.exports().resolve(manifest(batch).get("place").asText());
  }

  private static JsonNode manifest(long batch) {
    return API.get("/batches/" + batch + "/manifest").statusCode(200).body();
  }

  /** Returns the names of the parts, after checking that there are no other files. */
  private static Set<String> parts(long batch) throws IOException {
    Set<String> names = new TreeSet<>();
    manifest(batch).get("parts").forEach(part -> names.add(part.get("name").asText()));
    Set<String> all = new TreeSet<>(names);
    all.add("manifest.json");
    try (Stream<Path> files = Files.list(place(batch))) {
      assertEquals(
          all,
          files
              .map(file -> file.getFileName().toString())
              .collect(Collectors.toCollection(TreeSet::new)));
    }
    return names;
  }

  @ParameterizedTest
  @CsvSource({
    "csv, BIGINT",
    "csv, UNUSUAL",
    "csv, TEXT_AND_INT",
    "ndjson, BINARY16",
    "ndjson, UNUSUAL",
    "parquet, DATETIME",
    "parquet, UNUSUAL"
  })
  void every_type_comes_back_from_files(String format, Key key) throws Exception {
    AllTypesTable types = AllTypesTable.create(database, key, 400);
    AllTypesTable.State before = types.state();
    long id =
        succeeded(
            API.start(project)
                .with(
                    "archive", Map.of("table", types.name(), "where", "n > 0", "to", files(format)))
                .with("undo", false)
                .with("lanes", 2)
                .chunkRows(90));
    assertEquals(0, count(types.name()));
    assertEquals(400, manifest(id).get("rows").asLong());
    assertTrue(parts(id).size() > 4);
    restored(id, "{\"chunk\": {\"rows\": 40}}")
        .body("status", equalTo("succeeded"))
        .body("task", equalTo("restore-files"))
        .body("progress.rowsChanged", equalTo(400))
        .body("skipped", equalTo(0));
    assertEquals(before, types.state());
  }

  @ParameterizedTest
  @ValueSource(strings = {"csv", "parquet"})
  void an_archive_to_files_is_undone_and_done_again(String format) throws Exception {
    fillChildren();
    long before = table.checksum(table.name());
    long linesBefore = table.checksum(lines);
    Map<String, Object> members = archive(format);
    members.put("children", List.of(Map.of("table", lines, "by", "order_id")));
    long id = succeeded(start(members).with("undo", true));
    assertEquals(0, count(table.name()));
    assertEquals(0, count(lines));
    assertEquals(3 * ROWS, manifest(id).get("rows").asLong());
    restored(id, "{}").body("status", equalTo("succeeded")).body("kind", equalTo("undo"));
    assertEquals(before, table.checksum(table.name()));
    assertEquals(linesBefore, table.checksum(lines));
    API.json("{}").post("/batches/" + id + "/restore").statusCode(409);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void children_go_to_files_and_come_back_after_their_parents(boolean subquery) throws Exception {
    fillChildren();
    long before = table.checksum(table.name());
    long linesBefore = table.checksum(lines);
    Map<String, Object> members = archive("ndjson");
    members.put("children", List.of(Map.of("table", lines, "by", "order_id")));
    if (subquery) {
      members.put("where", "id <= (SELECT 700)");
    }
    long id = succeeded(start(members).with("lanes", 2));
    long moved = subquery ? 700 : ROWS;
    assertEquals(ROWS - moved, count(table.name()));
    assertEquals(2 * (ROWS - moved), count(lines));
    JsonNode manifest = manifest(id);
    assertEquals(2, manifest.get("tables").size());
    Map<String, Long> rows = new HashMap<>();
    manifest
        .get("parts")
        .forEach(
            part -> rows.merge(part.get("table").asText(), part.get("rows").asLong(), Long::sum));
    assertEquals(Set.of(moved, 2 * moved), Set.copyOf(rows.values()));
    restored(id, "{\"chunk\": {\"rows\": 70}, \"lanes\": 3}")
        .body("status", equalTo("succeeded"))
        .body("skipped", equalTo(0));
    assertEquals(before, table.checksum(table.name()));
    assertEquals(linesBefore, table.checksum(lines));
  }

  @Test
  void rows_whose_key_is_taken_are_listed_and_a_restore_can_be_undone() throws Exception {
    long id = succeeded(start(archive("csv")));
    execute("INSERT INTO " + table.name() + " VALUES (30, 77)");
    Reply restore =
        restored(id, "{}")
            .body("status", equalTo("succeeded"))
            .body("skipped", equalTo(1))
            .body("progress.rowsChanged", equalTo(ROWS - 1));
    API.get("/batches/" + restore.id() + "/skipped")
        .statusCode(200)
        .body("items[0].key.id", equalTo("30"));
    assertEquals(ROWS, count(table.name()));
    API.waiting()
        .json("{}")
        .post("/batches/" + restore.id() + "/undo")
        .statusCode(200)
        .body("status", equalTo("succeeded"));
    assertEquals(List.of(30L), Sql.numbers(database, "SELECT id FROM " + table.name()));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void a_row_that_begins_to_match_after_the_copy_is_not_lost(boolean toFiles) throws Exception {
    String old = table.name() + "_old";
    execute("CREATE TABLE " + old + " LIKE " + table.name());
    execute("UPDATE " + table.name() + " SET n = 1 WHERE id > 5");
    Map<String, Object> members = archive("csv");
    members.put("where", "n = 1");
    if (!toFiles) {
      members.put("to", Map.of("table", old));
    }
    long id;
    try (Connection other = database.getConnection();
        Statement statement = other.createStatement()) {
      other.setAutoCommit(false);
      // The copy waits for this row, after it has passed over row 5.
      statement.execute("SELECT id FROM " + table.name() + " WHERE id = " + ROWS + " FOR UPDATE");
      id = start(members).with("lanes", 1).chunkRows(2 * ROWS).accepted();
      Awaitility.await("the copy to wait")
          .atMost(Duration.ofMinutes(2))
          .until(() -> Sql.isLockAwaited(database));
      execute("UPDATE " + table.name() + " SET n = 1 WHERE id = 5");
      other.rollback();
      other.setAutoCommit(true);
    }
    JsonNode ended = API.ended(id);
    assertEquals("succeeded", ended.path("status").asText(), ended::toString);
    assertTrue(ended.path("progress").path("retries").asInt() > 0, ended::toString);
    assertEquals(4, count(table.name()));
    assertEquals(ROWS - 4, toFiles ? manifest(id).get("rows").asLong() : count(old));
    execute("DROP TABLE " + old);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void a_column_that_is_added_during_the_batch_is_not_lost(boolean toFiles) throws Exception {
    String old = table.name() + "_old";
    execute("CREATE TABLE " + old + " LIKE " + table.name());
    Map<String, Object> members = archive("csv");
    if (!toFiles) {
      members.put("to", Map.of("table", old));
    }
    long id =
        start(members)
            .with("limits", Map.of("rowsPerSecond", 100))
            .with("lanes", 1)
            .chunkRows(20)
            .accepted();
    Awaitility.await("the first chunk")
        .atMost(Duration.ofMinutes(2))
        .until(() -> count(table.name()) < ROWS);
    execute("ALTER TABLE " + table.name() + " ADD more INT DEFAULT 7");
    JsonNode ended = API.ended(id);
    assertEquals("failed", ended.path("status").asText(), ended::toString);
    assertTrue(ended.path("error").toString().contains("archive-impossible"), ended::toString);
    assertEquals(ROWS - ended.path("progress").path("rowsChanged").asLong(), count(table.name()));
    execute("DROP TABLE " + old);
  }

  @ParameterizedTest
  @ValueSource(strings = {"change", "cut", "remove"})
  void a_file_that_changed_restores_no_row(String damage) throws Exception {
    long id = succeeded(start(archive("csv")).chunkRows(2000));
    Path part = place(id).resolve(parts(id).iterator().next());
    byte[] bytes = Files.readAllBytes(part);
    switch (damage) {
      case "change" -> {
        bytes[bytes.length - 5] ^= 1;
        Files.write(part, bytes);
      }
      case "cut" -> Files.write(part, Arrays.copyOf(bytes, bytes.length - 20));
      default -> Files.delete(part);
    }
    if (damage.equals("change")) {
      restored(id, "{}")
          .body("status", equalTo("failed"))
          .body("error.reasons[0]", containsString("SHA-256"));
    } else {
      API.json("{}")
          .post("/batches/" + id + "/restore")
          .statusCode(422)
          .body("reasons[0]", containsString(part.getFileName().toString()));
    }
    assertEquals(0, count(table.name()));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "MODIFY n SMALLINT|names and types",
        "DROP PRIMARY KEY, ADD UNIQUE (id), ADD m INT NOT NULL DEFAULT 0, ADD PRIMARY KEY (id, m)|column m now",
        "DROP n|Add the column n"
      })
  void a_table_that_was_altered_gets_no_row_back(String change, String reason) throws Exception {
    long id = succeeded(start(archive("csv")));
    execute("ALTER TABLE " + table.name() + " " + change);
    restored(id, "{}")
        .body("status", equalTo("failed"))
        .body("error.reasons[0]", containsString(reason));
    assertEquals(0, count(table.name()));
  }

  /** Returns whether a restore holds a temporary file open. */
  private static boolean isCopyOpen() throws IOException {
    try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
      return open.anyMatch(
          it -> {
            try {
              return Files.readSymbolicLink(it).toString().contains("rowmill-restore-");
            } catch (IOException closed) {
              return false;
            }
          });
    }
  }

  @Test
  void large_rows_among_small_ones_are_restored_a_few_at_a_time() throws Exception {
    execute("ALTER TABLE " + table.name() + " ADD t LONGTEXT");
    execute(
        "UPDATE " + table.name() + " SET t = REPEAT('x', 3000000) WHERE id BETWEEN 400 AND 423");
    long before = table.checksum(table.name());
    long id = succeeded(start(archive("csv")).chunkRows(2 * ROWS));
    Reply restored = restored(id, "{\"undo\": false, \"chunk\": {\"rows\": 5000}}");
    restored.body("status", equalTo("succeeded")).body("skipped", equalTo(0));
    assertEquals(before, table.checksum(table.name()));
    // 24 rows of 3 MB, at most 16 MB of them in a chunk.
    assertTrue(restored.body().at("/progress/retries").asInt() > 0, restored::text);
  }

  @Test
  void an_archive_that_failed_has_a_manifest_of_its_files_and_is_restored() throws Exception {
    execute("INSERT INTO %s VALUES (1, 700, 'a')".formatted(lines));
    long before = table.checksum(table.name());
    long id =
        start(archive("csv"))
            .with("lanes", 1)
            .waiting()
            .send()
            .body("status", equalTo("failed"))
            .id();
    assertEquals(301, count(table.name()));
    JsonNode manifest = manifest(id);
    assertEquals(false, manifest.get("complete").asBoolean(true));
    assertEquals(699, manifest.get("rows").asInt());
    assertEquals(1, manifest.get("tables").size());
    assertTrue(Files.exists(place(id).resolve("manifest.json")));
    restored(id, "{}").body("status", equalTo("succeeded"));
    assertEquals(before, table.checksum(table.name()));
    assertFalse(isCopyOpen());
  }

  @Test
  void an_archive_that_was_cancelled_has_a_manifest_of_its_files_and_is_restored()
      throws Exception {
    long before = table.checksum(table.name());
    long id =
        start(archive("parquet"))
            .with("limits", Map.of("rowsPerSecond", 100))
            .with("lanes", 1)
            .chunkRows(20)
            .accepted();
    Awaitility.await("the first chunk")
        .atMost(Duration.ofMinutes(2))
        .until(() -> count(table.name()) < ROWS);
    API.post("/batches/" + id + "/cancel");
    assertEquals("cancelled", API.ended(id).path("status").asText());
    assertEquals(ROWS - count(table.name()), manifest(id).get("rows").asInt());
    long restore =
        API.accepted(
            "/batches/" + id + "/restore",
            JSON.readTree("{\"limits\": {\"rowsPerSecond\": 10}, \"chunk\": {\"rows\": 10}}"));
    Awaitility.await("a restored row")
        .atMost(Duration.ofMinutes(2))
        .until(() -> API.batch(restore).at("/progress/rowsChanged").asInt() > 0);
    assertTrue(isCopyOpen());
    API.post("/batches/" + restore + "/pause");
    Awaitility.await("the pause")
        .atMost(Duration.ofMinutes(2))
        .until(() -> API.batch(restore).path("status").asText().equals("paused"));
    assertFalse(isCopyOpen());
    API.post("/batches/" + restore + "/cancel");
    assertEquals("cancelled", API.ended(restore).path("status").asText());
    restored(id, "{}").body("status", equalTo("succeeded"));
    assertEquals(before, table.checksum(table.name()));
    assertFalse(isCopyOpen());
  }

  @Test
  void what_can_not_be_archived_to_files_is_refused() throws Exception {
    for (Map<String, Object> wrong :
        List.<Map<String, Object>>of(
            Map.of("files", Map.of("format", "csv")),
            Map.of("files", Map.of("format", "csv", "bucket", "no-such-bucket")))) {
      Map<String, Object> members = archive("csv");
      members.put("to", wrong);
      start(members).send().statusCode(422).body("type", endsWith("/export-target"));
      start(members).plan().statusCode(422).body("type", endsWith("/export-target"));
    }
    for (Map<String, Object> wrong :
        List.<Map<String, Object>>of(
            Map.of("files", Map.of("format", "xml", "directory", "d")),
            Map.of("files", Map.of("format", "csv", "directory", "../d")),
            Map.of("table", "a.b", "files", Map.of("format", "csv", "directory", "d")),
            Map.of())) {
      Map<String, Object> members = archive("csv");
      members.put("to", wrong);
      start(members).send().statusCode(400);
    }
    Map<String, Object> creating = archive("csv");
    creating.put("missingTable", "create");
    start(creating)
        .send()
        .statusCode(400)
        .body("violations.field[0]", equalTo("archive.missingTable"));
    execute("ALTER TABLE " + lines + " DROP PRIMARY KEY");
    Map<String, Object> children = archive("csv");
    children.put("children", List.of(Map.of("table", lines, "by", "order_id")));
    start(children).send().statusCode(422).body("reasons[0]", containsString("primary key"));
    assertEquals(ROWS, count(table.name()));
    API.start(project)
        .with("task", "restore-files")
        .with("parameters", Map.of("archive", 999_999_999))
        .send()
        .statusCode(409)
        .body("type", endsWith("/not-restorable"));
  }
}
