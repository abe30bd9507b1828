package dev.rowmill.rest;

import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasItems;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.not;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.rowmill.dispatch.statement.SavedStatements;
import dev.rowmill.testing.Batches;
import dev.rowmill.testing.DatabaseResource;
import dev.rowmill.testing.GuardedProfile;
import dev.rowmill.testing.RowmillApi;
import dev.rowmill.testing.RowmillApi.Reply;
import dev.rowmill.testing.WorkTable;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
@TestProfile(GuardedProfile.class)
@QuarkusTestResource(DatabaseResource.class)
class SavedStatementTest {

  private static final RowmillApi API = RowmillApi.local();

  private static final int ROWS = 20;
  private static final int CALLERS = 4;
  private static final int ROUNDS = 10;

  /** Declares a parameter of each type. */
  private static final String ALL =
      """
      {"sql": "UPDATE {t} SET n = :n + :d * 0 WHERE id <= :last AND id IN :ids AND :text <> 'no' AND :yes AND :day > '2000-01-01' AND :moment > '2000-01-01'",
       "parameters": {
         "n": {"type": "integer", "minimum": 1, "maximum": 9},
         "d": {"type": "decimal", "minimum": 0.5, "default": 1.5},
         "last": {"type": "integer", "default": 10},
         "ids": {"type": "integer", "list": true, "minimum": 1},
         "text": {"type": "text", "maxLength": 3, "allowed": ["abc", "no"], "default": "abc"},
         "yes": {"type": "boolean", "default": true},
         "day": {"type": "date", "minimum": "2020-01-01", "default": "2020-01-01"},
         "moment": {"type": "datetime", "maximum": "2030-01-01T00:00:00", "default": "2021-01-01T00:00:00"}},
       "description": "sets a number", "projects": ["shop-*", "p*"]}""";

  private final String name = "s-" + UUID.randomUUID();
  @RegisterExtension final WorkTable table = WorkTable.ofRows(ROWS);

  @Inject SavedStatements statements;

  @AfterEach
  void cleanUp() {
    API.delete("/statements/" + name);
  }

  private Reply put(String body) {
    return API.json(body.replace("{t}", table.name())).put("/statements/" + name);
  }

  private Reply post(String path, String members) {
    return API.waiting()
        .json("{\"statement\": \"" + name + "\", " + members + "}")
        .post("/projects/" + path);
  }

  @Test
  void a_statement_is_saved_listed_replaced_and_deleted() {
    put(ALL)
        .statusCode(201)
        .header("Location", "/api/v1/statements/" + name)
        .body("version", equalTo(1))
        .body("parameters.n.maximum", equalTo(9))
        .body("projects", hasItems("shop-*", "p*"))
        .body("wholeTable", equalTo(false));
    put("{\"sql\": \"DELETE FROM {t} WHERE id = 1\"}")
        .statusCode(200)
        .body("version", equalTo(2))
        .body("projects", equalTo(List.of("*")));
    API.get("/statements/" + name).statusCode(200).body("version", equalTo(2));
    API.get("/statements?limit=500").body("items.name", hasItem(name));
    API.get("/statements?limit=1&after=s").statusCode(200).body("items", hasSize(1));
    API.delete("/statements/" + name).statusCode(204);
    API.delete("/statements/" + name).statusCode(404);
    API.get("/statements/" + name).statusCode(404);
    API.get("/statements?limit=500").body("items.name", not(hasItem(name)));
  }

  @Test
  void callers_who_save_it_first_at_the_same_time_make_one_version_each() throws Exception {
    ExecutorService callers = Executors.newFixedThreadPool(CALLERS);
    try {
      for (int round = 0; round < ROUNDS; round++) {
        var together = new CyclicBarrier(CALLERS);
        Callable<Integer> caller =
            () -> {
              together.await();
              return put("{\"sql\": \"DELETE FROM {t} WHERE id = 1\"}").path("version");
            };
        List<Integer> versions = new ArrayList<>();
        for (Future<Integer> saved : callers.invokeAll(Collections.nCopies(CALLERS, caller))) {
          versions.add(saved.get());
        }
        Collections.sort(versions);
        assertEquals(List.of(1, 2, 3, 4), versions);
        API.delete("/statements/" + name).statusCode(204);
      }
    } finally {
      callers.shutdownNow();
    }
  }

  @Test
  void it_is_planned_and_started_by_name_with_defaults() throws SQLException {
    put(ALL).statusCode(201);
    String project = Batches.newProject();
    String start = "\"parameters\": {\"n\": 7, \"ids\": [1, 2, 3, 15]}";
    String plan =
        post(project + "/plans", start)
            .statusCode(200)
            .body("kind", equalTo("sql"))
            .body("rowsMatching.rows", equalTo(3))
            .path("id");
    long id =
        post(project + "/batches", start)
            .statusCode(200)
            .body("status", equalTo("succeeded"))
            .body("kind", equalTo("sql"))
            .body("statement", equalTo(name))
            .body("parameters.last", equalTo(10))
            .id();
    assertEquals(3, table.rowsWith(7));
    // A later change does not affect batches that it has already started.
    put("{\"sql\": \"DELETE FROM {t} WHERE id = 1\"}").statusCode(200);
    API.get("/batches/" + id).body("parameters.n", equalTo(7));
    put(ALL).statusCode(200);
    table.execute("UPDATE " + table.name() + " SET n = 0");
    API.waiting()
        .json("{\"plan\": \"" + plan + "\"}")
        .post("/projects/" + project + "/batches")
        .statusCode(200)
        .body("statement", equalTo(name));
    assertEquals(3, table.rowsWith(7));
  }

  @Test
  void a_plan_of_a_statement_that_was_changed_or_deleted_is_not_started() throws SQLException {
    put(ALL).statusCode(201);
    String batches = "/projects/" + Batches.newProject() + "/batches";
    String start = "\"parameters\": {\"n\": 7, \"ids\": [1]}";
    String plan = post(batches.substring(10).replace("batches", "plans"), start).path("id");
    put(ALL.replace("id <= :last", "id < :last")).statusCode(200);
    API.json("{\"plan\": \"" + plan + "\"}")
        .post(batches)
        .statusCode(409)
        .body("type", equalTo("/problems/plan-drift"))
        .body("differences[0].what", equalTo("statement"));
    API.delete("/statements/" + name).statusCode(204);
    API.json("{\"plan\": \"" + plan + "\"}")
        .post(batches)
        .statusCode(422)
        .body("type", equalTo("/problems/unknown-statement"));
    assertEquals(0, table.rowsWith(7));
  }

  private static final String TYPED =
      """
      {"sql": "UPDATE {t} SET n = 9, day = :day, at = :moment, span = :span, price = :price, doc = JSON_SET('{}', '$.x', :doc), data = :data WHERE id IN :ids",
       "parameters": {
         "day": {"type": "date"},
         "moment": {"type": "datetime"},
         "span": {"type": "time", "minimum": "-13:00:00", "maximum": "100:00:00"},
         "price": {"type": "decimal", "maximum": 100},
         "doc": {"type": "json", "nullable": true},
         "data": {"type": "base64", "allowed": ["AP8=", ""]},
         "ids": {"type": "decimal", "list": true, "default": [1, "2.0"]}}}""";

  private static final String VALUES =
      "\"day\": \"2026-03-01\", \"moment\": \"2026-03-01T10:15:00.5+01:00\", \"span\": \"-12:30:00.5\","
          + " \"price\": \"12.345678901234567890\", \"doc\": {\"json\": [true, 1]}, \"data\": \"AP8=\"";

  private void addColumns() throws SQLException {
    table.execute(
        "ALTER TABLE "
            + table.name()
            + " ADD day DATE, ADD at DATETIME(6), ADD span TIME(6), ADD price DECIMAL(40,20), ADD"
            + " doc JSON, ADD data VARBINARY(9)");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void a_text_is_read_as_the_declared_type(boolean bare) throws SQLException {
    addColumns();
    put(TYPED).statusCode(201);
    String values =
        bare
            ? VALUES
            : VALUES
                .replace("\"2026-03-01\"", "{\"date\": \"2026-03-01\"}")
                .replace(
                    "\"2026-03-01T10:15:00.5+01:00\"",
                    "{\"datetime\": \"2026-03-01T10:15:00.5+01:00\"}")
                .replace("\"-12:30:00.5\"", "{\"time\": \"-12:30:00.5\"}")
                .replace("\"12.345678901234567890\"", "{\"decimal\": \"12.345678901234567890\"}")
                .replace("\"AP8=\"", "{\"base64\": \"AP8=\"}");
    String project = Batches.newProject();
    post(project + "/plans", "\"parameters\": {" + values + "}").statusCode(200);
    post(project + "/batches", "\"parameters\": {" + values + "}")
        .statusCode(200)
        .body("status", equalTo("succeeded"))
        .body("parameters.day", equalTo("2026-03-01"))
        .body("parameters.moment", equalTo("2026-03-01T10:15:00.5+01:00"))
        .body("parameters.span", equalTo("-12:30:00.5"))
        .body("parameters.price", equalTo("12.345678901234567890"))
        .body("parameters.doc.json", equalTo(java.util.List.of(true, 1)))
        .body("parameters.ids", equalTo(java.util.List.of(1, "2.0")))
        .body("parameters.data", equalTo("AP8="));
    assertEquals(
        2,
        table.number(
            "SELECT COUNT(*) FROM "
                + table.name()
                + " WHERE day = '2026-03-01' AND at = FROM_UNIXTIME(1772356500.5) AND span ="
                + " '-12:30:00.5' AND price = 12.345678901234567890 AND HEX(data) = '00FF' AND"
                + " JSON_EXTRACT(doc, '$.x.json[0]') = TRUE AND JSON_TYPE(JSON_EXTRACT(doc,"
                + " '$.x.json')) = 'ARRAY'"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"day\": {\"datetime\": \"2026-03-01T00:00:00\"}|day|must be a date such as 2026-01-31",
        "\"span\": \"25\"|span|must be a time from -838:59:59 to 838:59:59, such as -12:30:00.5",
        "\"span\": \"839:00:00\"|span|must be a time from -838:59:59 to 838:59:59, such as -12:30:00.5",
        "\"span\": \"100:00:00.000001\"|span|must be at most 100:00:00",
        "\"span\": {\"time\": \"-13:00:00.1\"}|span|must be at least -13:00:00",
        "\"price\": \"1,5\"|price|must be a number",
        "\"price\": {\"decimal\": \"100.1\"}|price|must be at most 100",
        "\"data\": \"AP8\"|data|must be Base64 with padding, such as AP8=",
        "\"data\": \"AA==\"|data|must be one of: AP8=, ",
      })
  void a_value_of_another_type_than_declared_is_rejected(
      String members, String field, String detail) throws SQLException {
    addColumns();
    put(TYPED).statusCode(201);
    String values = VALUES.replaceAll("\"" + field + "\": \"[^\"]*\"", "") + ", " + members;
    post(
            Batches.newProject() + "/batches",
            "\"parameters\": {" + values.replace(", ,", ",").replaceFirst("^, ", "") + "}")
        .statusCode(400)
        .body("violations.field", equalTo(java.util.List.of("parameters." + field)))
        .body("violations[0].message.strip()", equalTo(detail.strip()));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"n\": 10|n",
        "\"n\": 0|n",
        "\"n\": 1.5|n",
        "\"n\": \"1\"|n",
        "\"n\": null|n",
        "\"d\": 0.4|d",
        "\"ids\": []|ids",
        "\"ids\": 1|ids",
        "\"ids\": [0]|ids",
        "\"ids\": [1, \"2\"]|ids",
        "\"text\": \"abd\"|text",
        "\"text\": \"abcd\"|text",
        "\"yes\": 1|yes",
        "\"day\": \"2019-12-31\"|day",
        "\"day\": \"yesterday\"|day",
        "\"moment\": \"2030-01-01T00:00:01\"|moment",
        "\"moment\": \"2021-01-01T00:00:00Z\"|moment",
        "\"other\": 1|other",
      })
  void values_must_meet_their_rules(String members, String field) {
    put(ALL).statusCode(201);
    String good = field.equals("ids") ? "\"n\": 1, " : "\"ids\": [1], ";
    String more = field.equals("n") || field.equals("ids") ? "" : "\"n\": 1, ";
    for (String where : new String[] {"/plans", "/batches"}) {
      post(Batches.newProject() + where, "\"parameters\": {" + good + more + members + "}")
          .statusCode(400)
          .body("type", equalTo("/problems/invalid-request"))
          .body("violations.field", equalTo(java.util.List.of("parameters." + field)));
    }
  }

  @Test
  void a_missing_parameter_must_have_a_default() {
    put(ALL).statusCode(201);
    post(Batches.newProject() + "/batches", "\"parameters\": {}")
        .statusCode(400)
        .body("violations.field", hasItems("parameters.n", "parameters.ids"));
  }

  @Test
  void a_statement_applies_only_to_its_projects() {
    put(ALL).statusCode(201);
    post("other/batches", "\"parameters\": {\"n\": 1, \"ids\": [1]}")
        .statusCode(422)
        .body("type", equalTo("/problems/unknown-statement"))
        .body("statement", equalTo(name));
    API.json("{\"statement\": \"nobody-knows\"}")
        .post("/projects/p/batches")
        .statusCode(422)
        .body("type", equalTo("/problems/unknown-statement"));
    API.json("{\"statement\": \"a\", \"sql\": \"b\"}").post("/projects/p/batches").statusCode(400);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"sql\": \"DELETE FROM {t}\"}|422|whole-table",
        "{\"sql\": \"DELETE FROM {t} WHERE id = :id\"}|422|parameter-mismatch",
        "{\"sql\": \"DELETE FROM {t} WHERE id = 1\", \"parameters\": {\"id\": {\"type\": \"integer\"}}}|422|parameter-mismatch",
        "{\"sql\": \"DELETE FROM {t} WHERE nothing = 1\"}|422|unsupported-statement",
        "{\"sql\": \"DELETE FROM nowhere.at_all WHERE id = 1\"}|422|unknown-table",
        "{\"sql\": \"DROP TABLE {t}\"}|422|unsupported-statement",
        "{}|400|invalid-request",
        "{\"sql\": \"DELETE FROM {t} WHERE id = :id\", \"parameters\": {\"id\": {\"type\": \"uuid\"}}}|400|invalid-request",
        "{\"sql\": \"DELETE FROM {t} WHERE id = :id\", \"parameters\": {\"id\": {\"type\": \"integer\", \"minimum\": 2, \"maximum\": 1}}}|400|invalid-request",
        "{\"sql\": \"DELETE FROM {t} WHERE id = :id\", \"parameters\": {\"id\": {\"type\": \"integer\", \"minimum\": \"1\"}}}|400|invalid-request",
        "{\"sql\": \"DELETE FROM {t} WHERE id = :id\", \"parameters\": {\"id\": {\"type\": \"text\", \"minimum\": \"1\"}}}|400|invalid-request",
        "{\"sql\": \"DELETE FROM {t} WHERE id = :id\", \"parameters\": {\"id\": {\"type\": \"integer\", \"maxLength\": 1}}}|400|invalid-request",
        "{\"sql\": \"DELETE FROM {t} WHERE id = :id\", \"parameters\": {\"id\": {\"type\": \"integer\", \"default\": \"1\"}}}|400|invalid-request",
        "{\"sql\": \"DELETE FROM {t} WHERE id = :id\", \"parameters\": {\"id\": {\"type\": \"text\", \"pattern\": \"(a+)+\"}}}|400|invalid-request",
        "{\"sql\": \"DELETE FROM {t} WHERE id = :id\", \"parameters\": {\"id\": {\"type\": \"text\", \"secret\": true, \"default\": \"x\"}}}|400|invalid-request",
        "{\"sql\": \"DELETE FROM {t} WHERE id = :project\", \"parameters\": {\"project\": {\"type\": \"text\"}}}|400|invalid-request",
        "{\"sql\": \"DELETE FROM {t} WHERE id = 1\", \"projects\": [\"a b\"]}|400|invalid-request",
        "{\"sql\": \"DELETE FROM {t} WHERE id = 1\", \"more\": 1}|400|invalid-request",
      })
  void only_valid_statements_are_saved(String body, int status, String type) {
    put(body).statusCode(status).body("type", equalTo("/problems/" + type));
    API.get("/statements/" + name).statusCode(404);
  }

  @Test
  void the_bounds_of_a_statement_can_only_be_narrowed() {
    put("""
            {"sql": "UPDATE {t} SET n = 1 WHERE id > 0", "maxRows": 30, "maxDurationMillis": 60000,
             "window": {"from": "00:00", "to": "00:00", "zone": "UTC"}}""")
        .statusCode(201);
    post(Batches.newProject() + "/batches", "\"maxRows\": 31")
        .statusCode(400)
        .body("violations[0].field", equalTo("maxRows"));
    post(Batches.newProject() + "/batches", "\"maxDurationMillis\": 60001")
        .statusCode(400)
        .body("violations[0].field", equalTo("maxDurationMillis"));
    post(
            Batches.newProject() + "/batches",
            "\"window\": {\"from\": \"00:00\", \"to\": \"23:00\", \"zone\": \"UTC\"}")
        .statusCode(400)
        .body("violations[0].field", equalTo("window"));
    post(Batches.newProject() + "/batches", "\"maxRows\": 25")
        .statusCode(200)
        .body("maxRows", equalTo(25))
        .body("maxDurationMillis", equalTo(60000))
        .body("window.zone", equalTo("UTC"));
  }

  @Test
  void a_repeated_start_returns_the_batch_after_the_statement_is_deleted() {
    put(ALL).statusCode(201);
    String body =
        "{\"statement\": \"%s\", \"parameters\": {\"n\": 2, \"ids\": [1]}}".formatted(name);
    String project = Batches.newProject();
    Object first = start(project, body);
    API.delete("/statements/" + name).statusCode(204);
    assertEquals(first, start(project, body));
  }

  private Object start(String project, String body) {
    return API.header("Idempotency-Key", name)
        .waiting()
        .json(body)
        .post("/projects/" + project + "/batches")
        .statusCode(200)
        .path("id");
  }

  @Test
  void each_read_of_a_request_sees_what_others_have_committed() throws SQLException {
    put(ALL).statusCode(201);
    assertEquals(1, statements.find(name).orElseThrow().version());
    table.execute("UPDATE saved_statement SET version = 7 WHERE name = '" + name + "'");
    assertEquals(7, statements.find(name).orElseThrow().version());
  }
}
