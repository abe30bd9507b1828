package dev.rowmill;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rowmill.testing.RowmillApi;
import dev.rowmill.testing.ServiceProcess;
import dev.rowmill.testing.TestServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests how the built service starts with tokens, and when it refuses to start. */
class AuthIT {

  private static TestServer server;

  @TempDir Path folder;

  @BeforeAll
  static void startServer() {
    server = new TestServer().start();
  }

  @AfterAll
  static void stopServer() {
    server.close();
  }

  @Test
  void open_mode_for_other_hosts_is_rejected_with_a_message() {
    for (String host : new String[] {"0.0.0.0", "::"}) {
      assertRefused("loopback", Map.of("quarkus.http.host", host));
    }
    assertRefused("token or open", Map.of("rowmill.auth", "none"));
  }

  private static void assertRefused(String why, Map<String, String> config) {
    try (ServiceProcess service = ServiceProcess.launch(config)) {
      assertEquals(1, service.awaitExit());
      assertEquals(1, service.output().strip().lines().count(), service.output());
      assertTrue(service.output().contains(why), service.output());
    }
  }

  @Test
  void a_configured_database_requires_tokens_and_the_first_is_written_to_a_file() throws Exception {
    Path file = folder.resolve("admin");
    Path elsewhere = Files.writeString(folder.resolve("elsewhere"), "mine");
    Files.createSymbolicLink(file, elsewhere);
    String first;
    try (ServiceProcess service = start(file)) {
      assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
      assertFalse(Files.isSymbolicLink(file));
      assertEquals("mine", Files.readString(elsewhere));
      first = Files.readString(file).strip();
      assertEquals(401, status(service, null));
      assertEquals(200, status(service, first));
      assertTrue(service.output().contains(file.toString()), service.output());
      assertFalse(service.output().contains(first.substring(4)), "the log discloses the token");
    }
    Files.delete(file);
    try (ServiceProcess service = start(file)) {
      assertEquals(200, status(service, first));
      assertFalse(Files.exists(file), "there was an admin token already");
    }
    try (Connection connection = server.connect("auth_it");
        Statement statement = connection.createStatement()) {
      statement.execute("UPDATE access_token SET expires_at = created_at");
    }
    try (ServiceProcess service = start(file)) {
      String next = Files.readString(file).strip();
      assertNotEquals(first, next);
      assertEquals(401, status(service, first));
      assertEquals(200, status(service, next));
    }
  }

  @Test
  void the_service_does_not_start_without_a_file_for_the_first_token() {
    Path file = folder.resolve("no/such/folder/admin");
    try (ServiceProcess service =
        ServiceProcess.launch(
            config("auth_it_nowhere", Map.of("rowmill.auth.token-file", file.toString())))) {
      assertEquals(1, service.awaitExit());
      assertTrue(service.output().contains("ROWMILL_AUTH_TOKEN_FILE"), service.output());
      assertFalse(service.output().contains("stops because of an error"), service.output());
    }
  }

  @Test
  void the_demonstration_has_a_token_of_its_own() {
    Map<String, String> more = new HashMap<>();
    more.put("rowmill.sample.items", "1000");
    more.put("rowmill.auth.token-file", folder.resolve("admin").toString());
    try (ServiceProcess demo =
        ServiceProcess.launch(config("auth_it_demo", more), "demo", "--once")) {
      assertEquals(0, demo.awaitExit(), demo::output);
      assertTrue(demo.output().contains("Succeeded: "), demo.output());
      assertFalse(demo.output().contains("rwm_"), demo.output());
    }
  }

  private static ServiceProcess start(Path file) {
    return ServiceProcess.launch(
            config("auth_it", Map.of("rowmill.auth.token-file", file.toString())))
        .awaitListening();
  }

  /** Returns a configuration with a given database and without an access mode. */
  private static Map<String, String> config(String schema, Map<String, String> more) {
    Map<String, String> config = new HashMap<>(more);
    config.put("rowmill.auth", "");
    config.put("quarkus.datasource.jdbc.url", server.url(schema));
    config.put("quarkus.datasource.username", server.user());
    config.put("quarkus.datasource.password", server.password());
    return config;
  }

  private static int status(ServiceProcess service, @Nullable String token) {
    return new RowmillApi(service.address(), token).get("/tokens").status();
  }
}
