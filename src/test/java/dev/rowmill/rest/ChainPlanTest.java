package dev.rowmill.rest;

import static dev.rowmill.rest.ChainCalls.sql;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.not;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.rowmill.testing.Batches;
import dev.rowmill.testing.DatabaseResource;
import dev.rowmill.testing.RowmillApi;
import dev.rowmill.testing.RowmillApi.Reply;
import dev.rowmill.testing.WorkTable;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Tests plans of chains over HTTP. No plan may change a table or store a batch. */
@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class ChainPlanTest {

  private static final RowmillApi API = RowmillApi.local();

  @RegisterExtension final WorkTable table = WorkTable.ofRows(50);

  private final String project = Batches.newProject();
  private long before;
  private List<Integer> chains = List.of();

  @BeforeEach
  void readBefore() throws SQLException {
    before = table.checksum(table.name());
    chains = newest();
  }

  @AfterEach
  void nothingHasChanged() throws SQLException {
    assertEquals(before, table.checksum(table.name()));
    assertEquals(chains, newest());
    API.get("/projects/" + project).statusCode(404);
  }

  private static List<Integer> newest() {
    return API.get("/chains?limit=1").path("items.id");
  }

  @SafeVarargs
  private static Reply plan(Map<String, Object>... steps) {
    return API.json(Map.of("name", "nightly", "steps", List.of(steps))).post("/chains/plans");
  }

  private Map<String, Object> update(String name, String where, String... needs) {
    return sql(name, project, "UPDATE " + table.name() + " SET n = n + 1 WHERE " + where, needs);
  }

  @Test
  void each_step_is_planned_in_the_order_of_the_steps() {
    plan(
            update("last", "n = 1", "first", "middle"),
            update("middle", "id <= 20", "first"),
            update("first", "n = 0"))
        .statusCode(200)
        .body("name", equalTo("nightly"))
        .body("steps.name", contains("first", "middle", "last"))
        .body("steps[0].needs", empty())
        .body("steps[2].needs", contains("first", "middle"))
        .body("steps.project", contains(project, project, project))
        .body("steps.plan.rowsMatching.rows", contains(50, 20, 0))
        .body("steps[1].plan.undo.available", equalTo(true))
        .body("steps[1].plan.statement.sql", containsString(table.nameInSchema()));
  }

  @Test
  void the_problems_of_all_steps_are_reported() {
    plan(
            update("good", "n = 0"),
            sql("no-table", project, "DELETE FROM rowmill_work.none WHERE id = 1"),
            update("bad-column", "no_column = 1"),
            Map.of("name", "no-task", "project", project, "task", "none"))
        .statusCode(422)
        .body("type", equalTo("/problems/invalid-chain"))
        .body("violations.field", contains("steps.no-table", "steps.bad-column", "steps.no-task"))
        .body("violations[0].message", containsString("rowmill_work.none"));
    API.header("Accept-Language", "zh")
        .json(Map.of("steps", List.of(sql("bad", project, "DELETE FROM rowmill_work.none"))))
        .post("/chains/plans")
        .statusCode(422)
        .body("title", equalTo("链中有步骤无法启动"));
  }

  @Test
  void bad_chains_are_rejected() {
    plan(update("a", "n = 0", "b"), update("b", "n = 0", "a"))
        .statusCode(400)
        .body("violations.message", contains(containsString("a → b → a")));
    plan(update("a", "n = 0", "x")).statusCode(400).body("violations", not(empty()));
    API.json("{}").post("/chains/plans").statusCode(400);
    API.get("/chains/plans").statusCode(405);
  }
}
