package dev.rowmill.rest;

import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasSize;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rowmill.rest.http.StrictJson;
import dev.rowmill.testing.Batches;
import dev.rowmill.testing.DatabaseResource;
import dev.rowmill.testing.RowmillApi;
import dev.rowmill.testing.RowmillApi.Reply;
import dev.rowmill.testing.WorkTable;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests the values of a start from the request to the row. */
@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class ValuesTest {

  private static final RowmillApi API = RowmillApi.local();

  /** Holds a value of each kind. */
  private static final String VALUES =
      """
      {"moment": {"datetime": "2026-03-01T10:15:00.25Z"}, "day": {"date": "2026-03-01"},
       "span": {"time": "-12:30:00.5"}, "price": {"decimal": "12345678901234567890.10"},
       "n": 1.10, "doc": {"json": {"z": [true, null, "x", 1.50], "a": 1e3}}, "on": true,
       "data": {"base64": "AP8nXA=="}, "text": "2026-03-01T10:15:00Z 😀 \\u0000\\\\'\\"",
       "ids": [1, {"decimal": "2"}]}""";

  private static final String SET =
      "UPDATE {t} SET moment = :moment, day = :day, span = :span, price = :price, num = :n, doc ="
          + " JSON_SET('{}', '$.x', :doc, '$.on', :on), data = :data, note = :text WHERE id IN :ids";

  private static final String RIGHT =
      "moment = FROM_UNIXTIME(1772360100.25) AND day = '2026-03-01' AND span = '-12:30:00.5' AND"
          + " price = 12345678901234567890.10 AND num = '1.10' AND JSON_EXTRACT(doc, '$.on') = TRUE"
          + " AND JSON_EXTRACT(doc, '$.x.z[0]') = TRUE AND JSON_EXTRACT(doc, '$.x.a') = 1000 AND"
          + " HEX(data) = '00FF275C' AND HEX(note) ="
          + " HEX(CONCAT('2026-03-01T10:15:00Z 😀 ', CHAR(0 USING utf8mb4), '\\\\\\'\"'))";

  private final String project = Batches.newProject();
  @RegisterExtension final WorkTable table = WorkTable.ofRows(5);

  @BeforeEach
  void prepare() throws SQLException {
    table.execute(
        "ALTER TABLE "
            + table.name()
            + " ADD moment DATETIME(6), ADD day DATE, ADD span TIME(6), ADD price DECIMAL(40,10),"
            + " ADD num VARCHAR(20), ADD doc JSON, ADD data VARBINARY(9), ADD note VARCHAR(80)"
            + " CHARACTER SET utf8mb4");
  }

  private Reply post(String where, String body) {
    return API.waiting()
        .header("Idempotency-Key", project + where)
        .json(body.replace("{t}", table.name()))
        .post("/projects/" + project + where);
  }

  private static String body(String sql, String parameters) {
    return "{\"sql\": \"" + sql + "\", \"parameters\": " + parameters + "}";
  }

  private static JsonNode sent() {
    return StrictJson.object(VALUES.getBytes(StandardCharsets.UTF_8));
  }

  private static JsonNode shown(Reply batch) {
    return StrictJson.object(batch.text().getBytes(StandardCharsets.UTF_8)).get("parameters");
  }

  private long right() throws SQLException {
    return table.number("SELECT COUNT(*) FROM " + table.name() + " WHERE " + RIGHT);
  }

  @Test
  void values_arrive_and_are_shown_as_sent() throws SQLException {
    Reply batch =
        post("/batches", body(SET, VALUES)).statusCode(200).body("status", equalTo("succeeded"));
    assertEquals(2, right());
    assertEquals(sent().toString(), shown(batch).toString());
    int id = batch.path("id");
    Reply later = API.get("/batches/" + id);
    assertEquals(sent().toString(), shown(later).toString());
    post("/batches", body(SET, VALUES)).statusCode(200).body("id", equalTo(id));
    post("/batches", body(SET, VALUES.replace("00.25Z", "00.250Z")))
        .statusCode(422)
        .body("type", equalTo("/problems/idempotency-mismatch"));
  }

  @Test
  void a_plan_retains_values_for_its_start() throws SQLException {
    Reply plan =
        post("/plans", body(SET, VALUES))
            .statusCode(200)
            .body("statement.parameters", hasItem("2026-03-01T10:15:00.25Z"))
            .body("statement.parameters", hasItem("AP8nXA=="));
    assertEquals(0, right());
    Reply batch =
        post("/batches", "{\"plan\": \"" + plan.path("id") + "\"}")
            .statusCode(200)
            .body("status", equalTo("succeeded"));
    assertEquals(2, right());
    assertEquals(sent().toString(), shown(batch).toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"/plans", "/batches"})
  void an_invalid_value_is_rejected_with_its_name(String where) {
    String wrong = "{\"x\": {\"date\": \"2026-02-30\"}}";
    post(where, body("UPDATE {t} SET day = :x", wrong))
        .statusCode(422)
        .body("type", equalTo("/problems/unsupported-statement"))
        .body("reasons", hasSize(1))
        .body(
            "reasons[0]",
            equalTo("Give x a date from the year 1 to 9999, such as {\"date\": \"2026-03-01\"}."));
    API.header("Accept-Language", "zh")
        .json(body("UPDATE {t} SET day = :x", wrong).replace("{t}", table.name()))
        .post("/projects/" + project + where)
        .statusCode(422)
        .body("reasons[0]", equalTo("参数 x 应为公元 1 至 9999 年的日期，例如 {\"date\": \"2026-03-01\"}。"));
  }

  @Test
  void the_check_of_a_batch_gets_values_too() {
    post(
            "/batches",
            """
            {"sql": "UPDATE {t} SET moment = :m, n = :on WHERE id = 1", "parameters": {"m": "2026-03-01T10:15:00Z", "on": true},
             "check": "SELECT COUNT(*) = 1 AND :on FROM {t} WHERE moment = :m"}""")
        .statusCode(200)
        .body("status", equalTo("succeeded"));
  }
}
