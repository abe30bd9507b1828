package dev.rowmill.rest;

import static org.hamcrest.Matchers.containsString;
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
import dev.rowmill.testing.WorkTable;
import io.agroal.api.AgroalDataSource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests exports to a directory, whose Parquet files DuckDB reads back. */
@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class ExportTest {

  private static final RowmillApi API = RowmillApi.local();
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int ROWS = 1000;

  @Inject AgroalDataSource database;

  private final String project = Batches.newProject();
  @RegisterExtension final WorkTable table = WorkTable.ofRows(ROWS);

  private static JsonNode body(String select, String format, Map<String, ?> more) {
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("select", select);
    body.put("format", format);
    body.put("to", Map.of("directory", "tests"));
    body.putAll(more);
    return JSON.valueToTree(body);
  }

  private long exported(String select, String format, Map<String, ?> more) {
    return API.request()
        .waiting()
        .json(body(select, format, more))
        .post("/projects/" + project + "/exports")
        .statusCode(200)
        .body("status", equalTo("succeeded"))
        .id();
  }

  private Path place(long batch) throws SQLException {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT id FROM rowmill_test.installation")) {
      row.next();
      return DatabaseResource.exports().resolve("tests/batch-" + batch + "-" + row.getString(1));
    }
  }

  private JsonNode manifest(long batch) throws Exception {
    JsonNode manifest = API.get("/batches/" + batch + "/manifest").statusCode(200).body();
    assertEquals(manifest, JSON.readTree(place(batch).resolve("manifest.json").toFile()));
    assertEquals("tests/" + place(batch).getFileName(), manifest.get("place").asText());
    return manifest;
  }

  /** Checks that the files are those of the manifest, with their sums, and returns their paths. */
  private List<Path> parts(long batch) throws Exception {
    JsonNode manifest = manifest(batch);
    List<Path> parts = new ArrayList<>();
    Set<String> names = new TreeSet<>(Set.of("manifest.json"));
    for (JsonNode part : manifest.get("parts")) {
      Path file = place(batch).resolve(part.get("name").asText());
      byte[] bytes = Files.readAllBytes(file);
      assertEquals(part.get("bytes").asLong(), bytes.length);
      assertEquals(
          part.get("sha256").asText(),
          HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes)));
      names.add(file.getFileName().toString());
      parts.add(file);
    }
    try (Stream<Path> files = Files.list(place(batch))) {
      assertEquals(
          names,
          files
              .map(file -> file.getFileName().toString())
              .collect(Collectors.toCollection(TreeSet::new)));
    }
    return parts;
  }

  private static List<String> lines(List<Path> parts) throws IOException {
    List<String> lines = new ArrayList<>();
    for (Path part : parts) {
      lines.addAll(Files.readAllLines(part));
    }
    return lines;
  }

  @Test
  void csv_and_ndjson_have_the_formats_of_changes() throws Exception {
    table.execute(
        "ALTER TABLE "
            + table.name()
            + " ADD t VARCHAR(20), ADD d DECIMAL(30,10), ADD b VARBINARY(9)");
    table.execute(
        "UPDATE "
            + table.name()
            + " SET t = IF(id = 1, 'a\"b, ä', IF(id = 2, '', NULL)), d = 0.1, b = x'00FF'");
    String select = "SELECT id, t, d, b FROM " + table.name() + " WHERE id <= :most";
    Map<String, ?> values = Map.of("parameters", Map.of("most", 3));
    assertEquals(
        List.of(
            "id,t,d,b",
            "1,\"a\"\"b, ä\",0.1000000000,AP8=",
            "2,\"\",0.1000000000,AP8=",
            "3,,0.1000000000,AP8="),
        lines(parts(exported(select, "csv", values))));
    assertEquals(
        List.of(
            "{\"id\":1,\"t\":\"a\\\"b, ä\",\"d\":\"0.1000000000\",\"b\":\"AP8=\"}",
            "{\"id\":2,\"t\":\"\",\"d\":\"0.1000000000\",\"b\":\"AP8=\"}",
            "{\"id\":3,\"t\":null,\"d\":\"0.1000000000\",\"b\":\"AP8=\"}"),
        lines(parts(exported(select, "ndjson", values))));
  }

  @Test
  void several_lanes_write_each_row_once() throws Exception {
    long id =
        exported(
            "SELECT id FROM " + table.name(),
            "ndjson",
            Map.of("lanes", 4, "chunk", Map.of("rows", 30)));
    List<Path> parts = parts(id);
    assertTrue(parts.size() >= ROWS / 30, parts::toString);
    assertEquals(
        IntStream.rangeClosed(1, ROWS).mapToObj(i -> "{\"id\":" + i + "}").sorted().toList(),
        lines(parts).stream().sorted().toList());
    JsonNode manifest = manifest(id);
    assertEquals(ROWS, manifest.get("rows").asInt());
    assertTrue(manifest.get("ddl").asText().startsWith("CREATE TABLE"));
    assertEquals("bigint", manifest.at("/columns/0/type").asText().replaceAll("\\(.*", ""));
  }

  /** Returns a running export that has written some of its files. */
  private long slowExport(String select) {
    long id =
        API.accepted(
            "/projects/" + project + "/exports",
            body(
                select,
                "csv",
                Map.of("chunk", Map.of("rows", 10), "limits", Map.of("rowsPerSecond", 100))));
    Awaitility.await().until(() -> API.batch(id).at("/progress/chunks").asLong() > 1);
    return id;
  }

  private static void pause(long id) {
    API.post("/batches/" + id + "/pause");
    Awaitility.await().until(() -> API.batch(id).get("status").asText().equals("paused"));
  }

  @Test
  void files_of_a_broken_attempt_are_removed_at_the_end() throws Exception {
    long id = slowExport("SELECT id FROM " + table.name());
    pause(id);
    API.get("/batches/" + id + "/manifest").statusCode(404);
    Files.writeString(place(id).resolve("part-0-1-10-aaaaaaaa.csv"), "id\r\n1\r\n");
    Files.writeString(place(id).resolve(".part-1.tmp"), "i");
    API.patch(
            "/batches/" + id, JSON.valueToTree(Map.of("limits", Map.of("rowsPerSecond", 100_000))))
        .statusCode(200);
    API.post("/batches/" + id + "/resume").statusCode(202);
    assertEquals("succeeded", API.ended(id).get("status").asText());
    assertEquals(ROWS, lines(parts(id)).stream().filter(it -> !it.equals("id")).distinct().count());
    assertEquals(ROWS, manifest(id).get("rows").asInt());
  }

  @ParameterizedTest
  @ValueSource(strings = {"MODIFY n BIGINT", "DROP COLUMN n"})
  void an_alter_table_during_an_export_fails_it(String alter) throws Exception {
    long id = slowExport("SELECT id, n FROM " + table.name());
    table.execute("ALTER TABLE " + table.name() + " " + alter);
    JsonNode batch = API.ended(id);
    assertEquals("failed", batch.get("status").asText(), batch::toString);
    if (alter.startsWith("MODIFY")) {
      String error = batch.get("error").toString();
      assertTrue(error.contains("export-incomplete"), error);
      assertTrue(error.contains("alter " + table.name()), error);
    }
    API.get("/batches/" + id + "/manifest").statusCode(404);
  }

  @Test
  void a_table_that_is_altered_while_an_export_is_paused_fails_it() throws Exception {
    long id = slowExport("SELECT * FROM " + table.name());
    pause(id);
    table.execute("ALTER TABLE " + table.name() + " ADD another INT");
    API.post("/batches/" + id + "/resume").statusCode(202);
    JsonNode batch = API.ended(id);
    assertEquals("failed", batch.get("status").asText(), batch::toString);
    assertTrue(batch.get("error").toString().contains("export-incomplete"), batch::toString);
  }

  @ParameterizedTest
  @ValueSource(strings = {"csv", "parquet"})
  void bytes_that_are_no_characters_are_counted(String format) throws Exception {
    table.execute(
        "ALTER TABLE "
            + table.name()
            + " ADD t VARCHAR(9) CHARACTER SET cp1251, ADD u VARCHAR(9) CHARACTER SET cp1251");
    // Each value is alone: with others, MySQL would convert it.
    table.execute("UPDATE " + table.name() + " SET t = _cp1251 x'3F98E0' WHERE id < 3");
    table.execute("UPDATE " + table.name() + " SET t = 'a?' WHERE id = 3");
    table.execute("UPDATE " + table.name() + " SET u = 'e?'");
    long id = exported("SELECT t, u FROM " + table.name(), format, Map.of());
    assertEquals(Map.of("t", 2), JSON.convertValue(manifest(id).get("lostValues"), Map.class));
    if (format.equals("csv")) {
      assertEquals(
          List.of("t,u", "??\u0430,e?", "??\u0430,e?", "a?,e?", ",e?"),
          lines(parts(id)).subList(0, 5));
    }
  }

  @Test
  void a_row_that_the_server_cannot_read_is_skipped_if_requested() throws Exception {
    table.execute("ALTER TABLE " + table.name() + " ADD u INT UNSIGNED NOT NULL DEFAULT 5");
    table.execute("UPDATE " + table.name() + " SET u = 0 WHERE id IN (7, 8, 900)");
    String select = "SELECT id FROM " + table.name() + " WHERE u - 1 >= 0";
    long id =
        exported(
            select,
            "ndjson",
            Map.of(
                "chunk", Map.of("rows", 100), "onError", Map.of("mode", "skip", "maxSkipped", 5)));
    assertEquals(
        IntStream.rangeClosed(1, ROWS)
            .filter(row -> row != 7 && row != 8 && row != 900)
            .mapToObj(row -> "{\"id\":" + row + "}")
            .sorted()
            .toList(),
        lines(parts(id)).stream().sorted().toList());
    assertEquals(ROWS - 3, manifest(id).get("rows").asInt());
    assertEquals(3, API.batch(id).at("/progress/rowsSkipped").asInt());
    API.request()
        .waiting()
        .json(body(select, "ndjson", Map.of()))
        .post("/projects/" + project + "/exports")
        .body("status", equalTo("failed"));
  }

  @Test
  void an_empty_table_has_an_empty_manifest() throws Exception {
    table.execute("DELETE FROM " + table.name());
    long id = exported("SELECT * FROM " + table.name(), "parquet", Map.of());
    assertEquals(List.of(), parts(id));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "SELECT id FROM {t}|xml|tests|400|format",
        "SELECT id FROM {t}|csv|../out|400|to.directory",
        "SELECT id FROM {t}|csv|/etc|400|to.directory",
        "SELECT id FROM {t}|csv|link/below|422|symbolic link",
        "SELECT n + 1 FROM {t}|csv|tests|422|plain columns",
        "SELECT id FROM {t} LIMIT 5|csv|tests|422|plain columns",
        "SELECT id FROM rowmill_test.batch|csv|tests|422|unknown-table",
        "SELECT missing FROM {t}|csv|tests|422|missing",
        "SELECT id FROM {t} WHERE id = :id|csv|tests|422|parameter-mismatch"
      })
  void a_bad_request_is_rejected(
      String select, String format, String directory, int status, String says) throws Exception {
    Path link = DatabaseResource.exports().resolve("link");
    Files.deleteIfExists(link);
    Files.createSymbolicLink(link, Path.of("/tmp"));
    API.post(
            "/projects/" + project + "/exports",
            body(
                select.replace("{t}", table.name()),
                format,
                Map.of("to", Map.of("directory", directory))))
        .statusCode(status)
        .body(containsString(says));
  }

  @Test
  void a_plan_shows_the_query_and_rows_of_it() {
    Reply plan =
        API.post(
                "/projects/" + project + "/plans",
                JSON.valueToTree(
                    Map.of(
                        "task",
                        "export",
                        "parameters",
                        Map.of(
                            "select",
                            "SELECT id FROM " + table.name() + " WHERE id > 10",
                            "format",
                            "csv",
                            "to",
                            Map.of("directory", "tests")))))
            .statusCode(200);
    assertEquals(ROWS - 10, plan.body().at("/rowsMatching/rows").asInt(), plan::text);
    assertFalse(plan.body().get("sample").isEmpty(), plan::text);
    API.post(
            "/projects/" + project + "/exports",
            body("SELECT id FROM " + table.name(), "csv", Map.of("undo", true)))
        .statusCode(422)
        .body(containsString("undo-impossible"));
  }

  /**
   * Describes how DuckDB reads a column.
   *
   * @param type its type there
   * @param here SQL of the server for its text, with # for the column
   * @param there SQL of DuckDB for the same text
   */
  private record Read(String type, String here, String there) {

    static Read text(String type) {
      return new Read(type, "CAST(# AS CHAR)", "CAST(# AS VARCHAR)");
    }

    static Read number(String type) {
      return new Read(type, "CAST(# + 0 AS CHAR)", "CAST(# AS VARCHAR)");
    }

    /** Returns how it reads a type such as {@code decimal(10,2) unsigned}. */
    static Read of(String type) {
      String unsigned = type.contains("unsigned") || type.contains("zerofill") ? "U" : "";
      return switch (type.replaceAll("\\W.*", "")) {
        case "tinyint" -> number(unsigned + "TINYINT");
        case "smallint" -> number(unsigned + "SMALLINT");
        case "mediumint", "int" -> number(unsigned + "INTEGER");
        case "bigint" -> number(unsigned + "BIGINT");
        case "bit" -> number("UBIGINT");
        case "year" -> number("SMALLINT");
        case "decimal" ->
            text(
                type.startsWith("decimal(65,")
                    ? "VARCHAR"
                    : type.replaceAll(" .*", "").toUpperCase(Locale.ROOT));
        // Both as a DOUBLE, which Java compares.
        case "float" -> new Read("FLOAT", "CAST(# AS DOUBLE)", "CAST(# AS DOUBLE)");
        case "double" -> new Read("DOUBLE", "#", "#");
        case "date" ->
            new Read(
                "DATE",
                "IF(MONTH(#) = 0 OR DAY(#) = 0, NULL, CAST(# AS CHAR))",
                "CAST(# AS VARCHAR)");
        case "datetime" ->
            new Read(
                "TIMESTAMP",
                "IF(MONTH(#) = 0, NULL, DATE_FORMAT(#, '%Y-%m-%d %H:%i:%s.%f'))",
                "strftime(#, '%Y-%m-%d %H:%M:%S.%f')");
        case "timestamp" ->
            new Read(
                "TIMESTAMP WITH TIME ZONE",
                "IF(MONTH(#) = 0, NULL,"
                    + " CAST(CAST(UNIX_TIMESTAMP(#) * 1000000 AS SIGNED) AS CHAR))",
                "CAST(epoch_us(#) AS VARCHAR)");
        case "time", "uuid", "inet4", "inet6" -> text("VARCHAR");
        case "char", "varchar", "tinytext", "text", "mediumtext", "longtext", "enum", "set" ->
            new Read("VARCHAR", "HEX(CONVERT(# USING utf8mb4))", "hex(encode(#))");
        case "json" -> new Read("VARCHAR", "HEX(CAST(# AS CHAR))", "hex(encode(#))");
        default -> new Read("BLOB", "HEX(#)", "hex(#)");
      };
    }
  }

  @Test
  void another_reader_reads_every_type_of_parquet() throws Exception {
    AllTypesTable all = AllTypesTable.create(database, Key.BIGINT, 120);
    long id = exported("SELECT * FROM " + all.name(), "parquet", Map.of());
    List<Path> parts = parts(id);
    assertEquals(1, parts.size());
    assertTrue(manifest(id).at("/lostValues/c_date").asInt() > 0);
    JsonNode columns = manifest(id).get("columns");
    assertTrue(columns.size() > 60, columns::toString);
    try (Connection here = database.getConnection();
        Statement server = here.createStatement();
        Connection there = DriverManager.getConnection("jdbc:duckdb:");
        Statement duck = there.createStatement()) {
      duck.execute("SET TimeZone = 'UTC'");
      String from = " FROM '" + parts.get(0) + "'";
      for (JsonNode column : columns) {
        String name = column.get("name").asText();
        Read read = Read.of(column.get("type").asText());
        assertEquals(
            read.type(),
            texts(duck, "SELECT typeof(" + name + ")" + from + " LIMIT 1").get(0),
            name);
        List<String> values = texts(server, select(read.here(), name) + " FROM " + all.name());
        List<String> found = texts(duck, select(read.there(), name) + from);
        boolean real = Set.of("FLOAT", "DOUBLE").contains(read.type());
        assertEquals(real ? doubles(values) : values, real ? doubles(found) : found, name);
      }
    }
  }

  private static List<String> doubles(List<String> texts) {
    return texts.stream()
        .map(text -> text.equals("null") ? text : Double.toString(Double.parseDouble(text)))
        .toList();
  }

  private static String select(String expression, String column) {
    return "SELECT " + expression.replace("#", column) + ", n AS place";
  }

  /** Returns the texts of the first column, in the order of the second one. */
  private static List<String> texts(Statement statement, String sql) throws SQLException {
    String ordered = sql.contains("AS place") ? sql + " ORDER BY place" : sql;
    try (ResultSet row = statement.executeQuery(ordered)) {
      List<String> texts = new ArrayList<>();
      while (row.next()) {
        texts.add(String.valueOf(row.getString(1)));
      }
      return texts;
    }
  }
}
