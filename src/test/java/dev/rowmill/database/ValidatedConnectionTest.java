package dev.rowmill.database;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rowmill.testing.SharedServer;
import dev.rowmill.testing.TestServer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests that sessions do not depend on the server's global settings, on the real server. */
@ExtendWith(SharedServer.class)
class ValidatedConnectionTest {

  private static final String THREE_ROWS = "SELECT 1 UNION SELECT 2 UNION SELECT 3";

  @Test
  void a_session_uses_the_server_default_collation_of_utf8mb4(TestServer server)
      throws SQLException {
    String expected;
    try (Connection other = server.connect("")) {
      run(other, "SET NAMES utf8mb4");
      expected = value(other, "SELECT @@collation_connection");
    }
    for (boolean prepared : new boolean[] {false, true}) {
      try (Connection connection = connect(server, prepared)) {
        assertEquals(expected, value(connection, "SELECT @@collation_connection"));
        assertEquals("utf8mb4", value(connection, "SELECT @@character_set_client"));
        assertEquals("null", value(connection, "SELECT @@character_set_results"));
        try (PreparedStatement select = connection.prepareStatement("SELECT COLLATION(?), ?")) {
          select.setString(1, "ß");
          select.setString(2, "ß€𝄞");
          try (ResultSet row = select.executeQuery()) {
            assertTrue(row.next());
            assertEquals(prepared ? expected : row.getString(1), row.getString(1));
            assertEquals("ß€𝄞", row.getString(2));
          }
        }
      }
    }
  }

  @Test
  void texts_are_compared_as_for_any_other_client(TestServer server) throws SQLException {
    try (Connection other = server.connect("");
        Connection connection = connect(server, true)) {
      run(other, "SET NAMES utf8mb4");
      List<String> questions = new ArrayList<>();
      questions.add("SELECT CAST(3 AS CHAR) = '3 '");
      questions.add("SELECT CONCAT(3, 'ß') = '3ss'");
      questions.add("SELECT CHAR(65 USING utf8mb4) = 'a '");
      if (connection.getMetaData().getDatabaseProductVersion().contains("MariaDB")) {
        questions.add("SELECT HEX(COLUMN_CREATE('a', 'b'))");
        // It has the collation of the schema, with which some values can't be compared.
        questions.add("SELECT CHR(65) = 'A'");
      }
      for (String question : questions) {
        assertEquals(result(other, question), result(connection, question), question);
      }
    }
  }

  @Test
  void a_collation_in_the_url_is_preserved(TestServer server) throws SQLException {
    Properties named = account(server, true);
    named.setProperty("connectionCollation", "utf8mb4_bin");
    try (Connection connection = new HostsDriver().connect(server.url(""), named)) {
      assertNotNull(connection);
      assertEquals("utf8mb4_bin", value(connection, "SELECT @@collation_connection"));
    }
  }

  @Test
  void a_session_does_not_depend_on_global_settings(TestServer server) throws SQLException {
    for (String limit : new String[] {"0", "1"}) {
      try (Globals globals = new Globals(server)) {
        globals.set("unique_checks", "0");
        globals.set("sql_quote_show_create", "0");
        globals.set("sql_auto_is_null", "1");
        globals.set("sql_safe_updates", "1");
        globals.set("completion_type", "2");
        globals.set("default_storage_engine", "MyISAM");
        globals.set("max_error_count", "5");
        globals.set("max_join_size", "1");
        globals.set(globals.limit(), globals.isMariaDb() ? "0.001" : "1");
        globals.set("autocommit", "0");
        globals.set(globals.transaction() + "_isolation", "'SERIALIZABLE'");
        globals.set(globals.transaction() + "_read_only", "1");
        globals.set("sql_select_limit", limit);
        for (boolean prepared : new boolean[] {false, true}) {
          try (Connection connection = connect(server, prepared)) {
            // Like the pools.
            connection.setAutoCommit(true);
            connection.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
            String[][] expected = {
              {"unique_checks", "1"},
              {"sql_quote_show_create", "1"},
              {"sql_auto_is_null", "0"},
              {"sql_safe_updates", "0"},
              {"sql_big_selects", "1"},
              {"completion_type", "NO_CHAIN"},
              {"default_storage_engine", "InnoDB"},
              {"max_error_count", globals.isMariaDb() ? "65535" : "5"},
              {globals.limit(), "0"},
              {"autocommit", "1"},
              {globals.transaction() + "_isolation", "READ-COMMITTED"},
              {globals.transaction() + "_read_only", "0"},
              {"sql_select_limit", "18446744073709551615"},
            };
            for (String[] each : expected) {
              String is = value(connection, "SELECT @@SESSION." + each[0]);
              assertEquals(each[1], is.replaceFirst("[.]0+$", ""), each[0]);
            }
            assertTrue(connection.isValid(0));
          }
        }
      }
    }
  }

  @Test
  void a_row_limit_of_one_statement_is_reset_after_it(TestServer server) throws SQLException {
    try (Globals globals = new Globals(server)) {
      globals.set("sql_select_limit", "1");
      for (boolean prepared : new boolean[] {false, true}) {
        try (Connection connection = connect(server, prepared)) {
          assertTrue(connection.isValid(0));
          try (PreparedStatement few = connection.prepareStatement(THREE_ROWS)) {
            few.setMaxRows(2);
            assertEquals(2, rows(few));
          }
          try (PreparedStatement all = connection.prepareStatement(THREE_ROWS)) {
            assertEquals(3, rows(all));
          }
          assertTrue(connection.isValid(0));
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SET autocommit = 0",
        "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ",
        "SET SESSION TRANSACTION READ ONLY",
        "START TRANSACTION",
        "SET sql_select_limit = 10",
        "SET sql_safe_updates = 1",
        "SET time_zone = '+05:00'",
        "SET sql_mode = ''",
        "SET collation_connection = utf8mb4_bin",
        "SET lock_wait_timeout = 1",
      })
  void a_changed_session_is_not_reused(String left, TestServer server) throws SQLException {
    try (Connection connection = connect(server, true)) {
      assertTrue(connection.isValid(0));
      assertTrue(connection.isValid(0));
      run(connection, left);
      assertFalse(connection.isValid(0), left);
      assertTrue(connection.isClosed());
    }
  }

  @Test
  void an_unchanged_connection_is_reused(TestServer server) throws SQLException {
    try (Connection connection = connect(server, true)) {
      assertTrue(connection.isValid(0));
      connection.setAutoCommit(false);
      value(connection, "SELECT COUNT(*) FROM information_schema.tables");
      connection.rollback();
      connection.setAutoCommit(true);
      assertTrue(connection.isValid(0));
      assertTrue(connection.isValid(5));
    }
  }

  @Test
  void a_time_limit_in_the_url_is_preserved(TestServer server) throws SQLException {
    Properties named = account(server, true);
    try (Globals globals = new Globals(server)) {
      String limit = globals.limit();
      named.setProperty("sessionVariables", limit + "=" + (globals.isMariaDb() ? "7" : "7000"));
      try (Connection connection = new HostsDriver().connect(server.url(""), named)) {
        assertNotNull(connection);
        assertEquals(
            globals.isMariaDb() ? "7" : "7000",
            value(connection, "SELECT @@SESSION." + limit).replaceFirst("[.]0+$", ""));
      }
    }
  }

  /** Changes global settings for the duration of a test. */
  private static final class Globals implements AutoCloseable {
    private final Connection admin;
    private final Deque<String> back = new ArrayDeque<>();

    Globals(TestServer server) throws SQLException {
      admin = server.connect("");
    }

    boolean isMariaDb() throws SQLException {
      return admin.getMetaData().getDatabaseProductVersion().contains("MariaDB");
    }

    String limit() throws SQLException {
      return isMariaDb() ? "max_statement_time" : "max_execution_time";
    }

    String transaction() throws SQLException {
      return isMariaDb() ? "tx" : "transaction";
    }

    void set(String name, String to) throws SQLException {
      String was = value(admin, "SELECT @@GLOBAL." + name);
      back.push("SET GLOBAL " + name + " = " + (was.matches("[0-9.]+") ? was : "'" + was + "'"));
      run(admin, "SET GLOBAL " + name + " = " + to);
    }

    @Override
    public void close() throws SQLException {
      try (admin) {
        for (String statement : back) {
          run(admin, statement);
        }
      }
    }
  }

  private static int rows(PreparedStatement select) throws SQLException {
    int rows = 0;
    try (ResultSet row = select.executeQuery()) {
      while (row.next()) {
        rows++;
      }
    }
    return rows;
  }

  private static Connection connect(TestServer server, boolean prepared) throws SQLException {
    Connection connection = new HostsDriver().connect(server.url(""), account(server, prepared));
    assertNotNull(connection);
    return connection;
  }

  private static Properties account(TestServer server, boolean prepared) {
    var account = new Properties();
    account.setProperty("openTelemetry", "DISABLED");
    account.setProperty("user", server.user());
    account.setProperty("password", server.password());
    account.setProperty("useServerPrepStmts", Boolean.toString(prepared));
    account.setProperty("useLocalSessionState", Boolean.toString(prepared));
    return account;
  }

  private static void run(Connection connection, String... statements) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }

  private static String result(Connection connection, String question) {
    try {
      return value(connection, question);
    } catch (SQLException e) {
      return String.valueOf(e.getMessage());
    }
  }

  private static String value(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return String.valueOf(row.getString(1));
    }
  }
}
