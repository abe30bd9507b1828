package dev.rowmill.rest;

import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.lessThanOrEqualTo;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.rowmill.testing.Batches;
import dev.rowmill.testing.DatabaseResource;
import dev.rowmill.testing.RowmillApi;
import dev.rowmill.testing.RowmillApi.Reply;
import dev.rowmill.testing.WorkTable;
import io.agroal.api.AgroalDataSource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Tests what a batch reports about ignored rows and about its LIMIT. */
@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class CountsTest {

  private static final RowmillApi API = RowmillApi.local();

  /** Exceeds the number of warnings that servers retain by default. */
  private static final int ROWS = 2000;

  @Inject AgroalDataSource database;

  private final String project = Batches.newProject();
  @RegisterExtension final WorkTable table = WorkTable.ofRows(ROWS);

  private Reply done(String sql, String more) {
    return API.waiting()
        .json("{\"sql\": \"" + sql.replace("{t}", table.name()) + "\", " + more + "}")
        .post("/projects/" + project + "/batches")
        .statusCode(200);
  }

  private static void assertCounts(Reply batch, int changed, Integer ignored, boolean limit) {
    batch
        .body("progress.rowsChanged", equalTo(changed))
        .body("progress.rowsIgnored", ignored == null ? nullValue() : equalTo(ignored))
        .body("progress.limitReached", equalTo(limit));
  }

  @Test
  void rows_that_an_update_ignores_are_counted_and_the_others_undone() throws SQLException {
    table.execute("UPDATE " + table.name() + " SET n = id");
    table.execute("ALTER TABLE " + table.name() + " ADD UNIQUE (n)");
    // All odd rows but the first conflict with the number of the first.
    Reply done =
        done(
            "UPDATE IGNORE {t} SET n = IF(id % 2 = 0, n + 100000, 50000) WHERE id <= 1500",
            "\"ignore\": true, \"undo\": true, \"chunk\": {\"rows\": 400}");
    assertCounts(done.body("status", equalTo("succeeded")), 751, 749, false);
    int id = done.path("id");
    Reply undone =
        API.waiting()
            .header("Content-Type", "application/json")
            .post("/batches/" + id + "/undo")
            .body("status", equalTo("succeeded"));
    assertCounts(undone, 751, 0, false);
    assertEquals(0, table.number("SELECT COUNT(*) FROM " + table.name() + " WHERE n <> id"));
  }

  @Test
  void all_ignored_rows_of_an_insert_are_counted() throws SQLException {
    table.execute("DELETE FROM " + table.name() + " WHERE id <= 50");
    String copy = table.name() + "_copy";
    table.execute("DROP TABLE IF EXISTS " + copy);
    table.execute("CREATE TABLE " + copy + " (id BIGINT PRIMARY KEY, n INT)");
    table.execute("INSERT INTO " + copy + " SELECT * FROM " + table.name());
    table.execute("DELETE FROM " + copy + " WHERE id > 1990");
    assertCounts(
        done(
                "INSERT IGNORE INTO " + copy + " SELECT id, n FROM {t}",
                "\"ignore\": true, \"wholeTable\": true, \"chunk\": {\"rows\": 5000}")
            .body("status", equalTo("succeeded"))
            .body("progress.chunks", lessThanOrEqualTo(2)),
        10,
        ROWS - 60,
        false);
  }

  @Test
  void no_undo_image_is_stored_where_mariadb_counts_the_ignored_rows() throws SQLException {
    table.execute("UPDATE " + table.name() + " SET n = id");
    table.execute("ALTER TABLE " + table.name() + " ADD UNIQUE (n)");
    String other = table.name() + "_other";
    table.execute("DROP TABLE IF EXISTS " + other);
    table.execute("CREATE TABLE " + other + " (id BIGINT PRIMARY KEY)");
    table.execute("INSERT INTO " + other + " VALUES (1), (2), (3)");
    boolean mariaDb;
    try (Connection connection = database.getConnection()) {
      mariaDb = connection.getMetaData().getDatabaseProductVersion().contains("MariaDB");
    }
    String sql =
        "UPDATE IGNORE " + other + " AS o STRAIGHT_JOIN {t} AS t ON t.id = o.id SET t.n = 5";
    done(sql, "\"ignore\": true, \"wholeTable\": true")
        .body("status", equalTo("succeeded"))
        .body("progress.rowsIgnored", mariaDb ? nullValue() : equalTo(3))
        .body("undo.available", equalTo(false));
    API.json(
            ("{\"sql\": \"" + sql + "\", \"ignore\": true, \"wholeTable\": true, \"undo\": true}")
                .replace("{t}", table.name()))
        .waiting()
        .post("/projects/" + project + "/batches")
        .statusCode(mariaDb ? 422 : 200)
        .body("reasons[0]", mariaDb ? containsString("Remove IGNORE") : nullValue());
  }

  @Test
  void a_limit_is_reached_when_the_batch_has_succeeded() throws SQLException {
    String chunks = "\"chunk\": {\"rows\": 100}";
    assertCounts(done("UPDATE {t} SET n = 1 WHERE n = 0 LIMIT 700", chunks), 700, 0, true);
    assertCounts(done("UPDATE {t} SET n = 2 WHERE n = 0 LIMIT 1301", chunks), 1300, 0, false);
    assertCounts(done("UPDATE {t} SET n = 3 WHERE n = 2 LIMIT 0", chunks), 0, 0, true);
    assertCounts(done("UPDATE {t} SET n = 4 WHERE n = 2", chunks), 1300, 0, false);
    table.execute("UPDATE " + table.name() + " SET n = 2147483647 WHERE id = 250");
    Reply failed = done("UPDATE {t} SET n = n + 1 ORDER BY id LIMIT 300", chunks);
    assertCounts(failed.body("status", equalTo("failed")), 249, 0, false);
  }
}
