package dev.rowmill.rest;

import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.endsWith;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rowmill.testing.Batches;
import dev.rowmill.testing.DatabaseResource;
import dev.rowmill.testing.FaultyTask;
import dev.rowmill.testing.Metrics;
import dev.rowmill.testing.RowmillApi;
import dev.rowmill.testing.RowmillApi.Reply;
import dev.rowmill.testing.WorkTable;
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
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests that rows which reject their change are noted and passed over, and no others. */
@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class SkippedRowsTest {

  private static final RowmillApi API = RowmillApi.local();
  private static final int ROWS = 2000;
  private static final String SKIP = "\"onError\": {\"mode\": \"skip\"}";

  /** Lists bad rows: at both ends, alone, next to each other, and a block. */
  private static final List<Integer> BAD =
      Stream.concat(
              Stream.of(1, 7, 500, 501, 999, 1000, 1777, ROWS),
              IntStream.rangeClosed(1200, 1259).boxed())
          .sorted()
          .toList();

  private static final String BAD_LIST =
      BAD.stream().map(String::valueOf).collect(Collectors.joining(","));

  @Inject AgroalDataSource database;

  private final String project = Batches.newProject();
  @RegisterExtension final WorkTable table = WorkTable.ofRows(ROWS);

  private Reply started(String sql, String more) {
    return API.waiting()
        .json("{\"sql\": \"" + in(sql) + "\", " + more + "}")
        .post("/projects/" + project + "/batches");
  }

  private Reply done(String sql, String more) {
    return started(sql, SKIP + ", " + more).statusCode(200);
  }

  private String in(String sql) {
    return sql.replace("{t}", table.name());
  }

  private void execute(String... statements) throws SQLException {
    for (String sql : statements) {
      table.execute(in(sql));
    }
  }

  private List<Integer> ids(String sql) throws SQLException {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(in(sql))) {
      List<Integer> ids = new ArrayList<>();
      while (row.next()) {
        ids.add(row.getInt(1));
      }
      return ids;
    }
  }

  private static List<Integer> skippedIds(long batch) {
    List<Map<String, Map<String, String>>> items =
        API.get("/batches/" + batch + "/skipped?limit=500").statusCode(200).path("items");
    return items.stream().map(it -> Integer.valueOf(it.get("key").get("id"))).sorted().toList();
  }

  /** Asserts that a batch has skipped the bad rows and succeeded, and that its ranges add up. */
  private Reply assertSkipped(Reply batch, int changed) {
    return assertSkipped(batch, changed, ROWS);
  }

  private Reply assertSkipped(Reply batch, int changed, int scanned) {
    batch
        .body("status", equalTo("succeeded"))
        .body("error", nullValue())
        .body("skipped", equalTo(BAD.size()))
        .body("progress.rowsSkipped", equalTo(BAD.size()))
        .body("progress.rowsChanged", equalTo(changed))
        .body("progress.rowsScanned", equalTo(scanned));
    assertEquals(BAD, skippedIds(batch.id()));
    Map<String, Integer> sums = sums(batch.id());
    assertEquals(scanned, sums.get("rowsScanned"));
    assertEquals(changed, sums.get("rowsChanged"));
    assertEquals(BAD.size(), sums.get("rowsSkipped"));
    return batch;
  }

  private static Map<String, Integer> sums(long batch) {
    Map<String, Integer> sums = new HashMap<>();
    String next = "/batches/" + batch + "/ranges?limit=500";
    while (next != null) {
      Reply page = API.get(next).statusCode(200);
      List<Map<String, Object>> items = page.path("items");
      for (Map<String, Object> item : items) {
        for (String name : List.of("rowsScanned", "rowsChanged", "rowsSkipped")) {
          sums.merge(name, (Integer) item.get(name), Integer::sum);
        }
      }
      next = page.path("next");
    }
    return sums;
  }

  @ParameterizedTest
  @CsvSource({"true,1", "false,1", "true,3", "false,3"})
  void rows_out_of_range_are_skipped_and_all_others_changed_once(boolean undo, int lanes)
      throws SQLException {
    execute("UPDATE {t} SET n = IF(id IN (" + BAD_LIST + "), 2147483647, id)");
    double before = new Metrics(API.metrics()).value("rowmill_rows_skipped_total");
    Reply done =
        assertSkipped(
            done(
                "UPDATE {t} SET n = n + 1",
                "\"wholeTable\": true, \"chunk\": {\"rows\": 300}, \"lanes\": %d, \"undo\": %s"
                    .formatted(lanes, undo)),
            ROWS - BAD.size());
    assertEquals(
        before + BAD.size(), new Metrics(API.metrics()).value("rowmill_rows_skipped_total"));
    assertEquals(ROWS - BAD.size(), table.number(in("SELECT COUNT(*) FROM {t} WHERE n = id + 1")));
    assertEquals(BAD, ids("SELECT id FROM {t} WHERE n = 2147483647 ORDER BY id"));
    if (undo) {
      API.waiting()
          .header("Content-Type", "application/json")
          .post("/batches/" + done.id() + "/undo")
          .statusCode(200)
          .body("status", equalTo("succeeded"))
          .body("conflicts", equalTo(0))
          .body("progress.rowsChanged", equalTo(ROWS - BAD.size()));
      assertEquals(ROWS - BAD.size(), table.number(in("SELECT COUNT(*) FROM {t} WHERE n = id")));
      assertEquals(BAD, ids("SELECT id FROM {t} WHERE n = 2147483647 ORDER BY id"));
    }
  }

  @Test
  void duplicate_keys_are_skipped() throws SQLException {
    execute(
        "UPDATE {t} SET n = id",
        "ALTER TABLE {t} ADD UNIQUE (n)",
        "INSERT INTO {t} SELECT id + 1000000, id + 100000 FROM {t} WHERE id IN (" + BAD_LIST + ")");
    Reply done =
        assertSkipped(
            done("UPDATE {t} SET n = n + 100000 WHERE id <= " + ROWS, "\"chunk\": {\"rows\": 700}"),
            ROWS - BAD.size(),
            ROWS + BAD.size());
    API.get("/batches/" + done.id() + "/skipped?limit=1")
        .body("items[0].errorCode", equalTo(1062))
        .body("items[0].sqlState", equalTo("23000"))
        .body("items[0].message", containsString("100001"))
        .body("items[0].key.id", equalTo("1"))
        .body("items[0].lane", equalTo(0))
        .body("items[0].from", nullValue())
        .body("items[0].to", startsWith("[\""));
  }

  @Test
  void checks_foreign_keys_triggers_and_texts_reject_rows() throws SQLException {
    execute(
        "ALTER TABLE {t} ADD COLUMN kind INT NOT NULL DEFAULT 0, ADD COLUMN ref INT NULL,"
            + " ADD COLUMN doc JSON NULL, ADD COLUMN word VARCHAR(3) NULL",
        "DROP TABLE IF EXISTS {t}_parent",
        "CREATE TABLE {t}_parent (id INT PRIMARY KEY)",
        "INSERT INTO {t}_parent VALUES (0)",
        "ALTER TABLE {t} ADD CONSTRAINT positive CHECK (n < 100)",
        "ALTER TABLE {t} ADD FOREIGN KEY (ref) REFERENCES {t}_parent (id)",
        "CREATE TRIGGER {t}_guard BEFORE UPDATE ON {t} FOR EACH ROW BEGIN"
            + " IF OLD.kind = 3 THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'not this row';"
            + " END IF; END",
        "UPDATE {t} SET kind = id DIV 50 % 6 + 1 WHERE id % 50 = 0 AND id DIV 50 % 6 <> 2",
        "UPDATE {t} SET kind = 3 WHERE id % 50 = 0 AND kind = 0");
    List<Integer> bad = ids("SELECT id FROM {t} WHERE kind <> 0 AND kind <> 6 ORDER BY id");
    Reply done =
        done(
                "UPDATE {t} SET n = IF(kind = 1, 100, 1), ref = IF(kind = 2, 7, 0),"
                    + " doc = IF(kind = 4, '{oops', '{}'), word = IF(kind = 5, 'four', 'two')",
                "\"wholeTable\": true, \"undo\": true, \"chunk\": {\"rows\": 450}")
            .body("status", equalTo("succeeded"))
            .body("skipped", equalTo(bad.size()));
    assertEquals(bad, skippedIds(done.id()));
    assertEquals(ROWS - bad.size(), table.rowsWith(1));
    Map<Integer, String> kinds = new TreeMap<>();
    List<Map<String, Object>> items =
        API.get("/batches/" + done.id() + "/skipped?limit=500").path("items");
    for (Map<String, Object> item : items) {
      kinds.put((Integer) item.get("errorCode"), String.valueOf(item.get("message")));
    }
    assertTrue(kinds.size() >= 4, kinds::toString);
    assertEquals("not this row", kinds.get(1644));
    assertTrue(kinds.containsKey(1452) && kinds.containsKey(1406), kinds::toString);
  }

  @Test
  void a_delete_skips_rows_that_others_refer_to() throws SQLException {
    execute(
        "DROP TABLE IF EXISTS {t}_child",
        "CREATE TABLE {t}_child (parent BIGINT NOT NULL, FOREIGN KEY (parent) REFERENCES {t} (id))",
        "INSERT INTO {t}_child SELECT id FROM {t} WHERE id IN (" + BAD_LIST + ")");
    try {
      Reply done =
          assertSkipped(
              done(
                  "DELETE FROM {t}",
                  "\"wholeTable\": true, \"undo\": true, \"chunk\": {\"rows\": 333}"),
              ROWS - BAD.size());
      assertEquals(BAD, ids("SELECT id FROM {t} ORDER BY id"));
      API.waiting()
          .header("Content-Type", "application/json")
          .post("/batches/" + done.id() + "/undo")
          .body("status", equalTo("succeeded"))
          .body("conflicts", equalTo(0));
      assertEquals(ROWS, table.rowsWith(0));
    } finally {
      execute("DROP TABLE {t}_child");
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void an_insert_skips_source_rows(boolean undo) throws SQLException {
    execute(
        "DROP TABLE IF EXISTS {t}_copy",
        "CREATE TABLE {t}_copy (no BIGINT AUTO_INCREMENT PRIMARY KEY, id BIGINT UNIQUE, n INT)",
        "INSERT INTO {t}_copy (id) SELECT id FROM {t} WHERE id IN (" + BAD_LIST + ")");
    Reply done =
        assertSkipped(
            done(
                "INSERT INTO {t}_copy (id, n) SELECT id, 5 FROM {t}",
                "\"wholeTable\": true, \"chunk\": {\"rows\": 600}, \"undo\": " + undo),
            ROWS - BAD.size());
    assertEquals(ROWS, table.number(in("SELECT COUNT(*) FROM {t}_copy")));
    if (undo) {
      API.waiting()
          .header("Content-Type", "application/json")
          .post("/batches/" + done.id() + "/undo")
          .body("status", equalTo("succeeded"))
          .body("conflicts", equalTo(0));
      assertEquals(BAD, ids("SELECT id FROM {t}_copy ORDER BY id"));
    }
  }

  @Test
  void keys_of_several_columns_and_joins_are_isolated() throws SQLException {
    execute(
        "UPDATE {t} SET n = IF(id IN (" + BAD_LIST + "), 2147483647, id)",
        "DROP TABLE IF EXISTS {t}_wide, {t}_other",
        "CREATE TABLE {t}_wide (a VARCHAR(20) NOT NULL, d DATE NOT NULL, id INT, n INT NOT NULL,"
            + " PRIMARY KEY (a, d DESC)) CHARACTER SET utf8mb4",
        "INSERT INTO {t}_wide SELECT CONCAT('ä', id % 13), '2000-01-01' + INTERVAL id DAY, id, n"
            + " FROM {t}",
        "CREATE TABLE {t}_other (id INT PRIMARY KEY)",
        "INSERT INTO {t}_other SELECT id FROM {t}");
    Reply wide =
        done("UPDATE {t}_wide SET n = n + 1", "\"wholeTable\": true, \"chunk\": {\"rows\": 400}")
            .body("status", equalTo("succeeded"))
            .body("skipped", equalTo(BAD.size()));
    API.get("/batches/" + wide.id() + "/skipped?limit=1")
        .body("items[0].key.a", startsWith("ä"))
        .body("items[0].key.d", startsWith("200"));
    assertEquals(BAD, ids("SELECT id FROM {t}_wide WHERE n = 2147483647 ORDER BY id"));
    assertEquals(ROWS - BAD.size(), ids("SELECT id FROM {t}_wide WHERE n = id + 1").size());
    assertSkipped(
        done(
            "UPDATE {t} AS t JOIN {t}_other AS o ON o.id = t.id SET t.n = t.n + 1",
            "\"wholeTable\": true, \"chunk\": {\"rows\": 400}"),
        ROWS - BAD.size());
    assertEquals(BAD, ids("SELECT id FROM {t} WHERE n = 2147483647 ORDER BY id"));
  }

  @Test
  void few_matching_rows_of_many_are_isolated() throws SQLException {
    execute(
        "ALTER TABLE {t} ADD COLUMN state INT NOT NULL DEFAULT 0, ADD INDEX (state)",
        "UPDATE {t} SET n = IF(id IN (" + BAD_LIST + "), 2147483647, id)",
        "UPDATE {t} SET state = 1 WHERE id % 40 = 0 OR id IN (7, 999, 1777)",
        "ANALYZE TABLE {t}");
    List<Integer> bad = ids("SELECT id FROM {t} WHERE state = 1 AND n = 2147483647 ORDER BY id");
    Reply done =
        done("UPDATE {t} SET n = n + 1 WHERE state = 1", "\"chunk\": {\"rows\": 20}")
            .body("status", equalTo("succeeded"));
    assertEquals(bad, skippedIds(done.id()));
    assertEquals(53 - bad.size(), table.number(in("SELECT COUNT(*) FROM {t} WHERE n = id + 1")));
  }

  @Test
  void a_batch_fails_when_its_budget_is_spent() throws SQLException {
    execute("UPDATE {t} SET n = IF(id IN (" + BAD_LIST + "), 2147483647, id)");
    Reply failed =
        started(
                "UPDATE {t} SET n = n + 1",
                "\"onError\": {\"mode\": \"skip\", \"maxSkipped\": 5}, \"wholeTable\": true,"
                    + " \"chunk\": {\"rows\": 700}")
            .statusCode(200)
            .body("status", equalTo("failed"))
            .body("skipped", equalTo(5))
            .body("onError.mode", equalTo("skip"))
            .body("onError.maxSkipped", equalTo(5))
            .body("error.type", endsWith("too-many-skipped"))
            .body("error.skipped", equalTo(5))
            .body("error.maxSkipped", equalTo(5))
            .body("error.key", equalTo("{\"id\":\"1000\"}"))
            .body("progress.rowsScanned", equalTo(999))
            .body("progress.rowsChanged", equalTo(994));
    assertEquals(BAD.subList(0, 5), skippedIds(failed.id()));
    assertEquals(994, table.number(in("SELECT COUNT(*) FROM {t} WHERE n = id + 1")));
    API.waiting()
        .header("Content-Type", "application/json")
        .post("/batches/" + failed.id() + "/undo")
        .body("status", equalTo("succeeded"))
        .body("progress.rowsChanged", equalTo(994));
  }

  @ParameterizedTest
  @CsvSource({"'\"3.45%\"', succeeded, 68", "'\"3.3%\"', failed, 66", "'67', failed, 67"})
  void a_budget_may_be_a_share_of_the_rows_and_holds_over_all_lanes(
      String budget, String status, int most) throws SQLException {
    execute("UPDATE {t} SET n = IF(id IN (" + BAD_LIST + "), 2147483647, id)");
    Reply done =
        started(
                "UPDATE {t} SET n = n + 1",
                "\"onError\": {\"mode\": \"skip\", \"maxSkipped\": %s}, \"wholeTable\": true,"
                        .formatted(budget)
                    + " \"chunk\": {\"rows\": 50}, \"lanes\": 4")
            .statusCode(200)
            .body("status", equalTo(status));
    int skipped = done.path("skipped");
    assertTrue(skipped <= most, () -> skipped + " skipped");
    assertEquals(skipped, skippedIds(done.id()).size());
    int changed = done.path("progress.rowsChanged");
    assertEquals(changed, table.number(in("SELECT COUNT(*) FROM {t} WHERE n = id + 1")));
  }

  @Test
  void a_task_in_java_is_salvaged_by_halves() {
    FaultyTask.arm(
        table,
        (connection, chunk, attempt) -> {
          long upTo = Long.parseLong(chunk.upTo());
          long from = upTo - chunk.rows() + 1;
          if (BAD.stream().anyMatch(id -> id >= from && id <= upTo)) {
            throw new SQLException("a bad row", "22003", 1264);
          }
        });
    Reply done =
        API.waiting()
            .json(
                "{\"task\": \"faulty\", \"parameters\": {\"table\": \"%s\"}, %s, \"chunk\":"
                        .formatted(table.name(), SKIP)
                    + " {\"rows\": 300}}")
            .post("/projects/" + project + "/batches")
            .statusCode(200)
            .body("status", equalTo("succeeded"))
            .body("skipped", equalTo(BAD.size()));
    List<Map<String, Map<String, String>>> items =
        API.get("/batches/" + done.id() + "/skipped?limit=500").path("items");
    assertEquals(
        new TreeSet<>(BAD),
        items.stream()
            .map(it -> Integer.valueOf(it.get("key").get("cursor")))
            .collect(Collectors.toCollection(TreeSet::new)));
  }

  @Test
  void skipped_rows_come_in_pages_as_csv_and_by_error() throws SQLException {
    execute(
        "UPDATE {t} SET n = id",
        "ALTER TABLE {t} ADD UNIQUE (n)",
        "UPDATE {t} SET n = 2147483647 WHERE id = 10");
    Reply done =
        done("UPDATE {t} SET n = n + 1000 WHERE id <= 30", "\"chunk\": {\"rows\": 100}")
            .body("status", equalTo("succeeded"))
            .body("skipped", equalTo(30));
    String path = "/batches/" + done.id() + "/skipped";
    String next = API.get(path + "?limit=1").body("items", hasSize(1)).path("next");
    assertTrue(next.startsWith("/api/v1" + path + "?limit=1&after="), next);
    API.get(path + "?error=1264")
        .body("items", hasSize(1))
        .body("items[0].key.id", equalTo("10"))
        .body("next", nullValue());
    API.get(path + "?error=1062").body("items", hasSize(29));
    API.get(path + "?error=x").statusCode(400);
    API.header("Accept", "text/csv")
        .get(path + "?error=1264")
        .statusCode(200)
        .contentType("text/csv")
        .body(startsWith("key.id,errorCode,sqlState,message,lane,from,to,retriedBy\r\n10,1264,"));
    API.header("Accept", "text/csv")
        .get(path + "?limit=1")
        .header("Link", endsWith("; rel=\"next\""));
  }

  @ParameterizedTest
  @CsvSource({
    "'UPDATE {t} SET n = 1 WHERE n = 0 LIMIT 10', LIMIT",
    "'REPLACE INTO {t}_copy SELECT id, n FROM {t} WHERE id < 5', REPLACE",
    "'INSERT INTO {t}_copy SELECT id, n FROM {t} WHERE id < 5 ON DUPLICATE KEY UPDATE n = 1',"
        + " ON DUPLICATE KEY",
    "'UPDATE {t}_copy SET id = id + 10000 WHERE n = 0', divided",
  })
  void a_statement_whose_rows_cannot_be_isolated_is_rejected(String sql, String reason)
      throws SQLException {
    execute("DROP TABLE IF EXISTS {t}_copy", "CREATE TABLE {t}_copy LIKE {t}");
    started(sql, SKIP)
        .statusCode(422)
        .body("type", endsWith("skip-impossible"))
        .body("reasons.join('|')", containsString(reason));
    started(sql, "\"onError\": {\"mode\": \"fail\"}").body("type", not(equalTo("skip-impossible")));
  }

  @Test
  void a_plain_task_cannot_skip() {
    API.json("{\"task\": \"call\", \"parameters\": {\"call\": \"none\"}, " + SKIP + "}")
        .post("/projects/" + project + "/batches")
        .statusCode(422)
        .body("type", endsWith("skip-impossible"));
  }

  /** Tests a random set of bad rows, dense or sparse, alone or in blocks. */
  @RepeatedTest(12)
  void whichever_rows_are_bad_exactly_they_are_skipped() throws SQLException {
    long seed = Long.getLong("testing.seed", System.nanoTime());
    var random = new Random(seed);
    int one = List.of(2, 5, 30, 300, 1500).get(random.nextInt(5));
    int longest = random.nextBoolean() ? 1 : 40;
    TreeSet<Integer> bad = new TreeSet<>();
    for (int id = 1; id <= ROWS; id++) {
      if (random.nextInt(one) == 0) {
        int block = 1 + random.nextInt(longest);
        for (int i = 0; i < block && id <= ROWS; i++) {
          bad.add(id++);
        }
      }
    }
    boolean undo = random.nextBoolean();
    int lanes = 1 + random.nextInt(3);
    int chunk = 10 + random.nextInt(900);
    String how = "seed %d: %d bad, undo %s, lanes %d".formatted(seed, bad.size(), undo, lanes);
    execute("UPDATE {t} SET n = id");
    if (!bad.isEmpty()) {
      String ids = bad.stream().map(String::valueOf).collect(Collectors.joining(","));
      execute("UPDATE {t} SET n = 2147483647 WHERE id IN (" + ids + ")");
    }
    Reply done =
        started(
                "UPDATE {t} SET n = n + 1",
                "\"onError\": {\"mode\": \"skip\", \"maxSkipped\": 5000}, \"wholeTable\": true,"
                    + " \"chunk\": {\"rows\": %d}, \"lanes\": %d, \"undo\": %s"
                        .formatted(chunk, lanes, undo))
            .statusCode(200)
            .body("status", equalTo("succeeded"))
            .body("progress.rowsScanned", equalTo(ROWS))
            .body("progress.rowsChanged", equalTo(ROWS - bad.size()));
    assertEquals(
        List.copyOf(bad),
        ids(
            "SELECT JSON_VALUE(row_key, '$.id') + 0 AS id FROM skipped_row WHERE batch = "
                + done.id()
                + " ORDER BY id"),
        how);
    assertEquals(List.copyOf(bad), ids("SELECT id FROM {t} WHERE n = 2147483647 ORDER BY id"), how);
    assertEquals(
        ROWS - bad.size(), table.number(in("SELECT COUNT(*) FROM {t} WHERE n = id + 1")), how);
  }
}
