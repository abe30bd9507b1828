package dev.rowmill.startup;

import static dev.rowmill.database.ServerError.ER_ACCESS_DENIED_ERROR;
import static dev.rowmill.database.ServerError.ER_BAD_DB_ERROR;
import static dev.rowmill.database.ServerError.ER_COLUMNACCESS_DENIED_ERROR;
import static dev.rowmill.database.ServerError.ER_DBACCESS_DENIED_ERROR;
import static dev.rowmill.database.ServerError.ER_PROCACCESS_DENIED_ERROR;
import static dev.rowmill.database.ServerError.ER_SPECIFIC_ACCESS_DENIED_ERROR;
import static dev.rowmill.database.ServerError.ER_TABLEACCESS_DENIED_ERROR;
import static dev.rowmill.database.ServerError.ER_UNKNOWN_STORAGE_ENGINE;

import dev.rowmill.database.DatabaseFailure;
import dev.rowmill.database.HostsDriver;
import dev.rowmill.database.OwnTables;
import dev.rowmill.database.Rows;
import dev.rowmill.database.ServerError;
import dev.rowmill.embedded.EmbeddedConfig;
import dev.rowmill.embedded.EmbeddedDatabase;
import io.quarkus.runtime.Application;
import io.quarkus.runtime.util.ExceptionUtil;
import io.smallrye.config.SmallRyeConfig;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Locale;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import org.flywaydb.core.api.exception.FlywayValidateException;

/**
 * Prepares the database before the service starts: the configured one with its schema, or else an
 * embedded one. A failure is reported here in one sentence. Otherwise it would appear in the first
 * part of the service that needs a connection.
 */
final class StartupDatabase {

  static final String URL = "quarkus.datasource.jdbc.url";
  private static final String USERNAME = "quarkus.datasource.username";
  private static final String PASSWORD = "quarkus.datasource.password";
  private static final String SCHEMA = "rowmill";

  private static final String EXAMPLE = "jdbc:mysql://localhost:3306/rowmill";

  /** Names the table in which Flyway records the migrations of Rowmill's tables. */
  private static final String HISTORY = "rowmill_schema_history";

  /** Lists the errors of an account that may not use its own schema. */
  private static final Set<ServerError> DENIED =
      Set.of(
          ER_TABLEACCESS_DENIED_ERROR,
          ER_COLUMNACCESS_DENIED_ERROR,
          ER_SPECIFIC_ACCESS_DENIED_ERROR,
          ER_PROCACCESS_DENIED_ERROR);

  private static volatile String configured = "";

  private StartupDatabase() {}

  /**
   * Returns when the database accepts connections. The service is pointed to an embedded one by
   * system properties, which live as long as the JVM. So a restart in development mode finds it
   * configured and running.
   *
   * @throws RuntimeException with a readable message, when there is no database
   */
  static void prepare() {
    SmallRyeConfig config = StartupConfig.read();
    Optional<String> url = config.getOptionalValue(URL, String.class);
    if (url.isPresent()) {
      configured = url.get();
      check(url.get(), config);
    } else {
      startEmbedded(config.getConfigMapping(EmbeddedConfig.class).directory());
    }
  }

  private static void startEmbedded(Path directory) {
    System.out.println(
        "No database is configured: starting the embedded one in "
            + directory.toAbsolutePath().normalize());
    EmbeddedDatabase database = EmbeddedDatabase.start(directory);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> stopAfterService(database)));
    System.setProperty(URL, database.jdbcUrl(SCHEMA));
    System.setProperty(USERNAME, EmbeddedDatabase.USER);
    System.setProperty(PASSWORD, database.password());
    System.out.println("The embedded database listens on 127.0.0.1:" + database.port());
  }

  /**
   * Stops the database after the service. Shutdown hooks run concurrently, and the service needs
   * its database until its end.
   */
  private static void stopAfterService(EmbeddedDatabase database) {
    Application service = Application.currentApplication();
    if (service != null && service.isStarted()) {
      service.awaitShutdown();
    }
    database.stop();
  }

  private static void check(String url, SmallRyeConfig config) {
    if (config
        .getOptionalValue("quarkus.datasource.credentials-provider", String.class)
        .isPresent()) {
      // Only the running service can get the password from the provider.
      return;
    }
    Properties account = new Properties();
    // Otherwise the driver starts the platform's tracing before the platform.
    account.setProperty("openTelemetry", "DISABLED");
    config
        .getOptionalValue(USERNAME, String.class)
        .ifPresent(user -> account.setProperty("user", user));
    config
        .getOptionalValue(PASSWORD, String.class)
        .ifPresent(password -> account.setProperty("password", password));
    try {
      connect(url, account);
    } catch (SQLException e) {
      if (!ER_BAD_DB_ERROR.is(e)) {
        throw unusable(url, e);
      }
      // Only now: the driver sends CREATE DATABASE even where the schema exists. That fails for a
      // user without the privilege, although nothing needs to be created.
      account.setProperty("createDatabaseIfNotExist", "true");
      try {
        connect(url, account);
      } catch (SQLException denied) {
        throw unusable(url, denied);
      }
    }
  }

  private static void connect(String url, Properties account) throws SQLException {
    try (Connection connection = new HostsDriver().connect(url, account)) {
      if (connection == null) {
        throw new SQLException("this is not a URL of MySQL, such as " + EXAMPLE);
      }
      String schema = connection.getCatalog();
      if (schema == null || schema.isEmpty()) {
        throw new SQLException("its URL names no schema; an example with one is " + EXAMPLE);
      }
      refuseTablesOfOthers(connection, schema);
    }
  }

  /**
   * Rejects the schema of an application that has a table with a name of Rowmill's own tables. The
   * schema is Rowmill's when it has the table of the migrations.
   */
  private static void refuseTablesOfOthers(Connection connection, String schema)
      throws SQLException {
    Set<String> found =
        new TreeSet<>(
            Rows.query(
                connection,
                "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE()"
                    + " AND TABLE_NAME IN ('"
                    + String.join("', '", OwnTables.NAMES)
                    + "')",
                row -> row.getString(1).toLowerCase(Locale.ROOT)));
    if (!found.isEmpty() && !found.contains(HISTORY)) {
      throw new SQLException(
          "its schema "
              + schema
              + " contains tables of others whose names Rowmill needs: "
              + String.join(", ", found)
              + ". Name a schema of Rowmill's own in the URL");
    }
  }

  /** Returns in a sentence why the service did not start, where the database is the cause. */
  static Optional<String> explain(Throwable error) {
    for (Throwable cause = error; cause != null; cause = cause.getCause()) {
      if (cause instanceof FlywayValidateException) {
        return Optional.of(
            "The tables of "
                + withoutParameters(configured)
                + " were created by another version of Rowmill, and this version can't upgrade"
                + " them.\nName another schema in QUARKUS_DATASOURCE_JDBC_URL, or start that"
                + " version.");
      }
    }
    return DatabaseFailure.sqlException(error)
        .filter(
            e ->
                ServerError.isAny(e, DENIED)
                    || ER_DBACCESS_DENIED_ERROR.is(e)
                    || ER_ACCESS_DENIED_ERROR.is(e)
                    || ER_UNKNOWN_STORAGE_ENGINE.is(e)
                    || DatabaseFailure.isTransient(e))
        .map(e -> unusable(configured, e).getMessage());
  }

  private static IllegalStateException unusable(String url, SQLException e) {
    Throwable root = ExceptionUtil.getRootCause(e);
    String deeper = root == null ? "" : firstLine(root);
    String cause = firstLine(e);
    if (!deeper.isEmpty() && !cause.contains(deeper)) {
      cause += " (" + deeper + ")";
    }
    return new IllegalStateException(
        "The database at " + withoutParameters(url) + " can't be used: " + cause + "\n" + advice(e),
        e);
  }

  private static String advice(SQLException e) {
    if (ER_BAD_DB_ERROR.is(e) || ER_DBACCESS_DENIED_ERROR.is(e)) {
      return "Create its schema, or allow its user to do so (GRANT ALL ON the schema).";
    }
    if (ER_UNKNOWN_STORAGE_ENGINE.is(e)) {
      return "Drop them if their data is not needed. Otherwise run ALTER TABLE … ENGINE=InnoDB for"
          + " each, and start again.";
    }
    if (ServerError.isAny(e, DENIED)) {
      return "Grant its user all privileges on its schema (GRANT ALL ON it).";
    }
    return DatabaseFailure.isAny(e, DatabaseFailure.READ_ONLY)
        ? "Rowmill needs a server that accepts writes: the primary, not a replica."
        : "Check QUARKUS_DATASOURCE_JDBC_URL, QUARKUS_DATASOURCE_USERNAME and"
            + " QUARKUS_DATASOURCE_PASSWORD, and that the server is running.";
  }

  private static String firstLine(Throwable error) {
    String message = error.getMessage();
    return message == null ? error.toString() : message.lines().findFirst().orElse("");
  }

  /** Removes the parameters of a URL, which may contain a password. */
  private static String withoutParameters(String url) {
    int parameters = url.indexOf('?');
    return parameters < 0 ? url : url.substring(0, parameters);
  }
}
