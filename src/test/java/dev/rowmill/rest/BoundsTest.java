package dev.rowmill.rest;

import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.nullValue;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rowmill.testing.Batches;
import dev.rowmill.testing.DatabaseResource;
import dev.rowmill.testing.RowmillApi;
import dev.rowmill.testing.RowmillApi.Reply;
import dev.rowmill.testing.WorkTable;
import io.agroal.api.AgroalDataSource;
import io.quarkus.agroal.DataSource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.sql.SQLException;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests maxRows, maxDurationMillis and window. */
@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class BoundsTest {

  private static final RowmillApi API = RowmillApi.local();

  private static final int ROWS = 200;

  @Inject
  @DataSource("data")
  AgroalDataSource data;

  private final String project = Batches.newProject();
  @RegisterExtension final WorkTable table = WorkTable.ofRows(ROWS);

  private Reply post(String where, String members) {
    return API.waiting()
        .json("{\"chunk\": {\"rows\": 10}, " + members.replace("{t}", table.name()) + "}")
        .post("/projects/" + project + where);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"sql\": \"UPDATE {t} SET n = 1 WHERE id <= 51\"",
        "\"sql\": \"DELETE FROM {t} WHERE id <= 51\"",
        "\"sql\": \"INSERT INTO {t} (id, n) SELECT id + 1000, 7 FROM {t} AS s WHERE id <= 51\"",
        "\"sql\": \"INSERT INTO {t} (id, n) SELECT id + 1000, 7 FROM {t} AS s WHERE id <= 50"
            + " UNION ALL SELECT 5000, 7\"",
      })
  void exceeding_the_maximum_rows_is_rejected_for_plans_and_starts(String sql) throws SQLException {
    if (sql.contains("INSERT")) {
      table.execute("DROP TABLE IF EXISTS rowmill_work.many_rows_target");
      table.execute("CREATE TABLE rowmill_work.many_rows_target LIKE " + table.name());
      sql = sql.replace("INTO {t}", "INTO rowmill_work.many_rows_target");
    }
    for (String where : new String[] {"/plans", "/batches"}) {
      post(where, sql + ", \"maxRows\": 50")
          .statusCode(422)
          .body("type", equalTo("/problems/too-many-rows"))
          .body("planned", equalTo(51))
          .body("maxRows", equalTo(50))
          .body("exact", equalTo(true));
    }
    assertEquals(ROWS, table.rowsWith(0));
    post("/batches", sql + ", \"maxRows\": 51").statusCode(200).body("maxRows", equalTo(51));
  }

  /** Lets the statement match rows only after they have been counted. */
  @ParameterizedTest
  @CsvSource({"1,true", "1,false", "4,true"})
  void a_batch_ends_before_it_exceeds_its_maximum_rows(int lanes, boolean undo)
      throws SQLException {
    String switchTable = "rowmill_work.switch_" + lanes + undo;
    table.execute("DROP TABLE IF EXISTS " + switchTable);
    table.execute("CREATE TABLE " + switchTable + " (id INT PRIMARY KEY, n INT)");
    LocalTime soon = LocalTime.now(ZoneOffset.UTC).plusSeconds(4);
    Reply started =
        API.json(
                """
                {"sql": "UPDATE %s SET n = 1 WHERE id > 0 AND EXISTS (SELECT 1 FROM %s)",
                 "chunk": {"rows": 10}, "lanes": %d, "undo": %s, "maxRows": 55, "window": %s}"""
                    .formatted(table.name(), switchTable, lanes, undo, window(soon)))
            .post("/projects/" + project + "/batches");
    assertEquals(202, started.status(), started.text());
    table.execute("INSERT INTO " + switchTable + " VALUES (1, 1)");
    String batch =
        API.get("/batches/" + started.path("id") + "?wait=60")
            .body("status", equalTo("failed"))
            .body("error.type", equalTo("/problems/too-many-rows"))
            .body("error.maxRows", equalTo(55))
            .text();
    long changed = table.rowsWith(1);
    assertTrue(changed <= 55 && changed > 0, changed + " in " + batch);
    assertTrue(batch.contains("\"rowsChanged\":" + changed), batch);
    if (undo) {
      API.waiting()
          .header("Content-Type", "application/json")
          .post("/batches/" + started.path("id") + "/undo")
          .statusCode(200)
          .body("status", equalTo("succeeded"));
      assertEquals(ROWS, table.rowsWith(0));
    }
  }

  private static String window(LocalTime from) {
    return "{\"from\": \"%s\", \"to\": \"%s\", \"zone\": \"UTC\"}"
        .formatted(
            from.truncatedTo(ChronoUnit.SECONDS),
            from.plusHours(1).truncatedTo(ChronoUnit.SECONDS));
  }

  @Test
  void a_batch_ends_at_its_maximum_duration() throws SQLException {
    post(
            "/batches",
            "\"sql\": \"UPDATE {t} SET n = 1\", \"maxDurationMillis\": 1500,"
                + " \"limits\": {\"rowsPerSecond\": 50}")
        .statusCode(200)
        .body("status", equalTo("failed"))
        .body("error.type", equalTo("/problems/too-long-running"))
        .body("error.maxDurationMillis", equalTo(1500))
        .body("progress.rowsChanged", greaterThan(0))
        .body("undo.available", equalTo(true));
    assertTrue(table.rowsWith(0) > 0);
  }

  @Test
  void the_time_of_all_runs_counts_without_pauses() throws Exception {
    String body =
        "{\"sql\": \"UPDATE %s SET n = 1\", \"chunk\": {\"rows\": 10}, \"maxDurationMillis\": 5000,"
            + " \"limits\": {\"rowsPerSecond\": 25}}";
    long id = API.json(body.formatted(table.name())).post("/projects/" + project + "/batches").id();
    Awaitility.await().until(() -> table.rowsWith(1) > 20);
    API.post("/batches/" + id + "/pause").statusCode(202);
    Awaitility.await().until(() -> API.get("/batches/" + id).path("status").equals("paused"));
    long ran = table.number("SELECT ran_millis FROM batch WHERE id = " + id);
    assertTrue(ran > 50 && ran < 5000, ran + " ms");
    Thread.sleep(500);
    API.post("/batches/" + id + "/resume").statusCode(202);
    API.get("/batches/" + id + "?wait=60")
        .body("error.type", equalTo("/problems/too-long-running"))
        .body("error.ranMillis", greaterThan(4999));
    assertTrue(table.rowsWith(1) > 40);
  }

  @Test
  void outside_its_window_a_batch_waits_without_resources() throws Exception {
    LocalTime soon = LocalTime.now(ZoneOffset.UTC).plusSeconds(8).truncatedTo(ChronoUnit.SECONDS);
    long id =
        API.json(
                "{\"sql\": \"UPDATE %s SET n = 1\", \"maxDurationMillis\": 5000, \"window\": %s}"
                    .formatted(table.name(), window(soon)))
            .post("/projects/" + project + "/batches")
            .statusCode(202)
            .body("window.zone", equalTo("UTC"))
            .id();
    Awaitility.await()
        .untilAsserted(
            () ->
                API.get("/batches/" + id)
                    .body("status", equalTo("running"))
                    .body("throttle.reason", equalTo("window"))
                    .body("throttle.detail", startsWith("until " + soon)));
    Awaitility.await().untilAsserted(() -> assertEquals(0, data.getMetrics().activeCount()));
    assertEquals(ROWS, table.rowsWith(0));
    API.get("/batches/" + id + "?wait=60")
        .body("status", equalTo("succeeded"))
        .body("throttle", nullValue())
        .body("waits.find { it.reason == 'window' }.millis", greaterThan(0));
    assertEquals(ROWS, table.rowsWith(1));
  }

  @Test
  void a_window_closes_between_two_chunks() throws Exception {
    LocalTime from = LocalTime.now(ZoneOffset.UTC).minusMinutes(1).truncatedTo(ChronoUnit.SECONDS);
    LocalTime to = LocalTime.now(ZoneOffset.UTC).plusSeconds(6).truncatedTo(ChronoUnit.SECONDS);
    long id =
        API.json(
                """
                {"sql": "UPDATE %s SET n = 1", "chunk": {"rows": 10},
                 "limits": {"rowsPerSecond": 20},
                 "window": {"from": "%s", "to": "%s", "zone": "UTC"}}"""
                    .formatted(table.name(), from, to))
            .post("/projects/" + project + "/batches")
            .id();
    Awaitility.await()
        .atMost(Duration.ofMinutes(2))
        .untilAsserted(() -> API.get("/batches/" + id).body("throttle.reason", equalTo("window")));
    long done = table.rowsWith(1);
    assertTrue(done > 0 && done < ROWS, done + " rows");
    Awaitility.await().untilAsserted(() -> assertEquals(0, data.getMetrics().activeCount()));
    API.post("/batches/" + id + "/cancel").statusCode(202);
    API.get("/batches/" + id + "?wait=60").body("status", equalTo("cancelled"));
    assertEquals(done, table.rowsWith(1));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"maxRows\": 0|maxRows",
        "\"maxRows\": 1.5|maxRows",
        "\"maxDurationMillis\": \"1\"|maxDurationMillis",
        "\"window\": \"night\"|window",
        "\"window\": {\"from\": \"25:00\", \"to\": \"01:00\", \"zone\": \"UTC\"}|window.from",
        "\"window\": {\"from\": \"22:00\", \"zone\": \"UTC\"}|window.to",
        "\"window\": {\"from\": \"22:00\", \"to\": \"01:00\", \"zone\": \"Mars\"}|window.zone",
        "\"window\": {\"from\": \"22:00\", \"to\": \"01:00\", \"zone\": \"UTC\", \"days\": [\"may\"]}|window.days",
        "\"window\": {\"from\": \"22:00\", \"to\": \"01:00\", \"zone\": \"UTC\", \"x\": 1}|window.x",
      })
  void bounds_are_read_strictly(String members, String field) {
    post("/batches", "\"sql\": \"UPDATE {t} SET n = 1\", " + members)
        .statusCode(400)
        .body("violations.field", equalTo(java.util.List.of(field)));
  }
}
