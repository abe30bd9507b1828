package dev.rowmill.rest;

import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.endsWith;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.rowmill.testing.Batches;
import dev.rowmill.testing.DatabaseResource;
import dev.rowmill.testing.FaultyTask;
import dev.rowmill.testing.GateTask;
import dev.rowmill.testing.RowmillApi;
import dev.rowmill.testing.RowmillApi.Reply;
import dev.rowmill.testing.WorkTable;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests that a batch over skipped rows processes exactly these, each of them once. */
@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class SkippedRetryTest {

  private static final RowmillApi API = RowmillApi.local();
  private static final int ROWS = 1000;

  /** Counts the rows whose id ends with 7, which are bad at first. */
  private static final int BAD = ROWS / 10;

  private static final Map<String, Object> SKIP = Map.of("mode", "skip", "maxSkipped", ROWS);
  private static final String ADD = "UPDATE {t} SET n = n + 1 WHERE id > 0";

  private final String project = Batches.newProject();
  @RegisterExtension final WorkTable table = WorkTable.ofRows(ROWS);

  private String in(String sql) {
    return sql.replace("{t}", table.name());
  }

  private void execute(String... statements) throws SQLException {
    for (String sql : statements) {
      table.execute(in(sql));
    }
  }

  private long count(String condition) throws SQLException {
    return table.number(in("SELECT COUNT(*) FROM {t} WHERE " + condition));
  }

  private void spoil() throws SQLException {
    execute("UPDATE {t} SET n = 2147483647 WHERE id % 10 = 7");
  }

  private void repair(String condition) throws SQLException {
    execute("UPDATE {t} SET n = 0 WHERE n = 2147483647 AND (" + condition + ")");
  }

  /** Runs a batch that skips the bad rows. */
  private Reply skipping(String sql, Map<String, Object> more) {
    return API.start(project)
        .sql(in(sql))
        .with("onError", SKIP)
        .with("wholeTable", true)
        .chunkRows(130)
        .with(more)
        .waiting()
        .send()
        .statusCode(200)
        .body("status", equalTo("succeeded"));
  }

  /** Runs a batch that adds 1 to all rows but the bad ones. */
  private long skipped(Map<String, Object> more) throws SQLException {
    spoil();
    return skipping(ADD, more).body("skipped", equalTo(BAD)).id();
  }

  private static Reply retry(long id, Object body) {
    return API.waiting().json(body).post("/batches/" + id + "/skipped/retry");
  }

  private static Reply retried(long id, Object body) {
    Reply reply = retry(id, body);
    assertEquals(200, reply.status(), reply.text());
    return reply;
  }

  private static Reply undone(long id) {
    return API.waiting()
        .json(Map.of())
        .post("/batches/" + id + "/undo")
        .statusCode(200)
        .body("status", equalTo("succeeded"))
        .body("conflicts", equalTo(0));
  }

  private static void refused(long id, String reason) {
    retry(id, Map.of())
        .statusCode(409)
        .body("type", equalTo("/problems/skipped-not-retryable"))
        .body("batch", equalTo((int) id))
        .body("reasons", contains(containsString(reason)));
  }

  private static List<Integer> ofRetriedBy(long id) {
    return API.get("/batches/" + id + "/skipped?limit=500").path("items.retriedBy");
  }

  @ParameterizedTest
  @CsvSource({"1,true,false", "1,false,false", "3,true,true", "3,false,true"})
  void repaired_rows_change_once_and_the_others_are_noted_again(
      int lanes, boolean undo, boolean fromLanes) throws SQLException {
    long source = skipped(Map.of("lanes", fromLanes ? 3 : 1, "undo", undo));
    repair("id % 20 = 7");
    Reply again =
        retried(source, Map.of("lanes", lanes, "chunk", Map.of("rows", 10)))
            .body("status", equalTo("succeeded"))
            .body("kind", equalTo("sql"))
            .body("sql", equalTo(in(ADD)))
            .body("skippedOf", equalTo((int) source))
            .body("skippedError", nullValue())
            .body("progress.rowsTotal", equalTo(BAD))
            .body("progress.rowsScanned", equalTo(BAD))
            .body("progress.rowsChanged", equalTo(BAD / 2))
            .body("skipped", equalTo(BAD / 2))
            .body("undo.available", equalTo(undo))
            .body("lanes", equalTo(lanes));
    assertEquals(ROWS - BAD / 2, table.rowsWith(1));
    assertEquals(BAD / 2, count("n = 2147483647 AND id % 20 = 17"));
    API.get("/batches/" + source).body("skippedRetry", equalTo((int) again.id()));
    assertEquals(List.of((int) again.id()), ofRetriedBy(source).stream().distinct().toList());
    API.get("/batches/" + again.id() + "/skipped?limit=1")
        .body("items[0].key.id", endsWith("7"))
        .body("items[0].errorCode", equalTo(1264))
        .body("items[0].retriedBy", nullValue());

    refused(source, "No skipped row is left");
    repair("TRUE");
    Reply last = retried(again.id(), Map.of("lanes", lanes)).body("skipped", equalTo(0));
    assertEquals(ROWS, table.rowsWith(1));
    if (undo) {
      undone(last.id()).body("progress.rowsChanged", equalTo(BAD / 2));
      undone(source).body("progress.rowsChanged", equalTo(ROWS - BAD));
      undone(again.id()).body("progress.rowsChanged", equalTo(BAD / 2));
      assertEquals(ROWS, table.rowsWith(0));
    }
  }

  @Test
  void rows_of_one_error_are_retried_alone() throws SQLException {
    execute("ALTER TABLE {t} ADD CONSTRAINT small CHECK (n < 1000 OR n = 2147483647)");
    execute("UPDATE {t} SET n = 999 WHERE id % 10 = 3");
    spoil();
    long source = skipping(ADD, Map.of()).body("skipped", equalTo(2 * BAD)).id();
    repair("TRUE");
    execute("UPDATE {t} SET n = 0 WHERE id % 10 = 3");
    Reply first =
        API.waiting()
            .json(Map.of())
            .post("/batches/" + source + "/skipped/retry?error=1264")
            .statusCode(200)
            .body("skippedError", equalTo(1264))
            .body("progress.rowsChanged", equalTo(BAD));
    assertEquals(BAD, count("n = 0 AND id % 10 = 3"));
    API.get("/batches/" + source + "/skipped?limit=500&error=1264")
        .body("items.retriedBy", everyItem(equalTo((int) first.id())));
    Reply second = retried(source, Map.of()).body("progress.rowsChanged", equalTo(BAD));
    assertEquals(ROWS, table.rowsWith(1));
    API.get("/batches/" + source).body("skippedRetry", equalTo((int) second.id()));
    // The rows that were taken before still name the batch that has taken them.
    API.get("/batches/" + source + "/skipped?limit=500&error=1264")
        .body("items.retriedBy", everyItem(equalTo((int) first.id())));
    for (String error : List.of("x", "-1")) {
      API.post("/batches/" + source + "/skipped/retry?error=" + error).statusCode(400);
    }
  }

  @Test
  void rows_that_have_gone_or_do_not_match_any_more_are_not_changed() throws SQLException {
    spoil();
    long source = skipping("UPDATE {t} SET n = n + 1 WHERE id < 9999", Map.of()).id();
    execute("DELETE FROM {t} WHERE id IN (7, 17)", "UPDATE {t} SET id = 10027 WHERE id = 27");
    repair("TRUE");
    retried(source, Map.of())
        .body("status", equalTo("succeeded"))
        .body("progress.rowsScanned", equalTo(BAD))
        .body("progress.rowsChanged", equalTo(BAD - 3));
    assertEquals(1, count("n = 0"));
    assertEquals(ROWS - 3, table.rowsWith(1));
  }

  /** Uses keys of all types that a walk supports, in columns of a copy of the table. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "INT UNSIGNED | id + 4000000000",
        "BIGINT UNSIGNED | id + 18446744073709550000",
        "BIGINT | id - 500",
        "BIT(40) | id",
        "DECIMAL(20,4) | id / 16",
        "DOUBLE | id / 7",
        "FLOAT | id / 8",
        "DATE | '2000-01-01' + INTERVAL id DAY",
        "TIME(3) | SEC_TO_TIME(id / 10)",
        "DATETIME(6) | '2000-01-01' + INTERVAL id * 1000003 MICROSECOND",
        "CHAR(12) CHARACTER SET ascii COLLATE ascii_bin | CONCAT('k', id)",
        "VARCHAR(20) CHARACTER SET latin1 COLLATE latin1_german1_ci | CONCAT('ä', id, '\\'')",
        "VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin | CONCAT('😀\\\\', id)",
        "VARCHAR(20) CHARACTER SET sjis COLLATE sjis_bin | CONCAT('ア', id)",
        "BINARY(8) | UNHEX(LPAD(HEX(id * 7919), 16, 'F0'))",
        "VARBINARY(20) | CONCAT(UNHEX('00FF'), id)",
      })
  void keys_of_all_types_find_their_rows(String type, String value) throws SQLException {
    execute(
        "DROP TABLE IF EXISTS {t}_k",
        "CREATE TABLE {t}_k (k " + type + " NOT NULL PRIMARY KEY, id INT, n INT NOT NULL)",
        "INSERT INTO {t}_k SELECT " + value + ", id, IF(id % 10 = 7, 2147483647, 0) FROM {t}");
    ofKey("{t}_k");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "VARCHAR(9) CHARACTER SET utf8mb4 | DATE | PRIMARY KEY (a, b DESC) | CONCAT('ö', id % 7)"
            + " | '2000-01-01' + INTERVAL id DAY",
        "ENUM('x','y','z') | INT | PRIMARY KEY (a, b) | id % 3 + 1 | id",
        "SET('x','y','z') | VARBINARY(9) | UNIQUE (b, a) | id % 8 | CONCAT('b', id)",
        "INT | BINARY(4) | PRIMARY KEY (a DESC, b) | id DIV 100 | LPAD(id % 100, 4, UNHEX('00'))",
      })
  void keys_of_several_columns_find_their_rows(
      String first, String second, String key, String a, String b) throws SQLException {
    execute(
        "DROP TABLE IF EXISTS {t}_k",
        "CREATE TABLE {t}_k (a %s NOT NULL, b %s NOT NULL, %s, id INT, n INT NOT NULL)"
            .formatted(first, second, key),
        "INSERT INTO {t}_k (a, b, id, n) SELECT %s, %s, id, IF(id %% 10 = 7, 2147483647, 0) FROM {t}"
            .formatted(a, b));
    ofKey("{t}_k");
  }

  private void ofKey(String name) throws SQLException {
    Reply source =
        skipping("UPDATE " + name + " SET n = n + 1", Map.of("undo", true))
            .body("skipped", equalTo(BAD));
    execute("UPDATE " + name + " SET n = 0 WHERE n = 2147483647 AND id % 20 = 7");
    Reply again =
        retried(source.id(), Map.of())
            .body("status", equalTo("succeeded"))
            .body("progress.rowsChanged", equalTo(BAD / 2))
            .body("skipped", equalTo(BAD / 2));
    String rows = "SELECT COUNT(*) FROM " + name + " WHERE n = ";
    assertEquals(ROWS - BAD / 2, table.number(in(rows + "1")));
    assertEquals(BAD / 2, table.number(in(rows + "2147483647 AND id % 20 = 17")));
    undone(again.id());
    assertEquals(BAD / 2, table.number(in(rows + "0 AND id % 20 = 7")));
    assertEquals(ROWS - BAD, table.number(in(rows + "1")));
  }

  @Test
  void an_insert_copies_the_skipped_source_rows() throws SQLException {
    execute(
        "DROP TABLE IF EXISTS {t}_copy",
        "CREATE TABLE {t}_copy (no BIGINT AUTO_INCREMENT PRIMARY KEY, id BIGINT UNIQUE, n INT)",
        "INSERT INTO {t}_copy (id, n) SELECT id, 9 FROM {t} WHERE id % 10 = 7");
    long source =
        skipping("INSERT INTO {t}_copy (id, n) SELECT id, 5 FROM {t}", Map.of("undo", true))
            .body("skipped", equalTo(BAD))
            .id();
    execute("DELETE FROM {t}_copy WHERE n = 9 AND id % 20 = 7");
    Reply again = retried(source, Map.of()).body("progress.rowsChanged", equalTo(BAD / 2));
    String copied = in("SELECT COUNT(*) FROM {t}_copy WHERE n = 5");
    assertEquals(ROWS - BAD / 2, table.number(copied));
    undone(again.id());
    assertEquals(ROWS - BAD, table.number(copied));
  }

  @Test
  void deletes_and_joins_are_restricted_to_the_skipped_rows() throws SQLException {
    execute(
        "DROP TABLE IF EXISTS {t}_child",
        "CREATE TABLE {t}_child (parent BIGINT NOT NULL, FOREIGN KEY (parent) REFERENCES {t} (id))",
        "INSERT INTO {t}_child SELECT id FROM {t} WHERE id % 10 = 7");
    try {
      long source = skipping("DELETE FROM {t} WHERE n = 0", Map.of("undo", true)).id();
      execute("DELETE FROM {t}_child WHERE parent % 20 = 7", "INSERT INTO {t} VALUES (5, 0)");
      Reply again = retried(source, Map.of()).body("progress.rowsChanged", equalTo(BAD / 2));
      assertEquals(BAD / 2 + 1, count("TRUE"));
      undone(again.id());
      assertEquals(BAD + 1, count("TRUE"));
    } finally {
      execute("DROP TABLE {t}_child");
    }
    execute("DROP TABLE IF EXISTS {t}_o", "CREATE TABLE {t}_o (id BIGINT PRIMARY KEY, d INT)");
    execute("INSERT INTO {t}_o SELECT id, IF(id % 20 = 7, 2147483647, 1) FROM {t}");
    execute("UPDATE {t} SET n = 5");
    long joined =
        skipping("UPDATE {t} AS t JOIN {t}_o AS o ON o.id = t.id SET t.n = t.n + o.d", Map.of())
            .id();
    execute("UPDATE {t}_o SET d = 2");
    retried(joined, Map.of()).body("progress.rowsChanged", equalTo(BAD / 2));
    assertEquals(BAD / 2, count("n = 7 AND id % 20 = 7"));
  }

  @Test
  void a_retry_that_fails_continues_where_it_stopped() throws SQLException {
    long source = skipped(Map.of());
    repair("id < 500");
    Map<String, Object> body =
        Map.of("onError", Map.of("mode", "fail"), "chunk", Map.of("rows", 10), "lanes", 1);
    Reply failed =
        retried(source, body)
            .body("status", equalTo("failed"))
            .body("progress.rowsChanged", equalTo(50));
    repair("TRUE");
    // The next one takes what is left, so the failed one finds nothing any more.
    retried(source, Map.of("chunk", Map.of("rows", 20)))
        .body("status", equalTo("succeeded"))
        .body("progress.rowsChanged", equalTo(BAD - 50));
    API.waiting()
        .json(Map.of())
        .post("/batches/" + failed.id() + "/retry")
        .statusCode(200)
        .body("status", equalTo("succeeded"))
        .body("progress.rowsChanged", equalTo(50));
    assertEquals(ROWS, table.rowsWith(1));
  }

  @Test
  void a_failed_retry_can_be_retried_itself() throws SQLException {
    long source = skipped(Map.of("undo", true));
    repair("id < 500");
    Map<String, Object> body =
        Map.of("onError", Map.of("mode", "skip", "maxSkipped", 3), "chunk", Map.of("rows", 20));
    Reply failed =
        retried(source, body).body("status", equalTo("failed")).body("skipped", equalTo(3));
    repair("TRUE");
    API.waiting()
        .json(Map.of())
        .post("/batches/" + failed.id() + "/retry")
        .statusCode(200)
        .body("status", equalTo("succeeded"))
        .body("skipped", equalTo(3))
        .body("progress.rowsChanged", equalTo(BAD - 3));
    assertEquals(3, table.rowsWith(0));
    retried(failed.id(), Map.of()).body("progress.rowsChanged", equalTo(3));
    assertEquals(ROWS, table.rowsWith(1));
  }

  @Test
  void the_cause_may_be_repaired_in_the_definition_of_the_table() throws SQLException {
    long source = skipped(Map.of());
    execute("ALTER TABLE {t} MODIFY n BIGINT NOT NULL");
    retried(source, Map.of()).body("progress.rowsChanged", equalTo(BAD));
    assertEquals(BAD, count("n = 2147483648"));
    assertEquals(ROWS - BAD, count("n = 1"));
  }

  @Test
  void another_key_of_the_table_is_refused() throws SQLException {
    long source = skipped(Map.of());
    execute("ALTER TABLE {t} ADD m INT NOT NULL, DROP PRIMARY KEY, ADD PRIMARY KEY (id, m)");
    retry(source, Map.of()).statusCode(422).body("type", endsWith("unsupported-statement"));
    execute("DROP TABLE {t}");
    retry(source, Map.of()).statusCode(422).body("type", endsWith("unknown-table"));
    API.get("/batches/" + source).body("skippedRetry", nullValue());
    execute("CREATE TABLE {t} (id BIGINT PRIMARY KEY, n INT NOT NULL)");
  }

  @Test
  void a_source_that_is_active_or_undone_or_has_no_skipped_rows_is_refused() throws SQLException {
    long source = skipped(Map.of("undo", true));
    undone(source);
    refused(source, "An undo has restored rows");
    repair("TRUE");
    long plain = skipping(ADD, Map.of()).id();
    refused(plain, "No skipped row is left");
    long active =
        API.start(project)
            .sql(in(ADD))
            .chunkRows(10)
            .with("limits", Map.of("rowsPerSecond", 10))
            .accepted();
    refused(active, "Wait until it has ended");
    spoil();
    API.post("/batches/" + active + "/cancel").statusCode(202);
    API.ended(active);
    retry(987_654_321, Map.of()).statusCode(404);
  }

  private static void notUndoable(long id, String what) {
    API.json(what.equals("/undo") ? Map.of("onBusy", "queue") : Map.of())
        .post("/batches/" + id + what)
        .statusCode(409)
        .body("type", equalTo("/problems/not-undoable"))
        .body("reason", equalTo("skipped-retry-active"))
        .body("detail", containsString("skippedRetry"));
  }

  @Test
  void a_batch_is_not_undone_while_its_skipped_rows_are_retried() throws SQLException {
    long source = skipped(Map.of("undo", true));
    // An undo that was cancelled before it restored a row.
    long blocker =
        API.start(project)
            .with("task", "gate")
            .with("parameters", Map.of("gate", project))
            .accepted();
    long undo =
        API.json(Map.of("onBusy", "queue"))
            .post("/batches/" + source + "/undo")
            .statusCode(202)
            .id();
    API.post("/batches/" + undo + "/cancel").statusCode(202);
    GateTask.open(project);
    API.ended(blocker);
    Map<String, Object> slow =
        Map.of("chunk", Map.of("rows", 10), "limits", Map.of("rowsPerSecond", 10));
    long retry = API.json(slow).post("/batches/" + source + "/skipped/retry").statusCode(202).id();
    API.post("/batches/" + retry + "/pause").statusCode(202);
    notUndoable(source, "/undo");
    notUndoable(undo, "/retry");
    API.post("/batches/" + retry + "/cancel").statusCode(202);
    API.ended(retry);
    API.waiting()
        .json(Map.of())
        .post("/batches/" + source + "/undo")
        .statusCode(200)
        .body("status", equalTo("succeeded"));
    // Its rows would be the only ones that have changed.
    API.json(Map.of())
        .post("/batches/" + retry + "/retry")
        .statusCode(409)
        .body("type", equalTo("/problems/skipped-not-retryable"))
        .body("batch", equalTo((int) source))
        .body("reasons", contains(containsString("An undo has restored rows")));
    API.get("/batches/" + retry).body("status", equalTo("cancelled"));
  }

  @Test
  void a_task_in_java_is_refused() {
    FaultyTask.arm(
        table,
        (connection, chunk, attempt) -> {
          if (chunk.rows() > 1 || chunk.upTo().equals("7")) {
            throw new SQLException("a bad row", "22003", 1264);
          }
        });
    Reply source =
        API.start(project)
            .with("task", "faulty")
            .with("parameters", Map.of("table", table.name()))
            .with("onError", SKIP)
            .waiting()
            .send()
            .statusCode(200)
            .body("skipped", equalTo(1));
    refused(source.id(), "not one of a statement");
  }

  @Test
  void a_busy_project_and_repeated_keys_are_respected() throws SQLException {
    long source = skipped(Map.of());
    repair("TRUE");
    long active =
        API.start(project)
            .sql("UPDATE " + table.name() + " SET n = n WHERE id > 0")
            .chunkRows(10)
            .with("limits", Map.of("rowsPerSecond", 10))
            .accepted();
    retry(source, Map.of())
        .statusCode(409)
        .body("type", equalTo("/problems/project-busy"))
        .body("batch", equalTo((int) active));
    API.get("/batches/" + source).body("skippedRetry", nullValue());
    API.post("/batches/" + active + "/cancel").statusCode(202);
    API.ended(active);
    String key = UUID.randomUUID().toString();
    String path = "/batches/" + source + "/skipped/retry";
    RowmillApi.Request first = API.header("Idempotency-Key", key).json(Map.of());
    long id = first.post(path).statusCode(202).id();
    API.ended(id);
    API.header("Idempotency-Key", key)
        .json(Map.of())
        .post(path)
        .statusCode(202)
        .body("id", equalTo((int) id));
    API.header("Idempotency-Key", key)
        .json(Map.of("lanes", 2))
        .post(path)
        .statusCode(422)
        .body("type", endsWith("idempotency-mismatch"));
    API.header("Idempotency-Key", key)
        .json(Map.of())
        .post(path + "?error=1264")
        .statusCode(422)
        .body("type", endsWith("idempotency-mismatch"));
    assertEquals(ROWS, table.rowsWith(1));
  }

  @Test
  void secret_values_are_given_again() throws SQLException {
    String name = "r-" + UUID.randomUUID();
    Map<String, Object> secret = Map.of("type", "integer", "secret", true);
    API.json(
            Map.of(
                "sql",
                in("UPDATE {t} SET n = n + :add WHERE id > 0"),
                "parameters",
                Map.of("add", secret)))
        .put("/statements/" + name)
        .statusCode(201);
    spoil();
    Reply source =
        API.start(project)
            .with("statement", name)
            .with("parameters", Map.of("add", 74_311))
            .with("onError", SKIP)
            .waiting()
            .send()
            .statusCode(200)
            .body("skipped", equalTo(BAD));
    repair("TRUE");
    retry(source.id(), Map.of())
        .statusCode(422)
        .body("type", endsWith("parameter-mismatch"))
        .body("missing", contains("add"))
        .body("unused", empty());
    Reply again = retried(source.id(), Map.of("parameters", Map.of("add", 74_311)));
    again
        .body("status", equalTo("succeeded"))
        .body("statement", equalTo(name))
        .body("parameters.add", equalTo("******"));
    assertFalse(again.text().contains("74311"));
    assertEquals(ROWS, table.rowsWith(74_311));
    for (String where : List.of("batch WHERE parameters", "audit WHERE detail")) {
      assertEquals(0, table.number("SELECT COUNT(*) FROM " + where + " LIKE '%74311%'"), where);
    }
    API.delete("/statements/" + name);
  }

  @Test
  void bounds_of_the_source_hold_and_bodies_are_checked() throws SQLException {
    spoil();
    long source = skipping(ADD, Map.of("maxRows", ROWS, "maxDurationMillis", 60_000)).id();
    retried(source, Map.of("maxDurationMillis", 30_000))
        .body("maxRows", equalTo(ROWS))
        .body("maxDurationMillis", equalTo(30_000));
    for (String body : List.of("{\"sql\": \"x\"}", "[]", "{\"lanes\": 0}", "{\"undo\": true}")) {
      retry(source, body).statusCode(400).body("type", equalTo("/problems/invalid-request"));
    }
    API.get("/batches/" + source + "/skipped?limit=1").body("items", hasSize(1));
  }

  @Test
  void many_rows_are_taken_in_several_chunks() throws SQLException {
    execute("UPDATE {t} SET n = 2147483647");
    long source = skipping(ADD, Map.of()).body("skipped", equalTo(ROWS)).id();
    repair("TRUE");
    // A statement with the keys of all of them might exceed a packet.
    retried(source, Map.of("lanes", 1, "chunk", Map.of("rows", ROWS)))
        .body("progress.chunks", equalTo(ROWS / 500))
        .body("progress.rowsChanged", equalTo(ROWS));
    assertEquals(ROWS, table.rowsWith(1));
  }

  @Test
  void a_retry_that_could_not_be_undone_is_refused_as_its_source_can_be() throws SQLException {
    String child =
        "CREATE TABLE {t}_child (parent BIGINT NOT NULL, FOREIGN KEY (parent) REFERENCES {t} (id)";
    String fill = "INSERT INTO {t}_child SELECT id FROM {t} WHERE id % 10 = 7";
    execute("DROP TABLE IF EXISTS {t}_child", child + ")", fill);
    try {
      long source =
          skipping("DELETE FROM {t} WHERE n = 0", Map.of("undo", true))
              .body("skipped", equalTo(BAD))
              .id();
      execute("DROP TABLE {t}_child", child + " ON DELETE CASCADE)", fill);
      retry(source, Map.of()).statusCode(422).body("type", endsWith("undo-impossible"));
      API.get("/batches/" + source).body("skippedRetry", nullValue());
      assertEquals(BAD, count("TRUE"));
      assertEquals(BAD, table.number(in("SELECT COUNT(*) FROM {t}_child")));
    } finally {
      execute("DROP TABLE {t}_child");
    }
  }

  /** Tests random rows, repaired at random, in random chunks and lanes, until none is left. */
  @RepeatedTest(6)
  void whichever_rows_are_skipped_each_changes_once() throws SQLException {
    long seed = Long.getLong("testing.seed", System.nanoTime());
    var random = new Random(seed);
    int one = List.of(2, 5, 30).get(random.nextInt(3));
    execute("UPDATE {t} SET n = 2147483647 WHERE id * 7919 % 1009 % " + one + " = 0");
    long bad = table.rowsWith(2147483647);
    boolean undo = random.nextBoolean();
    long id =
        skipping(ADD, Map.of("lanes", 1 + random.nextInt(3), "undo", undo))
            .body("skipped", equalTo((int) bad))
            .id();
    int runs = 0;
    while (table.rowsWith(2147483647) > 0) {
      repair(runs++ == 3 ? "TRUE" : "id * 31 % 17 < " + (4 * runs));
      long left = table.rowsWith(2147483647);
      id =
          retried(
                  id,
                  Map.of(
                      "chunk",
                      Map.of("rows", 10 + random.nextInt(200)),
                      "lanes",
                      1 + random.nextInt(3)))
              .body("status", equalTo("succeeded"))
              .body("skipped", equalTo((int) left))
              .id();
      assertEquals(ROWS - left, table.rowsWith(1), () -> "seed " + seed);
    }
  }
}
