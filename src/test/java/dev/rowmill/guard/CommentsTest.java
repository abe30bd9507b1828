package dev.rowmill.guard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rowmill.testing.DatabaseResource;
import dev.rowmill.testing.RowmillApi;
import dev.rowmill.testing.WorkTable;
import io.agroal.api.AgroalDataSource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import jakarta.inject.Inject;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests that the server's general log shows for which batch a statement runs. */
@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class CommentsTest {

  private static final RowmillApi API = RowmillApi.local();

  private static final Pattern LANE = Pattern.compile("/\\* rowmill batch=(\\d+) lane=(\\d+) \\*/");

  @Inject AgroalDataSource database;

  private Fort fort;
  private WorkTable table;

  @BeforeEach
  void listen() throws SQLException {
    fort = new Fort(database);
    table = WorkTable.create(database, 200);
    fort.listen();
  }

  @AfterEach
  void stop() throws SQLException {
    fort.executed();
    fort.run("DROP DATABASE IF EXISTS guard");
  }

  /** Returns the statements on the table, with their comments. */
  private List<String> run() throws SQLException {
    fort.executed();
    return fort.rows(
        "SELECT CONVERT(argument USING utf8mb4) FROM mysql.general_log WHERE command_type IN"
            + " ('Query', 'Execute') AND (argument LIKE '%"
            + table.name()
            + "%' OR argument LIKE '%`"
            + table.name().replace("rowmill_work.", "")
            + "`%') AND argument NOT LIKE '%information_schema%' AND argument NOT LIKE"
            + " '%general_log%' AND LOWER(CONVERT(argument USING utf8mb4)) NOT LIKE"
            + " '%into batch%'"
            + " AND argument NOT LIKE 'INSERT INTO table_definition (%'"
            + " AND argument NOT LIKE 'INSERT INTO audit (%' AND argument NOT LIKE"
            + " '%chunk_size%' AND argument NOT LIKE 'SHOW %' ORDER BY event_time");
  }

  private static JsonPath ended(String path, String body) {
    JsonPath accepted = API.waiting().json(body).post("/" + path).statusCode(200).json();
    assertEquals("succeeded", accepted.getString("status"));
    return accepted;
  }

  private static void assertNamed(List<String> run, String verb, JsonPath batch) {
    Map<String, Long> chunks = new TreeMap<>();
    for (String sql : run) {
      if (sql.startsWith(verb) && !sql.contains("rowmill recomputed")) {
        Matcher found = LANE.matcher(sql);
        assertTrue(found.find(), sql);
        if (found.group(1).equals(batch.getString("id"))) {
          chunks.merge(found.group(2), 1L, Long::sum);
        }
      }
    }
    assertEquals(
        batch.getLong("progress.chunks"), chunks.values().stream().mapToLong(each -> each).sum());
  }

  @ParameterizedTest
  @CsvSource({
    "UPDATE, UPDATE {t} SET n = n + 1",
    "DELETE, DELETE FROM {t} WHERE n = 0",
    "update, update {t} AS w set n = 7 where w.id > 20"
  })
  void each_change_names_its_batch_and_lane_and_so_does_the_undo(String verb, String sql)
      throws SQLException {
    String statement = sql.replace("{t}", table.name());
    JsonPath batch =
        ended(
            "projects/comments/batches",
            "{\"sql\":\"" + statement + "\",\"chunk\":{\"rows\":10},\"lanes\":2}");
    JsonPath undo =
        ended("batches/" + batch.getString("id") + "/undo", "{\"chunk\":{\"rows\":10}}");
    List<String> run = run();
    assertNamed(run, verb, batch);
    assertNamed(run, verb.equals("DELETE") ? "INSERT" : "UPDATE", undo);
    for (String each : run) {
      assertTrue(each.contains("/* rowmill"), each);
    }
    assertTrue(
        run.stream()
            .anyMatch(
                each -> each.contains("/* rowmill batch=" + batch.getString("id") + " lane=0 */")));
  }

  @Test
  void a_plan_is_marked_in_its_comments() throws SQLException {
    API.json("{\"sql\":\"UPDATE " + table.name() + " SET n = 2 WHERE n = 0\"}")
        .post("/projects/comments/plans")
        .statusCode(200);
    List<String> run = run();
    assertTrue(run.stream().anyMatch(each -> each.contains("/* rowmill plan */")), run.toString());
    for (String each : run) {
      // The statements that create and drop the sample's table read no row.
      assertTrue(each.contains("/* rowmill") || each.contains(" TEMPORARY TABLE "), each);
    }
  }
}
