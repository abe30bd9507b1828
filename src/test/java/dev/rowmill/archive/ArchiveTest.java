package dev.rowmill.archive;

import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.endsWith;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rowmill.testing.AllTypesTable;
import dev.rowmill.testing.AllTypesTable.Key;
import dev.rowmill.testing.Batches;
import dev.rowmill.testing.DatabaseResource;
import dev.rowmill.testing.RowmillApi;
import dev.rowmill.testing.RowmillApi.Reply;
import dev.rowmill.testing.Sql;
import dev.rowmill.testing.StartRequestBuilder;
import io.agroal.api.AgroalDataSource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests that archived rows are moved exactly, once, and with their children. */
@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class ArchiveTest {

  private static final RowmillApi API = RowmillApi.local();
  private static final int ROWS = 1000;
  private static final AtomicInteger COUNT = new AtomicInteger();

  @Inject AgroalDataSource database;
  @Inject Batches batches;

  private final String project = Batches.newProject();
  private final String orders = "rowmill_work.order" + COUNT.incrementAndGet();
  private final String lines = orders + "_line";
  private final String notes = orders + "_note";
  private final String archive = orders.replace("rowmill_work", "rowmill_archive");

  @BeforeEach
  void tables() throws SQLException {
    execute("CREATE DATABASE IF NOT EXISTS rowmill_work");
    execute("DROP DATABASE IF EXISTS rowmill_archive");
    execute("CREATE DATABASE rowmill_archive");
    execute("DROP TABLE IF EXISTS " + lines + ", " + notes + ", " + orders);
    execute(
        "CREATE TABLE %s (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, n INT NOT NULL)"
            .formatted(orders));
    execute(
        "CREATE TABLE "
            + lines
            + " (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, order_id INT NOT NULL, n INT, FOREIGN KEY (order_id) REFERENCES "
            + orders
            + " (id))");
    execute(
        "CREATE TABLE %s (order_id INT NOT NULL, id INT NOT NULL, PRIMARY KEY (order_id, id))"
            .formatted(notes));
    String numbers = "SELECT a.i * 100 + b.i * 10 + c.i + 1 AS i FROM %1$s a, %1$s b, %1$s c";
    String digits =
        "(SELECT 0 i UNION SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION SELECT 4 UNION SELECT 5"
            + " UNION SELECT 6 UNION SELECT 7 UNION SELECT 8 UNION SELECT 9)";
    execute(
        "INSERT INTO %s (id, n) SELECT i, i %% 10 FROM (%s) AS numbers"
            .formatted(orders, numbers.formatted(digits)));
    execute("INSERT INTO %s (order_id, n) SELECT id, n FROM %s".formatted(lines, orders));
    execute("INSERT INTO %s (order_id, n) SELECT id, 7 FROM %s".formatted(lines, orders));
    execute("INSERT INTO %s (order_id, id) SELECT id, id FROM %s".formatted(notes, orders));
  }

  @AfterEach
  void leaveNothingBehind() {
    batches.leaveNothingBehind();
  }

  private void execute(String sql) throws SQLException {
    Sql.execute(database, sql);
  }

  private void copyDefinition() throws SQLException {
    execute("CREATE TABLE " + archive + " LIKE " + orders);
  }

  private long count(String table) throws SQLException {
    return Sql.number(database, "SELECT COUNT(*) FROM " + table);
  }

  private long checksum(String table) throws SQLException {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("CHECKSUM TABLE " + table + " EXTENDED")) {
      row.next();
      return row.getLong(2);
    }
  }

  private StartRequestBuilder start(Map<String, ?> members) {
    return API.start(project).with("archive", members);
  }

  private Map<String, Object> move(String where) {
    return Map.of("table", orders, "where", where, "to", Map.of("table", archive));
  }

  private Map<String, Object> withChildren(String where) {
    return Map.of(
        "table",
        orders,
        "where",
        where,
        "to",
        Map.of("table", archive),
        "missingTable",
        "create",
        "children",
        List.of(
            Map.of("table", lines, "by", "order_id"),
            Map.of("table", notes, "by", "order_id", "to", Map.of("table", archive + "_memo"))));
  }

  private static Reply succeeded(StartRequestBuilder start) {
    return start.waiting().send().statusCode(200).body("status", equalTo("succeeded"));
  }

  private Reply refused(Map<String, ?> members) {
    return start(members).send().statusCode(422);
  }

  @ParameterizedTest
  @EnumSource
  void every_type_is_copied_exactly_by_each_key(Key key) throws SQLException {
    AllTypesTable table = AllTypesTable.create(database, key, 400);
    AllTypesTable copy = table.likeThis();
    AllTypesTable.State before = table.state();
    API.start(project)
        .with("archive", Map.of("table", table.name(), "to", Map.of("table", copy.name())))
        .with("wholeTable", true)
        .with("lanes", 2)
        .chunkRows(30)
        .waiting()
        .send()
        .statusCode(200)
        .body("status", equalTo("succeeded"))
        .body("progress.rowsChanged", equalTo(400));
    assertEquals(before, copy.state());
    assertEquals(0, count(table.name()));
  }

  @ParameterizedTest
  @EnumSource
  void every_type_is_copied_exactly_by_single_keys(Key key) throws SQLException {
    AllTypesTable table = AllTypesTable.create(database, key, 400);
    AllTypesTable copy = table.likeThis();
    AllTypesTable.State before = table.state();
    succeeded(
        API.start(project)
            .with(
                "archive",
                Map.of(
                    "table", table.name(),
                    "where", "n > (SELECT 0) -- all",
                    "to", Map.of("table", copy.name())))
            .chunkRows(130));
    assertEquals(before, copy.state());
    assertEquals(0, count(table.name()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "n < :most",
        "id <= 10 * :most AND n < :most",
        "n < (SELECT MAX(:most))",
        "n < :most AND NOW() > '2020-01-01'"
      })
  void rows_that_match_are_moved(String where) throws SQLException {
    copyDefinition();
    execute("ALTER TABLE " + archive + " ADD archived_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP");
    String matching = where.replace(":most", "5");
    long rows = count(orders + " WHERE " + matching);
    execute("DELETE FROM " + lines);
    API.start(project)
        .with("archive", move(where))
        .with("parameters", Map.of("most", 5))
        .chunkRows(70)
        .waiting()
        .send()
        .statusCode(200)
        .body("status", equalTo("succeeded"))
        .body("task", equalTo("archive"))
        .body("parameters.to.table", equalTo(archive))
        .body("progress.rowsChanged", equalTo((int) rows));
    assertTrue(rows > 0);
    assertEquals(rows, count(archive));
    assertEquals(0, count(orders + " WHERE " + matching));
    assertEquals(ROWS - rows, count(orders));
  }

  @Test
  void children_go_along_into_tables_that_are_created() throws SQLException {
    long linesBefore = checksum(lines);
    long notesBefore = checksum(notes);
    long before = checksum(orders);
    succeeded(start(withChildren("id % 3 > 0")).chunkRows(700).with("lanes", 1));
    assertEquals(667, count(archive));
    assertEquals(2 * 667, count(archive + "_line"));
    assertEquals(667, count(archive + "_memo"));
    assertEquals(2 * 333, count(lines));
    assertEquals(0, count(lines + " WHERE order_id NOT IN (SELECT id FROM " + orders + ")"));
    succeeded(start(withChildren("id > 0")).chunkRows(70).with("lanes", 4));
    assertEquals(before, checksum(archive));
    assertEquals(linesBefore, checksum(archive + "_line"));
    assertEquals(notesBefore, checksum(archive + "_memo"));
    for (String table : List.of(orders, lines, notes)) {
      assertEquals(0, count(table));
    }
  }

  @ParameterizedTest
  @EnumSource
  void an_archive_of_every_type_is_undone_and_done_again(Key key) throws SQLException {
    AllTypesTable table = AllTypesTable.create(database, key, 400);
    AllTypesTable copy = table.likeThis();
    AllTypesTable.State before = table.state();
    for (String where : List.of("n > 0", "n > (SELECT 0)")) {
      long id =
          succeeded(
                  API.start(project)
                      .with(
                          "archive",
                          Map.of(
                              "table", table.name(),
                              "where", where,
                              "to", Map.of("table", copy.name())))
                      .with("undo", true)
                      .chunkRows(150))
              .id();
      assertEquals(before, copy.state());
      long undo = undone(id, "{\"chunk\": {\"rows\": 40}}");
      assertEquals(before, table.state());
      assertEquals(0, count(copy.name()));
      long redo = undone(undo, "{}");
      assertEquals(before, copy.state());
      assertEquals(0, count(table.name()));
      undone(redo, "{}");
      assertEquals(before, table.state());
    }
  }

  private static long undone(long id, String body) {
    return API.waiting()
        .json(body)
        .post("/batches/" + id + "/undo")
        .statusCode(200)
        .body("status", equalTo("succeeded"))
        .body("conflicts", equalTo(0))
        .id();
  }

  @Test
  void children_come_back_with_their_parents() throws SQLException {
    List<String> tables = List.of(orders, lines, notes);
    List<Long> before = new ArrayList<>();
    for (String table : tables) {
      before.add(checksum(table));
    }
    long id = succeeded(start(withChildren("id > 0")).with("undo", true).chunkRows(600)).id();
    for (String table : tables) {
      assertEquals(0, count(table));
    }
    long undo = undone(id, "{\"chunk\": {\"rows\": 170}}");
    for (int i = 0; i < tables.size(); i++) {
      assertEquals(before.get(i), checksum(tables.get(i)));
    }
    undone(undo, "{\"chunk\": {\"rows\": 170}}");
    assertEquals(before.get(0), checksum(archive));
    assertEquals(before.get(1), checksum(archive + "_line"));
    assertEquals(before.get(2), checksum(archive + "_memo"));
  }

  @ParameterizedTest
  @CsvSource({"skip, 3", "overwrite, 0"})
  void rows_that_changed_since_are_conflicts_of_an_undo(String onConflict, int conflicts)
      throws SQLException {
    copyDefinition();
    execute("DELETE FROM " + lines);
    long id = succeeded(start(move("id > 0")).with("undo", true)).id();
    execute("INSERT INTO " + archive + " VALUES (5000, 0)");
    execute("UPDATE " + archive + " SET n = 77 WHERE id = 10");
    execute("DELETE FROM " + archive + " WHERE id = 20");
    execute("INSERT INTO " + orders + " VALUES (30, 77)");
    API.waiting()
        .json("{\"onConflict\": \"" + onConflict + "\"}")
        .post("/batches/" + id + "/undo")
        .statusCode(200)
        .body("status", equalTo("succeeded"))
        .body("conflicts", equalTo(conflicts));
    assertEquals(conflicts == 0 ? 1000 : 998, count(orders));
    assertEquals(conflicts == 0 ? 1 : 3, count(archive));
    assertEquals(conflicts == 0 ? 0 : 1, count(orders + " WHERE n = 77"));
  }

  @Test
  void an_undo_needs_the_same_key_and_types_in_the_archive() throws SQLException {
    copyDefinition();
    execute("ALTER TABLE " + archive + " MODIFY n BIGINT NOT NULL");
    start(move("n = 1"))
        .with("undo", true)
        .send()
        .statusCode(422)
        .body("type", endsWith("/undo-impossible"))
        .body("reasons[0]", containsString(archive));
    start(move("n = 1")).plan().statusCode(200).body("undo.available", equalTo(false));
    assertEquals(ROWS, count(orders));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void an_archive_is_restored_with_its_children(boolean undo) throws SQLException {
    List<String> tables = List.of(orders, lines, notes);
    List<Long> before = new ArrayList<>();
    for (String table : tables) {
      before.add(checksum(table));
    }
    long other = succeeded(start(withChildren("id > 990")).with("undo", false)).id();
    long id = succeeded(start(withChildren("id <= 900")).with("undo", undo).chunkRows(400)).id();
    Reply restore =
        API.waiting()
            .json("{\"chunk\": {\"rows\": 150}}")
            .post("/batches/" + id + "/restore")
            .statusCode(200)
            .body("status", equalTo("succeeded"))
            .body("kind", equalTo(undo ? "undo" : "task"))
            .body("task", equalTo(undo ? null : "restore"));
    assertEquals(990, count(orders));
    assertEquals(10, count(archive));
    assertEquals(20, count(archive + "_line"));
    API.waiting()
        .json("{}")
        .post("/batches/" + other + "/restore")
        .statusCode(200)
        .body("status", equalTo("succeeded"));
    for (int i = 0; i < tables.size(); i++) {
      assertEquals(before.get(i), checksum(tables.get(i)));
    }
    API.json("{}")
        .post("/batches/" + restore.id() + "/restore")
        .statusCode(409)
        .body("type", equalTo("/problems/not-restorable"));
  }

  @Test
  void a_key_that_is_taken_is_skipped_by_a_restore() throws SQLException {
    copyDefinition();
    execute("DELETE FROM " + lines);
    long id = succeeded(start(move("id > 0")).with("undo", false)).id();
    execute("INSERT INTO " + orders + " VALUES (30, 77)");
    API.waiting()
        .json("{}")
        .post("/batches/" + id + "/restore")
        .statusCode(200)
        .body("status", equalTo("succeeded"))
        .body("skipped", equalTo(1));
    assertEquals(ROWS, count(orders));
    assertEquals(List.of(30L), Sql.numbers(database, "SELECT id FROM " + archive));
  }

  @Test
  void a_plan_counts_and_shows_the_rows_and_is_started() throws SQLException {
    Reply plan =
        start(withChildren("n = 3"))
            .plan()
            .statusCode(200)
            .body("rowsMatching.rows", equalTo(100))
            .body("key.name", equalTo("PRIMARY"))
            .body("sample", hasSize(20))
            .body("statement.sql", containsString("DELETE"));
    assertEquals(
        0,
        Sql.number(
            database,
            "SELECT COUNT(*) FROM information_schema.TABLES WHERE"
                + " TABLE_SCHEMA = 'rowmill_archive'"));
    API.waiting()
        .json("{\"plan\": \"" + plan.path("id") + "\"}")
        .post("/projects/" + project + "/batches")
        .statusCode(200)
        .body("status", equalTo("succeeded"));
    assertEquals(100, count(archive));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "ALTER TABLE {a} DROP n | Add the column n (int",
        "ALTER TABLE {a} MODIFY n SMALLINT NOT NULL | Change the column n",
        "ALTER TABLE {a} MODIFY n INT UNSIGNED NOT NULL | Change the column n",
        "ALTER TABLE {a} ADD extra INT NOT NULL | Give the column extra",
        "ALTER TABLE {a} ENGINE = MyISAM | InnoDB",
        "CREATE TRIGGER {a}_t BEFORE INSERT ON {a} FOR EACH ROW SET NEW.n = 1 | Drop the trigger",
        "CREATE TRIGGER {t}_t AFTER DELETE ON {t} FOR EACH ROW DELETE FROM rowmill_work.x WHERE id"
            + " = OLD.id | Drop the trigger",
        "ALTER TABLE {l} ADD FOREIGN KEY (n) REFERENCES {t} (id) ON DELETE CASCADE | List"
            + " rowmill_work",
        "ALTER TABLE {l} ADD FOREIGN KEY (n) REFERENCES {t} (id) ON DELETE SET NULL | List"
            + " rowmill_work",
      })
  void tables_that_do_not_fit_are_rejected(String change, String reason) throws SQLException {
    copyDefinition();
    execute("UPDATE " + lines + " SET n = order_id");
    execute(change.replace("{a}", archive).replace("{t}", orders).replace("{l}", lines));
    refused(move("n = 1"))
        .body("type", equalTo("/problems/archive-impossible"))
        .body("reasons[0]", containsString(reason));
    assertEquals(ROWS, count(orders));
    assertEquals(0, count(archive));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "ALTER TABLE {n} DROP PRIMARY KEY | by | order_id | Add an index",
        "ALTER TABLE {n} MODIFY order_id BIGINT | by | order_id | the type of the key",
        "SELECT 1 | by | nothing | it has no column nothing",
        "SELECT 1 | table | rowmill_work.nothing | unknown-table",
        "SELECT 1 | table | {t} | Name each table once",
      })
  void children_that_do_not_fit_are_rejected(
      String change, String member, String value, String reason) throws SQLException {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(change.replace("{n}", notes));
    }
    var child = new HashMap<String, Object>(Map.of("table", notes, "by", "order_id"));
    child.put(member, value.replace("{t}", orders));
    var members = new HashMap<String, Object>(withChildren("n = 1"));
    members.put("children", List.of(child));
    assertTrue(refused(members).text().contains(reason));
    assertEquals(ROWS, count(orders));
  }

  @Test
  void a_child_that_cascades_by_another_column_is_rejected() throws SQLException {
    execute("ALTER TABLE " + orders + " ADD no INT NULL, ADD UNIQUE (no)");
    execute("UPDATE " + orders + " SET no = id");
    execute(
        "ALTER TABLE %s ADD FOREIGN KEY (order_id) REFERENCES %s (no) ON DELETE CASCADE"
            .formatted(lines, orders));
    refused(withChildren("n = 1"))
        .body("type", equalTo("/problems/archive-impossible"))
        .body("reasons[0]", containsString(lines));
    assertEquals(ROWS, count(orders));
  }

  @Test
  void tables_out_of_reach_are_rejected() throws SQLException {
    for (String to :
        List.of("mysql.user", "rowmill.batch", "rowmill_archive.nothing", "no such table", "")) {
      Reply reply =
          start(Map.of("table", orders, "where", "n = 1", "to", Map.of("table", to))).send();
      assertTrue(List.of(400, 422).contains(reply.status()), reply::text);
    }
    refused(
            Map.of(
                "table",
                orders,
                "where",
                "n = 1",
                "missingTable",
                "create",
                "to",
                Map.of("table", "no_schema.here")))
        .body("reasons[0]", containsString("no_schema"));
    copyDefinition();
    refused(move("n = 1) LIMIT 5 -- ")).body("type", endsWith("/unsupported-statement"));
    refused(move("n = 1; DROP TABLE x")).body("type", endsWith("/unsupported-statement"));
    API.start(project)
        .with("archive", Map.of("table", orders, "to", Map.of("files", "s3://x")))
        .send()
        .statusCode(400)
        .body("violations.field", equalTo(List.of("archive.to.files", "archive.to")));
    assertEquals(ROWS, count(orders));
  }

  @Test
  void a_key_that_the_archive_has_fails_the_chunk_or_is_skipped() throws SQLException {
    copyDefinition();
    execute("DELETE FROM " + lines);
    execute("INSERT INTO " + archive + " VALUES (500, 77)");
    start(move("id > 0"))
        .chunkRows(300)
        .with("lanes", 1)
        .waiting()
        .send()
        .body("status", equalTo("failed"));
    assertEquals(1, count(orders + " WHERE id = 500"));
    assertEquals(ROWS + 1, count(archive) + count(orders));
    succeeded(start(move("id > 0")).chunkRows(300).with("onError", Map.of("mode", "skip")))
        .body("skipped", equalTo(1));
    assertEquals(ROWS, count(archive));
    assertEquals(List.of(500L), Sql.numbers(database, "SELECT id FROM " + orders));
  }

  @Test
  void a_failed_archive_is_retried() throws SQLException {
    copyDefinition();
    execute("DELETE FROM " + lines);
    execute("INSERT INTO " + archive + " VALUES (500, 77)");
    long id =
        start(move("id > 0"))
            .chunkRows(100)
            .waiting()
            .send()
            .body("status", equalTo("failed"))
            .id();
    execute("DELETE FROM " + archive + " WHERE id = 500 AND n = 77");
    API.waiting()
        .json("{}")
        .post("/batches/" + id + "/retry")
        .statusCode(200)
        .body("status", equalTo("succeeded"));
    assertEquals(ROWS, count(archive));
    assertEquals(0, count(orders));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void writers_and_lost_connections_lose_and_double_no_row(boolean children) throws Exception {
    copyDefinition();
    if (!children) {
      execute("DELETE FROM " + lines);
    }
    execute("CREATE TABLE " + archive + "_line LIKE " + lines);
    execute("CREATE TABLE " + archive + "_memo LIKE " + notes);
    var running = new AtomicBoolean(true);
    CompletableFuture<Long> writer = CompletableFuture.supplyAsync(() -> write(running));
    CompletableFuture<Long> watcher = CompletableFuture.supplyAsync(() -> watch(running));
    CompletableFuture<Long> killer = CompletableFuture.supplyAsync(() -> kill(running));
    JsonNode ended;
    try {
      long id =
          start(children ? withChildren("n < 100") : move("n < 100"))
              .chunkRows(10)
              .with("lanes", 2)
              .with("limits", Map.of("rowsPerSecond", 700))
              .accepted();
      ended = API.ended(id);
    } finally {
      running.set(false);
    }
    long added = writer.get();
    assertTrue(watcher.get() > 0);
    killer.get();
    assertEquals("succeeded", ended.path("status").asText(), ended::toString);
    assertEquals(ended.path("progress").path("rowsChanged").asLong(), count(archive));
    assertEquals(ROWS + added, count(orders) + count(archive));
    if (children) {
      assertEquals(2 * ROWS, count(lines) + count(archive + "_line"));
      assertEquals(ROWS, count(notes) + count(archive + "_memo"));
      assertEquals(
          0, count(archive + "_line WHERE order_id NOT IN (SELECT id FROM " + archive + ")"));
    }
  }

  /** Adds, changes and removes rows, and returns how many it has added. */
  private long write(AtomicBoolean running) {
    long added = 0;
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement()) {
      for (int i = 0; running.get(); i++) {
        int id = 1 + i * 37 % ROWS;
        added += statement.executeUpdate("INSERT INTO " + orders + " (n) VALUES (1)");
        added -=
            statement.executeUpdate("DELETE FROM " + orders + " WHERE id = " + (ROWS + 3 * i + 1));
        statement.executeUpdate("UPDATE " + orders + " SET n = n + 1 WHERE id = " + id);
        statement.executeUpdate("UPDATE " + orders + " SET n = n + 99 WHERE id = " + (id + 1));
      }
      return added;
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Looks whether a row is in both tables, and returns how often it has looked. */
  private long watch(AtomicBoolean running) {
    long looks = 0;
    try {
      while (running.get()) {
        assertEquals(0, count(orders + " JOIN " + archive + " USING (id)"));
        assertEquals(
            0, count(archive + "_line WHERE order_id NOT IN (SELECT id FROM " + archive + ")"));
        looks++;
      }
      return looks;
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Kills a connection, and returns how many were killed: none if it has ended. */
  private static int killed(Statement statement, long id) {
    try {
      statement.execute("KILL " + id);
      return 1;
    } catch (SQLException gone) {
      return 0;
    }
  }

  /** Kills connections in the middle of a copy or a deletion, and returns how many. */
  private long kill(AtomicBoolean running) {
    long kills = 0;
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement()) {
      while (running.get()) {
        // A condition on the texts would fail on MySQL while one contains bytes that are not text.
        List<Long> busy = new ArrayList<>();
        try (ResultSet row = statement.executeQuery("SHOW FULL PROCESSLIST")) {
          while (row.next()) {
            String info = String.valueOf(row.getString("Info"));
            if (info.contains("/* rowmill batch=") && info.contains(orders.substring(13))) {
              busy.add(row.getLong("Id"));
            }
          }
        }
        for (long id : busy) {
          if (kills < 5) {
            kills += killed(statement, id);
          }
        }
      }
      return kills;
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }
}
