package dev.rowmill;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rowmill.testing.RowmillApi;
import dev.rowmill.testing.RowmillApi.Reply;
import dev.rowmill.testing.ServiceProcess;
import dev.rowmill.testing.TestServer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tests a server of one's own: with few grants, unusual settings, and tables of others. */
class OwnServerIT {

  /** Names the account that {@link #limited} creates. */
  private static final String USER = "limited";

  private static TestServer server;
  private static boolean mariaDb;

  private String usualMode = "";

  @BeforeAll
  static void start_server() throws SQLException {
    server = new TestServer().start();
    mariaDb = value("SELECT VERSION()").contains("MariaDB");
    run("CREATE USER '" + USER + "'@'127.0.0.1' IDENTIFIED BY 'secret'");
  }

  @AfterAll
  static void stop_server() {
    server.close();
  }

  @BeforeEach
  void create_shop() throws SQLException {
    usualMode = value("SELECT @@GLOBAL.sql_mode");
    run("CREATE DATABASE rowmill", "CREATE DATABASE shop CHARACTER SET utf8mb4");
    run(
        "CREATE TABLE shop.item (id INT AUTO_INCREMENT PRIMARY KEY, price INT, note TEXT)",
        "INSERT INTO shop.item (price) VALUES (1), (2), (3), (4), (5), (6), (7), (8)",
        "INSERT INTO shop.item (price) SELECT a.price FROM shop.item a, shop.item b, shop.item c",
        "CREATE TABLE shop.word (w VARCHAR(20) PRIMARY KEY, n INT)",
        "INSERT INTO shop.word VALUES ('', 0), ('a\\\\b', 0), ('it''s', 0), ('\"q\"', 0)");
  }

  @AfterEach
  void reset_server() throws SQLException {
    run("SET GLOBAL read_only = 0");
    run("SET GLOBAL sql_mode = '" + usualMode + "'");
    run("SET GLOBAL autocommit = 1", "SET GLOBAL time_zone = 'SYSTEM'");
    run("SET GLOBAL TRANSACTION ISOLATION LEVEL REPEATABLE READ");
    run("DROP DATABASE IF EXISTS rowmill", "DROP DATABASE shop");
    run("REVOKE ALL PRIVILEGES, GRANT OPTION FROM '" + USER + "'@'127.0.0.1'");
  }

  @Test
  void statements_have_the_same_meaning_under_all_server_settings() throws Exception {
    run("SET GLOBAL sql_mode = '" + (mariaDb ? "ORACLE," : "") + "ANSI,NO_BACKSLASH_ESCAPES'");
    run("SET GLOBAL autocommit = 0", "SET GLOBAL time_zone = '+05:30'");
    run("SET GLOBAL TRANSACTION ISOLATION LEVEL SERIALIZABLE");
    run("GRANT ALL ON rowmill.* TO 'limited'@'127.0.0.1'");
    run("GRANT SELECT, UPDATE ON shop.* TO 'limited'@'127.0.0.1'");
    try (ServiceProcess service = limited("rowmill").awaitListening()) {
      Instant before = Instant.now();
      JsonNode batch =
          succeeded(
              service,
              "UPDATE shop.item SET price = price + 1, note = \"it's \\\"x\\\"\" WHERE id > 0");
      assertEquals(520, batch.at("/progress/rowsChanged").asInt());
      assertEquals("it's \"x\"", value("SELECT MIN(note) FROM shop.item"));
      for (String time : new String[] {"createdAt", "startedAt", "finishedAt"}) {
        Duration late = Duration.between(before, Instant.parse(batch.path(time).asText()));
        assertTrue(late.compareTo(Duration.ofMillis(-1)) >= 0, time + " is early by " + late);
        assertTrue(late.compareTo(Duration.ofMinutes(2)) < 0, time + " is late by " + late);
      }
      succeeded(service, "UPDATE shop.word SET n = n + 1 WHERE w <> \"\" OR w = ''");
      assertEquals("4", value("SELECT SUM(n = 1) FROM shop.word"));
    }
  }

  @Test
  void a_missing_grant_is_reported_at_the_start_of_a_batch() throws Exception {
    run(
        "GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, INDEX ON rowmill.* TO 'limited'@'127.0.0.1'");
    run("GRANT SELECT ON shop.* TO 'limited'@'127.0.0.1'");
    try (ServiceProcess service = limited("rowmill").awaitListening()) {
      String[][] statements = {
        {"UPDATE", "UPDATE shop.item SET price = 0 WHERE id = 1"},
        {"DELETE", "DELETE FROM shop.item WHERE id = 2"},
        {"INSERT", "INSERT INTO shop.word (w, n) SELECT id, price FROM shop.item WHERE id = 3"},
      };
      for (String[] statement : statements) {
        Reply refused = start(service, statement[1]).statusCode(422);
        assertEquals("unknown-table", refused.problem());
        run("GRANT " + statement[0] + " ON shop.* TO 'limited'@'127.0.0.1'");
        JsonNode batch = succeeded(service, statement[1]);
        assertEquals(1, batch.at("/progress/rowsChanged").asInt());
        run("REVOKE " + statement[0] + " ON shop.* FROM 'limited'@'127.0.0.1'");
      }
    }
  }

  @Test
  void the_schema_may_belong_to_an_application_with_its_own_flyway_history() throws Exception {
    run("GRANT ALL ON shop.* TO 'limited'@'127.0.0.1'");
    run("CREATE TABLE shop.flyway_schema_history (installed_rank INT PRIMARY KEY)");
    try (ServiceProcess service = limited("shop").awaitListening()) {
      JsonNode batch = succeeded(service, "UPDATE item SET price = price + 1");
      assertEquals(520, batch.at("/progress/rowsChanged").asInt());
    }
  }

  @Test
  void tables_of_others_are_unchanged() throws SQLException {
    run("GRANT ALL ON rowmill.* TO 'limited'@'127.0.0.1'");
    run("CREATE TABLE rowmill.project (id INT PRIMARY KEY)");
    assertRefused("names Rowmill needs: project");
    assertEquals(
        "1",
        value("SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'rowmill'"));
    run("RENAME TABLE rowmill.project TO rowmill.node");
    assertRefused("names Rowmill needs: node");
  }

  @Test
  void the_tables_of_another_version_are_rejected() throws SQLException {
    run("GRANT ALL ON rowmill.* TO 'limited'@'127.0.0.1'");
    limited("rowmill").awaitListening().close();
    run("UPDATE rowmill.rowmill_schema_history SET checksum = checksum + 1");
    assertRefused("were created by another version of Rowmill");
    run("UPDATE rowmill.rowmill_schema_history SET checksum = checksum - 1");
    run(
        "INSERT INTO rowmill.rowmill_schema_history"
            + " VALUES (99, '99', 'later', 'SQL', 'V99__later.sql', 7, 'test', NOW(), 1, 1)");
    assertRefused("a newer version of Rowmill has changed the tables: V99__later.sql");
  }

  @Test
  void a_start_without_a_privilege_of_the_migrations_succeeds_once_it_is_granted()
      throws SQLException {
    run("GRANT CREATE, SELECT ON rowmill.* TO 'limited'@'127.0.0.1'");
    run("GRANT CREATE, INSERT, DELETE ON rowmill.rowmill_schema_history TO 'limited'@'127.0.0.1'");
    assertRefused("Grant its user all privileges on its schema");
    run("GRANT ALL ON rowmill.* TO 'limited'@'127.0.0.1'");
    limited("rowmill").awaitListening().close();
  }

  @Test
  void a_missing_privilege_to_create_the_schema_is_reported() throws SQLException {
    run("DROP DATABASE rowmill");
    assertRefused("Create its schema, or allow its user to do so");
    ServiceProcess ended = limited("rowmill");
    String message = assertThrows(IllegalStateException.class, ended::awaitListening).getMessage();
    assertEquals("the service has ended with 1:", message.lines().findFirst().orElseThrow());
    assertTrue(message.contains("Create its schema"), message);
  }

  @Test
  void a_read_only_server_is_reported() throws SQLException {
    run("GRANT ALL ON rowmill.* TO 'limited'@'127.0.0.1'", "SET GLOBAL read_only = 1");
    assertRefused("Rowmill needs a server that accepts writes");
  }

  @Test
  void own_tables_use_innodb_and_other_engines_are_rejected() throws Exception {
    run("GRANT ALL ON rowmill.* TO 'limited'@'127.0.0.1'");
    run("SET GLOBAL default_storage_engine = MyISAM");
    try (ServiceProcess service = limited("rowmill").awaitListening()) {
      assertEquals(
          "0",
          value(
              "SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'rowmill'"
                  + " AND ENGINE <> 'InnoDB'"));
    } finally {
      run("SET GLOBAL default_storage_engine = InnoDB");
    }
    run("ALTER TABLE rowmill.lane ENGINE = MyISAM");
    assertRefused("use an engine without transactions instead of InnoDB: lane (MyISAM)");
    assertRefused("run ALTER TABLE … ENGINE=InnoDB for each");
  }

  @Test
  void one_of_several_hosts_suffices_and_the_lack_of_all_is_reported() throws Exception {
    run(
        "GRANT ALL ON rowmill.* TO 'limited'@'127.0.0.1'",
        "GRANT SELECT, UPDATE ON shop.* TO 'limited'@'127.0.0.1'");
    String nobody = "127.0.0.1:" + TestServer.freePort();
    String one = "127.0.0.1:" + server.port();
    try (ServiceProcess service = limited(nobody + "," + one, "rowmill").awaitListening()) {
      JsonNode batch = succeeded(service, "UPDATE shop.item SET price = price + 1 WHERE id > 0");
      assertEquals(520, batch.at("/progress/rowsChanged").asInt());
    }
    run("SET GLOBAL read_only = 1");
    String none = "no host accepts writes: " + nobody + " is unavailable, " + one + " is read-only";
    assertRefused(limited(nobody + "," + one, "rowmill"), none);
    assertRefused(
        limited(nobody + "," + one, "rowmill"), "Rowmill needs a server that accepts writes");
    assertRefused(limited(nobody + ",127.0.0.1:1", "rowmill"), "127.0.0.1:1 is unavailable");
  }

  private static void assertRefused(String reason) {
    assertRefused(limited("rowmill"), reason);
  }

  private static void assertRefused(ServiceProcess launched, String reason) {
    try (ServiceProcess service = launched) {
      assertEquals(1, service.awaitExit());
      assertTrue(service.output().contains(reason), service.output());
      assertTrue(!service.output().contains("\tat "), service.output());
    }
  }

  private static ServiceProcess limited(String schema) {
    return limited("127.0.0.1:" + server.port(), schema);
  }

  private static ServiceProcess limited(String hosts, String schema) {
    String url = "jdbc:mysql://" + hosts + "/" + schema;
    return ServiceProcess.launch(
        Map.of(
            "quarkus.datasource.jdbc.url", url,
            "quarkus.datasource.username", USER,
            "quarkus.datasource.password", "secret"));
  }

  private static JsonNode succeeded(ServiceProcess service, String sql) {
    JsonNode batch = start(service, sql).body();
    assertEquals("succeeded", batch.path("status").asText(), batch::toString);
    return batch;
  }

  private static Reply start(ServiceProcess service, String sql) {
    return new RowmillApi(service.address()).start("p").sql(sql).chunkRows(100).waiting(60).send();
  }

  /** Runs SQL as an administrator, in the usual mode. */
  private static void run(String... statements) throws SQLException {
    try (Connection connection = server.connect("");
        Statement statement = connection.createStatement()) {
      statement.execute("SET SESSION sql_mode = 'STRICT_TRANS_TABLES', autocommit = 1");
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }

  private static String value(String sql) throws SQLException {
    try (Connection connection = server.connect("");
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getString(1);
    }
  }
}
