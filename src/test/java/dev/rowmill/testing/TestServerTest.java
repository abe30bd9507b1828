package dev.rowmill.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;

/** Checks the tests' own server, on which every other test depends. */
@BesideOthers
class TestServerTest {

  @Test
  void a_killed_server_restarts_on_its_port_with_its_data() throws SQLException {
    try (TestServer server = new TestServer("--wait-timeout=77").start()) {
      try (Connection connection = server.connect("kept");
          Statement statement = connection.createStatement()) {
        statement.execute("CREATE TABLE kept (id INT PRIMARY KEY)");
        statement.execute("INSERT INTO kept VALUES (42)");
      }
      server.kill();
      assertThrows(SQLException.class, () -> server.connect("kept"));
      server.start();
      assertEquals(42, number(server, "SELECT id FROM kept"));
      server.stop();
      assertThrows(SQLException.class, () -> server.connect("kept"));
      server.start();
      assertEquals(42, number(server, "SELECT id FROM kept"));
      assertTrue(number(server, "SELECT @@global.wait_timeout") == 77);
    }
  }

  private static long number(TestServer server, String sql) throws SQLException {
    try (Connection connection = server.connect("kept");
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getLong(1);
    }
  }
}
