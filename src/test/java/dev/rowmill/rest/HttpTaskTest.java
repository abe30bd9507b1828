package dev.rowmill.rest;

import static dev.rowmill.testing.Batches.PATIENCE;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.not;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.rowmill.httptask.LeaseDesk;
import dev.rowmill.testing.AllTypesTable;
import dev.rowmill.testing.Batches;
import dev.rowmill.testing.DatabaseResource;
import dev.rowmill.testing.Metrics;
import dev.rowmill.testing.RowmillApi;
import dev.rowmill.testing.RowmillApi.Reply;
import dev.rowmill.testing.TaskEndpoint;
import dev.rowmill.testing.WorkTable;
import io.agroal.api.AgroalDataSource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests HTTP tasks with a real endpoint, on a real database. */
@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class HttpTaskTest {

  private static final RowmillApi API = RowmillApi.local();
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int ROWS = 1000;

  @Inject AgroalDataSource database;
  @Inject LeaseDesk offers;

  private final String project = Batches.newProject();
  private final String task = "t-" + project.toLowerCase().replaceAll("[^a-z0-9]", "-");
  @RegisterExtension final WorkTable table = WorkTable.ofRows(ROWS);

  @AfterEach
  void deleteTask() {
    API.delete("/tasks/" + task);
  }

  private void register(TaskEndpoint endpoint, int concurrency, int timeoutMillis) {
    register(endpoint.url(), concurrency, timeoutMillis);
  }

  private void register(String url, int concurrency, int timeoutMillis) {
    API.json(
            Map.of(
                "url", url,
                "secret", TaskEndpoint.SECRET,
                "concurrency", concurrency,
                "timeoutMillis", timeoutMillis,
                "parameters",
                    Map.of(
                        "type",
                        "object",
                        "properties",
                        Map.of("by", Map.of("type", "integer", "maximum", 9)))))
        .put("/tasks/" + task)
        .statusCode(201);
  }

  private String body(String where, int batchRows, String more) {
    return "{\"task\": \"%s\", \"select\": \"SELECT id, n FROM %s WHERE %s\", \"batchRows\": %d%s}"
        .formatted(task, table.name(), where, batchRows, more);
  }

  private Reply started(String where, int batchRows, String more) {
    return started(project, where, batchRows, more);
  }

  private Reply started(String of, String where, int batchRows, String more) {
    return API.json(body(where, batchRows, more))
        .post("/projects/" + of + "/batches")
        .statusCode(202);
  }

  private Reply ended(long batch) {
    API.ended(batch);
    return API.get("/batches/" + batch).statusCode(200);
  }

  private static TaskEndpoint.Response plusOne(JsonNode call) {
    return TaskEndpoint.set(call, "n", row -> row.get("n").asInt() + 1);
  }

  @Test
  void each_row_is_written_once_and_undone() throws SQLException {
    try (var endpoint = TaskEndpoint.of((number, call) -> plusOne(call))) {
      register(endpoint, 5, 10_000);
      long batch = started("id <= 950", 100, ", \"parameters\": {\"by\": 1}, \"lanes\": 2").id();
      ended(batch).body("status", equalTo("succeeded")).body("progress.rowsChanged", equalTo(950));
      assertEquals(950, table.rowsWith(1));
      assertEquals(50, table.rowsWith(0));
      assertEquals(0, endpoint.unsigned());
      JsonNode call = endpoint.calls().get(0);
      assertEquals(batch, call.get("batch").asLong());
      assertEquals(1, call.get("parameters").get("by").asInt());
      assertEquals(1, call.get("attempt").asInt());
      Set<Long> sent = new HashSet<>();
      endpoint.calls().forEach(it -> it.get("rows").forEach(r -> sent.add(r.get("id").asLong())));
      assertEquals(950, sent.size());
      Reply undo =
          API.waiting()
              .header("Content-Type", "application/json")
              .post("/batches/" + batch + "/undo")
              .statusCode(200);
      undo.body("status", equalTo("succeeded")).body("conflicts", equalTo(0));
      assertEquals(ROWS, table.rowsWith(0));
    }
  }

  @Test
  void many_calls_are_in_flight_over_few_threads() throws SQLException {
    var release = new CountDownLatch(1);
    try (var endpoint =
        TaskEndpoint.of(
            (number, call) -> {
              release.await();
              return plusOne(call);
            })) {
      register(endpoint, 100, 60_000);
      long batch = started("TRUE", 5, "").id();
      await().atMost(PATIENCE).until(() -> endpoint.inFlight() == 100);
      await("few threads").atMost(PATIENCE).until(() -> busyCallers() < 5);
      awaitNoTransaction();
      release.countDown();
      ended(batch).body("status", equalTo("succeeded"));
      assertEquals(100, endpoint.mostInFlight());
      assertEquals(ROWS, table.rowsWith(1));
      // No call was repeated because its connection was closed.
      assertEquals(ROWS / 5, endpoint.calls().size());
    }
  }

  private static long busyCallers() {
    return Thread.getAllStackTraces().entrySet().stream()
        .filter(thread -> thread.getKey().getName().startsWith("rowmill-call"))
        // Threads of a pool stay for a while after their work.
        .filter(thread -> !isIdle(thread.getValue()))
        .count();
  }

  private static boolean isIdle(StackTraceElement[] stack) {
    return Stream.of(stack)
        .anyMatch(
            frame ->
                frame.getClassName().equals(ThreadPoolExecutor.class.getName())
                    && frame.getMethodName().equals("getTask"));
  }

  /** Waits until no session has an open transaction; others have short ones now and then. */
  private void awaitNoTransaction() {
    await()
        .atMost(PATIENCE)
        .until(() -> table.number("SELECT COUNT(*) FROM information_schema.INNODB_TRX") == 0);
  }

  @Test
  void an_endpoint_that_goes_away_and_returns_loses_and_repeats_no_row() throws Exception {
    int port;
    long batch;
    try (var endpoint =
        TaskEndpoint.of(
            (number, call) -> {
              if (number > 30) {
                Thread.sleep(20);
              }
              return plusOne(call);
            })) {
      port = endpoint.port();
      register(endpoint, 10, 10_000);
      batch = started("TRUE", 5, "").id();
      await().atMost(PATIENCE).until(() -> endpoint.calls().size() > 40);
    }
    await()
        .atMost(PATIENCE)
        .until(() -> "task-away".equals(API.batch(batch).path("throttle").path("reason").asText()));
    assertEquals("running", API.batch(batch).get("status").asText());
    try (var endpoint = new TaskEndpoint(port, (number, call) -> plusOne(call))) {
      ended(batch).body("status", equalTo("succeeded"));
    }
    assertEquals(ROWS, table.rowsWith(1));
  }

  @Test
  void a_busy_endpoint_is_called_after_the_time_that_it_asks_for() throws SQLException {
    var busy = new AtomicBoolean(true);
    try (var endpoint =
        TaskEndpoint.of(
            (number, call) ->
                busy.get() ? TaskEndpoint.status(429, "Retry-After", "1") : plusOne(call))) {
      register(endpoint, 4, 10_000);
      long batch = started("id <= 100", 10, "").id();
      await()
          .atMost(PATIENCE)
          .until(
              () ->
                  "task-slowed".equals(API.batch(batch).path("throttle").path("reason").asText()));
      busy.set(false);
      ended(batch).body("status", equalTo("succeeded"));
      assertEquals(100, table.rowsWith(1));
    }
  }

  @Test
  void rows_that_are_read_slowly_arrive() throws SQLException {
    WorkTable other = WorkTable.create(database, 400);
    try (var endpoint = TaskEndpoint.of((number, call) -> plusOne(call))) {
      register(endpoint, 2, 10_000);
      // Each read takes longer than a step in which the lane waits for its chunks.
      String slow =
          "(SELECT MAX(CRC32(a.id + b.id + %s.id)) FROM %s AS a, %s AS b) > 0"
              .formatted(table.name(), other.name(), other.name());
      long batch = started("id <= 60 AND " + slow, 20, "").id();
      ended(batch).body("status", equalTo("succeeded"));
      assertEquals(60, table.rowsWith(1));
    }
  }

  @Test
  void retry_after_is_a_time_without_calls() throws SQLException {
    List<Long> times = new CopyOnWriteArrayList<>();
    try (var endpoint =
        TaskEndpoint.of(
            (number, call) -> {
              times.add(System.nanoTime());
              return number == 1 ? TaskEndpoint.status(503, "Retry-After", "3") : plusOne(call);
            })) {
      register(endpoint, 1, 10_000);
      ended(started("id <= 20", 10, "").id()).body("status", equalTo("succeeded"));
      assertEquals(3, times.size());
      assertTrue(times.get(1) - times.get(0) >= 3_000_000_000L, times::toString);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {500, 503})
  void errors_of_the_endpoint_are_retried(int status) throws SQLException {
    try (var endpoint =
        TaskEndpoint.of(
            (number, call) ->
                call.get("attempt").asInt() < 3 ? TaskEndpoint.status(status) : plusOne(call))) {
      register(endpoint, 2, 10_000);
      long batch = started("id <= 30", 10, "").id();
      ended(batch).body("status", equalTo("succeeded"));
      assertEquals(30, table.rowsWith(1));
      Set<String> keys = new HashSet<>();
      endpoint.calls().forEach(call -> keys.add(call.get("idempotencyKey").asText()));
      assertEquals(3, keys.size());
    }
  }

  @Test
  void a_call_that_never_ends_is_repeated_after_its_timeout() throws SQLException {
    try (var endpoint =
        TaskEndpoint.of(
            (number, call) -> {
              if (number == 1) {
                Thread.sleep(60_000);
              }
              return plusOne(call);
            })) {
      register(endpoint, 1, 500);
      ended(started("id <= 5", 10, "").id()).body("status", equalTo("succeeded"));
      assertEquals(5, table.rowsWith(1));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "<html>Sign in</html> | not valid JSON",
        "{\"update\": [], \"more\": 1} | unknown member more",
        "{\"update\": [{\"key\": {\"id\": 4711}, \"set\": {\"n\": 1}}]} | not one that was sent",
        "{\"update\": [{\"key\": {\"id\": 1}, \"set\": {\"x\": 1}}]} | no column",
        "{\"update\": [{\"key\": {\"id\": 1}, \"set\": {\"id\": 9}}]} | no column",
        "{\"delete\": [{\"key\": {\"id\": 1}}, {\"key\": {\"id\": 1}}]} | twice",
        "{\"update\": [{\"key\": {\"id\": 1}, \"set\": {\"n\": 1}}], \"delete\": [{\"key\": {\"id\": 1}}]} | twice",
        "{\"delete\": [], \"delete\": []} | Duplicate field",
        "{\"delete\": [{\"key\": {\"id\": 1.0}}]} | not one that was sent",
        "{} {} | not valid JSON",
        "[] | not a JSON object"
      })
  void an_answer_that_is_none_fails_the_chunk_and_changes_nothing(String answer, String message)
      throws SQLException {
    try (var endpoint = TaskEndpoint.of((number, call) -> TaskEndpoint.json(answer))) {
      register(endpoint, 1, 10_000);
      ended(started("id <= 10", 10, "").id())
          .body("status", equalTo("failed"))
          .body("error.type", equalTo("/problems/chunk-failed"))
          .body("error.message", containsString(message));
      assertEquals(ROWS, table.rowsWith(0));
    }
  }

  @Test
  void html_a_redirect_and_a_private_address_fail_the_batch() throws SQLException {
    try (var elsewhere = TaskEndpoint.of((number, call) -> plusOne(call));
        var endpoint =
            TaskEndpoint.of(
                (number, call) ->
                    call.get("rows").size() == 1
                        ? TaskEndpoint.of(200, "text/html", "<html>")
                        : TaskEndpoint.status(302, "Location", elsewhere.url()))) {
      register(endpoint, 1, 10_000);
      ended(started("id = 1", 10, "").id())
          .body("status", equalTo("failed"))
          .body("error.message", containsString("text/html"));
      ended(started("id < 9", 10, "").id())
          .body("status", equalTo("failed"))
          .body("error.message", containsString("redirects are not followed"));
      deleteTask();
      register("http://127.0.0.2:" + elsewhere.port(), 1, 10_000);
      ended(started("id < 9", 10, "").id())
          .body("status", equalTo("failed"))
          .body("error.message", containsString("private addresses"));
      assertThatNoneCalled(elsewhere);
    }
    assertEquals(ROWS, table.rowsWith(0));
  }

  private static void assertThatNoneCalled(TaskEndpoint endpoint) {
    assertEquals(List.of(), endpoint.calls());
  }

  @Test
  void a_large_response_is_broken_off() throws SQLException {
    var taken = new AtomicInteger();
    try (var endpoint = TaskEndpoint.of((number, call) -> TaskEndpoint.large(200, taken))) {
      register(endpoint, 1, 60_000);
      ended(started("id <= 10", 10, "").id())
          .body("status", equalTo("failed"))
          .body("error.message", containsString("more than 16777216 bytes"));
      assertTrue(taken.get() < 100, () -> taken + " MB");
    }
  }

  @Test
  void connections_are_used_again_and_no_call_is_repeated() throws SQLException {
    try (var endpoint =
        TaskEndpoint.of(
            (number, call) -> {
              Thread.sleep(number % 10);
              return plusOne(call);
            })) {
      register(endpoint, 20, 10_000);
      ended(started("TRUE", 2, "").id()).body("status", equalTo("succeeded"));
      assertEquals(ROWS, table.rowsWith(1));
      assertEquals(ROWS / 2, endpoint.calls().size());
      // A call may begin before the last one has returned its connection.
      assertTrue(endpoint.connections() < 100, () -> endpoint.connections() + " connections");
    }
  }

  @Test
  void answers_wait_at_the_service_while_there_is_no_room_for_them() throws SQLException {
    table.execute("ALTER TABLE " + table.name() + " ADD COLUMN note MEDIUMTEXT");
    String note = "x".repeat(1 << 20);
    var release = new CountDownLatch(1);
    try (var endpoint =
        TaskEndpoint.of(
            (number, call) -> {
              if (call.get("rows").get(0).get("id").asInt() == 1) {
                release.await();
              }
              return TaskEndpoint.set(call, "note", row -> note);
            })) {
      register(endpoint, 24, 60_000);
      double before = answered();
      long batch = started("id <= 24", 1, ", \"undo\": false").id();
      // All others are done at the service, or wait for their responses to be read.
      await().atMost(PATIENCE).until(() -> endpoint.calls().size() == 24);
      await().atMost(PATIENCE).until(() -> answered() - before >= 7);
      await().during(Duration.ofMillis(500)).atMost(PATIENCE).until(() -> answered() - before <= 8);
      release.countDown();
      ended(batch).body("status", equalTo("succeeded"));
      assertEquals(24, answered() - before);
      assertEquals(
          24,
          table.number(
              "SELECT COUNT(*) FROM " + table.name() + " WHERE LENGTH(note) = " + (1 << 20)));
    }
  }

  @Test
  void rows_that_all_lanes_read_ahead_have_room_together() throws SQLException {
    table.execute("ALTER TABLE " + table.name() + " ADD COLUMN note MEDIUMTEXT");
    table.execute("UPDATE " + table.name() + " SET note = REPEAT('x', 131072) WHERE id <= 120");
    var release = new CountDownLatch(1);
    try (var endpoint =
        TaskEndpoint.of(
            (number, call) -> {
              release.await();
              return plusOne(call);
            })) {
      register(endpoint, 100, 60_000);
      long batch =
          API.json(
                  body("id <= 120", 1, ", \"undo\": false, \"lanes\": 4")
                      .replace("id, n", "id, n, note"))
              .post("/projects/" + project + "/batches")
              .statusCode(202)
              .id();
      await().atMost(PATIENCE).until(() -> endpoint.inFlight() >= 8);
      // A row takes three times its value; there is room for 8 MB, and for a chunk of each lane.
      await()
          .during(Duration.ofMillis(500))
          .atMost(PATIENCE)
          .until(() -> endpoint.inFlight() <= 8 * 8 / 3 + 4);
      release.countDown();
      ended(batch).body("status", equalTo("succeeded"));
      assertEquals(120, table.rowsWith(1));
    }
  }

  @Test
  void a_batch_that_is_held_back_begins_no_call_and_leaves_the_room_to_others()
      throws SQLException {
    table.execute("ALTER TABLE " + table.name() + " ADD COLUMN note MEDIUMTEXT");
    String note = "x".repeat(1 << 20);
    var begun = new CountDownLatch(9);
    var release = new CountDownLatch(1);
    var others = new CountDownLatch(1);
    try (var endpoint =
        TaskEndpoint.of(
            (number, call) -> {
              int first = call.get("rows").get(0).get("id").asInt();
              if (first == 1) {
                begun.await();
              } else if (first < 900) {
                begun.countDown();
                release.await();
              } else if (first == 901) {
                others.await();
              }
              // The answer has one large value.
              return TaskEndpoint.set(
                  call, "note", row -> row.get("id").asInt() == first ? note : "");
            })) {
      register(endpoint, 10, 60_000);
      long held = started("id <= 900", 50, ", \"limits\": {\"rowsPerSecond\": 1}").id();
      await()
          .atMost(PATIENCE)
          .until(
              () ->
                  "rows-per-second"
                      .equals(API.batch(held).path("throttle").path("reason").asText()));
      await().atMost(PATIENCE).until(() -> endpoint.inFlight() == 10);
      int calls = endpoint.calls().size();
      release.countDown();
      await().during(Duration.ofMillis(500)).until(() -> endpoint.calls().size() == calls);
      double before = answered();
      long other = started(Batches.newProject(), "id > 900", 1, ", \"undo\": false").id();
      await().atMost(PATIENCE).until(() -> answered() - before >= 5);
      others.countDown();
      ended(other).body("status", equalTo("succeeded"));
      API.get("/batches/" + held).body("progress.rowsChanged", equalTo(50));
    } finally {
      API.cancelAll(project);
    }
  }

  private static double answered() {
    return new Metrics(API.metrics())
        .value("rowmill_task_call_time_seconds_count{outcome=\"answered\"}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\'',
      value = {
        "{\"n\": -0.5} | takes a whole number",
        "{\"n\": NaN} | not valid JSON",
        "{\"n\": 1e999999999} | takes a whole number",
        "{\"n\": 2147483648} | Out of range",
        "{\"n\": \"1\"} | takes a whole number",
        "{\"n\": true} | takes a whole number",
        "{\"n\": 1, \"n\": 2} | Duplicate field",
        "{\"n\": 1, \"N\": 2} | twice",
        "{\"d\": 1e400} | takes a",
        "{\"d\": -1e-999999999} | takes a number",
        "{\"d\": Infinity} | not valid JSON",
        "{\"d\": \"NaN\"} | takes a number",
        "{\"p\": \"1.005\"} | at most 2 digits",
        "{\"p\": \"1e99999999\"} | takes a decimal number",
        "{\"p\": 1000} | Out of range",
        "{\"s\": \"abcdef\"} | too long",
        "{\"s\": 1} | takes text",
        "{\"t\": \"2024-02-30 00:00:00\"} | Incorrect datetime",
        "{\"t\": \"2024-02-01 00:00:00.5\"} | 0 digits of a second",
        "{\"n\": 1, \"more\": 1} | no column",
        "{\"id\": 1} | no column",
        "{} | set has no columns"
      })
  void a_value_that_does_not_fit_is_an_error_of_its_chunk(String set, String message)
      throws SQLException {
    table.execute(
        "ALTER TABLE "
            + table.name()
            + " ADD d DOUBLE, ADD p DECIMAL(5, 2), ADD s VARCHAR(5), ADD t DATETIME");
    String answer = "{\"update\": [{\"key\": {\"id\": 1}, \"set\": %s}]}".formatted(set);
    try (var endpoint = TaskEndpoint.of((number, call) -> TaskEndpoint.json(answer))) {
      register(endpoint, 1, 10_000);
      ended(started("id = 1", 10, "").id())
          .body("status", equalTo("failed"))
          .body("error.message", containsString(message))
          .body("progress.rowsChanged", equalTo(0));
      assertEquals(
          ROWS,
          table.number(
              "SELECT COUNT(*) FROM "
                  + table.name()
                  + " WHERE n = 0 AND d IS NULL AND p IS NULL AND s IS NULL AND t IS NULL"));
    }
  }

  @Test
  void a_negative_zero_is_written_as_zero() throws SQLException {
    table.execute("ALTER TABLE " + table.name() + " ADD d DOUBLE, ADD p DECIMAL(5, 2)");
    String answer =
        "{\"update\": [{\"key\": {\"id\": 1}, \"set\": {\"d\": -0.0, \"p\": -0.0, \"n\": -0}}]}";
    try (var endpoint = TaskEndpoint.of((number, call) -> TaskEndpoint.json(answer))) {
      register(endpoint, 1, 10_000);
      ended(started("id = 1", 10, "").id()).body("status", equalTo("succeeded"));
      assertEquals(
          1,
          table.number(
              "SELECT COUNT(*) FROM "
                  + table.name()
                  + " WHERE id = 1 AND n = 0 AND CAST(d AS CHAR) = '0' AND p = 0"));
    }
  }

  @Test
  void rows_that_change_during_a_call_are_sent_again() throws SQLException {
    var once = new AtomicBoolean(true);
    try (var endpoint =
        TaskEndpoint.of(
            (number, call) -> {
              if (once.getAndSet(false)) {
                table.execute("UPDATE " + table.name() + " SET n = 100 WHERE id IN (3, 7)");
                table.execute("DELETE FROM " + table.name() + " WHERE id = 4");
              }
              return plusOne(call);
            })) {
      register(endpoint, 1, 10_000);
      ended(started("id <= 10", 10, "").id())
          .body("status", equalTo("succeeded"))
          .body("progress.rowsChanged", equalTo(9));
      assertEquals(7, table.rowsWith(1));
      assertEquals(2, table.rowsWith(101));
      assertEquals(2, endpoint.calls().size());
      assertEquals(2, endpoint.calls().get(1).get("rows").size());
    }
  }

  @Test
  void rejected_rows_are_skipped_one_by_one() throws SQLException {
    try (var endpoint =
        TaskEndpoint.of(
            (number, call) -> {
              for (JsonNode row : call.get("rows")) {
                if (row.get("id").asInt() == 13) {
                  return TaskEndpoint.of(422, "text/plain", "no thirteen");
                }
              }
              String answer =
                  TaskEndpointAnswers.of(
                      call,
                      id -> id == 5 ? "skip" : id == 6 ? "large" : id == 7 ? "delete" : "update");
              return TaskEndpoint.json(answer);
            })) {
      register(endpoint, 2, 10_000);
      long batch = started("id <= 20", 10, ", \"onError\": {\"mode\": \"skip\"}").id();
      ended(batch)
          .body("status", equalTo("succeeded"))
          .body("skipped", equalTo(3))
          .body("progress.rowsChanged", equalTo(17));
      Reply skipped = API.get("/batches/" + batch + "/skipped").body("items", hasSize(3));
      assertEquals(
          List.of("5", "6", "13"),
          skipped.<List<Map<String, Map<String, String>>>>path("items").stream()
              .map(item -> item.get("key").get("id"))
              .sorted(java.util.Comparator.comparing(Integer::valueOf))
              .toList());
      skipped.body(containsString("no such place")).body(containsString("no thirteen"));
      assertEquals(16, table.rowsWith(1));
      assertEquals(ROWS - 1, table.number("SELECT COUNT(*) FROM " + table.name()));
    }
  }

  @Test
  void a_rejected_row_fails_the_batch_by_default() throws SQLException {
    try (var endpoint =
        TaskEndpoint.of(
            (number, call) ->
                TaskEndpoint.json(
                    TaskEndpointAnswers.of(call, id -> id == 5 ? "skip" : "update")))) {
      register(endpoint, 2, 10_000);
      ended(started("id <= 20", 10, "").id())
          .body("status", equalTo("failed"))
          .body("error.message", containsString("no such place"))
          .body("error.chunk.rows", equalTo(1));
      assertEquals(4, table.rowsWith(1));
    }
  }

  @Test
  void a_pause_and_a_cancel_take_effect_during_calls() throws SQLException {
    var blocked = new AtomicBoolean(true);
    try (var endpoint =
        TaskEndpoint.of(
            (number, call) -> {
              while (blocked.get()) {
                Thread.sleep(10);
              }
              return plusOne(call);
            })) {
      register(endpoint, 3, 600_000);
      long batch = started("id <= 100", 10, "").id();
      await().atMost(PATIENCE).until(() -> endpoint.inFlight() == 3);
      API.post("/batches/" + batch + "/pause");
      await()
          .atMost(PATIENCE)
          .until(() -> API.batch(batch).get("status").asText().equals("paused"));
      int before = endpoint.calls().size();
      API.post("/batches/" + batch + "/resume");
      await().atMost(PATIENCE).until(() -> endpoint.calls().size() == before + 3);
      awaitNoTransaction();
      blocked.set(false);
      ended(batch).body("status", equalTo("succeeded"));
      assertEquals(100, table.rowsWith(1));
      // Answers to the calls of before the pause end, too.
      await().atMost(PATIENCE).until(() -> endpoint.inFlight() == 0);
      blocked.set(true);
      long other = started("id <= 200", 10, "").id();
      await().atMost(PATIENCE).until(() -> endpoint.inFlight() == 3);
      API.post("/batches/" + other + "/cancel");
      ended(other).body("status", equalTo("cancelled"));
      blocked.set(false);
    }
    assertEquals(100, table.rowsWith(1));
  }

  @Test
  void a_plan_shows_the_rows_and_calls_nobody() {
    try (var endpoint = TaskEndpoint.of((number, call) -> plusOne(call))) {
      register(endpoint, 3, 10_000);
      API.json(body("id <= 100", 10, ""))
          .post("/projects/" + project + "/plans")
          .statusCode(200)
          .body("rowsMatching.rows", equalTo(100))
          .body("statement.sql", containsString("SELECT id, n FROM"))
          .body("sample[0].before.n", equalTo(0));
      assertThatNoneCalled(endpoint);
    }
  }

  @Test
  void the_secret_is_never_shown_and_bad_requests_are_rejected() throws IOException {
    try (var endpoint = TaskEndpoint.of((number, call) -> plusOne(call))) {
      register(endpoint, 3, 10_000);
      API.get("/tasks/" + task)
          .statusCode(200)
          .body("kind", equalTo("http"))
          .body(not(containsString(TaskEndpoint.SECRET)));
      API.get("/tasks").body(not(containsString(TaskEndpoint.SECRET)));
      API.get("/audit?limit=20").body(not(containsString(TaskEndpoint.SECRET)));
      API.json(body("TRUE", 10, ", \"parameters\": {\"by\": 10}"))
          .post("/projects/" + project + "/batches")
          .statusCode(400)
          .body("violations[0].field", equalTo("parameters.by"));
      API.json(
              "{\"task\": \"%s\", \"select\": \"SELECT id + 1 FROM %s\"}"
                  .formatted(task, table.name()))
          .post("/projects/" + project + "/batches")
          .statusCode(422);
      API.json(Map.of("url", "http://10.1.1.1/x", "secret", TaskEndpoint.SECRET))
          .put("/tasks/" + task)
          .statusCode(400)
          .body("violations[0].message", containsString("rowmill.tasks.hosts"));
      API.json(Map.of()).put("/tasks/round-prices").statusCode(400);
      assertTrue(new Metrics(API.metrics()).value("rowmill_task_calls") >= 0);
      assertThatNoneCalled(endpoint);
    }
  }

  @Test
  void values_of_every_type_are_written_as_they_were_sent() throws SQLException {
    AllTypesTable all = AllTypesTable.create(database, AllTypesTable.Key.BIGINT, 60);
    AllTypesTable strict = all.likeThis();
    table.execute(all.copyTo(strict) + " WHERE " + all.strict());
    // JSON does not keep the sign of zero.
    for (String column : List.of("c_float", "c_double")) {
      table.execute("UPDATE %s SET %2$s = 0e0 WHERE %2$s = 0".formatted(strict.name(), column));
    }
    long before = strict.checksum();
    var columns = new TreeMap<String, String>();
    try (var endpoint =
        TaskEndpoint.of(
            (number, call) -> {
              String column = call.get("parameters").get("column").asText();
              return TaskEndpoint.set(call, column, row -> row.get(column));
            })) {
      API.json(
              Map.of(
                  "url", endpoint.url(),
                  "secret", TaskEndpoint.SECRET,
                  "parameters", Map.of("type", "object")))
          .put("/tasks/" + task)
          .statusCode(201);
      for (String column : strict.columns()) {
        if (column.equals("id")) {
          continue;
        }
        long batch =
            API.json(
                    "{\"task\": \"%s\", \"select\": \"SELECT id, %s FROM %s\", \"wholeTable\": true, \"parameters\": {\"column\": \"%s\"}}"
                        .formatted(task, column, strict.name(), column))
                .post("/projects/" + project + "/batches")
                .statusCode(202)
                .id();
        JsonNode ended = API.ended(batch);
        assertEquals(0, ended.at("/progress/rowsChanged").asInt(), column);
        if (!ended.get("status").asText().equals("succeeded")) {
          columns.put(column, ended.at("/error/message").asText());
        }
      }
    }
    assertEquals(before, strict.checksum());
    // What can't be written is refused: generated columns, and text of other character sets.
    columns
        .values()
        .removeIf(
            message ->
                message.contains("no column of") || message.contains("no text from an HTTP task"));
    assertEquals(Map.of(), columns);
  }

  private void registerForWorkers(int timeoutMillis) {
    API.json(Map.of("timeoutMillis", timeoutMillis)).put("/tasks/" + task).statusCode(201);
  }

  private Reply lease() {
    return API.post("/tasks/" + task + "/lease?wait=60").statusCode(200);
  }

  private Reply complete(Reply lease, String column) {
    return API.json(
            "{\"lease\": \"%s\", \"answer\": %s}"
                .formatted(
                    lease.<String>path("lease"),
                    TaskEndpointAnswers.of(lease.body().get("request"), id -> column)))
        .post("/tasks/" + task + "/complete");
  }

  @Test
  void workers_lease_extend_and_complete_chunks() throws SQLException {
    registerForWorkers(60_000);
    API.post("/tasks/" + task + "/lease").statusCode(204);
    long batch = started("id <= 40", 10, "").id();
    await()
        .atMost(PATIENCE)
        .until(
            () -> "task-worker".equals(API.batch(batch).path("throttle").path("reason").asText()));
    Reply last = null;
    for (int i = 0; i < 4; i++) {
      Reply lease = lease().body("request.attempt", equalTo(1));
      API.json(Map.of("lease", lease.path("lease")))
          .post("/tasks/" + task + "/extend")
          .statusCode(200);
      complete(lease, "update").statusCode(204);
      last = lease;
    }
    ended(batch).body("status", equalTo("succeeded"));
    assertEquals(40, table.rowsWith(1));
    assertEquals(0, table.number("SELECT COUNT(*) FROM task_offer WHERE done < 2"));
    // As a worker does whose connection broke before the response.
    complete(last, "delete").statusCode(204);
    assertEquals(40, table.rowsWith(1));
    API.get("/audit?operation=leaseChunk&batch=" + batch)
        .body("items", hasSize(4))
        .body("items[0].project", equalTo(project))
        .body("items[0].status", equalTo(200));
    API.get("/audit?operation=completeChunk&batch=" + batch).body("items", hasSize(5));
    // Nobody can repeat a completion any longer.
    table.execute("UPDATE task_offer SET kept_until = '2020-01-01' WHERE batch = " + batch);
    offers.purge();
    assertEquals(0, table.number("SELECT COUNT(*) FROM task_offer WHERE batch = " + batch));
    API.get("/audit?operation=leaseChunk").body("items.findAll { it.status == 204 }", hasSize(0));
  }

  @Test
  void a_lease_that_expires_is_offered_again() throws SQLException {
    registerForWorkers(300);
    long batch = started("id <= 10", 10, "").id();
    Reply first = lease().body("request.attempt", equalTo(1));
    Reply second = lease().body("request.attempt", equalTo(2));
    assertEquals(409, complete(first, "delete").status());
    API.json(Map.of("lease", first.path("lease")))
        .post("/tasks/" + task + "/extend")
        .statusCode(409);
    while (complete(second, "update").status() == 409) {
      second = lease();
    }
    ended(batch).body("status", equalTo("succeeded"));
    assertEquals(10, table.rowsWith(1));
  }

  /** Makes answers with a different treatment for each row. */
  private static final class TaskEndpointAnswers {
    private TaskEndpointAnswers() {}

    static String of(JsonNode call, java.util.function.IntFunction<String> how) {
      var answer = JSON.createObjectNode();
      for (JsonNode row : call.get("rows")) {
        int id = row.get("id").asInt();
        String what = how.apply(id);
        var item = answer.withArray(what.equals("large") ? "update" : what).addObject();
        item.putObject("key").put("id", id);
        switch (what) {
          case "skip" -> item.put("error", "no such place");
          case "update" -> item.putObject("set").put("n", row.get("n").asInt() + 1);
          case "large" -> item.putObject("set").put("n", 3_000_000_000L);
          default -> {}
        }
      }
      return answer.toString();
    }
  }
}
