package dev.rowmill.sql;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.mysql.cj.jdbc.JdbcConnection;
import dev.rowmill.sql.run.Walk;
import dev.rowmill.sql.statement.ChunkQueries;
import dev.rowmill.sql.statement.ChunkableStatement;
import dev.rowmill.sql.statement.SqlParameters;
import dev.rowmill.sql.table.StatementScope;
import dev.rowmill.sql.value.BoundText;
import dev.rowmill.task.Chunk;
import dev.rowmill.task.ChunkedRun;
import dev.rowmill.task.Refusal;
import dev.rowmill.testing.BesideOthers;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@BesideOthers
class SqlTaskTest {

  private Database database;

  @BeforeEach
  void open() {
    database = new Database();
    database.run(
        "CREATE TABLE item (id INT AUTO_INCREMENT PRIMARY KEY, status VARCHAR(20), n INT, price"
            + " DECIMAL(12,4), at DATETIME(6), note TEXT, doc JSON, g INT AS (n + 1) STORED, KEY"
            + " (status))",
        "CREATE TABLE other (id INT PRIMARY KEY, n INT)");
    for (int i = 1; i <= 25; i++) {
      database.run(
          "INSERT INTO item (id, status, n, price, at, note, doc) VALUES ("
              + i
              + ", '"
              + (i % 2 == 0 ? "even" : "odd")
              + "', "
              + i
              + ", 10, '2026-01-01 00:00:00', 'x',"
              + " '{\"a\": 1}')");
    }
  }

  @AfterEach
  void close() {
    database.close();
  }

  private Refusal refused(String sql, Object... parameters) {
    return assertThrows(
        Refusal.class,
        () ->
            new SqlTask(StatementScope.DEFAULT, 0)
                .check(Walk.parameters(sql, parameters), "p1", database.connection()),
        sql);
  }

  private List<String> codes(String sql, Object... parameters) {
    Refusal refusal = refused(sql, parameters);
    assertEquals("unsupported-statement", refusal.type(), refusal.toString());
    return refusal.reasons().stream().map(Refusal.Reason::code).toList();
  }

  private Walk.Result walk(String sql, Object... parameters) throws SQLException {
    return Walk.run(database, 4, Walk.parameters(sql, parameters));
  }

  @Test
  void a_delete_by_chunks_leaves_what_the_plain_statement_leaves() throws SQLException {
    for (String sql :
        List.of(
            "DELETE FROM item WHERE status = 'odd' OR id = 2",
            "DELETE FROM item AS i WHERE i.status = 'odd' OR i.id = 2",
            "DELETE FROM item i WHERE i.id IN (SELECT id FROM other) OR i.status = 'odd'"
                + " OR i.id = 2")) {
      database.run("DROP TABLE IF EXISTS kept", "CREATE TABLE kept AS SELECT * FROM item");
      assertEquals(14, walk(sql).changed());
      assertEquals("11|0", database.value("SELECT COUNT(*), SUM(id % 2) FROM item"));
      database.run(
          "DELETE FROM item",
          "INSERT INTO item (id, status, n, price, at, note, doc) SELECT id, status, n, price, at,"
              + " note, doc FROM kept");
    }
  }

  @Test
  void an_insert_by_chunks_adds_what_the_plain_statement_adds() throws SQLException {
    assertEquals(
        12,
        walk(
                "INSERT INTO other (id, n) SELECT i.id, i.n * :f FROM item i WHERE i.status = 'even'",
                "f",
                3)
            .changed());
    assertEquals(
        database.rows("SELECT id, n * 3 FROM item WHERE status = 'even' ORDER BY id"),
        database.rows("SELECT id, n FROM other ORDER BY id"));
  }

  @Test
  void an_insert_into_its_own_source_adds_each_row_once() throws SQLException {
    walk("INSERT INTO item (status, n) SELECT 'copy', n FROM item");
    assertEquals(
        "25|25",
        database.value("SELECT COUNT(*), COUNT(DISTINCT n) FROM item WHERE status = 'copy'"));
    assertEquals(
        List.of("inserts-into-source"),
        codes("INSERT INTO item (id, n) SELECT id + 1000, n FROM item"));
  }

  @Test
  void a_set_that_changes_a_column_of_the_where_changes_each_row_once() throws SQLException {
    assertEquals(25, walk("UPDATE item SET n = n + 10 WHERE n < 1000 OR n = 3").changed());
    assertEquals("1", database.value("SELECT MIN(n = id + 10) FROM item"));
    assertEquals(13, walk("UPDATE item SET status = 'even' WHERE status = 'odd'").changed());
  }

  @Test
  void an_or_in_the_where_does_not_escape_the_key_range() throws SQLException {
    walk("UPDATE item SET n = n + 100 WHERE id = 1 OR 1 = 1;");
    assertEquals("1", database.value("SELECT MIN(n = id + 100) FROM item"));
  }

  @Test
  void rows_after_the_end_are_unchanged() throws SQLException {
    SqlTask task = new SqlTask(StatementScope.DEFAULT, 0);
    SqlParameters parameters = Walk.parameters("UPDATE item SET n = 0");
    ChunkedRun run = task.open(parameters, "p1", database.connection());
    String end = run.extent(database.connection()).orElseThrow().end();
    database.run("INSERT INTO item (id, n) VALUES (26, 5)", "DELETE FROM item WHERE id = 25");
    Chunk chunk = run.next(database.connection(), null, end, 1000);
    assertEquals(new Chunk(null, end, 24), chunk);
    assertEquals(24, run.apply(database.connection(), chunk));
    assertEquals("5", database.value("SELECT n FROM item WHERE id = 26"));
  }

  @Test
  void a_run_continues_over_another_connection() throws SQLException {
    ChunkedRun run =
        new SqlTask(StatementScope.DEFAULT, 0)
            .open(Walk.parameters("UPDATE item SET n = n + 1"), "p1", database.connection());
    String end = run.extent(database.connection()).orElseThrow().end();
    Chunk first = run.next(database.connection(), null, end, 10);
    run.apply(database.connection(), first);
    try (Connection another = database.another()) {
      Chunk second = run.next(another, first.upTo(), end, 1000);
      assertEquals(new Chunk("[\"10\"]", end, 15), second);
      assertEquals(15, run.apply(another, second));
    }
    assertEquals("1", database.value("SELECT MIN(n = id + 1) FROM item"));
  }

  @Test
  void values_of_all_kinds_are_bound_exactly() throws SQLException {
    database.run(
        "CREATE TABLE v (id INT PRIMARY KEY, s VARCHAR(200), i BIGINT UNSIGNED, d DECIMAL(65,30), b"
            + " BOOLEAN, t DATETIME(6), u DATETIME(6), p VARCHAR(20))",
        "INSERT INTO v (id, i) VALUES (1, 1), (2, 2), (3, 3)",
        "SET SESSION time_zone = '+05:30'");
    String text = "it's \"x\" \\ :no ? -- /* 😀 {fn now()} 2026-01-01T00:00 ";
    walk(
        "UPDATE v SET s = :s, i = :i, d = :d, b = :b, t = :t, u = :u, p = :project"
            + " WHERE id IN :ids OR id IN (:more, 99) OR id = :none",
        "s",
        text,
        "i",
        new BigInteger("18446744073709551615"),
        "d",
        new BigDecimal("0.123456789012345678901234567891"),
        "b",
        true,
        "t",
        "2026-01-01T00:00:00.000001Z",
        "u",
        "2026-01-01T00:00",
        "ids",
        List.of(1),
        "more",
        List.of(2, 77),
        "none",
        null);
    String row =
        text
            + "|18446744073709551615|0.123456789012345678901234567891|1|"
            + "2026-01-01 05:30:00.000001|2026-01-01 00:00:00.000000|p1";
    assertEquals(
        List.of(row, row),
        database.rows(
            "SELECT s, i, d, b, CAST(t AS CHAR), CAST(u AS CHAR), p FROM v WHERE id < 3"));
    assertEquals("3", database.value("SELECT i FROM v WHERE id = 3"));
  }

  @Test
  void a_price_is_multiplied_without_a_rounding_error() throws SQLException {
    walk("UPDATE item SET price = price * :f", "f", new BigDecimal("1.0101"));
    assertEquals("10.1010", database.value("SELECT DISTINCT price FROM item"));
  }

  @Test
  void literals_reach_the_server_byte_for_byte() throws SQLException {
    walk("UPDATE item SET note = 'a''b\\'c\\\\ \\n {\"x\": \"{fn now()}\"} ; -- # /* ? :x @y %s'");
    assertEquals(
        "a'b'c\\ \n {\"x\": \"{fn now()}\"} ; -- # /* ? :x @y %s",
        database.value("SELECT DISTINCT note FROM item"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "mysql.user",
        "MySQL.user",
        "`sys`.x",
        "information_schema.TABLES",
        "performance_schema.threads",
        "nowhere.item",
        "missing",
        "batch",
        "`Lane`",
        "project",
        "instance",
        "rowmill_schema_history"
      })
  void a_missing_or_forbidden_table_is_unknown(String table) {
    for (String sql :
        List.of(
            "UPDATE " + table + " SET n = 1",
            "DELETE FROM " + table,
            "INSERT INTO " + table + " (n) SELECT n FROM item",
            "INSERT INTO other (n) SELECT n FROM " + table,
            "UPDATE item SET n = (SELECT MAX(x) FROM " + table + ")",
            "UPDATE item SET n = 1 WHERE EXISTS (SELECT 1 FROM other o, " + table + " b)",
            "DELETE FROM item WHERE id IN (SELECT 1 FROM other ORDER BY (SELECT 1 FROM "
                + table
                + "))")) {
      Refusal refusal = refused(sql);
      assertEquals("unknown-table", refusal.type(), sql + refusal);
      assertEquals(Map.of("table", table.replace("`", "")), refusal.members());
    }
  }

  @Test
  void own_tables_are_unknown_under_the_name_of_the_schema_and_of_a_with_too() {
    database.run("CREATE TABLE batch (id INT PRIMARY KEY, n INT)");
    assertEquals("unknown-table", refused("DELETE FROM " + database.schema() + ".batch").type());
    assertEquals("unknown-table", refused("DELETE FROM batch").type());
    assertEquals(
        List.of("with-name"),
        codes(
            "UPDATE item SET n = 1 WHERE n IN (WITH batch AS (SELECT 1) SELECT 1) OR n IN (SELECT n"
                + " FROM other)"));
  }

  @Test
  void a_parameter_without_a_value_and_a_value_without_a_parameter_are_reported() {
    Refusal refusal = refused("UPDATE item SET n = :a, price = :b", "b", 1, "c", 2, "project", "x");
    assertEquals("parameter-mismatch", refusal.type());
    assertEquals(
        Map.of("missing", List.of("a"), "unused", List.of("c", "project")), refusal.members());
    assertEquals(
        List.of("project"),
        refused("UPDATE item SET note = :project", "project", "x").members().get("unused"));
  }

  @Test
  void values_that_cannot_be_bound_are_rejected() {
    assertEquals(List.of("empty-list"), codes("DELETE FROM item WHERE id IN :x", "x", List.of()));
    assertEquals(List.of("list-outside-in"), codes("UPDATE item SET n = :x", "x", List.of(1)));
    assertEquals(
        List.of("list-outside-in"),
        codes("DELETE FROM item WHERE id IN (1 + :x)", "x", List.of(1)));
    assertEquals(List.of("parameter-kind"), codes("UPDATE item SET n = :x", "x", Map.of("a", 1)));
    assertEquals(
        List.of("parameter-kind"),
        codes("DELETE FROM item WHERE id IN :x", "x", List.of(List.of(1))));
    assertEquals(
        List.of("parameter-number"),
        codes("UPDATE item SET n = :x", "x", new BigDecimal("1e999999")));
    assertEquals(
        List.of("parameter-number"), codes("UPDATE item SET n = :x", "x", new BigDecimal("1e-31")));
    Integer[] many = new Integer[65_001];
    Arrays.fill(many, 1);
    assertEquals(
        List.of("too-many-values"),
        codes("DELETE FROM item WHERE id IN :x", "x", Arrays.asList(many)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "assigns-key|UPDATE item SET id = id + 1",
        "assigns-key|UPDATE item i SET i.`ID` = 5, i.n = 1",
        "assigns-generated|UPDATE item SET g = 1",
        "assigns-generated|UPDATE item SET g = DEFAULT(n)",
        "assigns-generated|INSERT INTO generating SELECT id, n, n FROM other",
        "assigns-generated|INSERT INTO item (g) SELECT n FROM other",
        "unknown-column|UPDATE item SET nope = 1",
        "unknown-column|UPDATE item SET n = 1 WHERE nope = 2",
        "unknown-column|UPDATE item SET n = nope.x",
        "unknown-column|INSERT INTO other (nope) SELECT n FROM item",
        "unknown-column|INSERT INTO other (n) SELECT nope FROM item",
        "reads-changed-table|UPDATE item SET n = (SELECT MAX(n) FROM (SELECT n FROM item) x)",
        "reads-changed-table|DELETE FROM item WHERE id IN (SELECT id FROM `item` j)",
        "reads-changed-table|INSERT INTO other (id) SELECT id FROM item WHERE id NOT IN (SELECT id FROM other)",
        "reads-changed-along|DELETE FROM mother WHERE (SELECT COUNT(*) FROM daughter) > 4",
        "reads-changed-along|DELETE m FROM mother m JOIN seen_daughter d ON d.id = m.id",
        "reads-changed-along|UPDATE grandmother SET id2 = 1 WHERE id NOT IN (SELECT mother FROM daughter)",
        "reads-changed-along|UPDATE telling SET n = (SELECT COUNT(*) FROM told)",
        "foreign-function|UPDATE item SET n = NOSUCHFUNCTION(1)",
        "server-refused|UPDATE item SET n = (SELECT id, n FROM other)",
        "column-count|INSERT INTO other (id) SELECT id, n FROM item",
        "server-refused|UPDATE item SET n = 1 WHERE n = 1 COLLATE nowhere_ci",
        "server-refused|UPDATE item SET n = SUM(n)",
        "changes-view|UPDATE seen SET n = 1",
        "changes-view|DELETE s FROM seen s JOIN other o ON o.id = s.id",
        "changes-view|INSERT INTO seen (id) SELECT id FROM other",
        "view|INSERT INTO other (id) SELECT id FROM seen",
        "reads-changed-table|UPDATE item SET n = 1 WHERE id IN (SELECT id FROM seen)",
        "reads-changed-table|UPDATE item i JOIN seen s ON s.id = i.id SET i.n = 1",
        "not-innodb|UPDATE old SET n = 1",
        "not-innodb|INSERT INTO old (n) SELECT n FROM item",
        "trigger-assigns-key|UPDATE triggered SET n = 1"
      })
  void restrictions_of_tables_are_rejected_with_their_reasons(String code, String sql) {
    database.run(
        "CREATE TABLE generating (id INT PRIMARY KEY, n INT, g INT AS (n + 1) STORED)",
        "CREATE VIEW seen AS SELECT id, n FROM item",
        "CREATE TABLE grandmother (id INT PRIMARY KEY, id2 INT UNIQUE)",
        "CREATE TABLE mother (id INT PRIMARY KEY, g INT UNIQUE, FOREIGN KEY (g) REFERENCES"
            + " grandmother (id2) ON UPDATE CASCADE)",
        "CREATE TABLE daughter (id INT PRIMARY KEY, mother INT, g INT, FOREIGN KEY (mother)"
            + " REFERENCES mother (id) ON DELETE CASCADE, FOREIGN KEY (g) REFERENCES mother (g) ON"
            + " UPDATE SET NULL)",
        "CREATE VIEW seen_daughter AS SELECT id FROM daughter",
        "CREATE TABLE told (n INT)",
        "CREATE TABLE telling (id INT PRIMARY KEY, n INT)",
        "CREATE TRIGGER tells AFTER UPDATE ON telling FOR EACH ROW INSERT INTO told VALUES (1)",
        "CREATE TABLE old (id INT PRIMARY KEY, n INT) ENGINE = MyISAM",
        "CREATE TABLE triggered (id INT PRIMARY KEY, n INT)",
        "CREATE TRIGGER moves BEFORE UPDATE ON triggered FOR EACH ROW SET NEW.`id` = OLD.id + 1");
    assertEquals(List.of(code), codes(sql));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "no-unique-key|id INT, KEY (id)",
        "key-column-type|id YEAR(2) PRIMARY KEY",
        "key-nullable|id INT, UNIQUE KEY (id)",
        "key-members|id SET('a','b','c','d','e','f','g','h','i') PRIMARY KEY",
        "key-prefix|id VARCHAR(100) NOT NULL, UNIQUE KEY (id(10))",
        "key-prefix|id TEXT NOT NULL, PRIMARY KEY (id(10))",
        "key-generated|x INT, id INT AS (x + 1) STORED NOT NULL, UNIQUE KEY (id)",
        "key-on-update|id TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP PRIMARY KEY"
      })
  void a_table_without_a_usable_key_is_rejected_with_the_reason(String code, String columns) {
    assumeTrue(!(database.mariaDb() && columns.contains("STORED NOT NULL")));
    assumeTrue(database.mariaDb() || !columns.contains("YEAR(2)"));
    database.run("CREATE TABLE keyless (" + columns + ", n INT)");
    Refusal refusal = refused("UPDATE keyless SET n = 1");
    assertEquals("no-usable-key", refusal.type());
    assertEquals(Map.of("table", "keyless"), refusal.members());
    assertEquals(List.of(code), refusal.reasons().stream().map(Refusal.Reason::code).toList());
  }

  @ParameterizedTest
  @CsvSource(
      nullValues = "-",
      value = {"-, i", "o, o", "i, i", "item, refused: i|o", "l, refused: i|o", "x, refused: i|o"})
  void the_named_table_is_walked(String walk, String expected) throws SQLException {
    database.run("CREATE TABLE joined (n INT)");
    var parameters =
        new SqlParameters(
            "INSERT INTO joined SELECT i.n FROM item i JOIN other o ON o.id = i.id"
                + " LEFT JOIN other l ON l.id = o.n",
            Map.of(),
            walk);
    String walked;
    try {
      walked =
          ChunkableStatement.compile(
                  parameters, "p1", database.connection(), StatementScope.DEFAULT, 0)
              .qualifier();
    } catch (Refusal refusal) {
      Refusal.Reason reason = refusal.reasons().get(0);
      assertEquals("walk", reason.code());
      walked = "refused: " + reason.arguments().get("possible").replace(", ", "|");
    }
    assertEquals(expected, walked);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "id = :v|5|true",
        "`ID`=:v|5|true",
        "item.id = :v|5|true",
        "id = :v|text|false",
        "id = :v|5.0|false",
        "id >= :v|5|false",
        "id = -:v|5|false",
        "n = :v|5|false",
        "id = :v OR n = 3|5|false",
        "id = n + :v|5|false"
      })
  void one_number_of_the_key_finds_one_row(String where, String value, boolean one)
      throws SQLException {
    Object bound =
        value.equals("text")
            ? "5"
            : value.contains(".") ? new BigDecimal(value) : (Object) Long.valueOf(value);
    var parameters =
        new SqlParameters("UPDATE item SET n = n + 1 WHERE " + where, Map.of("v", bound), null);
    assertEquals(
        one,
        ChunkableStatement.compile(
                parameters, "p1", database.connection(), StatementScope.DEFAULT, 0)
            .findsOneRow());
  }

  @Test
  void a_run_of_one_row_leaves_no_statement_open() throws SQLException {
    var driver = database.connection().unwrap(JdbcConnection.class);
    int before = driver.getActiveStatementCount();
    var one = Walk.parameters("UPDATE item SET n = n + 1 WHERE id = :v", "v", 3L);
    assertEquals(1, Walk.run(database, 5, one).changed());
    assertEquals(before, driver.getActiveStatementCount());
  }

  @Test
  void an_update_walks_the_table_that_it_changes() {
    var other =
        new SqlParameters("UPDATE item i JOIN other o ON o.id = i.id SET i.n = 1", Map.of(), "o");
    Refusal refusal =
        assertThrows(
            Refusal.class,
            () ->
                ChunkableStatement.compile(
                    other, "p1", database.connection(), StatementScope.DEFAULT, 0));
    assertEquals(
        List.of(new Refusal.Reason("walk", Map.of("walk", "o", "possible", "i"))),
        refusal.reasons());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "UPDATE other SET n = 1 WHERE n = (SELECT n FROM item)",
        "INSERT INTO other (n) SELECT n FROM failing",
      })
  void a_plan_that_the_server_rejects_is_not_an_internal_error(String sql) throws SQLException {
    database.run(
        "CREATE VIEW failing AS SELECT n FROM other WHERE n = (SELECT n FROM item)",
        "INSERT INTO other VALUES (1, 1)");
    try {
      new SqlTask(StatementScope.DEFAULT, 1000)
          .plan(Walk.parameters(sql), "p1", database.connection(), (sizeKey, walked) -> 10);
    } catch (Refusal refusal) {
      assertEquals("server-refused", refusal.reasons().get(0).code());
    }
  }

  @Test
  void an_update_with_ignore_is_rejected_where_the_server_would_reject_each_chunk()
      throws SQLException {
    assumeTrue(database.mariaDb());
    database.run("CREATE TABLE hashed (id INT PRIMARY KEY, words TEXT UNIQUE, n INT)");
    Walk.run(database, 7, Walk.parameters("UPDATE hashed SET n = 1"));
    Walk.run(database, 7, Walk.parameters("DELETE IGNORE FROM hashed WHERE id > 0"));
    Refusal refusal = refused("UPDATE IGNORE hashed SET n = 1");
    assertEquals(
        List.of(new Refusal.Reason("ignore-hash-key", Map.of("key", "words"))), refusal.reasons());
  }

  @Test
  void a_view_that_multiplies_a_small_table_is_not_small() throws SQLException {
    database.run("CREATE VIEW crossed AS SELECT a.id FROM item a JOIN item b JOIN item c");
    Refusal refusal =
        assertThrows(
            Refusal.class,
            () ->
                new SqlTask(StatementScope.DEFAULT, 30)
                    .check(
                        Walk.parameters("INSERT INTO other (id) SELECT id FROM crossed"),
                        "p1",
                        database.connection()));
    assertEquals("undivided-limit", refusal.reasons().get(refusal.reasons().size() - 1).code());
  }

  @Test
  void a_generated_column_may_be_set_to_its_default() throws SQLException {
    long rows = Long.parseLong(database.value("SELECT COUNT(*) FROM item"));
    assertEquals(
        rows,
        Walk.run(database, 7, Walk.parameters("UPDATE item SET G = DEFAULT, n = n + 1")).changed());
  }

  @Test
  void a_table_of_numbers_is_walked() throws SQLException {
    assumeTrue(database.mariaDb());
    Walk.Result result =
        Walk.run(
            database,
            7,
            Walk.parameters("INSERT INTO other (id, n) SELECT seq, 1 FROM seq_101_to_130"));
    assertEquals(30, result.changed());
    assertEquals(5, result.chunks().size());
    assertEquals(
        List.of("30"), database.rows("SELECT COUNT(*) FROM other WHERE id BETWEEN 101 AND 130"));
  }

  @Test
  void remaining_rows_are_counted_without_a_key() throws SQLException {
    database.run("CREATE TABLE keyless (n INT)", "INSERT INTO keyless VALUES (1), (2), (2)");
    assertEquals(
        OptionalLong.of(3),
        new SqlTask(StatementScope.DEFAULT, 1000)
            .residual(
                Walk.parameters("DELETE k FROM keyless k JOIN item i ON i.id = k.n WHERE k.n > 0"),
                "p1",
                database.connection()));
  }

  @Test
  void a_timestamp_is_a_key_only_where_the_clock_never_changes() throws SQLException {
    database.run(
        "CREATE TABLE stamped (at TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) PRIMARY KEY, n"
            + " INT)",
        "SET SESSION time_zone = '+02:00'",
        "INSERT INTO stamped VALUES ('2024-10-27 02:30:00', 1), ('2024-10-27 01:30:00', 1)");
    assertEquals(2, walk("UPDATE stamped SET n = n + 1").changed());
  }

  @Test
  void an_update_of_a_unique_key_needs_the_order_of_the_rows() throws SQLException {
    database.run(
        "CREATE TABLE places (id INT PRIMARY KEY, a INT, b INT, c INT, UNIQUE KEY ab (a, b), KEY (c))",
        "CREATE TABLE computed (id INT PRIMARY KEY, a INT, g INT AS (a * 2), UNIQUE KEY (g))");
    Map<String, Boolean> expected =
        Map.of(
            "UPDATE places SET b = b + 1", true,
            "UPDATE places AS p SET p.A = NULL", true,
            "UPDATE computed SET a = a + 1", true,
            "UPDATE places SET c = c + 1", false,
            "DELETE FROM places", false);
    for (var each : expected.entrySet()) {
      var run =
          new SqlTask(StatementScope.DEFAULT, 0)
              .open(Walk.parameters(each.getKey()), "p1", database.connection());
      assertEquals(each.getValue(), run.needsOrder(), each.getKey());
    }
  }

  @Test
  void the_cheapest_unique_key_is_used_without_a_primary_key() throws SQLException {
    database.run(
        "CREATE TABLE many (a VARCHAR(9) NOT NULL, b INT NOT NULL, c INT NOT NULL, d INT, n INT,"
            + " UNIQUE KEY aa (a), UNIQUE KEY bc (b, c), UNIQUE KEY z (c), UNIQUE KEY d (d))",
        "INSERT INTO many VALUES ('x', 1, 7, NULL, 0), ('y', 1, 8, NULL, 0)");
    assertEquals(
        "[\"8\",{\"key\":\"z: c\"}]", walk("UPDATE many SET n = 1").extent().orElseThrow().end());
  }

  @Test
  void data_of_every_type_is_copied() throws SQLException {
    database.run(
        "CREATE TABLE parent (id INT PRIMARY KEY, n INT)",
        "CREATE TABLE child (id INT PRIMARY KEY, p INT, FOREIGN KEY (p) REFERENCES parent (id) ON"
            + " DELETE CASCADE)",
        "INSERT INTO parent VALUES (1, 1), (2, 2), (3, 3), (4, 4), (5, 5), (6, 6)",
        "INSERT INTO child SELECT id, id FROM parent",
        "CREATE TABLE rich (id INT, e ENUM('a','b'), s SET('x','y'), doc JSON, n INT,"
            + " PRIMARY KEY (id)) PARTITION BY HASH (id) PARTITIONS 3",
        "INSERT INTO rich SELECT id, 'a', 'x', '{}', 0 FROM item",
        "CREATE TABLE places (id INT PRIMARY KEY, pos POINT NOT NULL, SPATIAL INDEX (pos))",
        "INSERT INTO places SELECT id, POINT(1, 1) FROM item",
        "CREATE TABLE logged (id INT)",
        "CREATE TRIGGER logs AFTER UPDATE ON rich FOR EACH ROW INSERT INTO logged VALUES (NEW.id)");
    assertEquals(6, walk("DELETE FROM parent WHERE n > 0").changed());
    assertEquals("0", database.value("SELECT COUNT(*) FROM child"));
    walk("UPDATE rich SET e = 'b', s = 'x,y', doc = JSON_SET(doc, '$.a', n), n = n + 1");
    walk("UPDATE places SET pos = POINT(2, 2) WHERE ST_X(pos) = 1");
    assertEquals("25", database.value("SELECT SUM(ST_X(pos) = 2) FROM places"));
    assertEquals(
        "25|25|25", database.value("SELECT SUM(e = 'b'), SUM(s = 'x,y'), SUM(n) FROM rich"));
    assertEquals("25|25", database.value("SELECT COUNT(*), COUNT(DISTINCT id) FROM logged"));
  }

  @Test
  void a_table_with_special_characters_in_another_schema_works() throws SQLException {
    String schema = database.schema() + "`odd. name";
    String quoted = "`" + schema.replace("`", "``") + "`";
    database.run(
        "CREATE DATABASE " + quoted,
        "CREATE TABLE " + quoted + ".`Grö``ße 'x'` (`or der` INT PRIMARY KEY, `n{n}` INT)",
        "INSERT INTO " + quoted + ".`Grö``ße 'x'` VALUES (1, 0), (2, 0), (3, 0)");
    try {
      assertEquals(
          3,
          walk("UPDATE " + quoted + ".`Grö``ße 'x'` SET `n{n}` = `n{n}` + 1 WHERE `or der` > 0")
              .changed());
    } finally {
      database.run("DROP DATABASE " + quoted);
    }
  }

  @Test
  void a_key_is_text_in_the_cursor_if_that_is_exact_and_otherwise_bytes() throws SQLException {
    database.run(
        "CREATE TABLE worded (k VARCHAR(9) CHARACTER SET hebrew COLLATE hebrew_bin PRIMARY KEY, n INT)",
        "INSERT INTO worded VALUES (_hebrew X'E0', 0), (_hebrew X'E1', 0), (_hebrew X'FC', 0)");
    SqlTask task = new SqlTask(StatementScope.DEFAULT, 0);
    SqlParameters parameters = Walk.parameters("UPDATE worded SET n = n + 1");
    ChunkedRun run = task.open(parameters, "p1", database.connection());
    String end = run.extent(database.connection()).orElseThrow().end();
    assertEquals("[{\"hex\":\"FC\"}]", end);
    Chunk first = run.next(database.connection(), null, end, 1);
    assertEquals("[\"\u05d0\"]", first.upTo());
    assertEquals(2, run.next(database.connection(), first.upTo(), end, 10).rows());
  }

  @Test
  void a_char_key_is_rejected_where_its_index_and_comparisons_differ_in_their_order() {
    assumeTrue(database.mariaDb());
    database.run(
        "CREATE TABLE keyless (id CHAR(9) CHARACTER SET latin1 COLLATE latin1_nopad_bin PRIMARY KEY,"
            + " n INT)");
    assertEquals(
        List.of("key-no-pad"),
        refused("UPDATE keyless SET n = 1").reasons().stream().map(Refusal.Reason::code).toList());
  }

  @Test
  void tables_are_case_sensitive_if_the_server_is() throws SQLException {
    assumeTrue(database.value("SELECT @@lower_case_table_names").equals("0"));
    database.run(
        "CREATE TABLE m1 (id INT PRIMARY KEY, n INT)",
        "CREATE TABLE M1 (id INT PRIMARY KEY, other INT, g INT AS (other + 1))",
        "INSERT INTO m1 VALUES (1, 1), (2, 2), (3, 3)",
        "INSERT INTO M1 (id, other) VALUES (2, 20), (4, 40)");
    walk("UPDATE m1 SET n = (SELECT MAX(other) FROM M1) WHERE id IN (SELECT id FROM M1)");
    assertEquals("40", database.value("SELECT n FROM m1 WHERE id = 2"));
    walk("INSERT INTO M1 (id, other) SELECT id + 10, n FROM m1");
    assertEquals("5", database.value("SELECT COUNT(*) FROM M1"));
    assertEquals(
        1, walk("DELETE FROM m1 WHERE id NOT IN (SELECT id - 10 FROM M1) OR id = 3").changed());
    assertEquals(
        List.of("reads-changed-table"), codes("UPDATE M1 SET other = (SELECT MAX(id) FROM M1)"));
    assertEquals(List.of("unknown-column"), codes("UPDATE m1 SET other = 1"));
  }

  @Test
  void a_table_is_not_confused_with_a_with_clause_of_another_case() {
    assumeTrue(database.value("SELECT @@lower_case_table_names").equals("0"));
    database.run("CREATE VIEW SEEN_BY AS SELECT id FROM item");
    assertEquals(
        List.of("with-name-case"),
        codes(
            "UPDATE other SET n = 1 WHERE id IN (WITH seen_by AS (SELECT 1 AS id) SELECT id FROM"
                + " SEEN_BY)"));
  }

  @Test
  void own_tables_are_unknown_in_every_case() {
    database.run(
        "CREATE TABLE lane (id INT PRIMARY KEY, n INT)",
        "CREATE TABLE IF NOT EXISTS LANE (id INT PRIMARY KEY, n INT)");
    for (String name : List.of("lane", "LANE", "Lane")) {
      assertEquals("unknown-table", refused("DELETE FROM " + name).type());
    }
  }

  @Test
  void a_key_range_is_read_from_its_index() throws SQLException {
    database.run(
        "CREATE TABLE big (a BIGINT UNSIGNED, b VARCHAR(20) CHARACTER SET latin1, c DATETIME(6), d"
            + " VARBINARY(28), e DECIMAL(20,4), n INT, h VARCHAR(20) CHARACTER SET hebrew, u VARCHAR(20)"
            + " CHARACTER SET utf8mb4, s VARCHAR(20) CHARACTER SET sjis, g DOUBLE, f FLOAT, bits BIT(40),"
            + " m ENUM('x','3','2','1','0') NOT NULL, few SET('a','b') NOT NULL, PRIMARY KEY (a), UNIQUE"
            + " KEY ab (a, b))",
        "INSERT INTO big SELECT i.id * 1000 + j.id, CONCAT('k', i.id * 1000 + j.id), '2020-01-01' +"
            + " INTERVAL (i.id * 1000 + j.id) SECOND, UNHEX(SHA2(i.id * 1000 + j.id, 224)), i.id *"
            + " 1000 + j.id, 0, CONCAT('k', i.id * 1000 + j.id), CONCAT('k', i.id * 1000 + j.id),"
            + " CONCAT('k', i.id * 1000 + j.id), (i.id * 1000 + j.id) / 7, (i.id * 1000 + j.id) / 8,"
            + " i.id * 1000 + j.id, 1 + i.id % 5, i.id % 4 FROM item i JOIN item j JOIN item k WHERE k.id"
            + " = 1");
    for (String key :
        List.of(
            "a",
            "b",
            "c",
            "d",
            "e",
            "h",
            "u",
            "s",
            "g",
            "f",
            "bits",
            "a, b",
            "c, a, d",
            "a DESC",
            "a DESC, b",
            "e, a DESC, c",
            "m, a",
            "m DESC, h, a DESC",
            "few, m, u")) {
      database.run("ALTER TABLE big DROP PRIMARY KEY, ADD PRIMARY KEY (" + key + ")");
      SqlTask task = new SqlTask(StatementScope.DEFAULT, 0);
      SqlParameters parameters = Walk.parameters("UPDATE big SET n = n + 1");
      ChunkedRun run = task.open(parameters, "p1", database.connection());
      String end = run.extent(database.connection()).orElseThrow().end();
      Chunk first = run.next(database.connection(), null, end, 100);
      Chunk second = run.next(database.connection(), first.upTo(), end, 20);
      ChunkableStatement compiled =
          ChunkableStatement.compile(
              parameters, "p1", database.connection(), StatementScope.DEFAULT, 0);
      List<BoundText.Value> values =
          compiled
              .key()
              .bound(compiled.key().values(first.upTo()), compiled.key().values(second.upTo()));
      try (var explain =
          database
              .connection()
              .prepareStatement(
                  (database.mariaDb() ? "EXPLAIN " : "EXPLAIN FORMAT=TRADITIONAL ")
                      + new ChunkQueries(compiled, null).apply(true).sql())) {
        BoundText.bind(explain, values);
        try (var row = explain.executeQuery()) {
          row.next();
          assertEquals("range", row.getString("type"), key);
          assertEquals("PRIMARY", row.getString("key"), key);
          assertEquals(20, row.getLong("rows"), 21, key);
        }
      }
      BoundText boundary =
          new ChunkQueries(compiled, null).boundary(first.upTo(), second.upTo(), 5);
      try (var explain =
          database
              .connection()
              .prepareStatement(
                  (database.mariaDb() ? "EXPLAIN " : "EXPLAIN FORMAT=TRADITIONAL ")
                      + boundary.sql())) {
        BoundText.bind(explain, boundary.values());
        try (var row = explain.executeQuery()) {
          row.next();
          assertEquals("range PRIMARY", row.getString("type") + " " + row.getString("key"), key);
          assertFalse(String.valueOf(row.getString("Extra")).contains("filesort"), key);
        }
      }
    }
  }

  @Test
  void a_broken_connection_is_not_a_refusal() throws SQLException {
    Connection gone = database.another();
    gone.close();
    assertThrows(
        SQLException.class,
        () ->
            new SqlTask(StatementScope.DEFAULT, 0)
                .check(Walk.parameters("DELETE FROM item"), "p1", gone));
  }

  @Test
  void a_key_that_cannot_be_named_exactly_stops_the_run() throws SQLException {
    database.run(
        "CREATE TABLE zero (d DATE PRIMARY KEY, n INT)",
        "SET SESSION sql_mode = ''",
        "INSERT INTO zero VALUES ('0000-00-00', 0), ('2024-01-01', 0)",
        "SET SESSION sql_mode = 'STRICT_TRANS_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE'");
    List<String> ends = new ArrayList<>();
    try {
      ends.add(
          Walk.run(database, 1, Walk.parameters("UPDATE zero SET n = n + 1")).chunks().stream()
              .map(Chunk::upTo)
              .collect(Collectors.joining()));
      assertEquals("2", database.value("SELECT SUM(n) FROM zero"));
    } catch (SQLException e) {
      assertEquals("22", e.getSQLState().substring(0, 2));
    }
  }
}
