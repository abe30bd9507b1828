package dev.rowmill.rest;

import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
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
import java.sql.Statement;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class RetentionTest {

  private static final RowmillApi API = RowmillApi.local();

  /** Names a time that no test reaches. */
  private static final String RARELY = "\"cron\": \"0 0 1 1 *\"";

  private static final ObjectMapper JSON = new ObjectMapper();

  private final String project = Batches.newProject();
  private final String name = "r-" + UUID.randomUUID();
  @RegisterExtension final WorkTable work = WorkTable.ofRows(1);

  @Inject AgroalDataSource database;

  @AfterEach
  void delete() throws SQLException {
    API.delete("/schedules/" + name);
    work.execute("DROP TABLE IF EXISTS " + table());
  }

  private String table() {
    return work.name() + "_old";
  }

  /** Creates the table with a column, rows and further parts of its definition. */
  private void create(String column, String more) throws SQLException {
    work.execute(
        "CREATE TABLE " + table() + " (id INT NOT NULL, at " + column + ", n INT, " + more);
  }

  private Reply put(String members) {
    return API.json(
            "{\"project\": \"%s\", \"table\": \"%s\", \"column\": \"at\", \"keep\": \"P90D\", %s}"
                .formatted(project, table(), members))
        .put("/retention/" + name);
  }

  private JsonNode run() {
    return API.ended(API.post("/schedules/" + name + "/run").statusCode(202).id());
  }

  private static void succeeded(JsonNode batch, int changed) {
    assertEquals("succeeded", batch.path("status").asText(), batch::toString);
    assertEquals(changed, batch.at("/progress/rowsChanged").asInt(), batch::toString);
  }

  private String ids() throws SQLException {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement();
        var row =
            statement.executeQuery(
                "SELECT GROUP_CONCAT(id ORDER BY id SEPARATOR ' ') FROM " + table())) {
      row.next();
      return String.valueOf(row.getString(1));
    }
  }

  @Test
  void a_retention_is_a_schedule_that_is_stored_replaced_and_deleted() throws SQLException {
    create("DATETIME", "PRIMARY KEY (id))");
    String generated = "DELETE FROM `rowmill_work`.`" + table().split("\\.")[1] + "`";
    put("\"zone\": \"Asia/Kolkata\", \"reason\": \"gdpr\"")
        .statusCode(201)
        .header("Location", "/api/v1/retention/" + name)
        .body("schedule.cron", equalTo("0 4 * * *"))
        .body("schedule.zone", equalTo("Asia/Kolkata"))
        .body("schedule.retention.table", equalTo(table()))
        .body("schedule.retention.keep", equalTo("P90D"))
        .body("schedule.retention.statement", equalTo(generated + " WHERE `at` < :before"))
        .body("schedule.start.sql", equalTo(generated + " WHERE `at` < :before"))
        .body("schedule.start.parameters.before.now", equalTo("-P90D"))
        .body("index", nullValue())
        .body("partitionedBy", nullValue())
        .body("warnings.code", contains("no-index"))
        .body("warnings.message[0]", containsString("every row of the table is read"));
    work.execute("ALTER TABLE " + table() + " ADD KEY by_at (at)");
    put("\"every\": \"P1D\"")
        .statusCode(200)
        .body("schedule.version", equalTo(2))
        .body("schedule.every", equalTo("P1D"))
        .body("schedule.cron", nullValue())
        .body("index", equalTo("by_at"))
        .body("warnings", empty());
    API.get("/schedules/" + name).body("retention.column", equalTo("at"));
    API.get("/schedules?limit=500").body("items.name", hasItem(name));
    JsonNode audit = API.get("/audit?operation=saveRetention&limit=2").body().path("items").get(0);
    assertEquals("P90D", audit.at("/detail/keep").asText(), audit::toString);
    work.execute("DROP TABLE " + table());
    API.get("/retention/" + name)
        .statusCode(200)
        .body("warnings.code", contains("retention-table"));
    API.delete("/retention/" + name).statusCode(204);
    API.delete("/retention/" + name).statusCode(404);
    API.get("/schedules/" + name).statusCode(404);
    API.json(
            "{\"project\": \"%s\", %s, \"sql\": \"DELETE FROM %s WHERE id = 0\"}"
                .formatted(project, RARELY, work.name()))
        .put("/schedules/" + name)
        .statusCode(201)
        .body("retention", nullValue());
    API.get("/retention/" + name).statusCode(404);
    API.delete("/retention/" + name).statusCode(404);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "DATE NULL        |                          | DATE(NOW() - INTERVAL %d HOUR)",
        "DATETIME(3) NULL |                          | NOW(3) - INTERVAL %d HOUR",
        "TIMESTAMP(6) NULL DEFAULT NULL |            | NOW(6) - INTERVAL %d HOUR",
        "BIGINT NULL      | \"unit\": \"seconds\",      | UNIX_TIMESTAMP() - %d * 3600",
        "BIGINT UNSIGNED  | \"unit\": \"milliseconds\", | (UNIX_TIMESTAMP() - %d * 3600) * 1000"
      })
  void rows_that_are_older_are_deleted_and_no_others(String column, String unit, String age)
      throws SQLException {
    create(column, "PRIMARY KEY (id), KEY by_at (at))");
    int id = 0;
    for (int hours : new int[] {9600, 90 * 24 + 26, 90 * 24 - 1, 0}) {
      work.execute(
          "INSERT INTO %s VALUES (%d, %s, 0)".formatted(table(), ++id, age.formatted(hours)));
    }
    work.execute("INSERT INTO " + table() + " VALUES (5, NULL, 0)");
    put((unit == null ? "" : unit) + RARELY).statusCode(201).body("index", equalTo("by_at"));
    succeeded(run(), 2);
    assertEquals("3 4 5", ids());
  }

  @ParameterizedTest
  @ValueSource(strings = {"DATETIME NOT NULL", "DATETIME NULL"})
  void a_run_deletes_at_most_so_many_rows_and_the_next_continues(String column)
      throws SQLException {
    create(column, "PRIMARY KEY (id), KEY by_at (at))");
    for (int id = 1; id <= 63; id++) {
      work.execute(
          "INSERT INTO %s VALUES (%d, NOW() - INTERVAL %d DAY, 0)"
              .formatted(table(), id, id <= 58 ? 100 + id : 10));
    }
    put("\"atMostRows\": 25, \"chunk\": {\"rows\": 10}, " + RARELY).statusCode(201);
    JsonNode first = run();
    succeeded(first, 25);
    assertTrue(first.at("/progress/limitReached").asBoolean(), first::toString);
    if (column.endsWith("NOT NULL")) {
      assertEquals(33, work.number("SELECT MAX(id) FROM " + table() + " WHERE id <= 58"));
    }
    succeeded(run(), 25);
    succeeded(run(), 8);
    assertEquals("59 60 61 62 63", ids());
    succeeded(run(), 0);
  }

  @Test
  void names_are_quoted() throws SQLException {
    String odd = work.name().split("\\.")[1] + "_o`d d";
    String quoted = "`rowmill_work`.`" + odd.replace("`", "``") + "`";
    work.execute(
        "CREATE TABLE " + quoted + " (id INT PRIMARY KEY, `at; --` DATETIME NOT NULL, n INT)");
    work.execute(
        "INSERT INTO " + quoted + " VALUES (1, '2001-01-01', 0), (2, NOW(), 0), (3, NOW(), 7)");
    try {
      API.json(
              """
              {"project": "%s", "table": "%s", "column": "at; --", "keep": "P1Y", %s}"""
                  .formatted(project, quoted, RARELY))
          .put("/retention/" + name)
          .statusCode(201);
      succeeded(run(), 1);
      assertEquals(2, work.number("SELECT COUNT(*) FROM " + quoted));
    } finally {
      work.execute("DROP TABLE " + quoted);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "n = 1) OR (1 = 1",
        "n = 1) OR (n = 1 -- ",
        "n = 1 OR 1 = 1) -- ",
        "n = 1) #",
        "n = 1 /* ",
        "n = 1 */ OR 1 = 1 /*",
        "n = 1; DELETE FROM t",
        "n = 1;",
        "n = 'x",
        "n = `x",
        "(n = 1",
        "n = 1 ORDER BY id",
        "n = 1 LIMIT 5",
        "1 = 1 RETURNING id",
        "n = 1) UNION SELECT 1",
        "SELECT 1",
        "-- ",
        "n = @x",
        "n = ?",
        "/*! n = 1 */",
        "n IN (SELECT a FROM mysql.user)"
      })
  void a_where_that_is_no_condition_is_rejected(String where) throws SQLException {
    create("DATETIME", "PRIMARY KEY (id))");
    put("\"where\": \"" + where + "\", " + RARELY).statusCode(422);
    API.get("/schedules/" + name).statusCode(404);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "n = 1 OR n = 2",
        "n = 1 OR n = 2 -- what is closed",
        "n IN (1, 2) # what is closed",
        "/* closed */ n IN (1, 2)",
        "(n = 1) OR (n = 2)",
        "n IN (:first, 2)"
      })
  void a_where_restricts_the_old_rows(String where) throws SQLException {
    create("DATETIME NOT NULL", "PRIMARY KEY (id))");
    work.execute(
        "INSERT INTO "
            + table()
            + " VALUES (1, '2001-01-01', 1), (2, '2001-01-01', 2), (3, '2001-01-01', 3),"
            + " (4, NOW(), 1), (5, NOW(), 2), (6, '2001-01-01', NULL)");
    String values = where.contains(":") ? ", \"parameters\": {\"first\": 1}" : "";
    put("\"where\": \"" + where + "\"" + values + ", " + RARELY)
        .statusCode(201)
        .body("schedule.retention.where", equalTo(where));
    succeeded(run(), 2);
    assertEquals("3 4 5 6", ids());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      textBlock =
          """
          "keep": "90 days"             | keep   | must be an ISO 8601 duration in whole seconds that is longer than zero and does not reach behind the year 1, such as P90D or PT36H
          "keep": "-P90D"               | keep   |
          "keep": "P0D"                 | keep   |
          "keep": "P9999Y"              | keep   |
          "table": "session"            | table  | must name a table with its schema, such as shop.session
          "table": "a.b.c"              | table  |
          "column": "none"              | column | is no column of the table
          "column": "word"              | column | must be a DATE, DATETIME, TIMESTAMP or whole number; it is varchar
          "column": "n"                 | unit   | must be seconds or milliseconds, because the column is int
          "unit": "seconds"             | unit   | is only for columns of whole numbers; the column is datetime, so remove it
          "unit": "days"                | unit   | must be one of: seconds, milliseconds
          "atMostRows": 0               | atMostRows |
          "sql": "DELETE FROM t"        | sql    | can't be combined with a retention, which generates its statement; remove it
          "task": "retention"           | task   |
          "startAt": "2999-01-01T00:00:00Z" | startAt |
          "parameters": {"a": 1}        | parameters | are only for a where; remove them
          "where": "n = :before", "parameters": {"before": 1} | parameters.before | is the time before which rows are deleted; choose another name
          "allowDropPartition": true    | allowDropPartition |
          "allowDropPartition": true, "where": "n = 1" | allowDropPartition | can't be combined with where, because a partition is dropped with all its rows; remove one
          "allowDropPartition": true, "undo": true | undo | can't be combined with allowDropPartition, because dropped partitions can't be undone; remove one
          "cron": "0 0 31 2 *"          | cron   |
          "zone": "Europe/Berlyn"       | zone   |
          "keeps": "P1D"                | keeps  | is unknown here; remove it
          """)
  void an_invalid_retention_is_rejected_and_says_what_to_change(
      String members, String field, String message) throws Exception {
    create("DATETIME", "word VARCHAR(9), PRIMARY KEY (id))");
    ObjectNode body = (ObjectNode) JSON.readTree("{" + members + "}");
    Map.of("project", project, "table", table(), "column", "at", "keep", "P90D")
        .forEach((member, value) -> body.put(member, body.path(member).asText(value)));
    Reply reply =
        API.json(body.toString())
            .put("/retention/" + name)
            .statusCode(400)
            .body("violations.field", hasItem(field));
    if (message != null) {
      reply.body("violations.message", hasItem(message));
    }
    API.get("/schedules/" + name).statusCode(404);
  }

  @Test
  void a_table_that_does_not_exist_or_is_not_allowed_is_rejected() {
    for (String other : new String[] {"rowmill_work.none", "mysql.user", "rowmill_test.batch"}) {
      API.json(
              "{\"project\": \"%s\", \"table\": \"%s\", \"column\": \"at\", \"keep\": \"P1D\"}"
                  .formatted(project, other))
          .put("/retention/" + name)
          .statusCode(422)
          .body("type", equalTo("/problems/unknown-table"));
    }
    API.json("{\"project\": \"%s\", %s, \"task\": \"retention\"}".formatted(project, RARELY))
        .put("/schedules/" + name)
        .statusCode(400)
        .body("violations[0].field", equalTo("task"));
    API.json("{\"task\": \"retention\", \"parameters\": {}}")
        .post("/projects/" + project + "/batches")
        .statusCode(422)
        .body("type", equalTo("/problems/unknown-task"));
  }

  private static final LocalDate TODAY = LocalDate.now(ZoneOffset.UTC);

  /** Creates partitions of rows up to 400, 200 and 50 days ago, and a highest one. */
  private void partitioned(String column, String by, String highest) throws SQLException {
    String bounds =
        "PARTITION p400 VALUES LESS THAN (%s), PARTITION p200 VALUES LESS THAN (%s),"
            + " PARTITION p50 VALUES LESS THAN (%s), PARTITION later VALUES LESS THAN "
            + highest;
    create(
        column,
        "PRIMARY KEY (id, at)) PARTITION BY "
            + by
            + " ("
            + bounds.formatted(bound(by, 400), bound(by, 200), bound(by, 50))
            + ")");
  }

  private static String bound(String by, int daysAgo) {
    LocalDate day = TODAY.minusDays(daysAgo);
    if (by.contains("TO_DAYS")) {
      return "TO_DAYS('" + day + "')";
    } else if (by.contains("UNIX_TIMESTAMP")) {
      return "UNIX_TIMESTAMP('" + day + " 00:00:00')";
    } else if (by.contains("COLUMNS")) {
      return "'" + day + "'";
    }
    return String.valueOf(day.atStartOfDay(ZoneOffset.UTC).toEpochSecond());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "DATETIME NOT NULL | RANGE (TO_DAYS(at)) | MAXVALUE | | to_days(`at`)",
        "DATE NOT NULL | RANGE (TO_DAYS(at)) | (TO_DAYS('2999-01-01')) | | to_days(`at`)",
        "DATETIME NOT NULL | RANGE COLUMNS (at) | (MAXVALUE) | | `at`",
        "DATE NOT NULL | RANGE COLUMNS (at) | (MAXVALUE) | | `at`",
        "TIMESTAMP NOT NULL | RANGE (UNIX_TIMESTAMP(at)) | MAXVALUE | | unix_timestamp(`at`)",
        "BIGINT NOT NULL | RANGE (at) | MAXVALUE | \"unit\": \"seconds\", | `at`"
      })
  void partitions_of_older_rows_are_proposed_and_dropped(
      String column, String by, String highest, String unit, String expression)
      throws SQLException {
    partitioned(column, by, highest);
    boolean isNumber = column.startsWith("BIGINT");
    int id = 0;
    for (int days : new int[] {500, 300, 100, 70, 10, 0}) {
      String value = isNumber ? "UNIX_TIMESTAMP() - %d * 86400" : "NOW() - INTERVAL %d DAY";
      work.execute(("INSERT INTO %s VALUES (%d, " + value + ", 0)").formatted(table(), ++id, days));
    }
    String members = (unit == null ? "" : unit) + RARELY;
    put(members)
        .statusCode(201)
        .body("partitionedBy", equalTo(expression))
        .body("droppablePartitions", contains("p400", "p200"))
        .body("warnings.code", hasItem("retention-droppable"))
        .body("warnings.message", hasItem(containsString("p400, p200")));
    put("\"allowDropPartition\": true, " + members)
        .statusCode(200)
        .body("schedule.retention.allowDropPartition", equalTo(true))
        .body("warnings.code", contains("no-index", "retention-drops"));
    JsonNode batch = run();
    succeeded(batch, 1);
    assertEquals("4 5 6", ids());
    assertEquals(
        2,
        work.number(
            "SELECT COUNT(*) FROM information_schema.PARTITIONS WHERE TABLE_SCHEMA ="
                + " 'rowmill_work' AND TABLE_NAME = '"
                + table().split("\\.")[1]
                + "'"));
    JsonNode audit =
        API.get("/audit?operation=dropPartitions&project=" + project).body().path("items");
    assertEquals(1, audit.size(), audit::toString);
    assertEquals(batch.path("id").asLong(), audit.get(0).path("batch").asLong());
    assertEquals("[\"p400\",\"p200\"]", audit.at("/0/detail/partitions").toString());
    succeeded(run(), 0);
    API.post("/batches/" + batch.path("id").asLong() + "/undo").statusCode(409);
    API.get("/retention/" + name).body("droppablePartitions", empty());
    assertTrue(API.metrics().contains("rowmill_retention_partitions_dropped_total"));
  }

  @Test
  void a_partition_that_may_hold_null_or_younger_rows_is_not_dropped() throws SQLException {
    create(
        "DATE NULL",
        "KEY by_id (id)) PARTITION BY RANGE COLUMNS (at) ("
            + "PARTITION p0 VALUES LESS THAN ('2001-01-01'),"
            + "PARTITION p1 VALUES LESS THAN ('2002-01-01'),"
            + "PARTITION p2 VALUES LESS THAN ('2003-01-01'))");
    work.execute(
        "INSERT INTO "
            + table()
            + " VALUES (1, NULL, 0), (2, '2000-01-01', 0), (3, '2001-06-01', 0),"
            + " (4, '2002-06-01', 0)");
    put("\"allowDropPartition\": true, " + RARELY)
        .statusCode(201)
        .body("droppablePartitions", contains("p1"));
    put("\"allowDropPartition\": true, \"keep\": \"P1D\", " + RARELY).statusCode(400);
    succeeded(run(), 2);
    assertEquals("1", ids());
  }

  /** The limit of the statement does not limit what is dropped. */
  @Test
  void rows_of_dropped_partitions_count_for_the_bound_of_a_run() throws SQLException {
    partitioned("DATETIME NOT NULL", "RANGE (TO_DAYS(at))", "MAXVALUE");
    for (int id = 1; id <= 6; id++) {
      work.execute(
          "INSERT INTO %s VALUES (%d, NOW() - INTERVAL 500 DAY, 0)".formatted(table(), id));
    }
    put("\"allowDropPartition\": true, \"atMostRows\": 1, \"maxRows\": 6, " + RARELY)
        .statusCode(201);
    work.execute("INSERT INTO %s VALUES (7, NOW() - INTERVAL 500 DAY, 0)".formatted(table()));
    API.post("/schedules/" + name + "/run")
        .statusCode(422)
        .body("type", equalTo("/problems/too-many-rows"))
        .body("planned", equalTo(7));
    assertEquals("1 2 3 4 5 6 7", ids());
  }

  @Test
  void another_partitioning_and_triggers_forbid_to_drop() throws SQLException {
    create(
        "DATETIME NOT NULL",
        "PRIMARY KEY (id)) PARTITION BY RANGE (id) ("
            + "PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN MAXVALUE)");
    put("\"allowDropPartition\": true, " + RARELY)
        .statusCode(400)
        .body("violations[0].field", equalTo("allowDropPartition"))
        .body("violations[0].message", containsString("partitioned by RANGE on this column"));
    work.execute("DROP TABLE " + table());
    partitioned("DATETIME NOT NULL", "RANGE (TO_DAYS(at))", "MAXVALUE");
    work.execute(
        "CREATE TRIGGER %s_t BEFORE DELETE ON %s FOR EACH ROW SET @x = 1"
            .formatted(table(), table()));
    put(RARELY).statusCode(201).body("droppablePartitions", empty());
    put("\"allowDropPartition\": true, " + RARELY)
        .statusCode(400)
        .body("violations[0].message", containsString("DELETE triggers"));
  }

  @Test
  void rows_are_deleted_where_a_partition_cannot_be_dropped() throws SQLException {
    partitioned("DATETIME NOT NULL", "RANGE (TO_DAYS(at))", "MAXVALUE");
    work.execute(
        "INSERT INTO %s VALUES (1, NOW() - INTERVAL 500 DAY, 0), (2, NOW(), 0)".formatted(table()));
    put("\"allowDropPartition\": true, " + RARELY).statusCode(201);
    try (Connection other = database.getConnection();
        Statement reading = other.createStatement()) {
      // An open transaction that has read the table holds back whoever alters it.
      other.setAutoCommit(false);
      reading.executeQuery("SELECT COUNT(*) FROM " + table()).close();
      succeeded(run(), 1);
      other.rollback();
    }
    assertEquals("2", ids());
    API.get("/retention/" + name).body("droppablePartitions", contains("p400", "p200"));
    succeeded(run(), 0);
    API.get("/retention/" + name).body("droppablePartitions", empty());
  }
}
