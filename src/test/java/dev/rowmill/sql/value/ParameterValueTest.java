package dev.rowmill.sql.value;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.rowmill.sql.Database;
import dev.rowmill.sql.SqlCheck;
import dev.rowmill.sql.SqlTask;
import dev.rowmill.sql.run.Walk;
import dev.rowmill.sql.statement.ChunkQueries;
import dev.rowmill.sql.statement.ChunkableStatement;
import dev.rowmill.sql.statement.Explain;
import dev.rowmill.sql.statement.SqlParameters;
import dev.rowmill.sql.table.StatementScope;
import dev.rowmill.task.Chunk;
import dev.rowmill.task.ChunkedRun;
import dev.rowmill.task.Refusal;
import dev.rowmill.testing.BesideOthers;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the server gets for each kind of value. */
@BesideOthers
class ParameterValueTest {

  private Database database;

  @BeforeEach
  void open() {
    database = new Database();
    database.run(
        "CREATE TABLE v (id INT PRIMARY KEY, flag TINYINT(1), bits BIT(1), n INT, f DOUBLE, d"
            + " DECIMAL(65,30), whole DECIMAL(65,0), s VARCHAR(200), doc JSON, bin BINARY(4), vb"
            + " VARBINARY(50), blb BLOB, day DATE, t DATETIME(6), ts TIMESTAMP(6) NULL, tm TIME(6),"
            + " KEY (flag))",
        "INSERT INTO v (id, flag, doc) VALUES (1, 1, '{\"on\": true}'), (2, 0, '{\"on\": false}'),"
            + " (3, NULL, '{\"on\": 1}'), (4, 1, '{}')");
  }

  @AfterEach
  void close() {
    database.close();
  }

  private long walk(String sql, Object... parameters) throws SQLException {
    return Walk.run(database, 10, Walk.parameters(sql, parameters)).changed();
  }

  /** Returns the value that JSON_SET stores. */
  private String inDocument(String expression, Object value) throws SQLException {
    walk("UPDATE v SET doc = JSON_SET('{}', '$.x', " + expression + ") WHERE id = 1", "x", value);
    return database.value("SELECT doc FROM v WHERE id = 1");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        ":x / 3",
        ":x * 1.5",
        ":x % 3",
        "id * :x",
        "id / :x",
        "-:x * 1.5",
        ":x DIV 2",
        "(:x) * 0.5",
        "COALESCE(NULL, :x)",
        "GREATEST(:x, 2)",
        "ROUND(:x, 1)",
        "IF(id > 0, :x, 0.5)",
        "CASE WHEN :x > 0 THEN :x ELSE 0 END",
        "JSON_ARRAY(:x, :x + 1)",
        "'2026-03-01' + INTERVAL :x DAY",
        "SUBSTRING('abcdefg', :x)"
      })
  void a_number_in_an_expression_equals_its_literal(String expression) throws SQLException {
    for (String number : List.of("1", "-3", "1.10", "0.05", "1000000.123456")) {
      var value = new BigDecimal(number);
      Object sent = value.scale() == 0 ? (Object) value.longValueExact() : value;
      String written = expression.replace(":x", value.toPlainString());
      String expected = database.value("SELECT CONCAT(" + written + ", '') FROM v WHERE id = 1");
      walk("UPDATE v SET s = CONCAT(" + expression + ", '') WHERE id = 1", "x", sent);
      assertEquals(expected, database.value("SELECT s FROM v WHERE id = 1"), written);
    }
  }

  @Test
  void an_unsigned_64_bit_number_is_exact() throws SQLException {
    for (String number : List.of("9223372036854775808", "18446744073709551615")) {
      for (String expression : List.of("HEX(:x)", "BIT_COUNT(:x)", ":x >> 1", "id | :x", ":x")) {
        walk(
            "UPDATE v SET s = CONCAT(" + expression + ") WHERE id = 1",
            "x",
            new BigInteger(number));
        assertEquals(
            database.value(
                "SELECT CONCAT(" + expression.replace(":x", number) + ") FROM v WHERE id = 1"),
            database.value("SELECT s FROM v WHERE id = 1"),
            expression);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT MAX(i) FROM (SELECT 1 AS i UNION ALL SELECT 2 UNION ALL SELECT 3 LIMIT :x) AS d",
        "SELECT MAX(t) FROM (SELECT NTILE(:x) OVER (ORDER BY i) AS t FROM (SELECT 1 AS i UNION"
            + " SELECT 2 UNION SELECT 3) AS e) AS d",
        "SELECT MAX(t) FROM (SELECT LEAD(i, :x) OVER (ORDER BY i) AS t FROM (SELECT 1 AS i UNION"
            + " SELECT 2 UNION SELECT 3) AS e) AS d",
        "SELECT MAX(t) FROM (SELECT SUM(i) OVER (ORDER BY i ROWS :x PRECEDING) AS t FROM (SELECT 1"
            + " AS i UNION SELECT 2 UNION SELECT 3) AS e) AS d"
      })
  void a_number_is_accepted_where_no_expression_is_allowed(String query) throws SQLException {
    String expected = database.value(query.replace(":x", "2"));
    String actual;
    try {
      walk("UPDATE v SET n = (" + query + ") WHERE id = 1", "x", 2);
      actual = database.value("SELECT n FROM v WHERE id = 1");
    } catch (Refusal refusal) {
      // MariaDB accepts no parameter in a frame.
      assumeTrue(!database.mariaDb() || !query.contains("ROWS"));
      throw refusal;
    }
    assertEquals(expected, actual);
  }

  @Test
  void a_boolean_is_a_boolean_in_a_document_and_a_number_in_a_column() throws SQLException {
    assertEquals("{\"x\": true}", inDocument(":x", true));
    assertEquals("{\"x\": false}", inDocument(":x", false));
    walk("UPDATE v SET flag = :no, bits = :yes, n = :yes + :yes", "yes", true, "no", false);
    assertEquals(
        List.of("0|1|2", "0|1|2", "0|1|2", "0|1|2"),
        database.rows("SELECT flag, bits + 0, n FROM v"));
  }

  @Test
  void a_boolean_is_compared_with_a_document_and_with_a_column() throws SQLException {
    assertEquals(
        1, walk("UPDATE v SET n = 7 WHERE JSON_EXTRACT(doc, '$.on') = :x AND id < 3", "x", true));
    assertEquals("7", database.value("SELECT n FROM v WHERE id = 1"));
    assertEquals(
        1,
        walk(
            "UPDATE v SET n = 8 WHERE JSON_EXTRACT(doc, '$.on') IN :x AND id < 3",
            "x",
            List.of(false)));
    assertEquals("8", database.value("SELECT n FROM v WHERE id = 2"));
    assertEquals(2, walk("UPDATE v SET n = 9 WHERE flag = :x", "x", true));
    assertEquals(3, walk("UPDATE v SET n = 10 WHERE flag IN :x", "x", List.of(true, false)));
    assertEquals(3, walk("UPDATE v SET n = 11 WHERE flag IN (:x, :y)", "x", true, "y", false));
    assertEquals(
        1, walk("UPDATE v SET n = 12 WHERE:x AND:x AND NOT:y AND id = 1", "x", true, "y", false));
    assertEquals(
        4,
        walk(
            "UPDATE v SET n = CASE WHEN :x THEN IF(:y, 1, COALESCE(:x, 5)) ELSE 6 END, s = :y",
            "x",
            true,
            "y",
            false));
    assertEquals("1|0", database.value("SELECT DISTINCT n, s FROM v"));
  }

  @Test
  void a_boolean_is_found_by_an_index() throws SQLException {
    database.run(
        "INSERT INTO v (id, flag) SELECT 10 + a.id + 4 * b.id + 16 * c.id, 0 FROM v a, v b, v c");
    ChunkableStatement statement =
        ChunkableStatement.compile(
            Walk.parameters("UPDATE v SET n = 1 WHERE flag = :x", "x", true),
            "p1",
            database.connection(),
            StatementScope.DEFAULT,
            0);
    Explain plan =
        Explain.of(database.connection(), new ChunkQueries(statement, null).countMatching());
    assertEquals("`flag`", plan.index());
    assertTrue(plan.rows() < 5, plan.toString());
  }

  private List<String> refused(Object value) {
    return refused("UPDATE v SET s = :x", value);
  }

  private List<String> refused(String sql, Object value) {
    Refusal refusal =
        assertThrows(
            Refusal.class,
            () ->
                new SqlTask(StatementScope.DEFAULT, 0)
                    .check(Walk.parameters(sql, "x", value), "p1", database.connection()),
            () -> sql + value);
    refusal.reasons().forEach(reason -> assertEquals(Map.of("parameter", "x"), reason.arguments()));
    return refusal.reasons().stream().map(Refusal.Reason::code).toList();
  }

  /** Returns the value of a column after an assignment. */
  private String stored(String column, Object value) throws SQLException {
    walk("UPDATE v SET " + column + " = :x WHERE id = 1", "x", value);
    return database.value("SELECT CAST(" + column + " AS CHAR) FROM v WHERE id = 1");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "2026-03-01T10:15",
        "2026-03-01T10:15:00.5",
        "2026-03-01T10:15:00Z",
        "2026-03-01 10:15:00+01:00",
        "2026-03-01T10:15:00.1234567Z",
        "2026-03-01T10:15:00+01:00[Europe/Berlin]",
        "2026-03-01",
        "2026-02-30T10:15:00Z",
        "trailing blanks  ",
        "nul \0 in it",
        "\0",
        "emoji 😀 ',\" \\ \\0 % _ ` :x ? -- /* \r\n\t",
        ""
      })
  void a_text_is_unchanged(String text) throws Exception {
    assertEquals(text, stored("s", text));
    assertEquals(
        HexFormat.of().withUpperCase().formatHex(text.getBytes(StandardCharsets.UTF_8)),
        database.value("SELECT HEX(s) FROM v WHERE id = 1"));
    assertEquals(1, walk("UPDATE v SET n = 5 WHERE BINARY s = BINARY :x", "x", text));
    assertEquals(
        1,
        walk(
            "UPDATE v SET n = 6 WHERE s IN :x AND s = COALESCE(:y, '')",
            "x",
            List.of(text),
            "y",
            text));
    walk("UPDATE v SET doc = JSON_SET('{}', '$.x', :x) WHERE id = 1", "x", text);
    assertEquals(
        text,
        new ObjectMapper()
            .readTree(database.value("SELECT doc FROM v WHERE id = 1"))
            .get("x")
            .textValue());
  }

  @Test
  void a_text_with_an_offset_is_converted_for_a_column_of_times() throws SQLException {
    database.run(
        "SET SESSION time_zone = '+05:30'",
        "CREATE TABLE o (k INT PRIMARY KEY, t DATETIME(6), ts TIMESTAMP(6) NULL, s VARCHAR(40))");
    String moment = "2026-03-01T10:15:00.000001Z";
    String local = "2026-03-01 15:45:00.000001";
    assertEquals(local, stored("t", moment));
    assertEquals(local, stored("ts", moment));
    assertEquals(local, stored("v.ts", "2026-03-01 12:15:00.000001+02:00"));
    assertEquals("2026-03-01", stored("day", "2026-02-28T20:00:00Z"));
    assertEquals("15:45:00.000001", stored("tm", moment));
    for (String condition :
        List.of(
            "t = :x",
            ":x = t",
            "`v`.`t` = :x",
            "NOT t <> :x AND s IS NULL",
            "(t <= :x OR t IS NULL) AND t IS NOT NULL",
            "t BETWEEN :x AND :x",
            "t BETWEEN '2000-01-01' AND :x",
            "t IN :x",
            "t IN ('2000-01-01', :x)",
            "ts = :x AND ts IN (:x)",
            "CASE WHEN ts = :x THEN 1 ELSE 0 END",
            "id IN (SELECT w.id FROM w WHERE w.t = :x)")) {
      database.run("DROP TABLE IF EXISTS w", "CREATE TABLE w AS SELECT id, t FROM v");
      assertEquals(
          1,
          walk("UPDATE v SET n = COALESCE(n, 0) + 1 WHERE " + condition, "x", moment),
          condition);
    }
    walk("INSERT INTO o (k, t, s, ts) SELECT id, :x, :x, :x FROM v WHERE id = 1", "x", moment);
    assertEquals(local + "|" + local + "|" + moment, database.value("SELECT t, ts, s FROM o"));
    assertEquals(
        Optional.empty(),
        new SqlCheck(StatementScope.DEFAULT)
            .evaluate(
                "SELECT COUNT(*) = 1 FROM v WHERE t = :x",
                Map.of("x", moment),
                "p1",
                database.connection()));
  }

  @Test
  void a_local_date_and_time_is_read_by_the_server() throws SQLException {
    assertEquals("2026-03-01 10:15:00.000000", stored("t", "2026-03-01T10:15"));
    assertEquals("2026-03-01 10:15:00.500000", stored("t", "2026-03-01T10:15:00.5"));
    assertEquals(1, walk("UPDATE v SET n = 5 WHERE t = :x", "x", "2026-03-01T10:15:00.500"));
    assertEquals(
        List.of("parameter-fraction"),
        refused("UPDATE v SET t = :x", "2026-03-01T10:15:00.1234567"));
    assertEquals(
        List.of("parameter-fraction"),
        refused("UPDATE v SET n = 1 WHERE t > :x", "2026-03-01T10:15:00.1234567Z"));
  }

  @Test
  void values_with_a_type_arrive_as_that_type() throws SQLException {
    database.run("SET SESSION time_zone = '-03:00'");
    for (String column : List.of("t", "ts")) {
      assertEquals(
          "2026-03-01 10:15:00.000000", stored(column, Map.of("datetime", "2026-03-01T10:15")));
      assertEquals(
          "2026-03-01 07:15:00.123456",
          stored(column, Map.of("datetime", "2026-03-01T10:15:00.1234560Z")));
      assertEquals(
          "2026-03-01 07:15:00.500000",
          stored(column, Map.of("datetime", "2026-03-01 12:15:00.5+02:00")));
    }
    assertEquals(
        "2026-03-01 07:15:00.5", stored("s", Map.of("datetime", "2026-03-01T10:15:00.5Z")));
    assertEquals("2026-03-01", stored("day", Map.of("date", "2026-03-01")));
    assertEquals("2026-03-01", stored("s", Map.of("date", "2026-03-01")));
    assertEquals("-12:30:00.500000", stored("tm", Map.of("time", "-12:30:00.5")));
    assertEquals("838:59:59.000000", stored("tm", Map.of("time", "838:59:59")));
    assertEquals("05:30:00", stored("s", Map.of("time", "5:30")));
    assertEquals(
        "12345678901234567890.123456789000000000000000000000",
        stored("d", Map.of("decimal", "12345678901234567890.123456789")));
    assertEquals("1.50", stored("s", Map.of("decimal", "1.50")));
    assertEquals(
        3,
        walk(
            "UPDATE v SET n = 1 WHERE t IN :x OR day = :d OR tm IN (:m, :m) OR id IN :ids",
            "x",
            List.of(
                Map.of("datetime", "2026-03-01T10:15:00.5Z"),
                Map.of("datetime", "2000-01-01T00:00")),
            "d",
            Map.of("date", "2026-03-01"),
            "m",
            Map.of("time", "838:59:59"),
            "ids",
            List.of(Map.of("decimal", "2.0"), Map.of("decimal", "3"))));
  }

  @Test
  void bytes_arrive_unchanged() throws SQLException {
    byte[] all = new byte[256];
    for (int i = 0; i < all.length; i++) {
      all[i] = (byte) i;
    }
    String base64 = Base64.getEncoder().encodeToString(all);
    walk("UPDATE v SET blb = :x WHERE id = 1", "x", Map.of("base64", base64));
    assertEquals(
        HexFormat.of().withUpperCase().formatHex(all),
        database.value("SELECT HEX(blb) FROM v WHERE id = 1"));
    assertEquals(1, walk("UPDATE v SET n = 1 WHERE blb = :x", "x", Map.of("base64", base64)));
    Map<String, String> some = Map.of("base64", "AP8nXA==");
    walk("UPDATE v SET vb = :x, bin = :x, s = HEX(:x) WHERE id = 2", "x", some);
    assertEquals(
        "00FF275C|00FF275C|00FF275C",
        database.value("SELECT HEX(vb), HEX(bin), s FROM v WHERE id = 2"));
    assertEquals(
        1,
        walk(
            "UPDATE v SET n = 1 WHERE vb = :x AND bin IN :l AND n IS NULL",
            "x",
            some,
            "l",
            List.of(some)));
    walk("UPDATE v SET vb = :x WHERE id = 3", "x", Map.of("base64", ""));
    assertEquals("0", database.value("SELECT LENGTH(vb) FROM v WHERE id = 3"));
  }

  @Test
  void json_arrives_as_json() throws Exception {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("a", Arrays.asList(1, "x'\"\\ 😀", null, true));
    document.put("z", Map.of("n", new BigDecimal("1.10")));
    walk(
        "UPDATE v SET doc = JSON_SET('{}', '$.x', :x) WHERE id = 1", "x", Map.of("json", document));
    ObjectMapper mapper = new ObjectMapper();
    assertEquals(
        mapper.readTree(
            "{\"x\": {\"a\": [1, \"x'\\\"\\\\ 😀\", null, true], \"z\": {\"n\": 1.1}}}"),
        mapper.readTree(database.value("SELECT doc FROM v WHERE id = 1")));
    assertEquals("{\"x\": \"text\"}", inDocument(":x", Map.of("json", "text")));
    assertEquals("{\"x\": 5}", inDocument(":x", Map.of("json", 5)));
    assertEquals("{\"x\": [true]}", inDocument(":x", Map.of("json", List.of(true))));
    assertEquals("{\"x\": null}", inDocument(":x", Collections.singletonMap("json", null)));
    walk("UPDATE v SET doc = :x WHERE id = 2", "x", Map.of("json", Map.of("a", 1)));
    assertEquals(
        1, walk("UPDATE v SET n = 4 WHERE JSON_EXTRACT(doc, '$.a') = :x", "x", Map.of("json", 1)));
    walk("UPDATE v SET doc = :x WHERE id = 2", "x", Map.of("json", Map.of("a", "b")));
    // MariaDB compares a string from a document without its quotes, so only with a text.
    Object compared = database.mariaDb() ? "b" : Map.of("json", "b");
    assertEquals(1, walk("UPDATE v SET n = 5 WHERE JSON_EXTRACT(doc, '$.a') = :x", "x", compared));
    Object deep = 1;
    for (int i = 0; i < 30; i++) {
      deep = List.of(deep);
    }
    walk("UPDATE v SET doc = :x WHERE id = 3", "x", Map.of("json", deep));
    assertEquals(
        "[".repeat(30) + 1 + "]".repeat(30), database.value("SELECT doc FROM v WHERE id = 3"));
    assertEquals(List.of("parameter-json"), refused(Map.of("json", List.of(deep))));
  }

  @Test
  void json_numbers_are_exact_or_rejected() throws SQLException {
    for (String number : List.of("18446744073709551615", "-9223372036854775808", "0.1", "-1.5")) {
      assertEquals(
          "{\"x\": " + number + "}",
          inDocument(
              ":x",
              Map.of(
                  "json",
                  new BigDecimal(number).scale() == 0
                      ? (Object) new BigInteger(number)
                      : new BigDecimal(number))));
    }
    for (Object number :
        List.of(
            new BigInteger("18446744073709551616"),
            new BigInteger("-9223372036854775809"),
            new BigDecimal("0.12345678901234567891"),
            new BigDecimal("1e309"))) {
      Object value = Map.of("json", List.of(Map.of("n", number)));
      if (database.mariaDb()) {
        assertEquals(
            "[{\"n\":" + number + "}]",
            inDocument(":x", value).replaceAll("^\\{\"x\": |\\}$| ", ""));
      } else {
        assertEquals(List.of("parameter-json-number"), refused(value));
      }
    }
  }

  @Test
  void a_value_of_the_wrong_type_is_rejected_with_the_name_of_the_parameter() {
    for (String wrong :
        List.of(
            "",
            "2026-03-01",
            "2026-02-30T10:15:00",
            "0000-01-01T00:00:00",
            "2026-03-01T24:00:00",
            "2026-03-01T10:15:60",
            "2026-03-01T10:15:00+25:00",
            "2026-03-01T10:15:00 Z",
            "26-03-01T10:15")) {
      assertEquals(List.of("parameter-datetime"), refused(Map.of("datetime", wrong)), wrong);
    }
    for (String wrong :
        List.of("", "2026-3-1", "2026-02-30", "0000-00-00", "2026-03-01T00:00:00", " 2026-03-01")) {
      assertEquals(List.of("parameter-date"), refused(Map.of("date", wrong)), wrong);
    }
    for (String wrong :
        List.of(
            "",
            "12",
            "839:00:00",
            "-838:59:59.000001",
            "10:60:00",
            "10:00:60",
            "+10:00:00",
            "10:00:00.")) {
      assertEquals(List.of("parameter-time"), refused(Map.of("time", wrong)), wrong);
    }
    for (Object wrong : List.of("", "1,5", "0x10", "NaN", "1e9999999999", true, List.of(1))) {
      assertEquals(
          List.of("parameter-decimal"), refused(Map.of("decimal", wrong)), wrong.toString());
    }
    for (Object wrong : List.of("AP8", "AP9=", "AP8=\n", "-_8=", "=", 5)) {
      assertEquals(List.of("parameter-bytes"), refused(Map.of("base64", wrong)), wrong.toString());
    }
    for (String type : List.of("datetime", "time")) {
      assertEquals(
          List.of("parameter-fraction"),
          refused(
              Map.of(
                  type, type.equals("time") ? "10:15:00.1234567" : "2026-03-01T10:15:00.1234567")));
    }
    for (String type : List.of("datetime", "date", "time", "decimal", "base64")) {
      assertEquals(1, refused(Collections.singletonMap(type, null)).size());
    }
    assertEquals(List.of("parameter-kind"), refused(Map.of("text", "x")));
    assertEquals(List.of("parameter-kind"), refused(Map.of()));
    assertEquals(List.of("parameter-kind"), refused(Map.of("date", "2026-03-01", "time", "10:15")));
    assertEquals(
        List.of("parameter-date"),
        refused("UPDATE v SET n = 1 WHERE day IN :x", List.of(Map.of("date", "x"))));
  }

  @ParameterizedTest
  @CsvSource({
    "Europe/Berlin, 2026-07-01T10:00:00Z, 2026-07-01 12:00:00",
    "Europe/Berlin, 1965-07-01T10:00:00Z, 1965-07-01 11:00:00",
    "Europe/Berlin, 1945-07-01T10:00:00Z, 1945-07-01 13:00:00",
    "Europe/Berlin, 2100-07-01T10:00:00.25Z, 2100-07-01 12:00:00.25",
    "+00:00, 0001-01-01T00:00:00Z, 0001-01-01 00:00:00",
    "-12:00, 9999-12-31T11:59:59.999999Z, 9999-12-30 23:59:59.999999",
    "SYSTEM, 1969-12-31T23:59:59.999999Z, 1969-12-31 23:59:59.999999",
    "SYSTEM, 2200-01-01T00:00:00+02:00, 2199-12-31 22:00:00",
  })
  void a_moment_outside_the_range_of_the_server_is_exact_or_rejected(
      String zone, String moment, String local) throws SQLException {
    assumeTrue(!zone.equals("SYSTEM") || database.value("SELECT @@system_time_zone").equals("UTC"));
    if (zone.contains("/")) {
      database.loadZone(zone, zone);
    }
    database.run("SET SESSION time_zone = '" + zone + "'");
    try {
      assertEquals(local, stored("s", Map.of("datetime", moment)));
    } catch (Refusal refusal) {
      // MariaDB 11.5 has TIMESTAMPs up to 2106, but the zone's rules only up to 2037.
      assertTrue(database.mariaDb() && moment.startsWith("2100"), refusal.toString());
      assertEquals("parameter-zone", refusal.reasons().get(0).code());
    }
    String column = stored("t", moment);
    assertEquals(
        LocalDateTime.parse(local.replace(' ', 'T')),
        LocalDateTime.parse(column.replace(' ', 'T')));
  }

  @Test
  void a_moment_outside_of_the_calendar_is_rejected() {
    database.run("SET SESSION time_zone = '+01:00'");
    assertEquals(
        List.of("parameter-datetime"), refused(Map.of("datetime", "9999-12-31T23:30:00Z")));
    database.run("SET SESSION time_zone = '-01:00'");
    assertEquals(
        List.of("parameter-datetime"), refused(Map.of("datetime", "0001-01-01T00:30:00Z")));
  }

  @Test
  void a_zone_known_only_to_the_server_is_resolved_by_it() throws SQLException {
    String zone = "Nowhere/Berlin";
    database.loadZone(zone, "Europe/Berlin");
    database.run("SET SESSION time_zone = '" + zone + "'");
    assertEquals(
        "2026-07-01 12:00:00.5", stored("s", Map.of("datetime", "2026-07-01T10:00:00.5Z")));
    assertEquals("2026-01-01 11:00:00.000000", stored("t", "2026-01-01T10:00:00Z"));
    List<Map<String, String>> many = new ArrayList<>();
    for (int i = 0; i < 450; i++) {
      many.add(Map.of("datetime", LocalDateTime.of(2026, 1, 1, 10, 0).plusHours(i) + "Z"));
    }
    assertEquals(1, walk("UPDATE v SET n = 1 WHERE t IN :x", "x", many));
    assertEquals(List.of("parameter-zone"), refused(Map.of("datetime", "1965-07-01T10:00:00Z")));
    assertEquals(List.of("parameter-zone"), refused("UPDATE v SET t = :x", "1965-07-01T10:00:00Z"));
    assertEquals(List.of("parameter-zone"), refused(Map.of("datetime", "3500-07-01T10:00:00Z")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"Europe/Berlin", "Nowhere/Berlin"})
  void an_ambiguous_time_is_not_a_timestamp(String zone) throws SQLException {
    database.loadZone(zone, "Europe/Berlin");
    database.run("SET SESSION time_zone = '" + zone + "'");
    int refused = 0;
    for (String moment : List.of("2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z")) {
      assertEquals("2026-10-25 02:30:00.000000", stored("t", moment));
      try {
        stored("ts", moment);
        // If the server accepts it, it is the same moment.
        database.run("SET SESSION time_zone = '+00:00'");
        assertEquals(
            moment,
            LocalDateTime.parse(
                    database
                        .value("SELECT ts FROM v WHERE id = 1")
                        .substring(0, 19)
                        .replace(' ', 'T'))
                + ":00Z");
        database.run("SET SESSION time_zone = '" + zone + "'");
      } catch (Refusal refusal) {
        refused++;
        assertEquals("parameter-clock-twice", refusal.reasons().get(0).code());
        assertEquals(List.of("parameter-clock-twice"), refused(Map.of("datetime", moment)));
      }
    }
    assertEquals(1, refused);
  }

  @Test
  void a_batch_uses_the_zone_of_the_current_connection() throws SQLException {
    ChunkedRun run =
        new SqlTask(StatementScope.DEFAULT, 0)
            .open(
                Walk.parameters(
                    "UPDATE v SET s = :x", "x", Map.of("datetime", "2026-03-01T10:15:00Z")),
                "p1",
                database.connection());
    String end = run.extent(database.connection()).orElseThrow().end();
    Chunk first = run.next(database.connection(), null, end, 2);
    database.run("SET SESSION time_zone = '+01:00'");
    run.apply(database.connection(), first);
    try (Connection another = database.another()) {
      another.createStatement().execute("SET SESSION time_zone = '+02:00'");
      run.apply(another, run.next(another, first.upTo(), end, 2));
    }
    assertEquals(
        List.of("2026-03-01 11:15:00", "2026-03-01 12:15:00"),
        database.rows("SELECT DISTINCT s FROM v ORDER BY 1"));
  }

  @Test
  void names_of_zones_are_recognised() {
    assertEquals(ZoneOffset.UTC.getRules(), SessionZone.rules("SYSTEM", "UTC"));
    assertEquals(ZoneOffset.ofHours(-5).getRules(), SessionZone.rules("-5:00", "CET"));
    assertEquals(ZoneId.of("Europe/Berlin").getRules(), SessionZone.rules("Europe/Berlin", "CET"));
    for (String system : List.of("CET", "GMT", "EST", "BST")) {
      assertNull(SessionZone.rules("SYSTEM", system));
    }
    assertNull(SessionZone.rules("Nowhere/Berlin", "UTC"));
  }

  @Test
  void a_frequent_statement_is_still_read_with_its_values() throws SQLException {
    database.run("SET SESSION time_zone = '+01:00'");
    SqlTask task = new SqlTask(StatementScope.DEFAULT, 0);
    String sql = "UPDATE v SET t = :x";
    SqlParameters plain = Walk.parameters(sql, "x", "2026-03-01T10:15:00");
    for (int i = 0; i < 20; i++) {
      if (!task.passedRecently(plain, "p1")) {
        task.check(plain, "p1", database.connection());
      }
    }
    assertTrue(task.passedRecently(plain, "p1"));
    assertFalse(task.passedRecently(Walk.parameters(sql, "x", "2026-03-01T10:15:00Z"), "p1"));
  }

  @ParameterizedTest
  @CsvSource({
    "1.10, 1.10",
    "1e3, 1000",
    "1E+3, 1000",
    "-0.0, 0.0",
    "0e99999, 0",
    "0e-99999, 0",
    "0.1, 0.1",
    "1e-30, 0.000000000000000000000000000001",
    "0.0000001, 0.0000001",
    "12345678901234567890, 12345678901234567890",
    "1e64, 10000000000000000000000000000000000000000000000000000000000000000",
    "99999999999999999999999999999999999999999999999999999999999999999, 99999999999999999999999999999999999999999999999999999999999999999",
    "9223372036854775807, 9223372036854775807",
    "-9223372036854775808, -9223372036854775808",
    "12345678901234567890123456789012345.123456789012345678901234567891, 12345678901234567890123456789012345.123456789012345678901234567891",
    "1.000000000000000000000000000000000, 1"
  })
  void a_number_arrives_with_all_its_digits(String number, String shown) throws Exception {
    // Like the service when it reads a request.
    ObjectMapper mapper =
        JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build();
    Object value = mapper.convertValue(mapper.readTree(number), Object.class);
    assertEquals(shown, stored("s", value));
    assertEquals(shown, stored("s", Map.of("decimal", number)));
    String column = shown.contains(".") ? "d" : "whole";
    assertEquals(0, new BigDecimal(stored(column, value)).compareTo(new BigDecimal(number)));
    assertEquals(1, walk("UPDATE v SET n = 1 WHERE " + column + " = :x", "x", value));
  }

  @ParameterizedTest
  @ValueSource(strings = {"1e400", "1e65", "1e-31", "1e999999999", "-1e-999999999", "1e2147483647"})
  void a_number_beyond_the_servers_decimal_is_rejected(String number) {
    assertEquals(List.of("parameter-number"), refused(new BigDecimal(number)));
    if (!number.endsWith("2147483647")) {
      assertEquals(List.of("parameter-number"), refused(Map.of("decimal", number)));
    }
  }
}
