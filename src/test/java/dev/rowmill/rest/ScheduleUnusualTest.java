package dev.rowmill.rest;

import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rowmill.testing.Batches;
import dev.rowmill.testing.DatabaseResource;
import dev.rowmill.testing.GuardedProfile;
import dev.rowmill.testing.RowmillApi;
import dev.rowmill.testing.RowmillApi.Reply;
import dev.rowmill.testing.WorkTable;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import java.sql.SQLException;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Tests runs that plan to change many more rows than earlier runs of their schedule. */
@QuarkusTest
@TestProfile(GuardedProfile.class)
@QuarkusTestResource(DatabaseResource.class)
class ScheduleUnusualTest {

  private static final RowmillApi API = RowmillApi.local();

  private final String project = Batches.newProject();
  private final String name = "u-" + UUID.randomUUID();
  private final String path = "/schedules/" + name;
  @RegisterExtension final WorkTable table = WorkTable.ofRows(80);
  @RegisterExtension final WorkTable other = WorkTable.ofRows(80);

  @AfterEach
  void delete() {
    API.delete(path);
    API.cancelAll(project);
  }

  private Reply put(String where, String more) {
    return API.json(
            """
            {"project": "%s", "cron": "0 0 1 1 *", "sql": "UPDATE %s SET n = n + 1 WHERE %s" %s}"""
                .formatted(project, table.name(), where.replace("{t}", table.name()), more))
        .put(path);
  }

  private Reply run() {
    return API.post(path + "/run").statusCode(202);
  }

  private void usualRuns(int number) {
    put("id <= 4", "");
    for (int i = 0; i < number; i++) {
      assertEquals("succeeded", API.ended(run().id()).path("status").asText());
    }
  }

  @Test
  void a_run_of_many_more_rows_than_the_last_ones_waits_for_an_approval() throws SQLException {
    usualRuns(3);
    API.get(path + "/runs")
        .body("items[0].plannedRows", equalTo(4))
        .body("items[0].exact", equalTo(true))
        .body("items[0].unusual", nullValue());
    put("id <= 30", ", \"unusualFactor\": 2.5").body("unusualFactor", equalTo(2.5F));
    long id =
        run()
            .body("status", equalTo("waiting"))
            .body("approval.needed", equalTo(true))
            .body("approval.reason", equalTo("unusual-rows"))
            .body("approval.plannedRows", equalTo(30))
            .body("approval.median", equalTo(4))
            .body("approval.factor", equalTo(2.5F))
            .id();
    JsonNode run = API.get(path + "/runs").body().at("/items/0");
    assertEquals(30, run.path("plannedRows").asInt(), run::toString);
    assertEquals(4, run.at("/unusual/median").asInt(), run::toString);
    assertEquals(2.5, run.at("/unusual/factor").asDouble(), run::toString);
    assertEquals(12, table.number("SELECT SUM(n) FROM " + table.name()));
    API.post("/batches/" + id + "/approve").statusCode(202);
    assertEquals("succeeded", API.ended(id).path("status").asText());
    API.get("/batches/" + id).body("approval.reason", equalTo("unusual-rows"));
    assertTrue(
        API.metrics()
            .contains("rowmill_schedule_approvals_awaited_total{reason=\"unusual-rows\"}"));
  }

  @Test
  void a_run_that_nobody_approved_does_not_become_usual() {
    usualRuns(3);
    put("id <= 51", "");
    for (int i = 0; i < 4; i++) {
      run().body("approval.reason", equalTo("unusual-rows")).body("approval.median", equalTo(4));
    }
    // Those that someone approves do.
    API.get("/batches?status=waiting&project=" + project)
        .body()
        .path("items")
        .forEach(
            batch -> {
              API.post("/batches/" + batch.path("id").asLong() + "/approve").statusCode(202);
              API.ended(batch.path("id").asLong());
            });
    run().body("approval.reason", equalTo("many-rows"));
  }

  @Test
  void too_few_runs_are_not_compared_and_few_rows_are_never_unusual() {
    usualRuns(2);
    put("id <= 50", "");
    assertEquals("succeeded", API.ended(run().id()).path("status").asText());
    put("id <= 1", "");
    for (int i = 0; i < 8; i++) {
      API.ended(run().id());
    }
    // Five times ten rows, although the median is 1.
    put("id <= 50", "");
    assertEquals("succeeded", API.ended(run().id()).path("status").asText());
  }

  @Test
  void the_approval_of_the_schedule_is_not_one_of_an_unusual_run() {
    usualRuns(3);
    put("id <= 60", "").body("approval.state", equalTo("none"));
    String content = API.get(path).path("content");
    API.json("{\"content\": \"" + content + "\"}").post(path + "/approve").statusCode(200);
    run()
        .body("status", equalTo("waiting"))
        .body("approval.reason", equalTo("unusual-rows"))
        .body("approval.schedule", nullValue());
    // To compare no more is another change, which the approver has not seen.
    put("id <= 60", ", \"unusualFactor\": 0").body("approval.state", equalTo("changed"));
  }

  @Test
  void a_schedule_without_a_factor_is_neither_compared_nor_counted() {
    usualRuns(3);
    put("id <= 40", ", \"unusualFactor\": 0, \"maxRows\": 45").body("unusualFactor", equalTo(0.0F));
    assertEquals("succeeded", API.ended(run().id()).path("status").asText());
    API.get(path + "/runs")
        .body("items[0].plannedRows", nullValue())
        .body("items[0].exact", nullValue());
    for (String factor : new String[] {"1", "0.5", "2.555", "-1", "1000001", "\"5\""}) {
      put("id <= 4", ", \"unusualFactor\": " + factor)
          .statusCode(400)
          .body("violations[0].field", equalTo("unusualFactor"));
    }
  }

  @Test
  void counting_takes_a_bounded_time() {
    // Each row takes forty million comparisons.
    String slow =
        "(SELECT COUNT(*) FROM {o} a, {o} b, {o} c, {o} d WHERE a.n + b.n + c.n + d.n <> t.n) >= 0";
    API.json(
            """
            {"project": "%s", "cron": "0 0 1 1 *", "sql": "UPDATE %s t SET n = n + 1 WHERE id > 0 AND %s"}"""
                .formatted(project, table.name(), slow.replace("{o}", other.name())))
        .put(path)
        .statusCode(201);
    long id = run().id();
    API.post("/batches/" + id + "/cancel?force=true").statusCode(202);
    // The whole count would take far longer.
    API.get(path + "/runs").body("items[0].exact", equalTo(false));
  }
}
