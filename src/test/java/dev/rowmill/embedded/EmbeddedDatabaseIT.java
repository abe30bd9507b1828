package dev.rowmill.embedded;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rowmill.testing.ServiceProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tests with real processes, because the lifetime of each process matters. */
class EmbeddedDatabaseIT {

  /** Contains a space, as real paths may. */
  private static final Path HOME = Path.of("target/embedded it").toAbsolutePath();

  @BeforeEach
  void delete_data() throws IOException {
    awaitEndOfServer();
    Installation.deleteTree(HOME.resolve("mysql"));
  }

  @AfterAll
  static void remove_everything() throws IOException {
    awaitEndOfServer();
    Installation.deleteTree(HOME);
  }

  @Test
  void data_survives_a_restart() throws SQLException {
    EmbeddedDatabase first = EmbeddedDatabase.start(HOME);
    try {
      execute(first, "CREATE TABLE kept AS SELECT 42 AS id");
    } finally {
      first.stop();
    }
    EmbeddedDatabase second = EmbeddedDatabase.start(HOME);
    try {
      assertEquals(42, number(second, "SELECT id FROM kept"));
    } finally {
      second.stop();
    }
  }

  @Test
  void connections_without_the_password_are_rejected() throws IOException {
    EmbeddedDatabase database = EmbeddedDatabase.start(HOME);
    try {
      String url = database.jdbcUrl("");
      for (String user : new String[] {"root", "", EmbeddedDatabase.USER}) {
        SQLException denied =
            assertThrows(SQLException.class, () -> DriverManager.getConnection(url, user, ""));
        assertEquals(1045, denied.getErrorCode(), user);
      }
      assertEquals(
          "rw-------",
          PosixFilePermissions.toString(Files.getPosixFilePermissions(HOME.resolve("password"))));
    } finally {
      database.stop();
    }
  }

  @Test
  void a_second_instance_is_rejected() {
    try (ServiceProcess first = launch().awaitListening();
        ServiceProcess second = launch()) {
      assertNotEquals(0, second.awaitExit());
      assertTrue(second.output().contains("Another Rowmill is running on"), second.output());
      assertTrue(first.isAlive());
    }
  }

  @Test
  void the_server_has_ended_when_the_service_has_stopped() {
    try (ServiceProcess service = launch().awaitListening()) {
      ProcessHandle server = server();
      service.stop();
      assertFalse(server.isAlive());
    }
  }

  @Test
  void the_server_shuts_down_when_the_service_is_killed() throws IOException {
    try (ServiceProcess service = launch().awaitListening()) {
      ProcessHandle server = server();
      service.kill();
      Awaitility.await("the guardian to end the server")
          .atMost(Duration.ofMinutes(2))
          .until(() -> !server.isAlive());
    }
    assertTrue(Files.readString(HOME.resolve("server.log")).contains("Shutdown complete"));
  }

  @Test
  void a_start_right_after_a_kill_waits_for_the_old_server() {
    for (int round = 0; round < 3; round++) {
      try (ServiceProcess service = launch().awaitListening()) {
        service.kill();
      }
    }
    try (ServiceProcess service = launch().awaitListening()) {
      assertTrue(service.isAlive());
    }
  }

  @Test
  void another_process_with_the_old_servers_id_is_ignored() throws IOException {
    Files.createDirectories(HOME);
    Process stranger = new ProcessBuilder("sleep", "600").start();
    try {
      Files.writeString(HOME.resolve("server.pid"), Long.toString(stranger.pid()));
      EmbeddedDatabase.start(HOME).stop();
      assertTrue(stranger.isAlive());
    } finally {
      stranger.destroy();
    }
  }

  @Test
  void the_guardian_outlives_the_signals_of_a_terminal() throws IOException, InterruptedException {
    EmbeddedDatabase database = EmbeddedDatabase.start(HOME);
    try {
      ProcessHandle server = server();
      String guardian = Long.toString(server.parent().orElseThrow().pid());
      for (String signal : new String[] {"INT", "HUP", "QUIT", "TERM"}) {
        new ProcessBuilder("kill", "-" + signal, guardian).start().waitFor();
      }
      assertTrue(server.parent().orElseThrow().isAlive());
      assertTrue(server.isAlive());
    } finally {
      database.stop();
    }
  }

  /** Waits for the guardian, which continues after a test that killed the service. */
  private static void awaitEndOfServer() {
    EmbeddedDatabase.awaitEndOfOldServer(HOME, HOME.resolve("mysql"));
  }

  private static ServiceProcess launch() {
    return ServiceProcess.launch(Map.of("rowmill.embedded.directory", HOME.toString()));
  }

  private static ProcessHandle server() {
    return GuardedProcess.readPid(HOME.resolve("server.pid"))
        .flatMap(ProcessHandle::of)
        .orElseThrow();
  }

  private static void execute(EmbeddedDatabase database, String sql) throws SQLException {
    try (Connection connection = connect(database);
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static long number(EmbeddedDatabase database, String sql) throws SQLException {
    try (Connection connection = connect(database);
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getLong(1);
    }
  }

  private static Connection connect(EmbeddedDatabase database) throws SQLException {
    return DriverManager.getConnection(
        database.jdbcUrl("kept"), EmbeddedDatabase.USER, database.password());
  }
}
