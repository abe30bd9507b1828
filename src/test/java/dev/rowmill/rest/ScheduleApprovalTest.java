package dev.rowmill.rest;

import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rowmill.dispatch.BatchControl;
import dev.rowmill.schedule.Schedule;
import dev.rowmill.schedule.Schedules;
import dev.rowmill.task.Refusal;
import dev.rowmill.testing.Batches;
import dev.rowmill.testing.DatabaseResource;
import dev.rowmill.testing.GuardedProfile;
import dev.rowmill.testing.RowmillApi;
import dev.rowmill.testing.RowmillApi.Reply;
import dev.rowmill.testing.Sql;
import dev.rowmill.testing.WorkTable;
import io.agroal.api.AgroalDataSource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests the approval of a schedule, by which its batches need none of their own. */
@QuarkusTest
@TestProfile(GuardedProfile.class)
@QuarkusTestResource(DatabaseResource.class)
class ScheduleApprovalTest {

  private static final RowmillApi API = RowmillApi.local();

  private static final String SQL = "\"sql\": \"UPDATE {t} SET n = n + :by WHERE id <= 60\"";

  /** Holds the members of {@link #SQL} and a time that no test reaches. */
  private static final String LARGE =
      SQL + ", \"cron\": \"0 0 1 1 *\", \"parameters\": {\"by\": 1}";

  private final String project = Batches.newProject();
  private final String name = "a-" + UUID.randomUUID();
  private final String path = "/schedules/" + name;
  @RegisterExtension final WorkTable table = WorkTable.ofRows(80);

  @Inject Schedules schedules;
  @Inject BatchControl control;
  @Inject AgroalDataSource database;

  @AfterEach
  void delete() {
    API.delete(path);
    API.delete("/statements/" + name);
    API.cancelAll(project);
  }

  private Reply put(String members) {
    Reply reply =
        API.json(
                "{\"project\": \"%s\", %s}"
                    .formatted(project, members.replace("{t}", table.name())))
            .put(path);
    assertEquals(2, reply.status() / 100, reply::text);
    return reply;
  }

  private String content() {
    return API.get(path).statusCode(200).path("content");
  }

  private Reply approve(String content) {
    return API.json("{\"content\": \"" + content + "\"}").post(path + "/approve");
  }

  private JsonNode run() {
    return API.post(path + "/run").statusCode(202).body();
  }

  private void execute(String sql) throws SQLException {
    Sql.execute(database, sql);
  }

  @Test
  void batches_of_an_approved_schedule_need_no_approval_of_their_own() throws SQLException {
    put(LARGE)
        .body("approval.asked", equalTo(true))
        .body("approval.state", equalTo("none"))
        .body("approval.approvedAt", nullValue())
        .body("approvalValidFor", equalTo("P90D"));
    JsonNode waiting = run();
    assertEquals("waiting", waiting.path("status").asText());
    Reply approved = approve(content()).statusCode(200).body("approval.state", equalTo("valid"));
    assertEquals(
        Duration.ofDays(90),
        Duration.between(
            Instant.parse(approved.<String>path("approval.approvedAt")),
            Instant.parse(approved.<String>path("approval.expiresAt"))));
    // The one before is not approved by that.
    API.get("/batches/" + waiting.path("id").asLong())
        .body("approval.needed", equalTo(true))
        .body("approval.schedule", nullValue());
    long id = run().path("id").asLong();
    assertEquals("succeeded", API.ended(id).path("status").asText());
    API.get("/batches/" + id)
        .body("approval.needed", equalTo(false))
        .body("approval.plannedRows", equalTo(60))
        .body("approval.schedule", equalTo(name))
        .body("approval.approvedAt", equalTo(approved.<String>path("approval.approvedAt")));
    assertEquals(60, table.rowsWith(1));
  }

  @Test
  void a_firing_of_an_approved_schedule_runs_at_once() throws SQLException {
    put(LARGE);
    approve(content()).statusCode(200);
    // A change of the times leaves the approval valid.
    put(SQL + ", \"every\": \"PT1S\", \"onBusy\": \"queue\", \"parameters\": {\"by\": 1}")
        .body("approval.state", equalTo("valid"));
    JsonNode run =
        Awaitility.await()
            .atMost(Batches.PATIENCE)
            .until(() -> API.get(path + "/runs").body().path("items"), it -> !it.isEmpty())
            .get(0);
    API.post(path + "/pause").statusCode(200);
    assertEquals("succeeded", API.ended(run.path("batch").asLong()).path("status").asText());
    JsonNode line = API.get("/audit?operation=approveSchedule").body().path("items").get(0);
    assertEquals(200, line.path("status").asInt(), line::toString);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      textBlock =
          """
          valid   | "cron": "5 5 1 1 *", "parameters": {"by": 1}
          valid   | "every": "P200D", "onBusy": "queue", "onMissed": "skip", "parameters": {"by": 1}
          valid   | "cron": "0 0 1 1 *", "until": "2999-01-01T00:00:00Z", "enabled": false, "parameters": {"by": 1}
          valid   | "cron": "0 0 1 1 *", "approvalValidFor": "P1D", "parameters": {"by": 1}
          valid   | "cron": "0 0 1 1 *", "reason": "r", "labels": {"a": "b"}, "limits": {"nice": 1}, "parameters": {"by": 1}
          valid   | "cron": "0 0 1 1 *", "chunk": {"rows": 10}, "lanes": 2, "mode": "serial", "parameters": {"by": 1}
          changed | "cron": "0 0 1 1 *", "parameters": {"by": 2}
          changed | "cron": "0 0 1 1 *", "zone": "Asia/Kolkata", "parameters": {"by": 1}
          changed | "cron": "0 0 1 1 *", "maxRows": 70, "parameters": {"by": 1}
          changed | "cron": "0 0 1 1 *", "undo": false, "parameters": {"by": 1}
          changed | "cron": "0 0 1 1 *", "onError": {"mode": "skip"}, "parameters": {"by": 1}
          changed | "cron": "0 0 1 1 *", "check": "SELECT 1", "parameters": {"by": 1}
          """)
  void only_a_change_of_what_the_batches_change_voids_the_approval(String state, String members) {
    put(LARGE);
    String before = content();
    approve(before).statusCode(200);
    put(SQL + ", " + members).body("approval.state", equalTo(state));
    if (state.equals("changed")) {
      assertNotEquals(before, content());
      assertEquals("waiting", run().path("status").asText());
      // It stays void, as the approver did not approve a return to it.
      put(LARGE).body("approval.state", equalTo("changed"));
    } else {
      assertEquals(before, content());
    }
  }

  @Test
  void a_change_of_the_statement_the_table_or_the_project_voids_the_approval() {
    put(LARGE);
    for (String other :
        new String[] {
          LARGE.replace("<= 60", "<= 61"),
          LARGE.replace("SET n = n + :by", "SET n = :by"),
          // The same as before, in another project.
          LARGE.replace("SET n = n + :by", "SET n = :by") + ", \"project\": \"" + project + "-2\""
        }) {
      approve(content()).statusCode(200).body("approval.state", equalTo("valid"));
      Reply changed =
          other.contains("project")
              ? API.json("{" + other.replace("{t}", table.name()) + "}").put(path).statusCode(200)
              : put(other);
      changed.body("approval.state", equalTo("changed"));
    }
  }

  private void save(String sql) {
    int status =
        API.json(
                "{\"sql\": \"%s\", \"parameters\": {\"by\": {\"type\": \"integer\"}}}"
                    .formatted(sql.replace("{t}", table.name())))
            .put("/statements/" + name)
            .status();
    assertEquals(2, status / 100);
  }

  @Test
  void a_change_of_the_saved_statement_voids_the_approval() throws SQLException {
    save("UPDATE {t} SET n = n + :by WHERE id <= 60");
    put(LARGE.replace(SQL, "\"statement\": \"" + name + "\""));
    String before = content();
    // With the whole SHA-256, so that nobody can prepare another statement of the same hash.
    assertTrue(before.matches("[0-9]+-1-[0-9a-f]{64}"), before);
    approve(before).statusCode(200).body("approval.state", equalTo("valid"));
    API.ended(run().path("id").asLong());
    assertEquals(60, table.rowsWith(1));
    save("UPDATE {t} SET n = n - :by WHERE id <= 60");
    API.get(path).body("approval.state", equalTo("changed"));
    API.get("/schedules?limit=500")
        .body("items.find { it.name == '" + name + "' }.approval.state", equalTo("changed"));
    assertEquals("waiting", run().path("status").asText());
    approve(before).statusCode(409).body("type", equalTo("/problems/schedule-changed"));
    API.delete("/statements/" + name).statusCode(204);
    API.get(path).body("approval.state", equalTo("changed"));
  }

  @Test
  void an_approval_names_what_the_approver_has_read() {
    put(LARGE);
    String read = content();
    put(LARGE.replace("<= 60", "<= 80"));
    approve(read).statusCode(409).body("type", equalTo("/problems/schedule-changed"));
    API.json("{}")
        .post(path + "/approve")
        .statusCode(400)
        .body("violations[0].field", equalTo("content"));
    API.get(path).body("approval.state", equalTo("none"));
    // A schedule of the same name is another one.
    API.delete(path).statusCode(204);
    put(LARGE);
    assertNotEquals(read, content());
    API.delete(path).statusCode(204);
    approve(read).statusCode(404);
  }

  @Test
  void a_change_at_the_same_time_is_not_approved() {
    put(LARGE);
    Schedule read = schedules.find(name).orElseThrow();
    put(LARGE + ", \"reason\": \"again\"");
    Refusal refusal =
        assertThrows(
            Refusal.class, () -> schedules.approve(read, read.content(null), Set.of(), "bob"));
    assertEquals("schedule-changed", refusal.type());
  }

  private void storedBy(String what, String whole) throws SQLException {
    execute(
        "UPDATE schedule SET content_by = '%s', updated_by = '%s' WHERE name = '%s'"
            .formatted(what, whole, name));
  }

  private void approve(String by, boolean isAllowed) {
    Schedule read = schedules.find(name).orElseThrow();
    if (isAllowed) {
      schedules.approve(read, read.content(null), read.authors("dave"), by);
    } else {
      Refusal refusal =
          assertThrows(
              Refusal.class,
              () -> schedules.approve(read, read.content(null), read.authors("dave"), by));
      assertEquals("own-approval", refusal.type());
      assertEquals(
          read.authors("dave").stream().sorted().toList(), refusal.members().get("authors"));
    }
  }

  @Test
  void a_schedule_is_not_approved_by_who_stored_it() throws Exception {
    put(LARGE);
    storedBy("alice", "carol");
    approve("alice", false);
    approve("carol", false);
    // Who stored its saved statement.
    approve("dave", false);
    API.get(path).body("approval.state", equalTo("none"));
    approve("bob", true);
    API.get(path)
        .body("approval.state", equalTo("valid"))
        .body("approval.approvedBy", equalTo("bob"))
        .body("contentBy", equalTo("alice"));
    // Its batches are submitted in the name of who stored it, who is not the approver.
    storedBy("alice", "bob");
    API.get(path).body("approval.state", equalTo("own"));
    API.post(path + "/resume").statusCode(200);
    storedBy("alice", "alice");
    put(LARGE.replace("0 0 1 1 *", "1 1 1 1 *"))
        .body("contentBy", equalTo("alice"))
        .body("updatedBy", nullValue());
  }

  private void refusesApproval(long batch, String by) {
    Refusal refusal = assertThrows(Refusal.class, () -> control.approve(batch, by));
    assertEquals("own-approval", refusal.type());
    assertTrue(((List<?>) refusal.members().get("authors")).contains(by), refusal::toString);
    API.get("/batches/" + batch).body("approval.needed", equalTo(true));
  }

  @Test
  void a_batch_of_a_schedule_is_not_approved_by_who_stored_what_it_changes() throws SQLException {
    save("UPDATE {t} SET n = n + :by WHERE id <= 60");
    put(LARGE.replace(SQL, "\"statement\": \"" + name + "\""));
    storedBy("alice", "carol");
    execute("UPDATE saved_statement SET updated_by = 'dave' WHERE name = '" + name + "'");
    // Who requests the run is somebody else.
    long id = run().path("id").asLong();
    List<String> authors = List.of("alice", "carol", "dave");
    API.get("/batches/" + id).body("approval.authors", equalTo(authors));
    API.get(path).body("approval.authors", equalTo(authors));
    for (String author : authors) {
      refusesApproval(id, author);
    }
    assertEquals("bob", control.approve(id, "bob").approval().approvedBy());
    assertEquals("succeeded", API.ended(id).path("status").asText());
  }

  @Test
  void the_approval_of_who_has_stored_the_same_statement_again_does_not_hold() throws SQLException {
    save("UPDATE {t} SET n = n + :by WHERE id <= 60");
    put(LARGE.replace(SQL, "\"statement\": \"" + name + "\""));
    Schedule read = schedules.find(name).orElseThrow();
    schedules.approve(read, content(), read.authors("dave"), "bob");
    API.get(path).body("approval.state", equalTo("valid"));
    execute("UPDATE saved_statement SET updated_by = 'bob' WHERE name = '" + name + "'");
    API.get(path).body("approval.state", equalTo("own"));
    assertEquals("waiting", run().path("status").asText());
  }

  @Test
  void a_retry_of_skipped_rows_is_not_approved_by_who_stored_what_the_first_batch_changed()
      throws SQLException {
    put(LARGE.replace("\"by\": 1", "\"by\": 9999999999") + ", \"onError\": {\"mode\": \"skip\"}");
    storedBy("alice", "carol");
    long id = run().path("id").asLong();
    execute("UPDATE batch SET submitted_by = 'erin' WHERE id = " + id);
    control.approve(id, "bob");
    assertEquals(60, API.ended(id).path("skipped").asInt());
    long retry = API.json("{}").post("/batches/" + id + "/skipped/retry").statusCode(202).id();
    API.get("/batches/" + retry)
        .body("status", equalTo("waiting"))
        .body("approval.authors", equalTo(List.of("alice", "carol", "erin")));
    refusesApproval(retry, "alice");
    // Some row of the source would be undone, and others be changed after that.
    API.json("{}").post("/batches/" + id + "/undo").statusCode(409);
  }

  @Test
  void the_batch_shows_who_approved_it_by_way_of_the_schedule() throws Exception {
    put(LARGE);
    storedBy("alice", "alice");
    approve("bob", true);
    long id = run().path("id").asLong();
    API.ended(id);
    API.get("/batches/" + id)
        .body("approval.approvedBy", equalTo("bob"))
        .body("approval.schedule", equalTo(name));
  }

  @Test
  void an_approval_expires() throws Exception {
    put(LARGE + ", \"approvalValidFor\": \"PT1S\"");
    approve(content()).statusCode(200).body("approval.expiresAt", notNullValue());
    Awaitility.await()
        .atMost(Batches.PATIENCE)
        .until(() -> API.get(path).<String>path("approval.state").equals("expired"));
    assertEquals("waiting", run().path("status").asText());
    approve(content()).statusCode(200).body("approval.state", equalTo("valid"));
    API.json(
            "{\"project\": \"%s\", %s, \"approvalValidFor\": \"forever\"}"
                .formatted(project, LARGE.replace("{t}", table.name())))
        .put(path)
        .statusCode(400)
        .body("violations[0].field", equalTo("approvalValidFor"));
  }
}
