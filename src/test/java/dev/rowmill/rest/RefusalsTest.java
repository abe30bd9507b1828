package dev.rowmill.rest;

import static org.hamcrest.Matchers.blankOrNullString;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.emptyOrNullString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.matchesPattern;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assertions.assertEquals;

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
import java.net.HttpURLConnection;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class RefusalsTest {

  private static final RowmillApi API = RowmillApi.local();

  @Inject AgroalDataSource database;

  private final String project = Batches.newProject();

  @AfterEach
  void nothing_is_stored() {
    API.get("/projects/" + project).statusCode(404);
  }

  @Test
  void a_missing_table_is_named_in_both_languages() {
    String body = sql("UPDATE nowhere.item SET n = 1", "{}");
    problem(start(body), 422, "unknown-table").body("table", equalTo("nowhere.item"));
    API.header("Accept-Language", "zh-TW")
        .json(body)
        .post(path())
        .statusCode(422)
        .header("Content-Language", "zh")
        .body("title", equalTo("未知的表或列"))
        .body("detail", containsString("nowhere.item"));
  }

  @Test
  void a_table_without_a_usable_key_is_named() throws SQLException {
    WorkTable table = WorkTable.create(database, 1001);
    table.execute("ALTER TABLE " + table.name() + " DROP PRIMARY KEY");
    problem(start(sql("UPDATE " + table.name() + " SET n = 1", "{}")), 422, "no-usable-key")
        .body("table", equalTo(table.name()));
  }

  @Test
  void mismatched_parameters_are_named() throws SQLException {
    WorkTable table = WorkTable.create(database, 1);
    problem(
            start(sql("UPDATE " + table.name() + " SET n = :a WHERE n = :b", "{\"b\":1,\"c\":2}")),
            422,
            "parameter-mismatch")
        .body("missing", equalTo(List.of("a")))
        .body("unused", equalTo(List.of("c")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "DROP TABLE x",
        "SELECT 1",
        "UPDATE a SET b = 1; DELETE FROM a",
        "UPDATE a SET b = 1 LIMIT 5",
        "UPDATE a, c SET a.b = 1",
        "UPDATE a SET b = SLEEP(5)",
        "UPDATE a SET b = @x",
        "DELETE FROM a -- all",
        "UPDATE a SET",
        "'",
        "/*!50000 DROP TABLE x */",
        "\u0000"
      })
  void a_statement_that_can_not_be_chunked_is_a_4xx(String statement) {
    Reply reply = start(sql(statement.replace("\u0000", "\\u0000"), "{}"));
    int status = reply.status();
    assertEquals(4, status / 100, () -> statement + " got " + status);
    reply.contentType("application/problem+json").body("detail", not(blankOrNullString()));
  }

  @Test
  void reasons_say_what_to_change_in_the_callers_language() {
    String body = sql("UPDATE a SET b = 1 RETURNING b", "{}");
    problem(start(body), 422, "unsupported-statement")
        .body("reasons[0]", containsString("RETURNING"));
    API.header("Accept-Language", "zh")
        .json(body)
        .post(path())
        .body("reasons[0]", matchesPattern(".*\\p{IsHan}.*"));
  }

  @Test
  void a_task_that_is_not_registered_is_rejected() {
    problem(start("{\"task\":\"no-such\"}"), 422, "unknown-task").body("task", equalTo("no-such"));
    problem(start("{\"task\":\"sql\"}"), 422, "unknown-task");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"task\":\"gate\",\"parameters\":{\"gate\":[]}}",
        "{\"task\":\"gate\",\"parameters\":{\"gate\":5}}",
        "{\"task\":\"gate\",\"parameters\":{\"gate\":\"x\",\"more\":1}}"
      })
  void unknown_parameters_of_a_task_are_named(String body) {
    problem(start(body), 400, "invalid-request")
        .body("violations[0].field", containsString("parameters."))
        .body("violations[0].message", not(emptyOrNullString()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "[]",
        "null",
        "5",
        "{}{}",
        "{\"sql\":1}",
        "{\"a\":\"\\ud800\"}",
        "{\"\u0001\":1}",
        "\ufeff",
        "{\"sql\":\"x\",\"sql\":\"y\"}",
        "{\"task\":\"gate\",\"chunk\":{\"rows\":\"1000\"}}"
      })
  void a_malformed_body_is_reported_field_by_field(String body) {
    problem(start(body), 400, "invalid-request")
        .body("violations.size()", equalTo(1))
        .body("violations[0].message", not(emptyOrNullString()));
  }

  @Test
  void violations_are_reported_in_the_language_of_the_caller() {
    API.header("Accept-Language", "zh")
        .json("{\"sql\":\"UPDATE a SET b = 1\",\"chunk\":{\"rows\":1}}")
        .post(path())
        .statusCode(400)
        .body(
            "violations",
            equalTo(List.of(Map.of("field", "chunk.rows", "message", "必须在 10 到 100000 之间"))));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a%20b",
        "%2F",
        "a%2Fb",
        "%F0%9F%98%80",
        "%00",
        "caf%C3%A9",
        "a:b",
        "a%25",
        "a@b",
        "a*"
      })
  void an_invalid_project_is_rejected(String name) {
    problem(
            API.json("{\"task\":\"gate\",\"parameters\":{\"gate\":\"x\"}}")
                .post("/projects/" + name + "/batches"),
            400,
            "invalid-request")
        .body("violations.field", equalTo(List.of("project")));
  }

  @Test
  void a_project_of_65_characters_is_rejected() {
    problem(API.get("/projects/" + "x".repeat(65)), 400, "invalid-request");
    API.get("/projects/" + "x".repeat(64)).statusCode(404);
  }

  @ParameterizedTest
  @CsvSource({
    "/api/v1/batches?status=stopped, status",
    "/api/v1/batches?status=RUNNING, status",
    "/api/v1/batches?mode=both, mode",
    "/api/v1/batches?project=a%20b, project",
    "/api/v1/batches?limit=0, limit",
    "/api/v1/batches?limit=501, limit",
    "/api/v1/batches?limit=1.5, limit",
    "/api/v1/batches?before=x, before",
    "/api/v1/batches?before=99999999999999999999, before",
    "/api/v1/projects?running=1, running",
    "/api/v1/projects?limit=-1, limit",
    "/api/v1/batches/1?wait=soon, wait",
    "/api/v1/batches/1?wait=-1, wait"
  })
  void an_invalid_query_parameter_is_reported_by_its_name(String path, String field) {
    problem(API.get(path), 400, "invalid-request")
        .body("violations.field", equalTo(List.of(field)));
  }

  @ParameterizedTest
  @CsvSource({
    "GET, /api/v1/batches/0, 404, not-found",
    "GET, /api/v1/batches/abc, 404, not-found",
    "GET, /api/v1/batches/99999999999999999999, 404, not-found",
    "GET, /api/v1/nothing, 404, not-found",
    "GET, /api/nothing, 404, not-found",
    "GET, /api, 404, not-found",
    "DELETE, /api/v1/batches, 405, method-not-allowed",
    "PUT, /api/v1/projects/p/batches, 405, method-not-allowed",
    "POST, /api/v1/pool, 405, method-not-allowed"
  })
  void unknown_paths_and_methods_are_problems(String method, String path, int status, String type) {
    problem(API.request().send(method, path), status, type);
  }

  @Test
  void a_wrong_method_is_rejected_with_the_allowed_ones() {
    API.request()
        .put("/projects/p/batches")
        .statusCode(405)
        .header("Allow", "GET, HEAD, OPTIONS, POST");
    API.request()
        .send("OPTIONS", "/api/v1/pool")
        .statusCode(204)
        .header("Allow", "GET, HEAD, OPTIONS");
    API.request().send("HEAD", "/api/v1/batches").statusCode(200);
  }

  @Test
  void formats_that_are_not_json_are_rejected() {
    problem(
        API.header("Content-Type", "text/plain").body("{}").post(path()),
        415,
        "unsupported-media-type");
    problem(API.header("Accept", "text/html").get("/batches"), 406, "not-acceptable");
  }

  @Test
  void a_megabyte_of_sql_is_rejected_as_too_long() {
    problem(
        start(sql("UPDATE a SET b = '" + "x".repeat(1_000_000) + "'", "{}")),
        422,
        "unsupported-statement");
  }

  @Test
  void a_body_that_is_too_large_is_rejected_with_or_without_its_length() throws IOException {
    String large = sql("x".repeat(3_000_000), "{}");
    problem(start(large), 413, "body-too-large");
    assertEquals(413, chunked(large));
    assertEquals(400, chunked("{"));
  }

  @ParameterizedTest
  @CsvSource({
    "pool-full, 503, 5",
    "shutting-down, 503, 5",
    "lost, 503, 5",
    "read-only, 503, 5",
    "too-late, 422,",
    "bug, 500,",
    "error, 500,",
    "sql-bug, 500,"
  })
  void every_exception_becomes_a_problem(String what, int status, String retryAfter) {
    Reply reply = API.request().send("GET", "/test/throw/" + what);
    reply
        .statusCode(status)
        .contentType("application/problem+json")
        .header("Retry-After", retryAfter == null ? nullValue() : equalTo(retryAfter))
        .body("status", equalTo(status))
        .body("title", not(equalTo("overwritten")))
        .body("id", status == 500 ? matchesPattern("[0-9a-f-]{36}") : nullValue());
    String text = reply.text();
    assertEquals(-1, text.indexOf("secret"), text);
  }

  @Test
  void a_tasks_own_refusal_retains_its_members() {
    API.request()
        .send("GET", "/test/throw/too-late")
        .statusCode(422)
        .body("type", equalTo("/problems/too-late"))
        .body("title", equalTo("too late"))
        .body("seat", equalTo("7a"));
  }

  private String path() {
    return "/api/v1/projects/" + project + "/batches";
  }

  private Reply start(String body) {
    return API.json(body.getBytes(StandardCharsets.UTF_8)).post(path());
  }

  private static String sql(String statement, String parameters) {
    return "{\"sql\":\"" + statement + "\",\"parameters\":" + parameters + "}";
  }

  private static Reply problem(Reply reply, int status, String type) {
    return reply
        .statusCode(status)
        .contentType("application/problem+json")
        .header("Content-Language", "en")
        .header("Vary", "Accept-Language")
        .body("type", equalTo("/problems/" + type))
        .body("title", not(blankOrNullString()))
        .body("status", equalTo(status))
        .body("detail", not(blankOrNullString()))
        .body("instance", not(blankOrNullString()));
  }

  /** Sends a body whose length is not declared. */
  private int chunked(String body) throws IOException {
    var url = RowmillApi.localUri(path()).toURL();
    var connection = (HttpURLConnection) url.openConnection();
    connection.setRequestMethod("POST");
    connection.setRequestProperty("Content-Type", "application/json");
    connection.setDoOutput(true);
    connection.setChunkedStreamingMode(65_536);
    try (var out = connection.getOutputStream()) {
      out.write(body.getBytes(StandardCharsets.UTF_8));
    }
    return connection.getResponseCode();
  }
}
