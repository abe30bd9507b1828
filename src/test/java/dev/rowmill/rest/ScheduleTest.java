package dev.rowmill.rest;

import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rowmill.testing.Batches;
import dev.rowmill.testing.DatabaseResource;
import dev.rowmill.testing.GuardedProfile;
import dev.rowmill.testing.RowmillApi;
import dev.rowmill.testing.RowmillApi.Reply;
import dev.rowmill.testing.Secrets;
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
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.FutureTask;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@QuarkusTest
@TestProfile(GuardedProfile.class)
@QuarkusTestResource(DatabaseResource.class)
class ScheduleTest {

  private static final RowmillApi API = RowmillApi.local();
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  /** Names a time that no test reaches. */
  private static final String RARELY = "\"cron\": \"0 0 1 1 *\"";

  private final String project = Batches.newProject();
  private final String name = "s-" + UUID.randomUUID();
  @RegisterExtension final WorkTable table = WorkTable.ofRows(80);

  @Inject AgroalDataSource database;

  @AfterEach
  void delete() {
    API.delete("/schedules/" + name);
    API.cancelAll(project);
  }

  private Reply put(String members) {
    return API.json(
            "{\"project\": \"%s\", %s}".formatted(project, members.replace("{t}", table.name())))
        .put("/schedules/" + name);
  }

  private Reply counting(String members) {
    return put("\"sql\": \"UPDATE {t} SET n = n + 1 WHERE id <= 10\", " + members);
  }

  private static Reply get(String path) {
    return API.get("/schedules/" + path).statusCode(200);
  }

  private JsonNode runs() {
    return get(name + "/runs").body().path("items");
  }

  private JsonNode runs(int atLeast) {
    return Awaitility.await("runs of " + name)
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(50))
        .until(this::runs, found -> found.size() >= atLeast);
  }

  @Test
  void a_schedule_is_stored_listed_replaced_and_deleted() {
    counting(RARELY + ", \"zone\": \"Asia/Kolkata\", \"chunk\": {\"rows\": 10}")
        .statusCode(201)
        .header("Location", "/api/v1/schedules/" + name)
        .body("project", equalTo(project))
        .body("cron", equalTo("0 0 1 1 *"))
        .body("every", nullValue())
        .body("onBusy", equalTo("skip"))
        .body("onMissed", equalTo("once"))
        .body("enabled", equalTo(true))
        .body("start.chunk.rows", equalTo(10))
        .body("version", equalTo(1));
    Instant next = Instant.parse(get(name).path("next"));
    int year = LocalDate.now(ZoneId.of("Asia/Kolkata")).getYear() + 1;
    assertEquals(
        LocalDate.of(year, 1, 1).atStartOfDay(ZoneId.of("Asia/Kolkata")).toInstant(), next);
    counting(
            "\"every\": \"PT2H\", \"onBusy\": \"queue\", \"onMissed\": \"skip\","
                + " \"until\": \"2999-01-01T00:00:00Z\", \"enabled\": false")
        .statusCode(200)
        .body("version", equalTo(2))
        .body("every", equalTo("PT2H"))
        .body("enabled", equalTo(false))
        .body("next", nullValue())
        .body("until", equalTo("2999-01-01T00:00:00Z"));
    API.get("/schedules?limit=500").body("items.name", hasItem(name));
    API.get("/schedules?limit=1&after=a").statusCode(200).body("items", hasSize(1));
    get(name + "/next?count=3").body("items", hasSize(3));
    API.delete("/schedules/" + name).statusCode(204);
    API.delete("/schedules/" + name).statusCode(404);
    API.get("/schedules/" + name).statusCode(404);
    API.get("/schedules?limit=500").body("items.name", not(hasItem(name)));
    for (String path : List.of("next", "runs")) {
      API.get("/schedules/" + name + "/" + path).statusCode(404);
    }
    for (String path : List.of("pause", "resume", "run")) {
      API.post("/schedules/" + name + "/" + path).statusCode(404);
    }
  }

  @Test
  void a_preview_names_a_time_that_does_not_exist() {
    API.json("{\"cron\": \"0 0 1 1 *\", \"until\": \"2027-02-30T00:00:00Z\"}")
        .post("/schedules/" + name + "/preview")
        .statusCode(200)
        .body("violations.field", hasItem("until"));
  }

  @ParameterizedTest
  @CsvSource({"/schedules/a b", "/retention/a b", "/schedules/a%2Fb"})
  void a_name_that_a_schedule_cannot_have_is_rejected_as_the_name(String path) {
    API.json("{}")
        .put(path.replace(" ", "%20"))
        .statusCode(400)
        .body("violations[0].field", equalTo("name"));
    API.get(path.replace(" ", "%20")).statusCode(400).body("violations[0].field", equalTo("name"));
    API.get("/schedules?after=a%20b").statusCode(400).body("violations[0].field", equalTo("after"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "next?count=-1 | must be from 1 to 500",
        "next?count=99999999999999999999 | must be from 1 to 500",
        "runs?limit=-1 | must be from 1 to 500",
        "runs?before=x | must be an integer"
      })
  void a_number_out_of_range_is_rejected_by_its_range(String query, String message) {
    counting("\"every\": \"PT1H\"");
    API.get("/schedules/" + name + "/" + query)
        .statusCode(400)
        .body("violations[0].message", equalTo(message));
  }

  @Test
  void of_several_who_store_a_schedule_at_once_one_has_created_it() throws Exception {
    var barrier = new CyclicBarrier(6);
    List<FutureTask<Integer>> puts = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      puts.add(
          new FutureTask<>(
              () -> {
                barrier.await();
                return counting("\"every\": \"PT1H\"").status();
              }));
      new Thread(puts.get(i)).start();
    }
    List<Integer> statuses = new ArrayList<>();
    for (FutureTask<Integer> put : puts) {
      statuses.add(put.get());
    }
    assertEquals(1, Collections.frequency(statuses, 201), statuses::toString);
    assertEquals(5, Collections.frequency(statuses, 200), statuses::toString);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      textBlock =
          """
          "cron": "0 0 31 2 *"                | cron    | names no time in the future; change the cron, or choose a later until
          "cron": "0 0 1 1 *", "until": "2020-01-01T00:00:00Z" | cron | names no time in the future; change the cron, or choose a later until
          "cron": "* * * *"                   | cron    | must have five fields (minute hour day-of-month month day-of-week) such as 30 2 * * mon-fri: it has 4 fields
          "cron": "0 99 * * *"                | cron    |
          "cron": "0 0 * * *", "zone": "Europe/Berlyn" | zone | must be a time zone such as Europe/Berlin
          "cron": "0 0 * * *", "every": "PT1H" | every  | give exactly one of cron and every
          "enabled": true                     | cron    | give exactly one of cron and every
          "every": "PT0.5S"                   | every   | must be an ISO 8601 duration in whole seconds from PT1S to P366D, such as PT15M or P1D
          "every": "-PT1H"                    | every   |
          "every": "daily"                    | every   |
          "every": "PT1H", "until": "tomorrow" | until  |
          "cron": "0 0 1 1 *", "until": "tomorrow" | until | must be a date and time with an offset, such as 2027-01-31T02:00:00+01:00
          "cron": "0 0 1 1 *", "until": "2027-02-30T00:00:00Z" | until | must be a date and time with an offset, such as 2027-01-31T02:00:00+01:00
          "every": "PT1H", "onBusy": "reject" | onBusy  | must be one of: skip, queue
          "every": "PT1H", "onMissed": "all"  | onMissed | must be one of: once, skip
          "every": "PT1H", "startAt": "2999-01-01T00:00:00Z" | startAt | can't be combined with a schedule, which starts its batches itself; remove it
          "every": "PT1H", "after": [{"batch": 1}] | after | can't be combined with a schedule, which starts its batches itself; remove it
          "every": "PT1H", "plan": "x"        | plan    | is unknown here; remove it
          "every": "PT1H", "evry": 1          | evry    | is unknown here; remove it
          "every": "PT1H", "lanes": 99        | lanes   |
          "every": "PT1H", "task": "x"        | task    | give exactly one of sql, task, statement, archive and upload
          "every": "PT1H", "parameters": {"a": {"now": "yesterday"}} | parameters.a.now | must be an ISO 8601 duration such as -P90D or PT12H, within the years 1 to 9998
          "every": "PT1H", "parameters": {"a": {"now": 1}} | parameters.a.now |
          "every": "PT1H", "parameters": {"a": {"now": "-P9999Y"}} | parameters.a.now |
          "every": "PT1H", "parameters": {"a": {"now": "-P"}} | parameters.a.now |
          "every": "PT1H", "parameters": {"a": {"now": "-P1D", "precision": "week"}} | parameters.a.precision | must be one of: second, minute, hour, day, month, year
          "every": "PT1H", "parameters": {"a": {"now": "-P1D", "prec": "day"}} | parameters.a.prec | is unknown here; remove it
          """)
  void an_invalid_schedule_is_rejected_and_says_what_to_change(
      String members, String field, String message) {
    Reply reply = counting(members).statusCode(400).body("violations[0].field", equalTo(field));
    if (message != null) {
      reply.body("violations[0].message", equalTo(message));
    }
    API.get("/schedules/" + name).statusCode(404);
  }

  @Test
  void the_start_is_checked_when_the_schedule_is_stored() {
    put("\"sql\": \"UPDATE rowmill_work.none SET n = 1 WHERE id = 1\", " + RARELY)
        .statusCode(422)
        .body("type", equalTo("/problems/unknown-table"));
    put("\"sql\": \"UPDATE {t} SET n = 1\", " + RARELY)
        .statusCode(422)
        .body("type", equalTo("/problems/whole-table"));
    put("\"sql\": \"UPDATE {t} SET n = :n WHERE id = 1\", " + RARELY)
        .statusCode(422)
        .body("type", equalTo("/problems/parameter-mismatch"));
    put("\"task\": \"none\", " + RARELY)
        .statusCode(422)
        .body("type", equalTo("/problems/unknown-task"));
    put("\"statement\": \"none\", " + RARELY)
        .statusCode(422)
        .body("type", equalTo("/problems/unknown-statement"));
    String byFile =
        "\"upload\": \"u_1\", \"table\": \"{t}\", \"match\": [\"id\"], \"do\": \"delete\", ";
    put(byFile + RARELY)
        .statusCode(400)
        .body("violations", hasSize(1))
        .body("violations[0].field", equalTo("upload"))
        .body("violations[0].message", containsString("startAt"));
    put("\"task\": \"upload\", \"parameters\": {" + byFile.replaceAll(", $", "}, ") + RARELY)
        .statusCode(400)
        .body("violations[0].field", equalTo("task"));
    API.json("{" + RARELY + ", \"sql\": \"x\"}")
        .put("/schedules/" + name)
        .statusCode(400)
        .body("violations[0].field", equalTo("project"));
  }

  private Reply preview(String members) {
    return API.json(
            "{\"project\": \"%s\", %s}".formatted(project, members.replace("{t}", table.name())))
        .post("/schedules/" + name + "/preview")
        .statusCode(200);
  }

  @Test
  void a_preview_shows_firings_and_values_and_stores_nothing() {
    String at = "\"cron\": \"30 2 * * *\", \"zone\": \"Asia/Kolkata\"";
    String sql = "\"sql\": \"UPDATE {t} SET n = 1 WHERE id < :a OR '2000-01-01' > :d\"";
    Reply reply =
        preview(
                at
                    + ", "
                    + sql
                    + ", \"parameters\": {\"a\": 1, \"d\": {\"now\": \"-P90D\", \"precision\": \"day\"}}")
            .body("exists", equalTo(false))
            .body("next", hasSize(5))
            .body("violations", hasSize(0))
            .body("problem", nullValue());
    Instant first = Instant.parse(reply.path("next[0]"));
    LocalDate day = first.atZone(ZoneId.of("Asia/Kolkata")).toLocalDate();
    assertEquals(day.minusDays(90).toString(), reply.path("relative.d.date"));
    API.get("/schedules/" + name).statusCode(404);
    assertEquals(
        0, API.get("/audit?operation=previewSchedule").body().path("items").size(), "audit lines");
  }

  @Test
  void a_preview_of_an_incomplete_schedule_shows_what_is_known() {
    preview("\"cron\": \"30 2 * * *\"")
        .body("next", hasSize(5))
        .body("violations.field", hasItem("sql"));
    preview("\"cron\": \"30 2 * *\", \"sql\": \"UPDATE {t} SET n = 1 WHERE id = 1\"")
        .body("next", hasSize(0))
        .body("violations.field", equalTo(List.of("cron")));
    preview("\"every\": \"PT1H\", \"sql\": \"UPDATE {t} SET n = 1\"")
        .body("next", hasSize(5))
        .body("violations", hasSize(0))
        .body("problem.type", equalTo("/problems/whole-table"));
    preview("\"every\": \"PT1H\", \"task\": \"none\"")
        .body("problem.type", equalTo("/problems/unknown-task"));
    API.json("{\"project\": \"a/b\", \"every\": \"PT1H\"}")
        .post("/schedules/" + name + "/preview")
        .statusCode(200)
        .body("violations.field", hasItem("project"));
  }

  @Test
  void a_preview_of_a_stored_schedule_counts_from_the_same_moment() {
    counting("\"every\": \"PT3H\", \"enabled\": false").statusCode(201);
    List<String> stored = get(name + "/next").path("items");
    preview("\"every\": \"PT3H\", \"sql\": \"UPDATE {t} SET n = 2 WHERE id = 1\"")
        .body("exists", equalTo(true))
        .body("next", equalTo(stored));
    get(name).body("version", equalTo(1));
  }

  @Test
  void it_fires_at_each_of_its_times_once() throws SQLException {
    counting("\"every\": \"PT1S\", \"onBusy\": \"queue\", \"reason\": \"beat\"").statusCode(201);
    JsonNode runs = runs(4);
    API.post("/schedules/" + name + "/pause").statusCode(200).body("enabled", equalTo(false));
    Set<Long> batches = new HashSet<>();
    for (JsonNode run : runs()) {
      assertEquals("started", run.path("outcome").asText(), run::toString);
      assertFalse(run.path("manual").asBoolean());
      Instant fireAt = Instant.parse(run.path("fireAt").asText());
      Duration late = Duration.between(fireAt, Instant.parse(run.path("firedAt").asText()));
      assertFalse(late.isNegative(), run::toString);
      assertTrue(batches.add(run.path("batch").asLong()), runs::toString);
      API.get("/batches/" + run.path("batch").asLong())
          .body("schedule", equalTo(name))
          .body("reason", equalTo("beat"));
    }
    batches.forEach(API::ended);
    assertEquals(batches.size() * 10L, table.number("SELECT SUM(n) FROM " + table.name()));
    JsonNode audit =
        API.get("/audit?operation=fireSchedule&project=" + project).body().path("items");
    assertEquals(batches.size(), audit.size());
    assertEquals(name, audit.get(0).at("/detail/schedule").asText(), audit::toString);
    assertEquals("rowmill", audit.get(0).path("actor").asText());
    assertTrue(API.metrics().contains("rowmill_schedule_firings_total{outcome=\"started\"}"));
  }

  @Test
  void runs_are_listed_in_pages() {
    counting(RARELY).statusCode(201);
    for (int i = 0; i < 3; i++) {
      API.ended(API.post("/schedules/" + name + "/run").statusCode(202).id());
    }
    Reply first = get(name + "/runs?limit=2").body("items", hasSize(2));
    Reply second =
        API.get(first.<String>path("next")).body("items", hasSize(1)).body("next", nullValue());
    assertTrue(
        first.<String>path("items[1].fireAt").compareTo(second.<String>path("items[0].fireAt"))
            > 0);
  }

  @Test
  void a_run_starts_a_batch_at_once_even_while_paused() throws SQLException {
    counting(RARELY + ", \"enabled\": false").statusCode(201);
    long id =
        API.post("/schedules/" + name + "/run")
            .statusCode(202)
            .body("schedule", equalTo(name))
            .id();
    API.ended(id);
    assertEquals(10, table.rowsWith(1));
    get(name + "/runs")
        .body("items", hasSize(1))
        .body("items[0].manual", equalTo(true))
        .body("items[0].batch", equalTo((int) id));
    JsonNode audit =
        API.get("/audit?operation=runSchedule&project=" + project).body().path("items");
    assertEquals(id, audit.get(0).path("batch").asLong(), audit::toString);
  }

  private long blocker() {
    return API.json(
            ("{\"sql\": \"UPDATE %s SET n = n + 1 WHERE id > 40\", \"chunk\": {\"rows\": 10},"
                    + " \"limits\": {\"rowsPerSecond\": 1}}")
                .formatted(table.name()))
        .post("/projects/" + project + "/batches")
        .statusCode(202)
        .id();
  }

  @Test
  void a_firing_is_skipped_while_the_project_is_busy() {
    long blocker = blocker();
    counting("\"every\": \"PT1S\"").statusCode(201);
    runs(1);
    API.post("/schedules/" + name + "/pause").statusCode(200);
    get(name + "/runs")
        .body("items[0].outcome", equalTo("skipped-busy"))
        .body("items[0].batch", nullValue())
        .body("items[0].problem.type", equalTo("/problems/project-busy"))
        .body("items[0].problem.batch", equalTo((int) blocker));
    API.post("/schedules/" + name + "/run")
        .statusCode(409)
        .body("type", equalTo("/problems/project-busy"));
    API.post("/batches/" + blocker + "/cancel").statusCode(202);
  }

  @Test
  void a_firing_whose_start_is_rejected_is_listed_with_the_problem() throws SQLException {
    counting("\"every\": \"PT2S\", \"enabled\": false").statusCode(201);
    Sql.execute(database, "RENAME TABLE " + table.name() + " TO " + table.name() + "_away");
    API.post("/schedules/" + name + "/resume").statusCode(200);
    runs(1);
    API.post("/schedules/" + name + "/pause").statusCode(200);
    get(name + "/runs")
        .body("items[0].outcome", equalTo("failed"))
        .body("items[0].problem.type", equalTo("/problems/unknown-table"));
    Sql.execute(database, "RENAME TABLE " + table.name() + "_away TO " + table.name());
  }

  @Test
  void parameters_are_relative_to_the_firing() throws SQLException {
    Sql.execute(
        database,
        "ALTER TABLE " + table.name() + " ADD COLUMN d DATE, ADD COLUMN at TIMESTAMP(6) NULL");
    put("\"sql\": \"UPDATE {t} SET d = :d, at = :at WHERE id = 1\", \"zone\": \"Asia/Kolkata\","
            + RARELY
            + ", \"parameters\": {\"d\": {\"now\": \"-P90D\", \"precision\": \"day\"},"
            + " \"at\": {\"now\": \"-PT36H\", \"precision\": \"hour\"}}")
        .statusCode(201)
        .body("start.parameters.d.now", equalTo("-P90D"));
    Reply run = API.post("/schedules/" + name + "/run").statusCode(202);
    JsonNode ended = API.ended(run.id());
    assertEquals("succeeded", ended.path("status").asText(), ended::toString);
    Instant fireAt = Instant.parse(get(name + "/runs").path("items[0].fireAt"));
    assertEquals(
        fireAt.atZone(ZoneId.of("Asia/Kolkata")).toLocalDate().minusDays(90).toString(),
        ended.at("/parameters/d/date").asText());
    assertEquals(
        1,
        table.number(
            "SELECT COUNT(*) FROM "
                + table.name()
                + " WHERE id = 1 AND d = '"
                + ended.at("/parameters/d/date").asText()
                + "' AND UNIX_TIMESTAMP(at) = "
                // Half an hour is part of the zone's offset.
                + (Math.floorDiv(fireAt.getEpochSecond() + 1800, 3600) * 3600 - 1800 - 36 * 3600)));
  }

  @Test
  void a_saved_statement_gets_values_of_its_types_and_secrets_are_not_shown() throws SQLException {
    String saved = name + "-saved";
    API.json(
            """
            {"sql": "UPDATE %s SET n = n + 1 WHERE id = 1 AND '2999-01-01' > :day AND '2999-01-01' > :moment AND :key <> ''",
             "parameters": {"day": {"type": "date"}, "moment": {"type": "datetime"},
                            "key": {"type": "text", "secret": true}}}"""
                .formatted(table.name()))
        .put("/statements/" + saved)
        .statusCode(201);
    put("\"statement\": \""
            + saved
            + "\", "
            + RARELY
            + ", \"parameters\": {\"day\": {\"now\": \"P0D\"}, \"moment\": {\"now\": \"-P1M\","
            + " \"precision\": \"day\"}, \"key\": \""
            + Secrets.MARK
            + "\"}")
        .statusCode(201)
        .body("start.parameters.key", equalTo("******"));
    JsonNode ended = API.ended(API.post("/schedules/" + name + "/run").statusCode(202).id());
    assertEquals("succeeded", ended.path("status").asText(), ended::toString);
    assertEquals(1, table.rowsWith(1));
    API.delete("/statements/" + saved).statusCode(204);
    // The rules of the present hold at each firing.
    API.post("/schedules/" + name + "/run")
        .statusCode(422)
        .body("type", equalTo("/problems/unknown-statement"));
  }

  @Test
  void a_large_run_waits_for_its_approval() {
    put("\"sql\": \"UPDATE {t} SET n = n + 1 WHERE id <= 60\", " + RARELY).statusCode(201);
    long id =
        API.post("/schedules/" + name + "/run")
            .statusCode(202)
            .body("status", equalTo("waiting"))
            .body("approval.needed", equalTo(true))
            .id();
    API.post("/batches/" + id + "/approve").statusCode(202);
    assertEquals("succeeded", API.ended(id).path("status").asText());
  }

  @Test
  void it_ends_with_its_last_firing() {
    counting("\"every\": \"PT5S\", \"until\": \"" + Instant.now().plusSeconds(8) + "\"")
        .statusCode(201);
    runs(1);
    Awaitility.await().atMost(PATIENCE).until(() -> get(name).body().path("next").isNull());
    assertEquals(1, runs().size());
  }

  @Test
  void schedules_are_found_by_their_labels() {
    String own = "\"own\": \"" + project + "\"";
    counting(RARELY + ", \"labels\": {\"ticket\": \"OPS 7:&é\", " + own + "}")
        .statusCode(201)
        .body("labels.own", equalTo(project));
    String second = name + "-2";
    API.json(
            "{\"project\": \"%s\", \"sql\": \"UPDATE %s SET n = 1 WHERE id = 1\", %s, \"labels\": {%s}}"
                .formatted(project, table.name(), RARELY, own))
        .put("/schedules/" + second)
        .statusCode(201);
    try {
      String byOwn = "/schedules?label=own:" + project;
      API.get(byOwn).body("items.name", equalTo(List.of(name, second)));
      Reply page = API.get(byOwn + "&limit=1").body("items.name", equalTo(List.of(name)));
      API.get(page.<String>path("next"))
          .body("items.name", equalTo(List.of(second)))
          .body("next", nullValue());
      API.get(byOwn + "&label=ticket:OPS%207:%26%C3%A9").body("items.name", equalTo(List.of(name)));
      API.get(byOwn + "&label=ticket:none").body("items", hasSize(0));
      API.get("/schedules?label=none")
          .statusCode(400)
          .body("violations[0].field", equalTo("label"));
      counting(RARELY).statusCode(200);
      API.get(byOwn).body("items.name", equalTo(List.of(second)));
    } finally {
      API.delete("/schedules/" + second).statusCode(204);
    }
    API.get("/schedules?label=own:" + project).body("items", hasSize(0));
  }

  @Test
  void members_of_a_start_are_those_of_its_batches() {
    counting(
            RARELY
                + ", \"onBusy\": \"queue\", \"queueAfter\": \"succeeded\","
                + " \"labels\": {\"ticket\": \"OPS-7\"}, \"onError\": {\"mode\": \"skip\"},"
                + " \"maxRows\": 50, \"mode\": \"serial\"")
        .statusCode(201);
    long id =
        API.post("/schedules/" + name + "/run")
            .statusCode(202)
            .body("labels.ticket", equalTo("OPS-7"))
            .body("onError.mode", equalTo("skip"))
            .body("maxRows", equalTo(50))
            .body("mode", equalTo("serial"))
            .id();
    API.ended(id);
    API.get("/batches?label=ticket:OPS-7&project=" + project).body("items", hasSize(1));
  }
}
