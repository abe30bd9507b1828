package dev.rowmill.sql;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the server gets for each kind of value. */
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

  /** What JSON_SET makes of a value. */
  private String inDocument(String expression, Object value) throws SQLException {
    walk("UPDATE v SET doc = JSON_SET('{}', '$.x', " + expression + ") WHERE id = 1", "x", value);
    return database.value("SELECT doc FROM v WHERE id = 1");
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
            "UPDATE v SET n = 1 WHERE flag = :x",
            java.util.Map.of("x", true),
            "p1",
            database.connection(),
            Reach.DEFAULT);
    Explain plan =
        Explain.of(database.connection(), new ChunkQueries(statement, null).countMatching());
    assertEquals("`flag`", plan.index());
    assertTrue(plan.rows() < 5, plan.toString());
  }
}
