package dev.rowmill.rest;

import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasItems;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.matchesPattern;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.rowmill.testing.AllTypesTable;
import dev.rowmill.testing.AllTypesTable.Key;
import dev.rowmill.testing.Batches;
import dev.rowmill.testing.DatabaseResource;
import dev.rowmill.testing.GateTask;
import dev.rowmill.testing.RowmillApi;
import dev.rowmill.testing.RowmillApi.Reply;
import dev.rowmill.testing.WorkTable;
import io.agroal.api.AgroalDataSource;
import io.quarkus.agroal.DataSource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.config.JsonPathConfig;
import io.restassured.path.json.config.JsonPathConfig.NumberReturnType;
import jakarta.inject.Inject;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class PlanResourceTest {

  private static final RowmillApi API = RowmillApi.local();

  @Inject Batches batches;
  @Inject AgroalDataSource database;

  @Inject
  @DataSource("data")
  AgroalDataSource data;

  private final String project = Batches.newProject();

  @AfterEach
  void check_leftovers() {
    GateTask.open(project);
    batches.leaveNothingBehind();
  }

  @Test
  void a_plan_reports_whether_the_batch_could_be_undone() throws SQLException {
    WorkTable table = WorkTable.create(database, 10);
    String body = sql("UPDATE " + table.name() + " SET n = 1", "{}");
    plan(body)
        .statusCode(200)
        .body("undo.available", equalTo(true))
        .body("warnings.code", not(hasItem("no-undo")));
    plan(body.replaceFirst("}$", ",\"undo\":false}"))
        .statusCode(200)
        .body("undo.available", equalTo(false))
        .body("undo.reasons", hasSize(1))
        .body("warnings.code", hasItem("no-undo"));
  }

  @Test
  void a_plan_counts_the_rows_within_a_limit() throws SQLException {
    WorkTable table = WorkTable.create(database, 5000);
    String whole = ",\"wholeTable\":true}";
    plan(sql("UPDATE " + table.name() + " SET n = 1 ORDER BY id DESC LIMIT 1500", "{}")
            .replaceFirst("}$", whole))
        .statusCode(200)
        .body("key.reason", containsString("ORDER BY"))
        .body("rowsTotal", equalTo(Map.of("rows", 5000, "precision", "exact")))
        .body("rowsMatching", equalTo(Map.of("rows", 1500, "precision", "exact")))
        .body("chunks", equalTo(2))
        .body("ranges.first.upTo", equalTo(List.of("4001")))
        .body("ranges.last.after", equalTo(List.of("4001")))
        .body("ranges.last.upTo", equalTo(List.of("3501")))
        .body("warnings.code", hasItem("limit"))
        .body("warnings.code", not(hasItem("matches-whole-table")))
        .body("sample[0].before.id", equalTo(5000))
        .body("undo.rows", equalTo(1500));
    plan(sql("DELETE FROM " + table.name() + " WHERE id % 2 = 0 LIMIT 600", "{}"))
        .statusCode(200)
        .body("rowsMatching", equalTo(Map.of("rows", 600, "precision", "exact")))
        .body("chunks", equalTo(2))
        .body("sample[0].before.id", equalTo(2))
        .body("ranges.last.upTo", equalTo(List.of("1200")));
  }

  @Test
  void a_plan_reports_exact_numbers() throws SQLException {
    WorkTable table = WorkTable.create(database, 2500);
    table.execute("UPDATE " + table.name() + " SET n = 7 WHERE id % 3 = 0");
    Reply plan =
        plan(sql("UPDATE " + table.name() + " SET n = n + :by WHERE n = :n", "{\"by\":2,\"n\":7}"))
            .statusCode(200)
            .body("id", matchesPattern("[0-9a-f]{32}"))
            .body("project", equalTo(project))
            .body("kind", equalTo("sql"))
            .body("fingerprint", matchesPattern("[0-9a-f]{64}"))
            .body("rowsTotal", equalTo(Map.of("rows", 2500, "precision", "exact")))
            .body("rowsMatching.rows", equalTo((int) table.rowsWith(7)))
            .body("rowsMatching.precision", equalTo("exact"))
            .body("chunks", equalTo(3))
            .body("key.name", equalTo("PRIMARY"))
            .body("key.columns", equalTo(List.of("id")))
            .body("ranges.first.after", nullValue())
            .body("ranges.first.upTo", equalTo(List.of("1000")))
            .body("ranges.last.after", equalTo(List.of("2000")))
            .body("ranges.last.upTo", equalTo(List.of("2500")))
            .body(
                "statement.sql",
                containsString("SET n = n + CAST(? AS SIGNED) WHERE (n = ?) AND ("))
            .body("statement.parameters", equalTo(List.of(2, 7, 1000, 2000)))
            .body("explain", hasSize(1))
            .body("explain[0].key", equalTo("PRIMARY"))
            .body("estimatedMillis", nullValue())
            .body("warnings.code", hasItems("no-index", "set-touches-where"))
            .body("warnings.code", not(hasItem("scans-more")))
            .body("sample", hasSize(20))
            .body("sample[0].before.n", equalTo(7))
            .body("sample[0].after.n", equalTo(9))
            .body("undo.rows", equalTo((int) table.rowsWith(7)))
            .body("undo.bytes", greaterThan(0))
            .body("undo.fits", equalTo(true));
    assertEquals(
        List.of(
            "id",
            "project",
            "kind",
            "createdAt",
            "expiresAt",
            "fingerprint",
            "statement",
            "key",
            "ranges",
            "rowsTotal",
            "rowsMatching",
            "chunks",
            "estimatedMillis",
            "explain",
            "warnings",
            "sample",
            "undo",
            "lines"),
        List.copyOf(plan.json().getMap("").keySet()));
  }

  @Test
  void the_sample_equals_the_rows_that_the_batch_produces() throws SQLException {
    String table = "shown_" + project;
    WorkTable work = WorkTable.create(database, 1).on(data);
    work.execute(
        "CREATE TABLE "
            + table
            + " (id BIGINT UNSIGNED AUTO_INCREMENT, part VARCHAR(9), a INT NULL, b INT NULL,"
            + " price DECIMAL(12,3), rate DOUBLE, small FLOAT, born DATE, at DATETIME(3),"
            + " stamp TIMESTAMP NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,"
            + " took TIME, y YEAR, note TEXT, raw VARBINARY(20), doc JSON, flags BIT(5),"
            + " kind ENUM('x','y'), tags SET('p','q'), big BIGINT UNSIGNED,"
            + " twice INT AS (a * 2) VIRTUAL, kept INT AS (a + b) STORED,"
            + " PRIMARY KEY (part, id), KEY (id), UNIQUE KEY (a)) DEFAULT CHARSET latin1");
    work.execute(
        "INSERT INTO "
            + table
            + " (part, a, b, price, rate, small, born, at, stamp, took, y, note, raw, doc, flags,"
            + " kind, tags, big) VALUES ('o''n\\\\e', 1, 10, 1.5, 0.1, 1e10, '2020-02-29',"
            + " '2020-01-02 03:04:05.678', '2020-01-01 00:00:00', '-12:00:01', 1999, REPEAT('\u00e9', 1500),"
            + " X'00FF10', '{\"k\": [1, 2]}', b'10101', 'x', 'p,q', 18446744073709551615),"
            + " ('two', 100, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,"
            + " NULL, NULL, NULL, NULL, NULL)");
    String body =
        sql(
            "UPDATE "
                + table
                + " SET a = a + 1, b = a, "
                + table
                + ".price = price * :f + 1, rate = rate / 3, note = CONCAT(:new, LEFT(note, 3)),"
                + " at = :at, doc = JSON_SET(doc, '$.k[0]', 9), flags = flags + 1, kind = 'y',"
                + " big = big - 1, raw = CONCAT(raw, 'x') WHERE rowmill_test."
                + table
                + ".id > 0",
            "{\"f\":1.05,\"new\":\"gr\u00fc\u00df\",\"at\":\"2024-05-06T07:08:09.5Z\"}");
    List<Map<String, Object>> before = rows(table);
    List<Map<String, Map<String, Object>>> sample =
        plan(body)
            .statusCode(200)
            .json()
            .using(JsonPathConfig.jsonPathConfig().numberReturnType(NumberReturnType.BIG_DECIMAL))
            .getList("sample");
    assertEquals(before, rows(table), "a plan changes nothing");
    assertEquals(2, sample.size());
    assertEquals(
        before.stream().map(PlanResourceTest::withoutStamp).toList().toString(),
        sample.stream().map(row -> withoutStamp(row.get("before"))).toList().toString());
    startAndWait(body);
    assertEquals(
        rows(table).stream().map(PlanResourceTest::withoutStamp).toList().toString(),
        sample.stream().map(row -> withoutStamp(row.get("after"))).toList().toString());
    // The column that changes automatically also changed in the sample.
    assertFalse(
        String.valueOf(sample.get(0).get("after").get("stamp")).startsWith("2020"),
        sample.toString());
    work.execute("DROP TABLE " + table);
  }

  @ParameterizedTest
  @ValueSource(strings = {"UPDATE", "DELETE", "INSERT"})
  void a_plan_changes_nothing_and_fires_no_triggers(String verb) throws SQLException {
    WorkTable table = WorkTable.create(database, 50);
    WorkTable audit = WorkTable.create(database, 1);
    audit.execute("ALTER TABLE " + audit.name() + " MODIFY id BIGINT AUTO_INCREMENT");
    WorkTable source = WorkTable.create(database, 3);
    String plain = table.nameInSchema();
    List<String> triggers = new ArrayList<>();
    for (String timing : List.of("BEFORE", "AFTER")) {
      for (String event : List.of("INSERT", "UPDATE", "DELETE")) {
        String trigger = (timing + "_" + event + "_" + plain).toLowerCase(java.util.Locale.ROOT);
        table.execute(
            "CREATE TRIGGER "
                + schema(table)
                + trigger
                + " "
                + timing
                + " "
                + event
                + " ON "
                + table.name()
                + " FOR EACH ROW INSERT INTO "
                + audit.name()
                + " (n) VALUES (1)");
        if (event.equals(verb)) {
          triggers.add(trigger);
        }
      }
    }
    String statement =
        switch (verb) {
          case "UPDATE" -> "UPDATE " + table.name() + " SET n = n + 1";
          case "DELETE" -> "DELETE FROM " + table.name();
          default ->
              "INSERT INTO " + table.name() + " (id, n) SELECT id + 100, n FROM " + source.name();
        };
    String before = checksums(table, audit);
    String body = sql(statement, "{}");
    plan(body)
        .statusCode(200)
        .body("sample", hasSize(greaterThan(0)))
        .body("warnings.code", hasItem("triggers"))
        .body(
            "warnings.find { it.code == 'triggers' }.message",
            containsString(String.join(", ", triggers.stream().sorted().toList())));
    assertEquals(before, checksums(table, audit));
    startAndWait(body);
    assertFalse(before.equals(checksums(table, audit)), "the triggers would have had an effect");
    noTemporaryTables();
  }

  @Test
  void deleted_rows_have_no_after_and_inserted_rows_no_before() throws SQLException {
    WorkTable source = WorkTable.create(database, 5);
    WorkTable target = WorkTable.create(database, 0);
    target.execute("ALTER TABLE " + target.name() + " ADD COLUMN extra INT NOT NULL DEFAULT 42");
    plan(sql("DELETE FROM " + source.name() + " WHERE id > 3", "{}"))
        .statusCode(200)
        .body("rowsMatching.rows", equalTo(2))
        .body("sample.before.id", equalTo(List.of(4, 5)))
        .body("sample.after", equalTo(java.util.Arrays.asList(null, null)));
    plan(sql(
            "INSERT INTO "
                + target.name()
                + " (id, n) SELECT id + 10, n + 1 FROM "
                + source.name()
                + " s WHERE s.id > 3",
            "{}"))
        .statusCode(200)
        .body("sample.before", equalTo(java.util.Arrays.asList(null, null)))
        .body("sample.after.id", equalTo(List.of(14, 15)))
        .body("sample.after.extra", equalTo(List.of(42, 42)));
    assertEquals(0, target.number("SELECT COUNT(*) FROM " + target.name()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ADD FULLTEXT KEY (t)",
        "PARTITION BY HASH (id) PARTITIONS 3",
      })
  void tables_without_a_temporary_copy_are_shown_too(String alteration) throws SQLException {
    WorkTable table = WorkTable.create(database, 5);
    table.execute("ALTER TABLE " + table.name() + " ADD COLUMN t VARCHAR(30) DEFAULT 'it''s, so'");
    table.execute("ALTER TABLE " + table.name() + " " + alteration);
    plan(sql("UPDATE " + table.name() + " SET n = n + 1, t = CONCAT(t, n) WHERE id < 3", "{}"))
        .statusCode(200)
        .body("warnings.code", not(hasItem("sample-failed")))
        .body("sample.before.t", equalTo(List.of("it's, so", "it's, so")))
        .body("sample.after.t", equalTo(List.of("it's, so1", "it's, so1")));
    noTemporaryTables();
  }

  @Test
  void values_of_every_type_can_be_shown() throws SQLException {
    AllTypesTable table = AllTypesTable.create(database, Key.BIGINT, 60);
    for (String sql : List.of(table.update(), "DELETE FROM " + table.name())) {
      plan(sql(sql + " WHERE n % 5 = 0", "{}"))
          .statusCode(200)
          .body("warnings.code", not(hasItem("sample-failed")))
          .body("sample", hasSize(12))
          .body("sample.before.n", everyItem(notNullValue()));
    }
  }

  @Test
  void a_change_that_the_rows_do_not_accept_is_reported() throws SQLException {
    WorkTable table = WorkTable.create(database, 5);
    plan(sql("UPDATE " + table.name() + " SET n = 99999999999", "{}"))
        .statusCode(200)
        .body("warnings.code", hasItems("sample-failed", "matches-whole-table"))
        .body("sample", hasSize(5))
        .body("sample[0].before.id", equalTo(1))
        .body("sample[0].after", nullValue());
    assertEquals(0, table.rowsWith(99));
  }

  @Test
  void warnings_are_reported_in_the_language_of_the_caller() throws SQLException {
    WorkTable table = WorkTable.create(database, 30);
    WorkTable child = WorkTable.create(database, 1);
    table.execute("UPDATE " + table.name() + " SET n = id");
    table.execute(
        "ALTER TABLE " + table.name() + " ADD COLUMN g INT AS (n * 2) VIRTUAL, ADD UNIQUE KEY (n)");
    child.execute("UPDATE " + child.name() + " SET n = 1");
    child.execute(
        "ALTER TABLE "
            + child.name()
            + " MODIFY n INT NULL,"
            + " ADD FOREIGN KEY (n) REFERENCES "
            + table.name()
            + " (n) ON DELETE CASCADE ON UPDATE SET NULL");
    plan(sql("UPDATE " + table.name() + " SET n = 5 WHERE n > 400", "{}"))
        .statusCode(200)
        .body("warnings.code", hasItems("matches-nothing", "cascades", "generated-columns"))
        .body("warnings.code", not(hasItem("no-index")))
        .body("sample", hasSize(0));
    API.header("Accept-Language", "zh")
        .json(sql("DELETE FROM " + table.name() + " WHERE id > 1", "{}"))
        .post(path())
        .statusCode(200)
        .body("key.reason", containsString("主键"))
        .body(
            "warnings.find { it.code == 'cascades' }.message",
            matchesPattern(".*\\p{IsHan}.*" + child.name() + ".*"));
  }

  @Test
  void an_expensive_subquery_is_reported() throws SQLException {
    WorkTable table = WorkTable.create(database, 30);
    WorkTable other = WorkTable.create(database, 3000);
    other.execute("ANALYZE TABLE " + other.name());
    plan("{\"chunk\":{\"rows\":10},\"sql\":\"UPDATE "
            + table.name()
            + " SET n = (SELECT COUNT(*) FROM "
            + other.name()
            + " o WHERE o.n > id)\"}")
        .statusCode(200)
        .body("chunks", equalTo(3))
        .body("warnings.code", hasItem("scans-more"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"sql\":\"UPDATE nowhere.item SET n = 1\"}",
        "{\"sql\":\"UPDATE batch SET mode = 1\"}",
        "{\"sql\":\"UPDATE TABLE SET n = :a WHERE n = :b\",\"parameters\":{\"b\":1,\"c\":2}}",
        "{\"sql\":\"UPDATE TABLE SET n = 1 LIMIT :n\",\"parameters\":{\"n\":-5}}",
        "{\"sql\":\"UPDATE TABLE SET nothing = 1\"}",
        "{\"sql\":\"UPDATE TABLE SET n = nothing\"}",
        "{\"sql\":\"UPDATE KEYLESS SET n = 1 LIMIT 5, 5\"}",
        "{\"sql\":\"SELECT 1\"}",
        "{\"sql\":\"UPDATE KEYLESS SET n = 1\"}",
        "{\"sql\":\"UPDATE TABLE SET n = SLEEP(1)\"}",
        "{\"task\":\"no-such\"}",
        "{\"task\":\"gate\",\"parameters\":{\"gate\":5}}",
        "{\"task\":\"gate\",\"sql\":\"x\"}",
        "{\"sql\":\"UPDATE TABLE SET n = 1\",\"lanes\":99}",
        "{\"sql\":\"UPDATE TABLE SET n = 1\",\"no\":1}",
        "{}",
        "{",
        ""
      })
  void a_plan_is_rejected_like_a_start(String body) throws SQLException {
    WorkTable table = WorkTable.create(database, 1);
    WorkTable keyless = WorkTable.create(database, 1001);
    keyless.execute("ALTER TABLE " + keyless.name() + " DROP PRIMARY KEY");
    String sent = body.replace("TABLE", table.name()).replace("KEYLESS", keyless.name());
    Reply start = start(sent);
    Reply plan = plan(sent);
    assertEquals(4, start.status() / 100);
    Map<String, Object> expected = new LinkedHashMap<>(start.json().getMap(""));
    expected.put("instance", path());
    assertEquals(expected, plan.json().getMap(""));
    assertEquals(start.status(), plan.status());
  }

  @Test
  void other_methods_formats_and_plans_of_plans_are_rejected() {
    API.get(path()).statusCode(405).header("Allow", "OPTIONS, POST");
    API.header("Content-Type", "text/plain").body("{}").post(path()).statusCode(415);
    plan("{\"plan\":\"x\"}").statusCode(400).body("violations.field", hasItem("plan"));
  }

  @Test
  void a_plan_needs_no_free_project_and_a_task_has_no_figures() {
    String gate = "{\"task\":\"gate\",\"parameters\":{\"gate\":\"" + project + "\"}}";
    int first = start(gate).statusCode(202).path("id");
    String id =
        plan(gate)
            .statusCode(200)
            .body("kind", equalTo("task"))
            .body("statement", nullValue())
            .body("rowsTotal", nullValue())
            .body("undo", nullValue())
            .body("warnings", hasSize(0))
            .path("id");
    start("{\"plan\":\"" + id + "\"}")
        .statusCode(409)
        .body("type", equalTo("/problems/project-busy"));
    GateTask.open(project);
    API.get("/batches/" + first + "?wait=60").body("status", equalTo("succeeded"));
    startAndWait("{\"plan\":\"" + id + "\"}");
  }

  @Test
  void a_start_runs_the_plan() throws SQLException {
    WorkTable table = WorkTable.create(database, 100);
    String id =
        planned(
            sql("UPDATE " + table.name() + " SET n = :n WHERE id <= :most", "{\"n\":5,\"most\":60}")
                .replace("{\"sql\"", "{\"reason\":\"first\",\"lanes\":2,\"sql\""));
    Reply done =
        startAndWait("{\"plan\":\"" + id + "\",\"reason\":\"second\",\"chunk\":{\"rows\":10}}");
    done.body("kind", equalTo("sql"))
        .body("sql", containsString("SET n = :n"))
        .body("parameters", equalTo(Map.of("n", 5, "most", 60)))
        .body("reason", equalTo("second"))
        .body("lanes", equalTo(2))
        .body("automaticLanes", equalTo(false))
        .body("chunk.rows", equalTo(10))
        .body("progress.rowsChanged", equalTo(60));
    assertEquals(60, table.rowsWith(5));
  }

  @Test
  void a_start_may_make_the_lanes_of_its_plan_automatic() throws SQLException {
    WorkTable table = WorkTable.create(database, 10);
    String sql = sql("UPDATE " + table.name() + " SET n = n + 1", "{}");
    startAndWait("{\"plan\":\"" + planned(sql) + "\"}").body("automaticLanes", equalTo(true));
    String fixed = planned(sql.replace("{\"sql\"", "{\"lanes\":2,\"sql\""));
    startAndWait("{\"plan\":\"" + fixed + "\",\"lanes\":\"auto\"}")
        .body("automaticLanes", equalTo(true));
    assertEquals(10, table.rowsWith(2));
  }

  @Test
  void a_repeated_start_is_found_after_its_plan_has_expired() throws SQLException {
    WorkTable table = WorkTable.create(database, 10);
    String id = planned(sql("UPDATE " + table.name() + " SET n = 5", "{}"));
    String body = "{\"plan\":\"" + id + "\"}";
    int first = keyed(body).statusCode(200).path("id");
    expire(table, id);
    int second = keyed(body).statusCode(200).path("id");
    assertEquals(first, second);
  }

  @Test
  void an_expired_plan_is_rejected_and_another_projects_is_unknown() throws SQLException {
    WorkTable table = WorkTable.create(database, 10);
    String id = planned(sql("UPDATE " + table.name() + " SET n = 5", "{}"));
    API.json("{\"plan\":\"" + id + "\"}")
        .post("/projects/another-" + project + "/batches")
        .statusCode(422)
        .body("type", equalTo("/problems/unknown-plan"));
    start("{\"plan\":\"no-such\"}").statusCode(422).body("type", equalTo("/problems/unknown-plan"));
    expire(table, id);
    start("{\"plan\":\"" + id + "\"}")
        .statusCode(410)
        .body("type", equalTo("/problems/plan-expired"))
        .body("expiredAt", notNullValue());
    assertEquals(0, table.rowsWith(5));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "ADD COLUMN more INT; column more",
        "MODIFY n BIGINT; column n",
        "DROP COLUMN n; column n",
        "ADD KEY by_n (n); index by_n",
        "RENAME TO TABLE_gone; column id"
      })
  void a_table_that_changed_is_drift(String alteration, String what) throws SQLException {
    WorkTable table = WorkTable.create(database, 10);
    String id = planned(sql("UPDATE " + table.name() + " SET n = 5", "{}"));
    table.execute("ALTER TABLE " + table.name() + " " + alteration.replace("TABLE", table.name()));
    start("{\"plan\":\"" + id + "\"}")
        .statusCode(409)
        .body("type", equalTo("/problems/plan-drift"))
        .body("differences.what", hasItem(what + " of " + table.name()));
  }

  @Test
  void a_new_trigger_is_drift() throws SQLException {
    WorkTable table = WorkTable.create(database, 10);
    String id = planned(sql("UPDATE " + table.name() + " SET n = 5", "{}"));
    table.execute(
        "CREATE TRIGGER "
            + schema(table)
            + "came_"
            + project
            + " BEFORE UPDATE ON "
            + table.name()
            + " FOR EACH ROW SET NEW.n = 6");
    start("{\"plan\":\"" + id + "\"}")
        .statusCode(409)
        .body("differences[0].what", equalTo("trigger came_" + project + " of " + table.name()))
        .body("differences[0].before", nullValue())
        .body("differences[0].after", containsString("before update"));
  }

  @Test
  void a_change_of_more_than_a_tenth_of_the_rows_is_drift() throws SQLException {
    WorkTable table = WorkTable.create(database, 110);
    String body = sql("UPDATE " + table.name() + " SET n = 5 WHERE id <= 100", "{}");
    String id = planned(body);
    table.execute("DELETE FROM " + table.name() + " WHERE id <= 11");
    start("{\"plan\":\"" + id + "\"}")
        .statusCode(409)
        .body("type", equalTo("/problems/plan-drift"))
        .body(
            "differences",
            equalTo(List.of(Map.of("what", "matching rows", "before", 100, "after", 89))));
    String again = planned(body);
    table.execute("DELETE FROM " + table.name() + " WHERE id <= 19");
    startAndWait("{\"plan\":\"" + again + "\"}").body("progress.rowsChanged", equalTo(81));
  }

  @Test
  void parameters_and_a_second_work_can_not_be_given_with_a_plan() {
    start("{\"plan\":\"x\",\"parameters\":{},\"sql\":\"y\"}")
        .statusCode(400)
        .body("violations.field", hasItems("parameters", "sql"));
  }

  private static Map<String, Object> withoutStamp(Map<String, Object> row) {
    Map<String, Object> rest = new LinkedHashMap<>();
    row.forEach(
        (name, value) -> {
          if (!name.equals("stamp")) {
            String text = String.valueOf(value);
            rest.put(
                name,
                value instanceof Number
                    ? new BigDecimal(text).stripTrailingZeros()
                    : text.length() > 1000 ? text.substring(0, 1000) + "…" : value);
          }
        });
    return rest;
  }

  /** Returns the text that the server itself generates. */
  private List<Map<String, Object>> rows(String table) throws SQLException {
    List<Map<String, Object>> rows = new ArrayList<>();
    try (Connection connection = data.getConnection();
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT id, part, a, b, price, rate, CAST(small AS CHAR) + 0 AS small,"
                    + " CAST(born AS CHAR) AS born, CAST(at AS CHAR) AS at,"
                    + " CAST(stamp AS CHAR) AS stamp, CAST(took AS CHAR) AS took, y + 0 AS y, note,"
                    + " HEX(raw) AS raw, CAST(doc AS CHAR) AS doc, flags + 0 AS flags,"
                    + " CAST(kind AS CHAR) AS kind, CAST(tags AS CHAR) AS tags, big, twice, kept"
                    + " FROM "
                    + table
                    + " ORDER BY part, id")) {
      while (row.next()) {
        Map<String, Object> values = new LinkedHashMap<>();
        for (int i = 1; i <= row.getMetaData().getColumnCount(); i++) {
          values.put(row.getMetaData().getColumnLabel(i), row.getObject(i));
        }
        rows.add(values);
      }
    }
    return rows;
  }

  private static String schema(WorkTable table) {
    return table.name().substring(0, table.name().indexOf('.') + 1);
  }

  private String checksums(WorkTable... tables) throws SQLException {
    StringBuilder all = new StringBuilder();
    for (WorkTable table : tables) {
      try (Connection connection = database.getConnection();
          Statement statement = connection.createStatement();
          ResultSet row = statement.executeQuery("CHECKSUM TABLE " + table.name())) {
        row.next();
        all.append(row.getString(2)).append(' ');
      }
    }
    return all.toString();
  }

  /** Checks that no connection of the pool has such a table; they are few, and all idle. */
  private void noTemporaryTables() throws SQLException {
    List<Connection> all = new ArrayList<>();
    try {
      for (int i = 0; i < 10; i++) {
        Connection connection = data.getConnection();
        all.add(connection);
        boolean mariaDb = connection.getMetaData().getDatabaseProductVersion().contains("MariaDB");
        try (Statement statement = connection.createStatement();
            ResultSet row =
                statement.executeQuery(
                    mariaDb
                        ? "SELECT COUNT(*) FROM information_schema.TABLES"
                            + " WHERE TABLE_SCHEMA = 'rowmill_work' AND TABLE_TYPE = 'TEMPORARY'"
                        : "SELECT COUNT(*) FROM information_schema.INNODB_TEMP_TABLE_INFO"
                            + " WHERE NAME NOT LIKE '#sql%intrinsic%' AND N_COLS > 0")) {
          row.next();
          assertEquals(0, row.getInt(1), "temporary tables");
        }
        try (Statement statement = connection.createStatement();
            ResultSet row =
                statement.executeQuery(
                    "SELECT @@SESSION.lock_wait_timeout = @@GLOBAL.lock_wait_timeout")) {
          row.next();
          assertEquals(1, row.getInt(1));
        }
      }
    } finally {
      for (Connection connection : all) {
        connection.close();
      }
    }
  }

  private void expire(WorkTable table, String id) throws SQLException {
    table.execute(
        "UPDATE rowmill_test.batch_plan SET expires_at = '2020-01-01' WHERE id = '" + id + "'");
  }

  private String path() {
    return "/api/v1/projects/" + project + "/plans";
  }

  private Reply plan(String body) {
    return API.json(body).post(path());
  }

  private String planned(String body) {
    return plan(body).statusCode(200).path("id");
  }

  private Reply start(String body) {
    return API.json(body).post("/projects/" + project + "/batches");
  }

  private Reply keyed(String body) {
    return API.header("Idempotency-Key", "key of " + project)
        .waiting(60)
        .json(body)
        .post("/projects/" + project + "/batches");
  }

  private Reply startAndWait(String body) {
    return API.request()
        .waiting(60)
        .json(body)
        .post("/projects/" + project + "/batches")
        .statusCode(200)
        .body("status", equalTo("succeeded"));
  }

  private static String sql(String statement, String parameters) {
    return "{\"sql\":\"" + statement + "\",\"parameters\":" + parameters + "}";
  }
}
