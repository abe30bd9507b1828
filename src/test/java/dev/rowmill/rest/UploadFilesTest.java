package dev.rowmill.rest;

import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.endsWith;
import static org.hamcrest.Matchers.equalTo;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.rowmill.testing.AllTypesTable;
import dev.rowmill.testing.AllTypesTable.Key;
import dev.rowmill.testing.AllTypesTable.State;
import dev.rowmill.testing.Batches;
import dev.rowmill.testing.DatabaseResource;
import dev.rowmill.testing.RowmillApi;
import dev.rowmill.testing.RowmillApi.Reply;
import dev.rowmill.testing.WorkTable;
import io.agroal.api.AgroalDataSource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests the formats of uploaded files, and files that are bad, large or cut off. */
@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class UploadFilesTest {

  private static final RowmillApi API = RowmillApi.local();
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int ROWS = 20;

  @Inject AgroalDataSource database;
  @TempDir Path directory;

  private final String project = Batches.newProject();
  @RegisterExtension final WorkTable table = WorkTable.ofRows(ROWS);

  @BeforeEach
  void hasPrices() throws SQLException {
    alter("ADD sku VARCHAR(20) NULL, ADD price DECIMAL(10,2) NULL");
    table.execute("UPDATE " + table.name() + " SET sku = CONCAT('A-', id), price = id");
    alter("ADD UNIQUE KEY by_sku (sku)");
  }

  private void alter(String change) throws SQLException {
    table.execute("ALTER TABLE " + table.name() + " " + change);
  }

  private Reply upload(String target, String format, String more, Object body) {
    return API.request()
        .header("Content-Type", "application/octet-stream")
        .body(body)
        .post("/uploads?project=%s&table=%s&format=%s%s".formatted(project, target, format, more));
  }

  private Reply upload(String format, Object body) {
    return upload(table.name(), format, "", body);
  }

  private Reply rejected(String format, Object body, long line, String message) throws Exception {
    Reply reply =
        upload(format, body)
            .statusCode(422)
            .body("type", endsWith("upload-rejected"))
            .body("firstErrors[0].line", equalTo((int) line))
            .body("firstErrors[0].message", containsString(message));
    nothingIsLeft();
    return reply;
  }

  /** Checks that there are no rows of an upload of the project, and no temporary file. */
  private void nothingIsLeft() throws Exception {
    for (JsonNode upload : uploads()) {
      assertEquals(
          0,
          table.number(
              "SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_NAME = 'upload_rows_"
                  + upload.path("id").asText().substring(2)
                  + "'"));
    }
    assertEquals(List.of(), temporaryFiles());
  }

  /** Returns the temporary files that this process, in which the service runs, holds open. */
  private static List<String> temporaryFiles() throws IOException {
    List<String> found = new ArrayList<>();
    try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
      for (Path descriptor : open.toList()) {
        try {
          found.add(Files.readSymbolicLink(descriptor).toString());
        } catch (IOException e) {
          // It was closed since.
          continue;
        }
      }
    }
    return found.stream().filter(name -> name.contains("rowmill-upload-")).toList();
  }

  private JsonNode uploads() {
    return API.get("/uploads?project=" + project).statusCode(200).body().path("items");
  }

  private void done(String upload, String target, String match, String action) {
    API.start(project)
        .with("upload", upload)
        .with("table", target)
        .with("match", List.of(match))
        .with("do", action)
        .waiting()
        .send()
        .statusCode(200)
        .body("status", equalTo("succeeded"));
  }

  private byte[] parquet(String select) throws Exception {
    Path file = directory.resolve("file.parquet");
    try (Connection there = DriverManager.getConnection("jdbc:duckdb:");
        Statement duck = there.createStatement()) {
      duck.execute("COPY (" + select + ") TO '" + file + "' (FORMAT parquet)");
    }
    return Files.readAllBytes(file);
  }

  @ParameterizedTest
  @ValueSource(strings = {"csv", "ndjson", "parquet"})
  void exported_rows_of_all_types_are_read_back(String format) throws Exception {
    AllTypesTable all = AllTypesTable.create(database, Key.BIGINT, 60);
    // UTF-8 has one character for two codes of cp932, and no text for the error value of an ENUM.
    all.execute(
        "UPDATE "
            + all.name()
            + " SET c_cp932 = CONVERT(CONVERT(c_cp932 USING utf8mb4) USING cp932),"
            + " c_enum = IF(c_enum + 0 = 0, NULL, c_enum)");
    if (format.equals("parquet")) {
      // It has no dates that the calendar lacks.
      String columns =
          all.text(
              "SELECT GROUP_CONCAT(COLUMN_NAME) FROM information_schema.COLUMNS WHERE"
                  + " CONCAT(TABLE_SCHEMA, '.', TABLE_NAME) = '"
                  + all.name()
                  + "' AND DATA_TYPE IN ('date', 'datetime', 'timestamp')"
                  + " AND COALESCE(GENERATION_EXPRESSION, '') = ''");
      for (String column : columns.split(",")) {
        all.execute(
            "UPDATE %1$s SET %2$s = NULL WHERE MONTH(%2$s) = 0 OR DAY(%2$s) = 0"
                .formatted(all.name(), column));
      }
    }
    State before = all.state();
    long export =
        API.request()
            .waiting()
            .json(
                JSON.valueToTree(
                    Map.of(
                        "select",
                        "SELECT %s FROM %s".formatted(String.join(", ", all.columns()), all.name()),
                        "format",
                        format,
                        "to",
                        Map.of("directory", "uploads"))))
            .post("/projects/" + project + "/exports")
            .statusCode(200)
            .body("status", equalTo("succeeded"))
            .id();
    JsonNode manifest = API.get("/batches/" + export + "/manifest").statusCode(200).body();
    assertEquals("{}", manifest.get("lostValues").toString());
    assertEquals(1, manifest.get("parts").size());
    byte[] file =
        Files.readAllBytes(
            DatabaseResource.exports()
                .resolve(manifest.get("place").asText())
                .resolve(manifest.at("/parts/0/name").asText()));
    all.execute("DELETE FROM " + all.name());
    Reply upload =
        upload(all.name(), format, "", file)
            .statusCode(201)
            .body("format", equalTo(format))
            .body("rows", equalTo(60))
            .body("bytes", equalTo(file.length));
    done(upload.path("id"), all.name(), "id", "insert");
    assertEquals(before, all.state());
    assertEquals(List.of(), temporaryFiles());
  }

  @Test
  void rows_of_parquet_are_named_by_their_numbers() throws Exception {
    rejected(
        "parquet",
        parquet(
            "SELECT 'A-' || i AS sku, IF(i = 4711, 1.005, 1.1) AS price FROM range(1, 9000) AS"
                + " of(i) ORDER BY i"),
        4711,
        "1.005");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "SELECT 'A-1' AS sku, [1] AS price|column price: a group of columns is not supported",
        "SELECT 'A-1' AS sku, INTERVAL 1 DAY AS price|column price: the type",
        "SELECT CAST('A-1' AS BLOB) AS sku, 1 AS price|column sku: the file has bytes",
        "SELECT 'A-1' AS sku, 'x' AS raw|column raw: the file has text",
        "SELECT 'A-1' AS sku, 1 AS price LIMIT 0|no lines",
        "SELECT 'A-1' AS sku, CAST('nan' AS FLOAT) AS price|is no number"
      })
  void parquet_of_other_types_is_rejected(String select, String message) throws Exception {
    alter("ADD raw VARBINARY(10)");
    rejected("parquet", parquet(select), 1, message);
  }

  @Test
  void parquet_that_is_cut_off_is_rejected() throws Exception {
    byte[] whole = parquet("SELECT 'A-' || i AS sku, i AS price FROM range(5000) AS of(i)");
    for (int length : new int[] {0, 10, whole.length / 2, whole.length - 1}) {
      rejected("parquet", Arrays.copyOf(whole, length), 1, "Parquet file");
    }
    rejected("parquet", "sku,price\nA-1,1\n", 1, "no Parquet file");
    rejected("csv", whole, 1, "UTF-8");
  }

  @Test
  void broken_utf8_in_line_900_000_is_found() throws Exception {
    var file = new ByteArrayOutputStream();
    file.write("sku\n".getBytes(StandardCharsets.UTF_8));
    for (int line = 2; line < 900_000; line++) {
      file.write(("A" + line + "\n").getBytes(StandardCharsets.UTF_8));
    }
    file.write(new byte[] {'B', (byte) 0xE2, (byte) 0x82, '\n', 'C', '\n'});
    rejected("csv", file.toByteArray(), 900_000, "UTF-8");
  }

  @Test
  void a_file_that_ends_in_a_quote_is_rejected() throws Exception {
    rejected("csv", "sku,price\nA-1,1\n\"A-2,1\nA-3,1\n", 3, "not valid CSV");
    rejected("csv", "sku,price\nA-1,1\nA-2,1,2\n", 3, "3 values");
    rejected("ndjson", "{\"sku\":\"A-1\"}\n{\"sku\":\"A-", 2, "not valid JSON");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"sku\": \"A-\\ud800\"}|1|half of a surrogate pair",
        "{\"sku\": \"A-1\", \"sku\": \"A-2\"}|1|member sku is there twice",
        "{\"sku\": \"A-1\", \"a\": {\"b\": 1}};{\"sku\": \"A\", \"a.b\": 1, \"a\": {\"b\": 2}}|2|member a.b is there twice"
      })
  void a_member_that_is_not_clear_is_rejected(String lines, int line, String message)
      throws Exception {
    rejected("ndjson", lines.replace(';', '\n') + "\n", line, message);
  }

  @Test
  void labels_and_names_with_special_characters_are_stored() throws Exception {
    alter("ADD e ENUM('a\\\\b', 'it''s', 'x,y'), ADD `a.b` INT, ADD w DATETIME(6)");
    String upload =
        upload(
                "ndjson",
                """
                {"sku": "A-1", "e": "a\\\\b", "a.b": 5, "w": "2026-03-01 10:15:00.500000000"}
                {"sku": "A-2", "e": "it's", "a.b": 6, "w": null}
                {"sku": "A-3", "e": "x,y", "a.b": 7, "w": null}
                {"sku": "A-4", "e": "x,y", "a.b": 8, "w": "2026-03-01T10:15:00"}
                """)
            .statusCode(201)
            .body("columns.find { it.name == 'a.b' }.column", equalTo("a.b"))
            .path("id");
    done(upload, table.name(), "sku", "update");
    assertEquals(
        2,
        table.number(
            "SELECT COUNT(*) FROM %s WHERE (HEX(e) = '615C62' AND `a.b` = 5 AND w = '2026-03-01 10:15:00.5') OR (e = 'it''s' AND `a.b` = 6)"
                .formatted(table.name())));
  }

  @Test
  void blanks_that_the_server_would_cut_are_errors() throws Exception {
    alter("ADD t TINYTEXT");
    String blanks = "x".repeat(250) + " ".repeat(10);
    rejected("csv", "sku,t\nA-1,a\nA-2,\"" + blanks + "\"\n", 3, "column 't'");
    upload("csv", "sku,t\nA-1,\"" + blanks.substring(0, 255) + "\"\n").statusCode(201);
  }

  @Test
  void columns_that_no_table_can_have_are_errors() throws Exception {
    rejected("csv", header(3000) + "\n1\n", 1, "no table can have all columns");
    rejected("csv", header(5000) + "\n1\n", 1, "more than 4096 columns");
    rejected("ndjson", "{}\n", 1, "no members");
    rejected("ndjson", "{\"a\": {}}\n", 1, "no members");
    alter("ADD wide VARCHAR(12000) CHARACTER SET utf8mb4");
    upload(table.name(), "csv", "&columns=old:wide", "sku,wide,old\nA-1,a,b\n")
        .statusCode(422)
        .body("firstErrors[0].message", containsString("no table can have all columns"));
    nothingIsLeft();
  }

  private static String header(int columns) {
    return "c"
        + Stream.iterate(1, i -> i + 1)
            .limit(columns)
            .map(String::valueOf)
            .collect(Collectors.joining(",c"));
  }

  /** Begins an upload whose body never ends. */
  private Socket begun(String format, String start) throws IOException {
    URI service =
        RowmillApi.localUri(
            "/api/v1/uploads?project=%s&table=%s&format=%s"
                .formatted(project, table.name(), format));
    var socket = new Socket(service.getHost(), service.getPort());
    socket
        .getOutputStream()
        .write(
            ("POST %s?%s HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9999999\r\n\r\n%s"
                    .formatted(service.getRawPath(), service.getRawQuery(), start))
                .getBytes(StandardCharsets.UTF_8));
    socket.getOutputStream().flush();
    return socket;
  }

  @Test
  void more_files_at_the_same_time_are_refused() throws Exception {
    List<Socket> open = new ArrayList<>();
    try {
      for (int i = 0; i < 4; i++) {
        open.add(begun(i % 2 == 0 ? "csv" : "parquet", "PAR1"));
      }
      Awaitility.await()
          .until(
              () -> {
                // Keeps them from being cut off as silent clients.
                for (Socket socket : open) {
                  socket.getOutputStream().write('x');
                }
                return uploads().size() == 4;
              });
      upload("csv", "sku\nA-1\n")
          .statusCode(503)
          .body("type", endsWith("too-many-uploads"))
          .header("Retry-After", equalTo("5"));
    } finally {
      for (Socket socket : open) {
        socket.close();
      }
    }
    Awaitility.await().until(() -> uploads().isEmpty() && temporaryFiles().isEmpty());
    upload("csv", "sku\nA-1\n").statusCode(201);
  }
}
