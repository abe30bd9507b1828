package dev.rowmill.undo;

import static dev.rowmill.undo.UndoCalls.DEFAULTS;
import static org.hamcrest.Matchers.blankOrNullString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.greaterThanOrEqualTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.matchesPattern;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.rowmill.testing.DatabaseResource;
import dev.rowmill.testing.GateTask;
import dev.rowmill.testing.RowmillApi;
import dev.rowmill.testing.RowmillApi.Reply;
import dev.rowmill.testing.WorkTable;
import io.agroal.api.AgroalDataSource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.sql.SQLException;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests that impossible undos are rejected with a reason. */
@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class UndoRefusalsTest {

  private static final RowmillApi API = RowmillApi.local();

  @Inject AgroalDataSource database;

  @RegisterExtension final UndoCalls calls = new UndoCalls();

  private final String project = calls.project();

  @AfterEach
  void clean_up() {
    GateTask.open(project);
  }

  @ParameterizedTest
  @ValueSource(strings = {"9223372036854775807", "0", "abc", "99999999999999999999"})
  void a_missing_batch_is_not_found(String id) {
    problem(API.json("{}").post("/batches/" + id + "/undo"), 404, "not-found");
    problem(API.get("/batches/" + id + "/conflicts"), 404, "not-found");
  }

  @Test
  void an_active_batch_is_not_undone() throws SQLException {
    WorkTable table = WorkTable.create(database, 1000);
    long id =
        calls.accepted(
            add(table),
            Map.of("chunk", Map.of("rows", 10), "limits", Map.of("rowsPerSecond", 100)));
    calls.underWay(id, 20);
    notUndoable(id, "active");
    calls.paused(id);
    notUndoable(id, "active");
    assertEquals(false, calls.batch(id).getBoolean("undo.available"));
    calls.resume(id);
    calls.cancelled(id);
    calls.undone(id, DEFAULTS);
    assertEquals(1000, table.rowsWith(0));
  }

  @Test
  void a_waiting_batch_is_not_undone() throws SQLException {
    WorkTable table = WorkTable.create(database, 10);
    gate();
    long waiting = calls.accepted(add(table), Map.of("onBusy", "queue"));
    assertEquals("waiting", calls.batch(waiting).getString("status"));
    notUndoable(waiting, "active");
    GateTask.open(project);
    calls.succeeded(waiting);
  }

  @Test
  void a_batch_is_undone_once() throws SQLException {
    WorkTable table = WorkTable.create(database, 100);
    long id = calls.done(add(table), DEFAULTS);
    calls.undone(id, DEFAULTS);
    notUndoable(id, "undone");
    assertEquals(100, table.rowsWith(0));
  }

  @Test
  void a_batch_that_changed_nothing_has_nothing_to_undo() throws SQLException {
    WorkTable table = WorkTable.create(database, 100);
    long id = calls.done(add(table) + " WHERE n = 7", DEFAULTS);
    assertEquals(false, calls.batch(id).getBoolean("undo.available"));
    notUndoable(id, "nothing-kept");
  }

  @Test
  void a_batch_without_undo_has_nothing_to_undo() throws SQLException {
    WorkTable table = WorkTable.create(database, 100);
    notUndoable(calls.done(add(table), Map.of("undo", false)), "nothing-kept");
  }

  @Test
  void a_task_has_nothing_to_undo() {
    GateTask.open(project);
    long id = gate();
    calls.succeeded(id);
    notUndoable(id, "nothing-kept");
  }

  @Test
  void undo_data_expires() throws SQLException {
    WorkTable table = WorkTable.create(database, 100);
    long id = calls.done(add(table), DEFAULTS);
    table.execute(
        "UPDATE batch SET created_at = created_at - INTERVAL 400 DAY,"
            + " started_at = started_at - INTERVAL 400 DAY,"
            + " finished_at = finished_at - INTERVAL 400 DAY WHERE id = "
            + id);
    assertEquals(false, calls.batch(id).getBoolean("undo.available"));
    problem(UndoCalls.undo(id, DEFAULTS), 410, "undo-expired");
    assertEquals(100, table.rowsWith(1));
  }

  @Test
  void a_busy_project_is_busy_for_an_undo_too() throws SQLException {
    WorkTable table = WorkTable.create(database, 100);
    long id = calls.done(add(table), DEFAULTS);
    long active = gate();
    problem(UndoCalls.undo(id, DEFAULTS), 409, "project-busy")
        .header("Retry-After", matchesPattern("[1-9][0-9]?"))
        .body("batch", equalTo((int) active));
    long undo =
        UndoCalls.undo(id, Map.of("onBusy", "queue"))
            .statusCode(202)
            .body("status", equalTo("waiting"))
            .body("position", equalTo(1))
            .id();
    GateTask.open(project);
    calls.succeeded(undo);
    assertEquals(100, table.rowsWith(0));
  }

  @Test
  void two_queued_undos_restore_the_rows_once() throws SQLException {
    WorkTable table = WorkTable.create(database, 100);
    long id = calls.done(add(table), DEFAULTS);
    gate();
    Map<String, Object> queue = Map.of("onBusy", "queue");
    long first = UndoCalls.undo(id, queue).statusCode(202).id();
    Reply second = UndoCalls.undo(id, queue);
    GateTask.open(project);
    calls.succeeded(first);
    if (second.status() == 202) {
      // It must change nothing, whether it is rejected or finds no rows left.
      calls.ended(second.id());
    } else {
      second.statusCode(409);
    }
    assertEquals(100, table.rowsWith(0));
    assertEquals(first, calls.batch(id).getLong("undoneBy"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"onConflict\": \"ask\"} | onConflict",
        "{\"onConflict\": 5} | onConflict",
        "{\"onConflict\": \"SKIP\"} | onConflict",
        "{\"sql\": \"DELETE FROM t\"} | sql",
        "{\"parameters\": {}} | parameters",
        "{\"chunk\": {\"rows\": 1}} | chunk.rows",
        "{\"lanes\": 0} | lanes",
        "{\"undo\": \"yes\"} | undo",
        "{\"mode\": \"both\"} | mode",
        "{\"reason\": 5} | reason"
      })
  void an_invalid_body_is_reported_by_its_members(String body, String field) throws SQLException {
    WorkTable table = WorkTable.create(database, 10);
    long id = calls.done(add(table), DEFAULTS);
    problem(post(id, body), 400, "invalid-request").body("violations.field", hasItem(field));
    calls.undone(id, DEFAULTS);
  }

  @Test
  void an_undo_needs_no_body() throws SQLException {
    WorkTable table = WorkTable.create(database, 10);
    long id = calls.done(add(table), DEFAULTS);
    long undo = API.post("/batches/" + id + "/undo").statusCode(202).id();
    calls.succeeded(undo);
    assertEquals(10, table.rowsWith(0));
  }

  @Test
  void an_undo_can_be_waited_for() throws SQLException {
    WorkTable table = WorkTable.create(database, 10);
    long id = calls.done(add(table), DEFAULTS);
    API.request()
        .waiting(60)
        .post("/batches/" + id + "/undo")
        .statusCode(200)
        .header("Preference-Applied", "wait=60")
        .body("kind", equalTo("undo"))
        .body("status", equalTo("succeeded"))
        .body("progress.rowsChanged", equalTo(10));
    assertEquals(10, table.rowsWith(0));
  }

  @Test
  void the_same_key_undoes_once() throws SQLException {
    WorkTable table = WorkTable.create(database, 10);
    long id = calls.done(add(table), DEFAULTS);
    String key = "undo " + project;
    long first = keyed(id, key, "{}").statusCode(202).id();
    calls.succeeded(first);
    long second = keyed(id, key, "{}").statusCode(202).id();
    assertEquals(first, second);
    problem(keyed(id, key, "{\"onConflict\": \"overwrite\"}"), 422, "idempotency-mismatch");
    long other = calls.done(add(table), DEFAULTS);
    problem(keyed(other, key, "{}"), 422, "idempotency-mismatch");
    assertEquals(10, table.rowsWith(1));
  }

  @Test
  void refusals_come_in_the_callers_language() throws SQLException {
    WorkTable table = WorkTable.create(database, 10);
    long id = calls.done(add(table), Map.of("undo", false));
    API.header("Accept-Language", "zh")
        .post("/batches/" + id + "/undo")
        .statusCode(409)
        .header("Content-Language", "zh")
        .body("type", equalTo("/problems/not-undoable"))
        .body("reason", equalTo("nothing-kept"))
        .body("title", matchesPattern(".*\\p{IsHan}.*"))
        .body("detail", matchesPattern(".*\\p{IsHan}.*"));
    API.header("Accept-Language", "zh")
        .json(gateBody(true))
        .post("/projects/" + project + "/batches")
        .statusCode(422)
        .body("type", equalTo("/problems/undo-impossible"))
        .body("title", matchesPattern(".*\\p{IsHan}.*"))
        .body("reasons[0]", matchesPattern(".*\\p{IsHan}.*"));
  }

  @Test
  void a_java_task_is_rejected_when_undo_is_requested() {
    impossible(API.json(gateBody(true)).post("/projects/" + project + "/batches"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"CASCADE", "SET NULL"})
  void a_delete_that_cascades_is_rejected_when_undo_is_requested(String action)
      throws SQLException {
    WorkTable parent = WorkTable.create(database, 100);
    child(parent, "child", "ON DELETE " + action);
    String sql = "DELETE FROM " + parent.name() + " WHERE id <= 50";
    impossible(calls.start(sql, Map.of("undo", true)));
    assertEquals(100, parent.rowsWith(0));
    long id = calls.done(sql, DEFAULTS);
    assertEquals(50, parent.rowsWith(0));
    assertEquals(false, calls.batch(id).getBoolean("undo.available"));
    notUndoable(id, "nothing-kept");
  }

  @ParameterizedTest
  @ValueSource(strings = {"CASCADE", "SET NULL"})
  void an_insert_whose_undo_would_delete_rows_of_others_is_rejected(String action)
      throws SQLException {
    WorkTable source = WorkTable.create(database, 10);
    WorkTable parent = WorkTable.create(database, 0);
    child(parent, "child", "ON DELETE " + action);
    String sql = "INSERT INTO " + parent.name() + " (id, n) SELECT id, n FROM " + source.name();
    impossible(calls.start(sql, Map.of("undo", true)));
    long id = calls.done(sql, DEFAULTS);
    notUndoable(id, "nothing-kept");
  }

  @Test
  void an_update_that_cascades_is_undone_with_the_other_rows() throws SQLException {
    WorkTable parent = WorkTable.create(database, 10);
    String child = byCode(parent, "INT NOT NULL DEFAULT 0", "CASCADE");
    parent.execute("INSERT INTO " + child + " VALUES (1, 3), (2, 4)");
    long id =
        calls.done("UPDATE " + parent.name() + " SET code = code + 1000", Map.of("undo", true));
    assertEquals(2, parent.number("SELECT COUNT(*) FROM " + child + " WHERE parent > 1000"));
    calls.undone(id, DEFAULTS);
    assertEquals(7, parent.number("SELECT SUM(parent) FROM " + child));
  }

  @ParameterizedTest
  @ValueSource(strings = {"SET NULL", "CASCADE"})
  void an_update_that_may_set_columns_of_others_to_null_is_rejected(String rule)
      throws SQLException {
    WorkTable parent = WorkTable.create(database, 10);
    byCode(parent, "INT", rule);
    String update = "UPDATE " + parent.name() + " SET ";
    impossible(calls.start(update + "code = code + 1000", Map.of("undo", true)));
    calls.undone(calls.done(update + "n = n + 1", Map.of("undo", true)), DEFAULTS);
    assertEquals(10, parent.rowsWith(0));
  }

  /**
   * Makes a table that refers to a new column, code, of another.
   *
   * @param rule for an UPDATE
   */
  private static String byCode(WorkTable parent, String type, String rule) throws SQLException {
    parent.execute("ALTER TABLE " + parent.name() + " ADD COLUMN code " + type);
    parent.execute("UPDATE " + parent.name() + " SET code = id");
    parent.execute("ALTER TABLE " + parent.name() + " ADD UNIQUE KEY (code)");
    String child = parent.name() + "_by_code";
    parent.execute("DROP TABLE IF EXISTS " + child);
    parent.execute(
        "CREATE TABLE %s (id INT PRIMARY KEY, parent INT, FOREIGN KEY (parent) REFERENCES %s (code) ON UPDATE %s)"
            .formatted(child, parent.name(), rule));
    return child;
  }

  @Test
  void a_delete_is_not_rejected_for_a_foreign_key_without_a_cascade() throws SQLException {
    WorkTable parent = WorkTable.create(database, 100);
    child(parent, "strict_child", "");
    parent.execute("DELETE FROM " + parent.name() + "_strict_child WHERE parent <= 50");
    long id = calls.done("DELETE FROM " + parent.name() + " WHERE id <= 50", Map.of("undo", true));
    calls.undone(id, DEFAULTS);
    assertEquals(100, parent.rowsWith(0));
  }

  @Test
  void an_insert_with_an_unknown_key_is_rejected_when_undo_is_requested() throws SQLException {
    WorkTable source = WorkTable.create(database, 100);
    String target = source.name() + "_keyed_by_chance";
    source.execute(
        "CREATE TABLE " + target + " (id CHAR(36) NOT NULL PRIMARY KEY DEFAULT (UUID()), n INT)");
    String sql = "INSERT INTO " + target + " (n) SELECT n FROM " + source.name();
    impossible(calls.start(sql, Map.of("undo", true)));
    assertEquals(0, source.number("SELECT COUNT(*) FROM " + target));
    long id = calls.done(sql, DEFAULTS);
    assertEquals(100, source.number("SELECT COUNT(*) FROM " + target));
    notUndoable(id, "nothing-kept");
  }

  @Test
  void a_batch_other_than_an_undo_has_no_conflicts() throws SQLException {
    WorkTable table = WorkTable.create(database, 10);
    long id = calls.done(add(table), DEFAULTS);
    Reply reply = API.get("/batches/" + id + "/conflicts");
    assertEquals(200, reply.status());
    reply.body("items.size()", equalTo(0)).body("next", nullValue());
  }

  private static String add(WorkTable table) {
    return "UPDATE " + table.name() + " SET n = n + 1";
  }

  private static void child(WorkTable parent, String name, String action) throws SQLException {
    String child = parent.name() + "_" + name;
    parent.execute("DROP TABLE IF EXISTS " + child);
    parent.execute(
        "CREATE TABLE "
            + child
            + " (id BIGINT PRIMARY KEY, parent BIGINT NULL, FOREIGN KEY (parent) REFERENCES "
            + parent.name()
            + " (id) "
            + action
            + ")");
    parent.execute("INSERT INTO " + child + " SELECT id, id FROM " + parent.name());
  }

  /** Starts a task that ends when the project's gate is opened. */
  private long gate() {
    return API.json(gateBody(false)).post("/projects/" + project + "/batches").statusCode(202).id();
  }

  private String gateBody(boolean undo) {
    return "{\"task\":\"gate\",\"parameters\":{\"gate\":\""
        + project
        + "\"}"
        + (undo ? ",\"undo\":true" : "")
        + "}";
  }

  private static Reply post(long id, String body) {
    return API.json(body).post("/batches/" + id + "/undo");
  }

  private static Reply keyed(long id, String key, String body) {
    return API.header("Idempotency-Key", key).json(body).post("/batches/" + id + "/undo");
  }

  private static void notUndoable(long id, String reason) {
    problem(UndoCalls.undo(id, DEFAULTS), 409, "not-undoable").body("reason", equalTo(reason));
  }

  private static void impossible(Reply reply) {
    problem(reply, 422, "undo-impossible")
        .body("reasons.size()", greaterThanOrEqualTo(1))
        .body("reasons[0]", not(blankOrNullString()));
  }

  private static Reply problem(Reply reply, int status, String type) {
    return reply
        .statusCode(status)
        .contentType("application/problem+json")
        .body("type", equalTo("/problems/" + type))
        .body("title", not(blankOrNullString()))
        .body("status", equalTo(status))
        .body("detail", not(blankOrNullString()));
  }
}
