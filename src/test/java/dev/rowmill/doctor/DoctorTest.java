package dev.rowmill.doctor;

import static dev.rowmill.doctor.Finding.Severity.ERROR;
import static dev.rowmill.doctor.Finding.Severity.OK;
import static dev.rowmill.doctor.Finding.Severity.WARNING;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.rowmill.database.ServerKind;
import dev.rowmill.testing.BesideOthers;
import dev.rowmill.testing.Secrets;
import dev.rowmill.testing.TestServer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tests what the doctor finds on a server, and that its advice helps. */
@BesideOthers
class DoctorTest {

  private static final String SCHEMA = "doctor_own";
  private static final String SHOP = "doctor_shop";
  private static final String ACCOUNT = "'few'@'127.0.0.1'";

  private static TestServer server;

  private Connection admin;

  @BeforeAll
  static void start_the_server() {
    server = new TestServer("--server-id=1", "--log-bin=binlog").start();
  }

  @AfterAll
  static void stop_the_server() {
    server.close();
  }

  @BeforeEach
  void create_the_schemas() throws SQLException {
    admin = server.connect("");
    run("CREATE DATABASE " + SCHEMA, "CREATE DATABASE " + SHOP);
    run("CREATE TABLE " + SHOP + ".item (id INT PRIMARY KEY)");
    run("CREATE USER " + ACCOUNT + " IDENTIFIED BY '" + Secrets.MARK + "few'");
  }

  @AfterEach
  void drop_the_schemas() throws SQLException {
    run("DROP USER IF EXISTS " + ACCOUNT);
    run("DROP DATABASE IF EXISTS " + SCHEMA, "DROP DATABASE IF EXISTS " + SHOP);
    admin.close();
  }

  @Test
  void a_sound_database_has_no_errors() throws SQLException {
    Examination.of(server, SCHEMA).hasNoErrors().has(OK, "schema", "no tables of Rowmill yet");
    migrate();
    Examination.of(server, SCHEMA)
        .hasNoErrors()
        .has(OK, "java")
        .has(OK, "database-url", SCHEMA)
        .has(OK, "database-host", String.valueOf(server.port()))
        .has(OK, "database-login", "test@127.0.0.1")
        .has(OK, "database-tls", "stays on this machine")
        .has(OK, "server-version")
        .has(OK, "server-cluster", "none")
        .has(OK, "schema", "tables that this version uses", "V1__schema.sql")
        .has(OK, "grants-schema")
        .has(OK, "grants-changes", "*.*")
        .has(OK, "throttle-history-length")
        .has(OK, "throttle-lock-wait")
        .has(OK, "max_connections")
        .has(OK, "read_only")
        .has(OK, "clock");
  }

  @Test
  void the_advised_grants_are_those_that_an_account_lacks() throws SQLException {
    run("GRANT SELECT, INSERT ON " + SCHEMA + ".* TO " + ACCOUNT);
    few()
        .has(ERROR, "grants-schema", "few@127.0.0.1 lacks UPDATE, DELETE, CREATE")
        .has(WARNING, "grants-changes", "may change no tables")
        .has(WARNING, "throttle-lock-wait", "PROCESS");

    run("GRANT UPDATE ON " + SHOP + ".* TO " + ACCOUNT);
    run("CREATE VIEW " + SHOP + ".one AS SELECT 1");
    Examination lacking = few();
    for (String privilege : List.of("SELECT", "TRIGGER", "CREATE TEMPORARY TABLES", "SHOW VIEW")) {
      lacking.has(
          WARNING, "grants-changes", "GRANT " + privilege + " ON `" + SHOP + "`.* TO " + ACCOUNT);
    }

    run(lacking.grants().toArray(String[]::new));
    Examination granted = few();
    assertEquals(List.of(), granted.grants());
    granted
        .hasNoErrors()
        .has(OK, "grants-schema")
        .has(OK, "grants-changes", "`" + SHOP + "`.*")
        .has(OK, "throttle-lock-wait");
  }

  @Test
  void a_throttle_that_is_set_must_be_readable_and_one_that_is_off_need_not() throws SQLException {
    run("GRANT ALL ON " + SCHEMA + ".* TO " + ACCOUNT);
    Map<String, String> properties = properties();
    properties.put("rowmill.throttle.lock-wait", "2s");
    Examination.of(properties).has(ERROR, "throttle-lock-wait", "batches wait", "GRANT PROCESS");
    properties.put("rowmill.throttle.lock-wait", "0s");
    Examination.of(properties).hasNo(ERROR, "throttle-lock-wait").hasNo(OK, "throttle-lock-wait");
  }

  @Test
  void another_account_may_create_the_tables() throws SQLException {
    run("GRANT SELECT, INSERT, UPDATE, DELETE ON " + SCHEMA + ".* TO " + ACCOUNT);
    few().has(ERROR, "grants-schema", "lacks CREATE, ALTER, INDEX, DROP");
    Map<String, String> properties = properties();
    properties.put("quarkus.flyway.username", server.user());
    Examination.of(properties).has(WARNING, "grants-schema", "uploads fail", "GRANT ALL");
  }

  @Test
  void a_password_that_only_the_service_can_get_is_not_checked() {
    Map<String, String> properties = properties();
    properties.put("quarkus.datasource.credentials-provider", "vault");
    Examination.of(properties).hasNoErrors().has(WARNING, "database-login", "not checked");
  }

  @Test
  void a_schema_that_is_in_the_configured_scope_needs_grants() throws SQLException {
    run("GRANT ALL ON " + SCHEMA + ".* TO " + ACCOUNT);
    run("GRANT SELECT, UPDATE ON " + SHOP + ".* TO " + ACCOUNT);
    Map<String, String> properties = properties();
    properties.put("rowmill.schemas", SHOP + ",elsewhere");
    Examination found = Examination.of(properties);
    found.has(WARNING, "grants-changes", "elsewhere is in rowmill.schemas", "ON `elsewhere`.*");
    assertFalse(found.toString().contains(SHOP + " is in rowmill.schemas"));
  }

  @Test
  void a_missing_schema_is_created_by_those_who_may() throws SQLException {
    run("DROP DATABASE " + SCHEMA);
    Examination.of(server, SCHEMA).hasNoErrors().has(OK, "schema", "the first start creates it");
    Examination denied = few();
    denied.has(ERROR, "schema", "CREATE DATABASE IF NOT EXISTS `" + SCHEMA + "`");
    run(denied.grants().stream().filter(it -> !it.contains("`shop`")).toArray(String[]::new));
    few().hasNoErrors();
    run("DROP DATABASE " + SCHEMA);
    few().hasNoErrors().has(OK, "schema", "the first start creates it");
  }

  @Test
  void tables_of_others_and_of_other_versions_are_in_the_way() throws SQLException {
    run("CREATE TABLE " + SCHEMA + ".batch (id INT PRIMARY KEY)");
    Examination.of(server, SCHEMA).has(ERROR, "schema", "tables of others", "batch");
    run("DROP TABLE " + SCHEMA + ".batch");
    migrate();
    String history = SCHEMA + ".rowmill_schema_history";
    run("UPDATE " + history + " SET checksum = checksum + 1 WHERE type = 'SQL'");
    Examination.of(server, SCHEMA).has(ERROR, "schema", "another version", "V1__schema.sql");
    run("UPDATE " + history + " SET checksum = checksum - 1, success = 0 WHERE type = 'SQL'");
    Examination.of(server, SCHEMA).has(WARNING, "schema", "has failed");
    run("UPDATE " + history + " SET success = 1, script = 'V99__more.sql' WHERE type = 'SQL'");
    Examination.of(server, SCHEMA).has(ERROR, "schema", "a newer version", "V99__more.sql");
  }

  @Test
  void a_table_without_transactions_is_in_the_way() throws SQLException {
    migrate();
    run("ALTER TABLE " + SCHEMA + ".timeline ENGINE=MyISAM");
    Examination.of(server, SCHEMA).has(ERROR, "schema", "timeline (MyISAM)", "ENGINE=InnoDB");
  }

  @Test
  void settings_that_matter_are_found() throws SQLException {
    // The tests' servers don't wait for the disk at a commit.
    Examination.of(server, SCHEMA)
        .hasNoErrors()
        .has(WARNING, "innodb_flush_log_at_trx_commit", "is 2")
        .has(OK, "max_allowed_packet");
    long connections = number("SELECT @@max_connections");
    String format = "SET GLOBAL binlog_format = ";
    run("SET GLOBAL max_connections = 30", "SET GLOBAL max_allowed_packet = 65536");
    run("SET GLOBAL innodb_flush_log_at_trx_commit = 1", format + "'STATEMENT'");
    try {
      Examination found = Examination.of(server, SCHEMA);
      found
          .has(WARNING, "max_connections", "is 30, and a node opens up to 70", "= 140")
          .has(WARNING, "max_allowed_packet", "65536")
          .has(OK, "innodb_flush_log_at_trx_commit")
          .has(ERROR, "binlog_format", "STATEMENT");
      Map<String, String> properties = Examination.properties(server, SCHEMA);
      properties.put("rowmill.pool.size", "40");
      Examination.of(properties).has(WARNING, "max_connections", "up to 110");
      properties.put("rowmill.pool.size", "2");
      properties.put("quarkus.datasource.jdbc.max-size", "5");
      properties.put("quarkus.datasource.data.jdbc.max-size", "5");
      Examination.of(properties).has(OK, "max_connections", "up to 19");
      assertThrows(SQLException.class, this::changeReadCommitted);
    } finally {
      run("SET GLOBAL max_connections = " + connections, format + "'ROW'");
      run("SET GLOBAL max_allowed_packet = 67108864");
      run("SET GLOBAL innodb_flush_log_at_trx_commit = 2");
    }
    changeReadCommitted();
  }

  @Test
  void a_server_that_takes_no_writes_is_found() throws SQLException {
    run("SET GLOBAL read_only = ON");
    try {
      Examination.of(server, SCHEMA).has(ERROR, "read_only", "SET GLOBAL read_only = OFF");
    } finally {
      run("SET GLOBAL read_only = OFF");
    }
  }

  @Test
  void a_limit_of_the_account_counts_as_well() throws SQLException {
    run("GRANT ALL ON " + SCHEMA + ".* TO " + ACCOUNT);
    run("ALTER USER " + ACCOUNT + " WITH MAX_USER_CONNECTIONS 7");
    few().has(WARNING, "max_user_connections", "is 7");
  }

  @Test
  void clocks_that_differ_are_found() {
    Map<String, String> properties = Examination.properties(server, SCHEMA);
    Examination.of(properties, Duration.ofSeconds(-5))
        .has(WARNING, "clock", " s ahead of that of this machine", "chrony");
    Examination.of(properties, Duration.ofMinutes(1))
        .has(ERROR, "clock", " s behind that of this machine");
    properties.put("rowmill.cluster.enabled", "true");
    Examination.of(properties, Duration.ofMinutes(1)).has(WARNING, "clock");
  }

  @Test
  void a_database_that_can_not_be_reached_is_explained() {
    Map<String, String> properties = Examination.properties(server, SCHEMA);
    String url = properties.get("quarkus.datasource.jdbc.url");
    properties.put("quarkus.datasource.password", Secrets.MARK + "wrong");
    Examination.of(properties).has(ERROR, "database-login", "QUARKUS_DATASOURCE_PASSWORD");
    for (String wrong :
        List.of(
            "jdbc:postgresql://u:" + Secrets.MARK + "x@localhost/rowmill",
            "jdbc:mysql:loadbalance://a,b/rowmill?password=" + Secrets.MARK + "x",
            "rowmill")) {
      properties.put("quarkus.datasource.jdbc.url", wrong);
      Examination.of(properties).has(ERROR, "database-url", "jdbc:mysql://");
    }
    properties.put(
        "quarkus.datasource.jdbc.url",
        "jdbc:mysql://u:%1$sx@127.0.0.1:1/rowmill?password=%1$sy".formatted(Secrets.MARK));
    Examination.of(properties).has(OK, "database-url", "jdbc:mysql://127.0.0.1:1/rowmill");
    properties.put("quarkus.datasource.jdbc.url", url.replace(SCHEMA, ""));
    Examination.of(properties).has(ERROR, "database-url", "names no schema");
    properties.put("quarkus.datasource.jdbc.url", url.replace("127.0.0.1", "no.such.host.invalid"));
    Examination.of(properties).has(ERROR, "database-host", "not a known host");
    properties.put("quarkus.datasource.jdbc.url", url.replace(String.valueOf(server.port()), "1"));
    Examination.of(properties).has(ERROR, "database-host", "127.0.0.1:1", "bind-address");
    // One of two hosts is enough.
    properties.put(
        "quarkus.datasource.jdbc.url",
        url.replace("127.0.0.1:" + server.port(), "127.0.0.1:1,127.0.0.1:" + server.port()));
    properties.put("quarkus.datasource.password", server.password());
    Examination.of(properties).hasNoErrors().has(WARNING, "database-host", "127.0.0.1:1");
  }

  @Test
  void an_address_that_is_not_loopback_needs_tls() {
    Map<String, String> properties = Examination.properties(server, SCHEMA);
    properties.computeIfPresent(
        "quarkus.datasource.jdbc.url", (name, url) -> url.replace("127.0.0.1", "0.0.0.0"));
    Examination.of(properties).has(WARNING, "database-tls", "no TLS", "sslMode=VERIFY_IDENTITY");
  }

  @Test
  void replicas_that_can_not_be_read_are_found() throws SQLException {
    run("GRANT ALL ON " + SCHEMA + ".* TO " + ACCOUNT);
    Map<String, String> properties = properties();
    String replica = server.url("");
    properties.put("rowmill.throttle.replicas", "jdbc:mysql://127.0.0.1:1/," + replica);
    boolean mariaDb = ServerKind.isMariaDb(admin);
    String privilege = mariaDb ? "REPLICA MONITOR" : "REPLICATION CLIENT";
    Examination.of(properties)
        .has(ERROR, "replica", "127.0.0.1:1", "Start the replica")
        .has(ERROR, "replica", "GRANT " + privilege + " ON *.* TO " + ACCOUNT);
    run("GRANT " + privilege + " ON *.* TO " + ACCOUNT);
    Examination.of(properties).has(ERROR, "replica", "it has no source", "START REPLICA");

    run("CREATE TABLE " + SHOP + ".heartbeat (ts DATETIME(6) NOT NULL)");
    properties.put("rowmill.throttle.heartbeat-table", SHOP + ".heartbeat");
    properties.put("rowmill.throttle.replicas", replica);
    Examination.of(properties).has(ERROR, "replica", "GRANT SELECT ON " + SHOP + ".heartbeat");
    run("GRANT SELECT ON " + SHOP + ".heartbeat TO " + ACCOUNT);
    run("INSERT INTO " + SHOP + ".heartbeat VALUES (UTC_TIMESTAMP(6) - INTERVAL 1 HOUR)");
    Examination.of(properties).has(WARNING, "replica", "3600", "batches wait");
    properties.put("rowmill.throttle.replica-lag", "3h");
    Examination.of(properties).hasNoErrors().has(OK, "replica", "3600");
  }

  private static Map<String, String> properties() {
    Map<String, String> properties = Examination.properties(server, SCHEMA);
    properties.put("quarkus.datasource.username", "few");
    properties.put("quarkus.datasource.password", Secrets.MARK + "few");
    return properties;
  }

  private static Examination few() {
    return Examination.of(properties());
  }

  private static void migrate() {
    Flyway.configure()
        .dataSource(server.url(SCHEMA), server.user(), server.password())
        .locations("classpath:db/migration")
        .table("rowmill_schema_history")
        .load()
        .migrate();
  }

  /** Changes a row as the service does. */
  private void changeReadCommitted() throws SQLException {
    try (Connection connection = server.connect(SHOP)) {
      connection.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
      try (Statement statement = connection.createStatement()) {
        statement.execute("REPLACE INTO item VALUES (1)");
      }
    }
  }

  private void run(String... statements) throws SQLException {
    try (Statement statement = admin.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }

  private long number(String sql) throws SQLException {
    try (Statement statement = admin.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getLong(1);
    }
  }
}
