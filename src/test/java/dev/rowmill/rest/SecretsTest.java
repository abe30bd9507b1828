package dev.rowmill.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rowmill.testing.Batches;
import dev.rowmill.testing.DatabaseResource;
import dev.rowmill.testing.EventReader;
import dev.rowmill.testing.GuardedProfile;
import dev.rowmill.testing.RowmillApi;
import dev.rowmill.testing.RowmillApi.Reply;
import dev.rowmill.testing.WorkTable;
import io.agroal.api.AgroalDataSource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.sql.SQLException;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests that no response, event, log or stored row discloses a secret value. */
@QuarkusTest
@TestProfile(GuardedProfile.class)
@QuarkusTestResource(DatabaseResource.class)
class SecretsTest {

  private static final RowmillApi API = RowmillApi.local();

  /** Contains characters that a server would quote, cut or escape. */
  private static final String SECRET = "hush-p'ss \"wörd\" " + "x".repeat(20) + "-7431";

  private static final ObjectMapper JSON = new ObjectMapper();
  @Inject AgroalDataSource database;

  @TestHTTPResource("/api/v1/events")
  URI stream;

  private final String name = "s-" + UUID.randomUUID();
  private final String project = Batches.newProject();
  private final Queue<String> outputs = new ConcurrentLinkedQueue<>();
  @RegisterExtension final WorkTable table = WorkTable.ofRows(20);

  private final Handler handler =
      new Handler() {
        @Override
        public void publish(LogRecord record) {
          var text = new StringWriter();
          text.write(record.getMessage() + " ");
          if (record.getParameters() != null) {
            for (Object parameter : record.getParameters()) {
              text.write(parameter + " ");
            }
          }
          if (record.getThrown() != null) {
            record.getThrown().printStackTrace(new PrintWriter(text));
          }
          outputs.add("log: " + text);
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
      };

  @BeforeEach
  void prepare() throws SQLException {
    table.execute("ALTER TABLE " + table.name() + " ADD note VARCHAR(80) CHARACTER SET utf8mb4");
    Logger.getLogger("").addHandler(handler);
  }

  @AfterEach
  void cleanUp() {
    Logger.getLogger("").removeHandler(handler);
    API.delete("/statements/" + name);
  }

  private void save(String sql, String type) {
    Reply response =
        API.json(
                JSON.createObjectNode()
                    .put("sql", sql.replace("{t}", table.name()))
                    .set(
                        "parameters",
                        JSON.createObjectNode()
                            .set(
                                "secret",
                                JSON.createObjectNode().put("type", type).put("secret", true)))
                    .toString())
            .put("/statements/" + name);
    assertEquals(201, response.status(), response.text());
  }

  private ObjectNode body() {
    ObjectNode body = JSON.createObjectNode().put("statement", name);
    body.putObject("parameters").put("secret", SECRET);
    return body;
  }

  private Reply post(String where, ObjectNode body) {
    Reply response = API.waiting().json(body.toString()).post("/projects/" + project + where);
    outputs.add(where + ": " + response.text());
    return response;
  }

  private String get(String path) {
    String response = API.get(path).text();
    outputs.add(path + ": " + response);
    return response;
  }

  private void lookEverywhere(long id) throws SQLException {
    get("/api/v1/batches/" + id);
    get("/api/v1/batches?project=" + project);
    get("/api/v1/projects/" + project + "/batches");
    get("/api/v1/batches/" + id + "/ranges");
    get("/api/v1/batches/" + id + "/lanes");
    get("/api/v1/batches/" + id + "/timeline");
    get("/q/metrics");
  }

  private void nobodyWasToldTheSecret() throws IOException {
    for (String text : outputs) {
      for (String part : new String[] {SECRET, "wörd", "-7431"}) {
        assertFalse(text.contains(part), text);
        assertFalse(
            text.contains(new String(JSON.writeValueAsBytes(part), "UTF-8").replace("\"", "")),
            text);
      }
    }
  }

  private String stored(long id, String column) throws SQLException {
    try (var connection = database.getConnection();
        var statement = connection.createStatement();
        var row = statement.executeQuery("SELECT " + column + " FROM batch WHERE id = " + id)) {
      row.next();
      return String.valueOf(row.getString(1));
    }
  }

  @Test
  void the_messages_of_skipped_rows_are_masked() throws Exception {
    table.execute("ALTER TABLE " + table.name() + " ADD UNIQUE (note)");
    save("UPDATE {t} SET note = :secret WHERE id <= 5", "text");
    ObjectNode body = body();
    body.putObject("onError").put("mode", "skip");
    Reply ended = post("/batches", body);
    assertEquals("succeeded", ended.path("status"), ended.text());
    assertEquals(4, (int) ended.path("skipped"));
    assertTrue(get("/api/v1/batches/" + ended.id() + "/skipped").contains("******"));
    assertEquals(
        4,
        table.number(
            "SELECT COUNT(*) FROM skipped_row WHERE message LIKE '%******%' AND batch = "
                + ended.id()));
    lookEverywhere(ended.id());
    nobodyWasToldTheSecret();
  }

  @Test
  void a_written_secret_is_shown_nowhere_and_deleted_at_the_end() throws Exception {
    save("UPDATE {t} SET note = :secret WHERE id <= 5", "text");
    try (EventReader events = EventReader.open(URI.create(stream + "?project=" + project), null)) {
      changeAndLook(events);
    }
  }

  private void changeAndLook(EventReader events) throws Exception {
    Reply plan = post("/plans", body());
    assertEquals(200, plan.status());
    assertEquals("******", plan.path("statement.parameters[0]"));
    assertEquals("******", plan.path("sample[0].after.note"));
    Reply ended = post("/batches", body());
    assertEquals("succeeded", ended.path("status"), ended.text());
    assertEquals("******", ended.path("parameters.secret"));
    long id = ended.id();
    lookEverywhere(id);
    EventReader.Event event;
    do {
      event = events.next();
      outputs.add("event: " + event);
    } while (!"succeeded".equals(event.status()));
    nobodyWasToldTheSecret();
    assertEquals("{\"secret\":\"******\"}", stored(id, "parameters"));
    assertEquals("", stored(id, "request_hash"));
    assertEquals(
        5, table.number("SELECT COUNT(*) FROM " + table.name() + " WHERE note LIKE 'hush-p''ss%'"));
    // An undo needs no value.
    String undone =
        API.waiting()
            .header("Content-Type", "application/json")
            .post("/batches/" + id + "/undo")
            .text();
    assertTrue(undone.contains("\"succeeded\""), undone);
    assertEquals(
        0, table.number("SELECT COUNT(*) FROM " + table.name() + " WHERE note IS NOT NULL"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        // Duplicate entry 'value' for key
        "UPDATE {t} SET note = :secret WHERE id <= 5",
        // Incorrect integer value: 'value' for column
        "UPDATE {t} SET n = :secret WHERE id <= 5",
        // Truncated incorrect DOUBLE value: 'value'
        "UPDATE {t} SET n = n + :secret WHERE id <= 5",
        // Data truncated, with another text around it
        "UPDATE {t} SET n = CONCAT('a ', :secret) WHERE id <= 5",
      })
  void errors_of_the_server_do_not_quote_a_secret(String sql) throws Exception {
    table.execute("ALTER TABLE " + table.name() + " ADD UNIQUE KEY (note)");
    save(sql, "text");
    post("/plans", body());
    Reply failed = post("/batches", body());
    assertEquals("failed", failed.path("status"), failed.text());
    String message = failed.path("error.message");
    assertTrue(message.contains("******"), message);
    long id = failed.id();
    lookEverywhere(id);
    nobodyWasToldTheSecret();
    assertTrue(outputs.stream().anyMatch(text -> text.startsWith("log: ")), "no log was found");
    assertFalse(stored(id, "CONCAT(parameters, error)").contains("7431"));
  }

  @Test
  void a_secret_is_stored_while_the_batch_may_run_and_deleted_when_it_is_cancelled()
      throws Exception {
    save("UPDATE {t} SET note = :secret WHERE id <= 5", "text");
    ObjectNode later = body();
    // A window that is not open today.
    later
        .putObject("window")
        .put("from", "00:00")
        .put("to", "00:01")
        .put("zone", "UTC")
        .putArray("days")
        .add(
            java.time.LocalDate.now(java.time.ZoneOffset.UTC)
                .plusDays(3)
                .getDayOfWeek()
                .name()
                .substring(0, 3)
                .toLowerCase(java.util.Locale.ROOT));
    API.json(later.toString()).post("/projects/" + project + "/batches").statusCode(202);
    long id = API.get("/projects/" + project + "/batches").json().getLong("items[0].id");
    assertTrue(stored(id, "parameters").contains("7431"));
    String events = get("/api/v1/batches?project=" + project);
    assertTrue(events.contains("******"), events);
    API.post("/batches/" + id + "/cancel").statusCode(202);
    org.awaitility.Awaitility.await().until(() -> stored(id, "status").equals("CANCELLED"));
    assertEquals("{\"secret\":\"******\"}", stored(id, "parameters"));
    lookEverywhere(id);
    nobodyWasToldTheSecret();
  }

  @Test
  void invalid_secret_values_are_not_in_the_response() throws Exception {
    save("UPDATE {t} SET n = :secret WHERE id <= 5", "integer");
    assertEquals(400, post("/batches", body()).status());
    assertEquals(400, post("/plans", body()).status());
    nobodyWasToldTheSecret();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "datetime|\"2031-07-05T13:47:11Z\"|DATETIME(6)|2031-07-0",
        "datetime|\"2031-07-05T13:47:11\"|DATETIME(6)|13:47:11",
        "date|\"2031-07-05\"|DATE|2031-07-05",
        "time|\"-13:47:11.5\"|TIME(6)|13:47:11",
        "decimal|\"8143.125\"|DECIMAL(20,10)|8143.125",
        "json|{\"key\": [\"rosebud\"]}|JSON|rosebud",
        "base64|\"cm9zZWJ1ZA==\"|VARBINARY(20)|rosebud",
        "boolean|true|JSON|TRUE",
      })
  void a_typed_secret_is_shown_nowhere(String type, String value, String column, String found)
      throws Exception {
    table.execute("ALTER TABLE " + table.name() + " ADD typed " + column);
    String written = type.equals("boolean") ? "JSON_SET('{}', '$.x', :secret)" : ":secret";
    save("UPDATE {t} SET typed = " + written + " WHERE id <= 5", type);
    ObjectNode body = body();
    ((ObjectNode) body.get("parameters")).set("secret", JSON.readTree(value));
    outputs.clear();
    Reply plan = post("/plans", body);
    assertEquals(200, plan.status(), plan.text());
    Reply ended = post("/batches", body);
    assertEquals("succeeded", ended.path("status"), ended.text());
    assertEquals("******", ended.path("parameters.secret"));
    assertEquals(
        5, table.number("SELECT COUNT(*) FROM " + table.name() + " WHERE typed IS NOT NULL"));
    lookEverywhere(ended.id());
    for (String text : outputs) {
      assertFalse(Pattern.compile(found).matcher(text).find(), text);
    }
    assertEquals("{\"secret\":\"******\"}", stored(ended.id(), "parameters"));
  }
}
