package dev.rowmill.rest;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasKey;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.rowmill.testing.Batches;
import dev.rowmill.testing.DatabaseResource;
import dev.rowmill.testing.GuardedProfile;
import dev.rowmill.testing.WorkTable;
import io.agroal.api.AgroalDataSource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.response.ValidatableResponse;
import jakarta.inject.Inject;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
@TestProfile(GuardedProfile.class)
@QuarkusTestResource(DatabaseResource.class)
class WholeTableTest {

  private static final int ROWS = 20;

  @Inject Batches batches;
  @Inject AgroalDataSource database;

  private WorkTable table;

  @BeforeEach
  void makeTable() throws SQLException {
    table = WorkTable.create(database, ROWS);
  }

  @AfterEach
  void nothingIsLeftBehind() {
    batches.leaveNothingBehind();
  }

  private ValidatableResponse post(String where, String body) {
    return given()
        .header("Prefer", "wait=30")
        .contentType("application/json")
        .body(body.replace("{t}", table.name()))
        .post("/api/v1/projects/" + Batches.newProject() + where)
        .then();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "UPDATE {t} SET n = n + 1",
        "DELETE FROM {t}",
        "INSERT INTO {t} (id, n) SELECT id + 1000, 7 FROM {t} AS s",
      })
  void without_a_where_nothing_is_planned_or_started(String sql) throws SQLException {
    for (String where : new String[] {"/plans", "/batches"}) {
      post(where, "{\"sql\": \"" + sql + "\"}")
          .statusCode(422)
          .body("type", equalTo("/problems/whole-table"))
          .body("detail", containsString("\"wholeTable\": true"));
    }
    assertEquals(ROWS, table.rowsWith(0));
  }

  @Test
  void whole_tables_that_are_meant_are_changed() throws SQLException {
    post("/batches", "{\"sql\": \"UPDATE {t} SET n = 1\", \"wholeTable\": true}")
        .statusCode(200)
        .body("status", equalTo("succeeded"))
        .body("", hasKey("submittedBy"))
        .body("submittedBy", nullValue());
    assertEquals(ROWS, table.rowsWith(1));
    post("/batches", "{\"sql\": \"UPDATE {t} SET n = 2 WHERE id > 0\", \"wholeTable\": true}")
        .statusCode(200);
    assertEquals(ROWS, table.rowsWith(2));
  }

  @Test
  void a_plan_carries_it_to_its_start() throws SQLException {
    String project = Batches.newProject();
    String plan =
        given()
            .contentType("application/json")
            .body(
                "{\"sql\": \"UPDATE %s SET n = 3\", \"wholeTable\": true}".formatted(table.name()))
            .post("/api/v1/projects/" + project + "/plans")
            .then()
            .statusCode(200)
            .extract()
            .path("id");
    given()
        .header("Prefer", "wait=30")
        .contentType("application/json")
        .body("{\"plan\": \"" + plan + "\"}")
        .post("/api/v1/projects/" + project + "/batches")
        .then()
        .statusCode(200);
    assertEquals(ROWS, table.rowsWith(3));
  }

  @Test
  void it_is_true_or_false() {
    post("/batches", "{\"sql\": \"DELETE FROM {t}\", \"wholeTable\": \"yes\"}")
        .statusCode(400)
        .body("violations[0].field", equalTo("wholeTable"));
  }
}
