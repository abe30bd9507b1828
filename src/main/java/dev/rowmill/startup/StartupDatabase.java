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
import dev.rowmill.database.DatabaseUrl;
import dev.rowmill.database.ErrorText;
import dev.rowmill.database.HostsDriver;
import dev.rowmill.database.OwnSchema;
import dev.rowmill.database.ServerError;
import dev.rowmill.database.StartupConfig;
import dev.rowmill.embedded.EmbeddedConfig;
import dev.rowmill.embedded.EmbeddedDatabase;
import io.quarkus.runtime.Application;
import io.smallrye.config.SmallRyeConfig;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import org.flywaydb.core.api.exception.FlywayValidateException;

/**
 * Prepares the database before the service starts: the configured one with its schema, or else an
 * embedded one. A failure is reported here in one sentence. Otherwise it would appear in the first
 * part of the service that needs a connection.
 */
final class StartupDatabase {

  private static final String SCHEMA = "rowmill";

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
    SmallRyeConfig config = StartupConfig.read(EmbeddedConfig.class);
    Optional<String> url = config.getOptionalValue(DatabaseUrl.PROPERTY, String.class);
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
    System.setProperty(DatabaseUrl.PROPERTY, database.jdbcUrl(SCHEMA));
    System.setProperty(DatabaseUrl.USERNAME, EmbeddedDatabase.USER);
    System.setProperty(DatabaseUrl.PASSWORD, database.password());
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
    Properties account = DatabaseUrl.account(config);
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
        throw new SQLException("this is not a URL of MySQL, such as " + DatabaseUrl.EXAMPLE);
      }
      String schema = connection.getCatalog();
      if (schema == null || schema.isEmpty()) {
        throw new SQLException(
            "its URL names no schema; an example with one is " + DatabaseUrl.EXAMPLE);
      }
      refuseTablesOfOthers(connection, schema);
    }
  }

  /** Rejects the schema of an application that has a table with a name of Rowmill's own tables. */
  private static void refuseTablesOfOthers(Connection connection, String schema)
      throws SQLException {
    Set<String> others = OwnSchema.tablesOfOthers(connection);
    if (!others.isEmpty()) {
      throw new SQLException(
          "its schema "
              + schema
              + " contains tables of others whose names Rowmill needs: "
              + String.join(", ", others)
              + ". Name a schema of Rowmill's own in the URL");
    }
  }

  /** Returns in a sentence why the service did not start, where the database is the cause. */
  static Optional<String> explain(Throwable error) {
    for (Throwable cause = error; cause != null; cause = cause.getCause()) {
      if (cause instanceof FlywayValidateException) {
        return Optional.of(
            "The tables of "
                + DatabaseUrl.withoutSecrets(configured)
                + " were created by another version of Rowmill, and this version can't upgrade"
                + " them.\nName another schema in QUARKUS_DATASOURCE_JDBC_URL, or start that"
                + " version.");
      }
      if (cause instanceof NewerSchemaException) {
        return Optional.of(
            "The tables of "
                + DatabaseUrl.withoutSecrets(configured)
                + " can't be used: "
                + cause.getMessage()
                + ".\nStart that version, or restore the backup from before its first start.");
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
    return new IllegalStateException(
        "The database at "
            + DatabaseUrl.withoutSecrets(url)
            + " can't be used: "
            + ErrorText.of(e)
            + "\n"
            + advice(e),
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
}
