package dev.rowmill.database;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.mysql.cj.jdbc.JdbcConnection;
import dev.rowmill.testing.BesideOthers;
import dev.rowmill.testing.TestServer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import java.util.Properties;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tests URLs with several hosts, on two real servers. */
@BesideOthers
class HostsDriverTest {

  private final TestServer first = new TestServer();
  private final TestServer second = new TestServer();
  private HostsDriver driver;

  @BeforeEach
  void start() throws SQLException {
    driver = new HostsDriver();
    first.start();
    second.start();
  }

  @AfterEach
  void end() {
    first.close();
    second.close();
  }

  @Test
  void connections_use_one_host_until_it_is_unavailable_or_read_only() throws SQLException {
    try (Connection before = connect()) {
      assertEquals(first.port(), port(before));
      first.kill();
      try (Connection after = connect()) {
        assertEquals(second.port(), port(after));
      }
      SQLException lost = assertThrows(SQLException.class, () -> port(before));
      assertEquals(Optional.of(DatabaseFailure.LOST_CONNECTION), DatabaseFailure.of(lost));
      assertTrue(before.isClosed(), "a connection never goes over to another host");
    }
    first.start();
    try (Connection stays = connect()) {
      assertEquals(second.port(), port(stays));
    }
    set(second, "read_only = 1");
    try (Connection back = connect()) {
      assertEquals(first.port(), port(back));
      // Like the engine with a connection that can't roll back.
      back.unwrap(JdbcConnection.class).abort(Runnable::run);
      assertTrue(back.isClosed());
    }
  }

  @Test
  void a_connection_to_a_host_that_became_read_only_is_not_reused() throws SQLException {
    try (Connection before = connect();
        Connection idle = connect()) {
      assertEquals(first.port(), port(before));
      assertTrue(before.isValid(0));
      set(first, "read_only = 1");
      assertFalse(before.isValid(0), "another host accepts writes");
      assertTrue(before.isClosed());
      try (Connection after = connect()) {
        assertEquals(second.port(), port(after));
        assertTrue(after.isValid(0));
      }
      assertFalse(idle.isValid(0), "the others go over as well");
    }
  }

  @Test
  void reads_work_when_no_host_accepts_writes() throws SQLException {
    try (Connection before = connect()) {
      set(first, "read_only = 1");
      set(second, "read_only = 1");
      assertTrue(before.isValid(0));
      assertEquals(first.port(), port(before));
      set(second, "read_only = 0");
      Awaitility.await("the second host to be found").until(() -> !before.isValid(0));
      assertTrue(before.isClosed());
    }
  }

  @Test
  void without_a_writable_host_the_error_names_all() throws SQLException {
    set(first, "read_only = 1");
    second.kill();
    SQLException none = assertThrows(SQLException.class, this::connect);
    assertEquals(
        "no host accepts writes: 127.0.0.1:%d is read-only, 127.0.0.1:%d is unavailable"
            .formatted(first.port(), second.port()),
        none.getMessage());
    assertEquals(Optional.of(DatabaseFailure.READ_ONLY), DatabaseFailure.of(none));
    first.kill();
    SQLException away = assertThrows(SQLException.class, this::connect);
    assertTrue(away.getMessage().contains("is unavailable"), away::getMessage);
    assertEquals(Optional.of(DatabaseFailure.UNREACHABLE), DatabaseFailure.of(away));
  }

  @Test
  void an_error_of_the_account_is_reported_by_the_first_host() {
    var account = new Properties();
    account.setProperty("openTelemetry", "DISABLED");
    account.setProperty("user", "nobody");
    SQLException denied = assertThrows(SQLException.class, () -> driver.connect(url(""), account));
    assertEquals(1045, denied.getErrorCode());
  }

  @Test
  void a_url_of_another_driver_is_declined() throws SQLException {
    assertNull(driver.connect("jdbc:other://localhost/", new Properties()));
  }

  private String url(String schema) {
    return first
        .url(schema)
        .replace("/" + schema + "?", ",127.0.0.1:" + second.port() + "/" + schema + "?");
  }

  private Connection connect() throws SQLException {
    var account = new Properties();
    account.setProperty("openTelemetry", "DISABLED");
    account.setProperty("user", first.user());
    account.setProperty("password", first.password());
    return driver.connect(url("hosts"), account);
  }

  private static int port(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT @@port")) {
      row.next();
      return row.getInt(1);
    }
  }

  private static void set(TestServer server, String setting) throws SQLException {
    try (Connection connection = server.connect("");
        Statement statement = connection.createStatement()) {
      statement.execute("SET GLOBAL " + setting);
    }
  }
}
