package dev.rowmill.sql.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.mysql.cj.jdbc.MysqlDataSource;
import dev.rowmill.sql.RowQuery;
import dev.rowmill.sql.parse.StatementParser;
import dev.rowmill.sql.statement.ChunkableStatement;
import dev.rowmill.sql.statement.SqlParameters;
import dev.rowmill.sql.table.StatementScope;
import dev.rowmill.task.Chunk;
import dev.rowmill.task.Extent;
import dev.rowmill.task.Plan;
import dev.rowmill.task.Refusal;
import dev.rowmill.testing.BesideOthers;
import dev.rowmill.testing.Sql;
import dev.rowmill.testing.TestServer;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests queries whose rows are read along a key. */
@BesideOthers
class SelectRunTest {

  private static final TestServer SERVER = new TestServer();
  private static final MysqlDataSource DATABASE = new MysqlDataSource();

  @BeforeAll
  static void start() throws Exception {
    SERVER.start();
    DATABASE.setURL(SERVER.url(""));
    DATABASE.setUser(SERVER.user());
    DATABASE.setPassword(SERVER.password());
    DATABASE.setUseServerPrepStmts(true);
    Sql.execute(DATABASE, "CREATE DATABASE IF NOT EXISTS rowmill_work");
    Sql.execute(
        DATABASE,
        "CREATE TABLE rowmill_work.walked (id INT PRIMARY KEY, name VARCHAR(9), project VARCHAR(9))");
    Sql.execute(
        DATABASE,
        "INSERT INTO rowmill_work.walked VALUES (1,'a','p'),(2,'b','p'),(3,'c','q'),(4,NULL,'p'),"
            + "(5,'e','p')");
    Sql.execute(DATABASE, "CREATE TABLE rowmill_work.keyless (id INT)");
    Sql.execute(DATABASE, "CREATE TABLE rowmill_work.plain (id INT PRIMARY KEY) ENGINE = MyISAM");
  }

  @AfterAll
  static void stop() {
    SERVER.close();
  }

  private static ChunkableStatement compile(
      Connection connection, String sql, Map<String, Object> parameters) throws Exception {
    return RowQuery.reading(new SqlParameters(sql, parameters, null), "p", StatementScope.DEFAULT)
        .compile(connection);
  }

  @Test
  void the_rows_of_each_range_are_read_once_even_without_the_key() throws Exception {
    try (Connection connection = DATABASE.getConnection()) {
      ChunkableStatement statement =
          compile(
              connection,
              "SELECT name FROM rowmill_work.walked AS w WHERE project = :project AND w.id > :least",
              Map.of("least", 1));
      SelectRun run = SelectRun.open(statement, connection);
      Extent extent = run.walk().extent(connection).orElseThrow();
      List<String> rows = new ArrayList<>();
      String after = null;
      do {
        Chunk chunk = run.walk().next(connection, after, extent.end(), 2);
        run.read(
            connection,
            chunk,
            values ->
                rows.add(values[0] == null ? null : new String(values[0], StandardCharsets.UTF_8)));
        after = chunk.upTo();
      } while (!after.equals(extent.end()));
      assertEquals(Arrays.asList("b", null, "e"), rows);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "SELECT id + 1 FROM a.t|select-form",
        "SELECT id AS x FROM a.t|select-form",
        "SELECT *, id FROM a.t|select-form",
        "SELECT id FROM a.t JOIN a.u USING (id)|select-form",
        "SELECT id FROM (SELECT 1 AS id) AS d|select-form",
        "WITH w AS (SELECT 1) SELECT id FROM a.t|select-form",
        "SELECT id FROM a.t ORDER BY id|select-form",
        "SELECT id FROM a.t LIMIT 5|select-form",
        "SELECT id FROM a.t UNION SELECT id FROM a.u|select-form",
        "SELECT COUNT(*) FROM a.t|select-form",
        "SELECT 1|select-form",
        "DELETE FROM a.t|select-form",
        "SELECT id FROM a.t FOR UPDATE|locking-read",
        "SELECT id FROM a.t INTO OUTFILE 'x'|select-into",
        "SELECT id FROM a.t; DELETE FROM a.t|stacked-statements"
      })
  void other_queries_are_refused(String sql, String reason) {
    Refusal refusal = assertThrows(Refusal.class, () -> StatementParser.parseRows(sql));
    assertTrue(
        refusal.reasons().stream().anyMatch(it -> it.code().equals(reason)), refusal::getMessage);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "SELECT DISTINCT name FROM rowmill_work.walked|distinct",
        "SELECT name FROM rowmill_work.walked GROUP BY name|group-by",
        "SELECT missing FROM rowmill_work.walked|unknown-column",
        "SELECT name, name FROM rowmill_work.walked|select-form",
        "SELECT id FROM rowmill_work.keyless|no-unique-key"
      })
  void a_query_that_does_not_fit_its_table_is_refused(String sql, String reason) throws Exception {
    try (Connection connection = DATABASE.getConnection()) {
      Refusal refusal =
          assertThrows(
              Refusal.class,
              () -> SelectRun.columns(compile(connection, sql, Map.of()), connection));
      assertEquals(
          reason,
          refusal.reasons().stream().map(Refusal.Reason::code).collect(Collectors.joining(",")));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "SELECT id FROM rowmill_work.walked WHERE id = (SELECT MAX(id) FROM rowmill_work.walked)"
            + "|reads-changed-table",
        "SELECT id FROM rowmill_work.plain|not-innodb",
        "SELECT missing FROM rowmill_work.walked|unknown-column"
      })
  void a_query_whose_rows_are_changed_is_checked_for_that(String sql, String reason)
      throws Exception {
    try (Connection connection = DATABASE.getConnection()) {
      Map<String, Object> values = Map.of("unused", 1);
      RowQuery changed = RowQuery.exchanging(sql, values, "p", StatementScope.DEFAULT);
      Refusal refusal =
          assertThrows(
              Refusal.class, () -> ExchangedTable.of(connection, changed.compile(connection)));
      assertEquals(reason, refusal.reasons().get(0).code());
      if (!reason.equals("unknown-column")) {
        SelectRun.open(compile(connection, sql, Map.of()), connection);
      }
    }
  }

  @Test
  void a_query_needs_the_right_to_select_alone() throws Exception {
    Sql.execute(DATABASE, "DROP USER IF EXISTS reads_walked@'%'");
    Sql.execute(DATABASE, "CREATE USER reads_walked@'%' IDENTIFIED BY 'walked'");
    Sql.execute(DATABASE, "GRANT SELECT ON rowmill_work.walked TO reads_walked@'%'");
    RowQuery query =
        RowQuery.exchanging(
            "SELECT name FROM rowmill_work.walked WHERE id > 1",
            Map.of(),
            "p",
            StatementScope.DEFAULT);
    try (Connection connection = DATABASE.getConnection("reads_walked", "walked")) {
      query.check(connection);
      assertEquals(4, query.planned(connection, 100, 1000).rows());
      Plan plan = query.plan(connection, (key, rows) -> 10);
      assertEquals(Set.of("id", "name"), plan.sample().get(0).before().keySet());
      assertFalse(plan.explain().isEmpty(), plan::toString);
    }
  }
}
