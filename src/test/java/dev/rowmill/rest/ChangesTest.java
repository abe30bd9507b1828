package dev.rowmill.rest;

import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.endsWith;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItems;
import static org.hamcrest.Matchers.not;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
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
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests the download of the rows that a batch has changed. */
@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class ChangesTest {

  private static final RowmillApi API = RowmillApi.local();
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int ROWS = 300;

  @Inject AgroalDataSource database;

  private final String project = Batches.newProject();
  @RegisterExtension final WorkTable table = WorkTable.ofRows(ROWS);

  private String in(String sql) {
    return sql.replace("{t}", table.name());
  }

  private void execute(String... statements) throws SQLException {
    for (String sql : statements) {
      table.execute(in(sql));
    }
  }

  private Reply ended(String sql, Map<String, ?> more) {
    return API.start(project)
        .sql(in(sql))
        .with("wholeTable", true)
        .chunkRows(50)
        .with(more)
        .waiting()
        .send()
        .statusCode(200);
  }

  private long done(String sql) {
    return ended(sql, Map.of()).body("status", equalTo("succeeded")).id();
  }

  private static String path(long batch, String query) {
    return "/batches/" + batch + "/changes" + (query.isEmpty() ? "" : "?" + query);
  }

  private static List<JsonNode> lines(long batch, String query) throws IOException {
    String text =
        API.get(path(batch, query)).statusCode(200).contentType("application/x-ndjson").text();
    List<JsonNode> lines = new ArrayList<>();
    for (String line : text.lines().toList()) {
      lines.add(JSON.readTree(line));
    }
    return lines;
  }

  private static JsonNode json(String text) throws IOException {
    return JSON.readTree(text.replace('\'', '"'));
  }

  @Test
  void each_updated_row_comes_with_its_values_before_and_after() throws Exception {
    execute("UPDATE {t} SET n = id * 3");
    long id = done("UPDATE {t} SET n = n + 1 WHERE id > 20");
    List<JsonNode> lines = lines(id, "");
    assertEquals(ROWS - 20, lines.size());
    for (int i = 0; i < lines.size(); i++) {
      int row = 21 + i;
      JsonNode line = lines.get(i);
      assertEquals(
          json(
              "{'range':%d,'change':'update','key':{'id':%d},'before':{'n':%d},'after':{'n':%d}}"
                  .formatted(line.get("range").asLong(), row, row * 3, row * 3 + 1)),
          line);
    }
  }

  @Test
  void deleted_rows_come_whole_and_inserted_ones_as_they_are() throws Exception {
    execute(
        "DROP TABLE IF EXISTS {t}_copy",
        "CREATE TABLE {t}_copy LIKE {t}",
        "UPDATE {t} SET n = id * 3");
    long copied = done("INSERT INTO {t}_copy SELECT id, n FROM {t} WHERE id <= 3");
    execute("UPDATE {t}_copy SET n = 0 WHERE id = 2");
    List<JsonNode> lines = lines(copied, "");
    assertEquals(3, lines.size());
    assertEquals(json("{'n':3}"), lines.get(0).get("after"));
    assertEquals(json("{}"), lines.get(1).get("after"));
    assertEquals(json("['n']"), lines.get(1).get("unknown"));
    long deleted = done("DELETE FROM {t} WHERE id = 7");
    JsonNode line = lines(deleted, "").get(0);
    assertEquals("delete", line.get("change").asText());
    assertEquals(json("{'n':21}"), line.get("before"));
    assertTrue(line.path("after").isMissingNode());
    execute("DROP TABLE {t}_copy");
  }

  @Test
  void a_long_new_value_is_read_from_the_table_while_it_is_still_there() throws Exception {
    execute("ALTER TABLE {t} ADD note VARCHAR(200) NOT NULL DEFAULT '-'");
    String note = "x".repeat(100);
    long id = done("UPDATE {t} SET note = CONCAT(REPEAT('x', 100), (SELECT '')) WHERE id <= 2");
    execute("UPDATE {t} SET note = 'later' WHERE id = 2");
    List<JsonNode> lines = lines(id, "");
    assertEquals(note, lines.get(0).get("after").get("note").asText());
    assertEquals(json("['note']"), lines.get(1).get("unknown"));
    assertEquals("-", lines.get(1).get("before").get("note").asText());
    String script = API.get(path(id, "format=sql")).statusCode(200).text();
    assertTrue(script.contains("-- end of batch " + id + ": 1 rows, 1 left out"), script);
    execute("ALTER TABLE {t} DROP COLUMN note");
    assertEquals(json("['note']"), lines(id, "").get(0).get("unknown"));
  }

  @Test
  void values_of_a_column_that_is_gone_are_unknown_although_they_could_be_computed()
      throws Exception {
    execute("ALTER TABLE {t} ADD m INT NOT NULL DEFAULT 5");
    long id = done("UPDATE {t} SET n = n + m");
    assertEquals(json("{'n':5}"), lines(id, "").get(0).get("after"));
    execute("ALTER TABLE {t} DROP COLUMN m");
    JsonNode line = lines(id, "").get(0);
    assertEquals(json("{'n':0}"), line.get("before"));
    assertEquals(json("['n']"), line.get("unknown"));
  }

  @Test
  void csv_distinguishes_null_from_the_empty_text_and_quotes_what_needs_it() throws Exception {
    execute(
        "ALTER TABLE {t} ADD a VARCHAR(20) NULL, ADD b VARBINARY(9) NULL, ADD l VARCHAR(9) CHARACTER"
            + " SET latin1 NULL, ADD e ENUM('x','it''s','a\\\\b') NULL, ADD s SET('p','q') NULL, ADD d"
            + " DECIMAL(40,20) NULL, ADD ts TIMESTAMP(3) NULL, ADD f FLOAT NULL",
        "UPDATE {t} SET a = '', b = 0x00FF, l = _latin1 x'E4F6', e = 3, s = 'p,q', d = 0.1,"
            + " ts = FROM_UNIXTIME(1700000000.25), f = 0.1 WHERE id = 1");
    long id =
        done(
            "UPDATE {t} SET a = 'say \\\"x\\\", y', b = NULL, l = NULL, e = NULL, s = NULL, d = NULL, ts ="
                + " NULL, f = NULL WHERE id = 1");
    Reply csv = API.header("Accept", "text/csv").get(path(id, "")).statusCode(200);
    assertEquals("text/csv; charset=UTF-8", csv.header("Content-Type").orElse(""));
    String range = csv.text().split("\r\n")[1].split(",")[0];
    assertEquals(
        "range,change,key.id,before.a,before.b,before.l,before.e,before.s,before.d,before.ts,"
            + "before.f,after.a,after.b,after.l,after.e,after.s,after.d,after.ts,after.f,unknown\r\n"
            + range
            + ",update,1,\"\",AP8=,äö,a\\b,\"p,q\",0.10000000000000000000,2023-11-14 22:13:20.250,0.1,"
            + "\"say \"\"x\"\", y\",,,,,,,,\r\n",
        csv.text());
    assertEquals(json("{'a':'','f':0.1}"), lines(id, "columns=f,A").get(0).get("before"));
  }

  @Test
  void labels_come_in_the_case_of_the_definition() throws Exception {
    execute("ALTER TABLE {t} ADD e ENUM('New','It''S','old') NULL, ADD s SET('Red','blue') NULL");
    long id = done("UPDATE {t} SET e = 'It''S', s = 'Red,blue' WHERE id = 1");
    assertEquals(
        JSON.readTree("{\"e\":\"It'S\",\"s\":\"Red,blue\"}"), lines(id, "").get(0).get("after"));
  }

  @Test
  void a_download_is_limited_to_keys_and_continues_after_a_range() throws Exception {
    long id = done("UPDATE {t} SET n = n + 1");
    List<JsonNode> some = lines(id, "from=49&to=152");
    assertEquals(104, some.size());
    assertEquals(49, some.get(0).get("key").get("id").asInt());
    assertEquals(152, some.get(103).get("key").get("id").asInt());
    long range = some.get(50).get("range").asLong();
    List<JsonNode> rest = lines(id, "after=" + range);
    assertTrue(rest.stream().allMatch(line -> line.get("range").asLong() > range));
    assertEquals(
        lines(id, "").stream().filter(line -> line.get("range").asLong() > range).toList(), rest);
    API.get(path(id, "from=5000")).statusCode(200).body(equalTo(""));
    String script = API.get(path(id, "format=sql&from=5&to=5")).statusCode(200).text();
    assertTrue(script.contains("-- end of batch " + id + ": 1 rows, 0 left out"), script);
  }

  @ParameterizedTest
  @CsvSource({
    "DATETIME(3), 2024-01-0%d 10:00:00.5, 2024-01-02 10:00:00.5, 2024-01-03T10:00:00.500",
    "DATE, 2024-01-0%d, 2024-01-02, 2024-01-03 00:00:00",
    "TIMESTAMP, 2024-01-0%d 10:00:00, 2024-01-02 09:00:00, 2024-01-03 10:00:00",
    "TIME, -0%d:00:00, -03:00:00, -2:00:00.0",
    "'DECIMAL(9,3)', 10%d.5, 102.50, 103.5",
    "BIGINT UNSIGNED, 1844674407370955161%d, 18446744073709551612, 18446744073709551613",
    "YEAR, 200%d, 2002, 2003",
  })
  void keys_are_compared_by_their_type(String type, String value, String from, String to)
      throws Exception {
    execute(
        "DROP TABLE IF EXISTS {t}_keyed",
        "CREATE TABLE {t}_keyed (k " + type + " PRIMARY KEY, n INT)");
    for (int i = 1; i <= 4; i++) {
      execute("SET time_zone = '+00:00'");
      execute("INSERT INTO {t}_keyed VALUES ('" + value.formatted(i) + "', 0)");
    }
    long id = done("UPDATE {t}_keyed SET n = 1");
    assertEquals(
        2, lines(id, "from=" + from.replace(" ", "%20") + "&to=" + to.replace(" ", "%20")).size());
    API.get(path(id, "to=soon")).statusCode(400).body("violations.field", hasItems("to"));
    execute("DROP TABLE {t}_keyed");
  }

  @Test
  void a_key_of_text_is_in_no_interval() throws Exception {
    execute(
        "DROP TABLE IF EXISTS {t}_keyed",
        "CREATE TABLE {t}_keyed (k CHAR(9) PRIMARY KEY, n INT)",
        "INSERT INTO {t}_keyed VALUES ('a', 0)");
    long id = done("UPDATE {t}_keyed SET n = 1");
    API.get(path(id, "from=a")).statusCode(400).body("violations.field", hasItems("from"));
    execute("DROP TABLE {t}_keyed");
  }

  @Test
  void a_download_breaks_off_when_the_batch_runs_again() throws Exception {
    execute(
        "ALTER TABLE {t} ADD note MEDIUMTEXT NULL",
        "UPDATE {t} SET note = REPEAT(CONCAT(id, 'x'), 30000), n = 1",
        "UPDATE {t} SET n = 2147483647 WHERE id = 290");
    long id =
        ended("UPDATE {t} SET note = NULL, n = n + 1", Map.of("lanes", 1))
            .body("status", equalTo("failed"))
            .id();
    try (Socket slow = begun(id)) {
      InputStream in = slow.getInputStream();
      execute("UPDATE {t} SET n = 1 WHERE id = 290");
      API.post("/batches/" + id + "/retry").statusCode(202);
      assertEquals("succeeded", API.ended(id).get("status").asText());
      String end = "";
      byte[] part = new byte[1 << 16];
      try {
        for (int n = in.read(part); n > 0; n = in.read(part)) {
          String all = end + new String(part, 0, n, StandardCharsets.ISO_8859_1);
          end = all.substring(Math.max(0, all.length() - 20));
        }
      } catch (java.net.SocketException e) {
        // The connection is reset.
      }
      assertFalse(end.endsWith("0\r\n\r\n"), end);
    }
    assertEquals(ROWS, lines(id, "columns=n").size());
  }

  @ParameterizedTest
  @CsvSource({
    "format=xml, format",
    "direction=redo, direction",
    "format=sql&columns=n, columns",
    "format=sql&after=1, after",
    "after=x, after",
    "columns=nix, columns",
    "from=x, from",
  })
  void a_wrong_parameter_is_reported(String query, String field) {
    long id = done("UPDATE {t} SET n = n + 1 WHERE id = 1");
    API.get(path(id, query))
        .statusCode(400)
        .body("type", endsWith("invalid-request"))
        .body("violations.field", hasItems(field));
  }

  @Test
  void changes_without_stored_data_and_those_of_a_running_batch_are_refused() throws Exception {
    long id = ended("UPDATE {t} SET n = n + 1", Map.of("undo", false)).id();
    API.get(path(id, ""))
        .statusCode(409)
        .body("type", endsWith("changes-unavailable"))
        .body("reason", equalTo("nothing-kept"));
    API.get(path(Long.MAX_VALUE, "")).statusCode(404);
    long none = done("UPDATE {t} SET n = 5 WHERE id < 0");
    API.get(path(none, "")).statusCode(200).body(equalTo(""));
    long running =
        API.start(project)
            .sql(in("UPDATE {t} SET n = n + 1"))
            .with("wholeTable", true)
            .chunkRows(10)
            .with("limits", Map.of("rowsPerSecond", 20))
            .accepted();
    Awaitility.await().until(() -> API.batch(running).get("status").asText().equals("running"));
    API.get(path(running, "")).statusCode(409).body("reason", equalTo("running"));
    API.post("/batches/" + running + "/cancel?force=true");
    API.ended(running);
  }

  @Test
  void values_of_a_batch_with_secret_parameters_are_masked_and_not_in_a_script() throws Exception {
    execute("ALTER TABLE {t} ADD pin VARCHAR(20) NOT NULL DEFAULT 'old-pin'");
    String name = project + "-pin";
    API.put(
            "/statements/" + name,
            JSON.readTree(
                in(
                    "{\"sql\": \"UPDATE {t} SET pin = :pin WHERE id = 1\", \"parameters\": {\"pin\":"
                        + " {\"type\": \"text\", \"secret\": true}}}")))
        .statusCode(201);
    long id =
        API.start(project)
            .with("statement", name)
            .with("parameters", Map.of("pin", "s3cr3t-pin"))
            .waiting()
            .send()
            .statusCode(200)
            .body("status", equalTo("succeeded"))
            .id();
    long undo = API.waiting().post("/batches/" + id + "/undo").statusCode(200).id();
    for (long batch : List.of(id, undo)) {
      for (String format : List.of("ndjson", "csv")) {
        API.get(path(batch, "format=" + format))
            .statusCode(200)
            .body(not(containsString("s3cr3t")))
            .body(containsString("******"));
      }
      API.get(path(batch, "from=1")).statusCode(409).body("reason", equalTo("secret"));
      API.get(path(batch, "format=sql")).statusCode(409).body("reason", equalTo("secret"));
    }
  }

  @Test
  void a_client_that_stops_reading_holds_no_connection_and_no_transaction() throws Exception {
    execute(
        "ALTER TABLE {t} ADD note MEDIUMTEXT NULL",
        "UPDATE {t} SET note = REPEAT(CONCAT(id, 'x'), 30000)");
    long id = done("UPDATE {t} SET note = NULL");
    try (Socket slow = begun(id)) {
      InputStream in = slow.getInputStream();
      // The writer is stopped by its full buffers soon.
      Awaitility.await()
          .until(
              () -> {
                List<String> before = transactions();
                // The start of a transaction is known to the second.
                Thread.sleep(1100);
                return Collections.disjoint(before, transactions());
              });
      long read = 1;
      byte[] part = new byte[1 << 16];
      for (int n = in.read(part); n > 0 && read < 20_000_000; n = in.read(part)) {
        read += n;
        if (new String(part, 0, n, StandardCharsets.ISO_8859_1).endsWith("0\r\n\r\n")) {
          break;
        }
      }
      assertTrue(read > 15_000_000, () -> "the rest is read");
    }
  }

  /** Requests changes, and reads only the first byte of the response. */
  private static Socket begun(long batch) throws IOException {
    var uri = RowmillApi.localUri("/api/v1/batches/" + batch + "/changes");
    var slow = new Socket(uri.getHost(), uri.getPort());
    slow.setReceiveBufferSize(32 << 10);
    slow.getOutputStream()
        .write(
            ("GET " + uri.getPath() + " HTTP/1.1\r\nHost: localhost\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII));
    assertEquals('H', slow.getInputStream().read());
    return slow;
  }

  /** Returns the sessions that have a transaction, each with the time at which it began. */
  private List<String> transactions() throws SQLException {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT CONCAT_WS(' ', id, trx_started) FROM"
                    + " information_schema.innodb_trx JOIN information_schema.processlist ON id ="
                    + " trx_mysql_thread_id WHERE id <> CONNECTION_ID()")) {
      List<String> found = new ArrayList<>();
      while (row.next()) {
        found.add(row.getString(1));
      }
      return found;
    }
  }

  @Test
  void a_download_is_in_the_audit() throws Exception {
    long id = done("UPDATE {t} SET n = n + 1 WHERE id = 1");
    API.get(path(id, "columns=nix")).statusCode(400);
    API.get(path(id, "format=sql&direction=redo")).statusCode(200);
    API.get("/audit?batch=" + id)
        .body("items.operation", hasItems("downloadChanges"))
        .body("items.status", hasItems(200, 400))
        .body("items.project", hasItems(project))
        .body("items.request", hasItems(containsString("/changes?format=sql&direction=redo")));
  }
}
