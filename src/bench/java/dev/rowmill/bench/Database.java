package dev.rowmill.bench;

import dev.rowmill.testing.ServiceProcess;
import dev.rowmill.testing.TestServer;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Provides the server to measure on: a new one, or the one of {@code testing.jdbc.url}, {@code
 * .username} and {@code .password}. On a given server, creates and drops schemas whose names begin
 * with {@code rowmill_bench}. Thread-safe.
 */
final class Database implements AutoCloseable {

  /** Names the schema of Rowmill's tables, and of the tables of most scenarios. */
  static final String SCHEMA = "rowmill_bench";

  private static final Pattern URL =
      Pattern.compile("jdbc:mysql://([^:/?,]+)(?::(\\d+))?(?:/[^?]*)?(?:\\?(.*))?");

  private final @Nullable TestServer started;
  private final String user;
  private final String password;
  private final String host;
  private final int port;
  private final String options;
  private final Set<String> schemas = new ConcurrentSkipListSet<>();

  private Database(@Nullable TestServer started, String url, String user, String password) {
    Matcher parts = URL.matcher(url);
    if (!parts.matches()) {
      throw new IllegalArgumentException("not jdbc:mysql://host:port/schema?options: " + url);
    }
    this.started = started;
    this.user = user;
    this.password = password;
    host = parts.group(1);
    port = parts.group(2) == null ? 3306 : Integer.parseInt(parts.group(2));
    options = parts.group(3) == null ? "" : "?" + parts.group(3);
  }

  static Database open() {
    String given = System.getProperty("testing.jdbc.url");
    if (given != null) {
      return new Database(
          null,
          given,
          System.getProperty("testing.jdbc.username", "root"),
          System.getProperty("testing.jdbc.password", ""));
    }
    // A commit is on disk before its response, as in production. The option for the size of the
    // redo
    // log has a different name on MariaDB and MySQL, and each ignores the other's name.
    TestServer server =
        new TestServer(
            "--max-connections=500",
            "--innodb-flush-log-at-trx-commit=1",
            "--innodb-buffer-pool-size=2G",
            "--loose-innodb-log-file-size=1G",
            "--loose-innodb-redo-log-capacity=1G");
    server.start();
    return new Database(server, server.url(""), server.user(), server.password());
  }

  String host() {
    return host;
  }

  int port() {
    return port;
  }

  String user() {
    return user;
  }

  String password() {
    return password;
  }

  String url(String schema) {
    return "jdbc:mysql://" + host + ":" + port + "/" + schema + options;
  }

  /**
   * Opens a connection with the defaults of the driver and the server. The caller has to close it.
   */
  Connection connect() throws SQLException {
    return DriverManager.getConnection(url(""), user, password);
  }

  /** Recreates the schema; {@link #dropSchemas()} drops it. */
  void freshSchema(String schema) throws SQLException {
    schemas.add(schema);
    try (Connection connection = connect()) {
      Sql.execute(connection, "DROP DATABASE IF EXISTS " + schema);
      Sql.execute(connection, "CREATE DATABASE " + schema + " CHARACTER SET utf8mb4");
    }
  }

  void dropSchemas() throws SQLException {
    try (Connection connection = connect()) {
      for (String schema : schemas) {
        Sql.execute(connection, "DROP DATABASE IF EXISTS " + schema);
      }
    }
  }

  /** Returns the configuration of a service on this database. */
  Map<String, String> serviceConfig(String schema) {
    Map<String, String> config = new HashMap<>();
    config.put("rowmill.auth", "open");
    config.put("quarkus.datasource.jdbc.url", url(schema));
    config.put("quarkus.datasource.username", user);
    config.put("quarkus.datasource.password", password);
    return config;
  }

  /** Starts the service as a process of its own, and returns when it listens. */
  ServiceProcess service(String schema, Map<String, String> more) {
    return launch(schema, more).awaitListening();
  }

  /** Starts the service through another program, and returns when it listens. */
  ServiceProcess service(List<String> through, String schema) {
    return ServiceProcess.launch(through, serviceConfig(schema)).awaitListening();
  }

  /** Starts the service as a process of its own, without waiting for it. */
  ServiceProcess launch(String schema, Map<String, String> more) {
    Map<String, String> config = serviceConfig(schema);
    config.putAll(more);
    return ServiceProcess.launch(config);
  }

  String version() throws SQLException {
    // The driver reports another version for some versions of MariaDB.
    try (Connection connection = connect()) {
      return Sql.text(connection, "SELECT VERSION()");
    }
  }

  @Override
  public void close() throws SQLException {
    if (started == null) {
      dropSchemas();
    } else {
      started.close();
    }
  }
}
