package dev.rowmill.rest;

import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasKey;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assertions.assertEquals;

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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
@TestProfile(GuardedProfile.class)
@QuarkusTestResource(DatabaseResource.class)
class WholeTableTest {

  private static final RowmillApi API = RowmillApi.local();

  private static final int ROWS = 20;

  @RegisterExtension final WorkTable table = WorkTable.ofRows(ROWS);

  private Reply post(String where, String body) {
    return API.waiting()
        .json(body.replace("{t}", table.name()))
        .post("/projects/" + Batches.newProject() + where);
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
  void a_whole_table_is_archived_only_when_confirmed() throws SQLException {
    String archive = table.name() + "_archive";
    String body =
        "{\"archive\": {\"table\": \"{t}\", \"to\": {\"table\": \"%s\"},"
            + " \"missingTable\": \"create\"}%s}";
    for (String where : new String[] {"/plans", "/batches"}) {
      post(where, body.formatted(archive, ""))
          .statusCode(422)
          .body("type", equalTo("/problems/whole-table"));
    }
    assertEquals(ROWS, table.rowsWith(0));
    post("/batches", body.formatted(archive, ", \"wholeTable\": true"))
        .statusCode(200)
        .body("status", equalTo("succeeded"));
    assertEquals(0, table.rowsWith(0));
    assertEquals(ROWS, table.number("SELECT COUNT(*) FROM " + archive));
  }

  @Test
  void confirmed_whole_tables_are_changed() throws SQLException {
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
  void a_plan_retains_the_confirmation_for_its_start() throws SQLException {
    String project = Batches.newProject();
    String plan =
        API.json("{\"sql\": \"UPDATE %s SET n = 3\", \"wholeTable\": true}".formatted(table.name()))
            .post("/projects/" + project + "/plans")
            .statusCode(200)
            .path("id");
    API.waiting()
        .json("{\"plan\": \"" + plan + "\"}")
        .post("/projects/" + project + "/batches")
        .statusCode(200);
    assertEquals(ROWS, table.rowsWith(3));
  }

  @Test
  void the_confirmation_is_true_or_false() {
    post("/batches", "{\"sql\": \"DELETE FROM {t}\", \"wholeTable\": \"yes\"}")
        .statusCode(400)
        .body("violations[0].field", equalTo("wholeTable"));
  }
}
