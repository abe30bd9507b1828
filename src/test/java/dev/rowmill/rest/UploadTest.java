package dev.rowmill.rest;

import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.endsWith;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasSize;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rowmill.testing.AllTypesTable;
import dev.rowmill.testing.AllTypesTable.Key;
import dev.rowmill.testing.AllTypesTable.State;
import dev.rowmill.testing.Batches;
import dev.rowmill.testing.DatabaseResource;
import dev.rowmill.testing.RowmillApi;
import dev.rowmill.testing.RowmillApi.Reply;
import dev.rowmill.testing.StartRequestBuilder;
import dev.rowmill.testing.WorkTable;
import io.agroal.api.AgroalDataSource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.ByteArrayOutputStream;
import java.net.Socket;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests uploads of files, and batches that change a table by their lines. */
@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class UploadTest {

  private static final RowmillApi API = RowmillApi.local();
  private static final int ROWS = 200;

  @Inject AgroalDataSource database;

  private final String project = Batches.newProject();
  @RegisterExtension final WorkTable table = WorkTable.ofRows(ROWS);

  @BeforeEach
  void hasPrices() throws SQLException {
    table.execute(
        ("ALTER TABLE {t} ADD sku VARCHAR(20) NULL, ADD price DECIMAL(10,2) NULL,"
                + " MODIFY n INT NOT NULL DEFAULT 0")
            .replace("{t}", table.name()));
    table.execute("UPDATE " + table.name() + " SET sku = CONCAT('A-', id), price = id");
    table.execute("ALTER TABLE " + table.name() + " ADD UNIQUE KEY by_sku (sku)");
  }

  private Reply upload(String format, String columns, Object body) {
    return upload(table.name(), format, columns, body);
  }

  private Reply upload(String target, String format, String columns, Object body) {
    return API.request()
        .header("Content-Type", "application/octet-stream")
        .body(body)
        .post(
            "/uploads?project=%s&table=%s&format=%s%s"
                .formatted(
                    project,
                    URLEncoder.encode(target, StandardCharsets.UTF_8),
                    format,
                    columns.isEmpty()
                        ? ""
                        : "&columns=" + URLEncoder.encode(columns, StandardCharsets.UTF_8)));
  }

  private String uploaded(String columns, String csv) {
    return upload("csv", columns, csv).statusCode(201).body("status", equalTo("ready")).path("id");
  }

  private StartRequestBuilder start(String upload, String action) {
    return API.start(project)
        .with("upload", upload)
        .with("table", table.name())
        .with("match", List.of("sku"))
        .with("do", action);
  }

  private Reply done(StartRequestBuilder start) {
    return start.waiting().send().statusCode(200).body("status", equalTo("succeeded"));
  }

  private void undo(long batch) {
    API.waiting()
        .post("/batches/" + batch + "/undo")
        .statusCode(200)
        .body("status", equalTo("succeeded"))
        .body("conflicts", equalTo(0));
  }

  private long checksum() throws SQLException {
    return table.checksum(table.name());
  }

  private static String lines(int from, int to, String format) {
    return IntStream.rangeClosed(from, to)
        .mapToObj(i -> format.replace("{i}", "" + i) + "\n")
        .collect(Collectors.joining());
  }

  @Test
  void rows_are_updated_by_their_keys_and_the_update_is_undone() throws Exception {
    long before = checksum();
    String upload = uploaded("", "sku,price\n" + lines(11, 60, "A-{i},{i}.50") + "A-0,1\n");
    Reply batch =
        done(start(upload, "update").chunkRows(10))
            .body("kind", equalTo("task"))
            .body("task", equalTo("upload"))
            .body("progress.rowsScanned", equalTo(51))
            .body("progress.rowsChanged", equalTo(50));
    assertEquals(
        50, table.number("SELECT COUNT(*) FROM " + table.name() + " WHERE price = id + 0.5"));
    assertEquals(ROWS, table.number("SELECT COUNT(*) FROM " + table.name()));
    undo(batch.id());
    assertEquals(before, checksum());
  }

  @Test
  void rows_that_are_not_as_expected_are_skipped_and_listed() throws Exception {
    String upload =
        uploaded(
            "old_price:price",
            "sku,price,old_price\nA-1,9,1.00\nA-2,9,7\nA-3,9,3\nA-4,9,\nA-5,,5\n");
    table.execute("UPDATE " + table.name() + " SET price = NULL WHERE id = 4");
    Reply batch =
        done(start(upload, "update").with("expect", Map.of("price", "old_price")))
            .body("progress.rowsScanned", equalTo(5))
            .body("progress.rowsChanged", equalTo(4))
            .body("skipped", equalTo(1));
    API.get("/batches/" + batch.id() + "/skipped")
        .body("items", hasSize(1))
        .body("items[0].key.line", equalTo("3"))
        .body("items[0].key.sku", equalTo("A-2"))
        .body("items[0].message", containsString("price"));
    assertEquals(
        3, table.number("SELECT COUNT(*) FROM " + table.name() + " WHERE price = 9 AND id < 9"));
    assertEquals(2, table.number("SELECT price FROM " + table.name() + " WHERE id = 2"));
    undo(batch.id());
    assertEquals(3, table.number("SELECT price FROM " + table.name() + " WHERE id = 3"));
  }

  @Test
  void rows_are_deleted_and_come_back() throws Exception {
    long before = checksum();
    String upload = uploaded("", "sku,price\n" + lines(1, 30, "A-{i},{i}"));
    table.execute("UPDATE " + table.name() + " SET price = 1000 WHERE id = 7");
    Reply batch =
        done(start(upload, "delete").with("expect", Map.of("price", "price")).chunkRows(10))
            .body("progress.rowsChanged", equalTo(29))
            .body("skipped", equalTo(1));
    assertEquals(ROWS - 29, table.number("SELECT COUNT(*) FROM " + table.name()));
    undo(batch.id());
    table.execute("UPDATE " + table.name() + " SET price = 7 WHERE id = 7");
    assertEquals(before, checksum());
  }

  @Test
  void an_upsert_updates_rows_and_adds_others() throws Exception {
    long before = checksum();
    String file = "id,sku,price\n" + lines(ROWS - 9, ROWS + 20, "{i},A-{i},0.5");
    Reply batch =
        done(start(uploaded("", file), "upsert")
                .with("match", List.of("id"))
                .with("undo", true)
                .chunkRows(10))
            .body("progress.rowsChanged", equalTo(30));
    assertEquals(30, table.number("SELECT COUNT(*) FROM " + table.name() + " WHERE price = 0.5"));
    assertEquals(ROWS + 20, table.number("SELECT COUNT(*) FROM " + table.name()));
    undo(batch.id());
    assertEquals(before, checksum());
  }

  @Test
  void an_upsert_that_writes_the_key_runs_without_undo() throws Exception {
    String file = "id,sku,price\n" + lines(ROWS - 9, ROWS + 20, "{i},A-{i},0.5");
    start(uploaded("", file), "upsert")
        .with("undo", true)
        .send()
        .statusCode(422)
        .body("type", endsWith("undo-impossible"));
    done(start(uploaded("", file), "upsert")).body("progress.rowsChanged", equalTo(30));
    assertEquals(30, table.number("SELECT COUNT(*) FROM " + table.name() + " WHERE price = 0.5"));
  }

  @Test
  void rows_are_inserted_and_removed_again() throws Exception {
    long before = checksum();
    String upload = uploaded("", "id,sku,price\n" + lines(ROWS + 1, ROWS + 50, "{i},B-{i},{i}"));
    Reply batch =
        done(start(upload, "insert").with("match", List.of("id")).chunkRows(20))
            .body("progress.rowsChanged", equalTo(50));
    assertEquals(ROWS + 50, table.number("SELECT COUNT(*) FROM " + table.name()));
    undo(batch.id());
    assertEquals(before, checksum());
    String taken = uploaded("", "id,sku\n" + ROWS + ",C\n" + (ROWS + 1) + ",D\n");
    start(taken, "insert")
        .with("match", List.of("id"))
        .with("onError", Map.of("mode", "skip"))
        .waiting()
        .send()
        .statusCode(200)
        .body("status", equalTo("succeeded"))
        .body("skipped", equalTo(1))
        .body("progress.rowsChanged", equalTo(1));
  }

  @Test
  void several_lanes_change_each_row_once() throws Exception {
    String upload = uploaded("", "id,sku,n\n" + lines(1, ROWS, "{i},A-{i},7"));
    done(start(upload, "update").with("lanes", 2).chunkRows(10))
        .body("progress.rowsScanned", equalTo(ROWS))
        .body("progress.rowsChanged", equalTo(ROWS));
    assertEquals(ROWS, table.rowsWith(7));
  }

  @Test
  void a_plan_counts_what_the_lines_find_and_changes_nothing() throws Exception {
    long before = checksum();
    String upload =
        uploaded("old:price", "sku,price,old\nA-1,1,1\nA-2,5,2\nA-3,5,9\nB-1,5,5\n,5,5\n");
    start(upload, "update")
        .with("expect", Map.of("price", "old"))
        .plan()
        .statusCode(200)
        .body("lines.lines", equalTo(5))
        .body("lines.matched", equalTo(3))
        .body("lines.missing", equalTo(1))
        .body("lines.noKey", equalTo(1))
        .body("lines.unexpected", equalTo(1))
        .body("lines.unchanged", equalTo(1))
        .body("lines.precision", equalTo("exact"))
        .body("rowsMatching.rows", equalTo(1))
        .body("sample.find { it.before.sku == 'A-2' }.after.price", equalTo(5.0f));
    assertEquals(before, checksum());
  }

  @Test
  void a_start_can_use_the_plan() throws Exception {
    String upload = uploaded("", "sku,price\nA-1,1.25\n");
    String plan = start(upload, "update").plan().statusCode(200).path("id");
    API.start(project)
        .with("plan", plan)
        .waiting()
        .send()
        .statusCode(200)
        .body("progress.rowsChanged", equalTo(1));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          A-1,1.005           | 2 | has more than 2 digits
          A-1,123456789       | 2 | out of range
          A-1,x               | 2 | is no number
          A-1                 | 2 | has 1 values
          A-1,1,2             | 2 | has 3 values
          A-1234567890123456789,1 | 2 | more than 20 characters
          A-1,1;"A-2,3        | 3 | not valid CSV
          A-1,1;"A-2"x,3      | 3 | not valid CSV
          """)
  void a_bad_line_is_named_and_nothing_is_stored(String lines, int line, String message)
      throws Exception {
    Reply reply =
        upload("csv", "", "sku,price\n" + lines.strip().replace(';', '\n') + "\n")
            .statusCode(422)
            .body("type", endsWith("upload-rejected"))
            .body("errors", equalTo(1))
            .body("firstErrors[0].line", equalTo(line))
            .body("firstErrors[0].message", containsString(message));
    String upload = reply.path("upload");
    API.get("/uploads/" + upload).body("status", equalTo("rejected"));
    API.get("/uploads/" + upload + "/errors").body("items[0].line", equalTo(line));
    start(upload, "update").send().statusCode(422).body("type", endsWith("upload-mismatch"));
    assertEquals(0, tablesOf(upload));
  }

  private long tablesOf(String upload) throws SQLException {
    return table.number(
        "SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_NAME = 'upload_rows_"
            + upload.substring(2)
            + "'");
  }

  @Test
  void all_bad_lines_are_listed() {
    String upload =
        upload("csv", "", "sku,price\n" + lines(1, 700, "A-{i},bad"))
            .statusCode(422)
            .body("errors", equalTo(700))
            .body("firstErrors", hasSize(20))
            .path("upload");
    Reply page = API.get("/uploads/" + upload + "/errors?limit=500").body("items", hasSize(500));
    API.get(page.<String>path("next"))
        .body("items", hasSize(200))
        .body("items[199].line", equalTo(701))
        .body("next", equalTo(null));
  }

  @Test
  void broken_utf8_is_found_in_its_line() throws Exception {
    var file = new ByteArrayOutputStream();
    file.write(("sku,price\n" + lines(1, 30_000, "Ä-{i},1")).getBytes(StandardCharsets.UTF_8));
    file.write(new byte[] {'B', (byte) 0xC3, '(', ',', '1', '\n'});
    file.write(lines(1, 10, "C-{i},1").getBytes(StandardCharsets.UTF_8));
    upload("csv", "", file.toByteArray())
        .statusCode(422)
        .body("firstErrors[0].line", equalTo(30_002))
        .body("firstErrors[0].message", containsString("UTF-8"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          csv    |                                 | the file is empty
          csv    | sku,price                       | no lines
          csv    | sku,Price,price;A,1,2           | there twice
          csv    | sku,;A,1                        | has no name
          ndjson |                                 | the file is empty
          ndjson | {"sku": "A", "price": 1         | not valid JSON
          ndjson | {"sku": "A"};{"sku": "B", "price": 2} | has no member price
          ndjson | {"sku": "A", "price": 1};{"sku": "B"} | lacks price
          ndjson | [1]                             | no JSON object
          ndjson | {"sku": "A", "sku": "B"}        | there twice
          """)
  void a_broken_file_is_rejected(String format, String file, String message) {
    upload(format, "", file == null ? "" : file.replace(';', '\n') + "\n")
        .statusCode(422)
        .body("type", endsWith("upload-rejected"))
        .body("firstErrors[0].message", containsString(message));
  }

  @Test
  void an_upload_that_breaks_off_leaves_nothing() throws Exception {
    URI service =
        RowmillApi.localUri("/api/v1/uploads?project=" + project + "&table=" + table.name());
    String lines = "sku,price\n" + lines(1, 25_000, "A-{i},1");
    try (var socket = new Socket(service.getHost(), service.getPort())) {
      socket
          .getOutputStream()
          .write(
              ("POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/csv\r\nContent-Length: %d\r\n\r\n%s"
                      .formatted(
                          service.getRawPath() + "?" + service.getRawQuery(),
                          lines.length() + 1000,
                          lines))
                  .getBytes(StandardCharsets.UTF_8));
      socket.getOutputStream().flush();
      Awaitility.await()
          .until(
              () -> {
                JsonNode items = uploads();
                return items.size() == 1 && items.get(0).path("rows").asInt() >= 10_000;
              });
    }
    String id = uploads().path(0).path("id").asText();
    Awaitility.await().until(() -> uploads().isEmpty());
    assertTrue(id.isEmpty() || tablesOf(id) == 0);
  }

  private JsonNode uploads() {
    return API.get("/uploads?project=" + project).statusCode(200).body().path("items");
  }

  @Test
  void lines_with_the_same_key_are_refused() {
    String upload = uploaded("", "sku,price\nA-1,1\nA-2,1\na-1,2\n");
    start(upload, "update")
        .send()
        .statusCode(422)
        .body("type", endsWith("upload-mismatch"))
        .body("reasons[0]", containsString("2 = 4"));
    start(upload, "update").plan().statusCode(422);
    String none = uploaded("", "id,sku,price\n1001,,1\n");
    start(none, "upsert").send().statusCode(422).body("reasons[0]", containsString("2"));
  }

  @Test
  void a_start_that_does_not_fit_is_refused_with_the_reasons() {
    String upload = uploaded("", "sku,price,old,n\nA-1,1,1,0\n");
    start(upload, "update")
        .with("expect", Map.of("price", "old"))
        .send()
        .statusCode(422)
        .body("reasons[0]", containsString("columns=old:price"));
    start(upload, "update")
        .with("match", List.of("n"))
        .send()
        .statusCode(422)
        .body("reasons[0]", containsString("No index".toLowerCase()));
    start(upload, "update").with("set", Map.of("sku", "sku")).send().statusCode(422);
    start(upload, "delete").with("set", Map.of("n", "n")).send().statusCode(422);
    start("u_999999", "delete").send().statusCode(422).body("type", endsWith("unknown-upload"));
    API.start(Batches.newProject())
        .with("upload", upload)
        .with("table", table.name())
        .with("match", List.of("sku"))
        .with("do", "delete")
        .send()
        .statusCode(422)
        .body("type", endsWith("unknown-upload"));
    API.start(project)
        .with("upload", upload)
        .send()
        .statusCode(400)
        .body("violations.field", hasItem("match"));
    API.start(project)
        .sql("SELECT * FROM upload_rows_" + upload.substring(2))
        .send()
        .statusCode(422);
    API.start(project)
        .sql("DELETE FROM upload_rows_" + upload.substring(2) + " WHERE 1 = 1")
        .send()
        .statusCode(422)
        .body("type", endsWith("unknown-table"));
  }

  @Test
  void an_upload_can_be_deleted() throws Exception {
    String upload = uploaded("", "sku,price\nA-1,1\n");
    assertEquals(1, tablesOf(upload));
    API.delete("/uploads/" + upload).statusCode(204);
    assertEquals(0, tablesOf(upload));
    API.get("/uploads/" + upload).statusCode(404);
  }

  @Test
  void nulls_empty_texts_and_line_breaks_are_stored_as_sent() throws Exception {
    table.execute("ALTER TABLE " + table.name() + " ADD note VARCHAR(30) DEFAULT '-'");
    done(
        start(
            uploaded(
                "", "\uFEFFsku,note\r\nA-1,\r\nA-2,\"\"\r\nA-3,\" a \"\"b\"\"\nc\"\r\nA-4, x\r\n"),
            "update"));
    assertEquals(
        1, table.number("SELECT COUNT(*) FROM " + table.name() + " WHERE note IS NULL AND id = 1"));
    assertEquals(
        1, table.number("SELECT COUNT(*) FROM " + table.name() + " WHERE note = '' AND id = 2"));
    assertEquals(
        1,
        table.number(
            "SELECT COUNT(*) FROM " + table.name() + " WHERE note = ' a \"b\"\\nc' AND id = 3"));
    assertEquals(
        1, table.number("SELECT COUNT(*) FROM " + table.name() + " WHERE note = ' x' AND id = 4"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"csv", "ndjson"})
  void downloaded_changes_of_all_types_are_read_back(String format) throws Exception {
    AllTypesTable all = AllTypesTable.create(database, Key.BIGINT, 60);
    all.execute("DELETE FROM " + all.name() + " WHERE id > 60");
    // UTF-8 has one character for two codes of cp932, and no text for the error value of an ENUM.
    all.execute(
        "UPDATE "
            + all.name()
            + " SET c_cp932 = CONVERT(CONVERT(c_cp932 USING utf8mb4) USING cp932),"
            + " c_enum = IF(c_enum + 0 = 0, NULL, c_enum)");
    State before = all.state();
    long deleted =
        API.start(project)
            .sql("DELETE FROM " + all.name())
            .with("wholeTable", true)
            .waiting()
            .send()
            .statusCode(200)
            .body("status", equalTo("succeeded"))
            .id();
    String file =
        API.get("/batches/" + deleted + "/changes?format=" + format).statusCode(200).text();
    Reply upload = upload(all.name(), format, "", file).statusCode(201);
    Map<String, String> set = new LinkedHashMap<>();
    for (JsonNode column : upload.body().path("columns")) {
      String name = column.path("name").asText();
      if (name.startsWith("before.")) {
        set.put(column.path("column").asText(), name);
      }
    }
    API.start(project)
        .with("upload", upload.<String>path("id"))
        .with("table", all.name())
        .with("match", List.of("id"))
        .with("do", "insert")
        .with("set", set)
        .waiting()
        .send()
        .statusCode(200)
        .body("status", equalTo("succeeded"));
    assertEquals(before, all.state());
  }
}
