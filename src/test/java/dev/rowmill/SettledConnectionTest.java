package dev.rowmill;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rowmill.testing.SharedServer;
import dev.rowmill.testing.TestServer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What a session is whatever the server's global settings are, on the real server. */
@ExtendWith(SharedServer.class)
class SettledConnectionTest {

  @Test
  void a_session_has_the_collation_that_the_server_gives_to_utf8mb4(TestServer server)
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
  void texts_are_compared_as_the_server_compares_them_for_any_other_client(TestServer server)
      throws SQLException {
    try (Connection other = server.connect("");
        Connection connection = connect(server, true)) {
      run(other, "SET NAMES utf8mb4");
      List<String> questions = new ArrayList<>();
      questions.add("SELECT CAST(3 AS CHAR) = '3 '");
      questions.add("SELECT CONCAT(3, 'ß') = '3ss'");
      questions.add("SELECT CHAR(65 USING utf8mb4) = 'a '");
      if (connection.getMetaData().getDatabaseProductVersion().contains("MariaDB")) {
        questions.add("SELECT HEX(COLUMN_CREATE('a', 'b'))");
        // It has the collation of the schema, which some can't be compared with.
        questions.add("SELECT CHR(65) = 'A'");
      }
      for (String question : questions) {
        assertEquals(answer(other, question), answer(connection, question), question);
      }
    }
  }

  @Test
  void a_collation_that_the_url_names_is_left(TestServer server) throws SQLException {
    Properties named = account(server, true);
    named.setProperty("connectionCollation", "utf8mb4_bin");
    try (Connection connection = new HostsDriver().connect(server.url(""), named)) {
      assertNotNull(connection);
      assertEquals("utf8mb4_bin", value(connection, "SELECT @@collation_connection"));
    }
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

  private static String answer(Connection connection, String question) {
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
