package dev.rowmill.doctor;

import dev.rowmill.database.DatabaseUrl;
import dev.rowmill.database.StartupConfig;
import dev.rowmill.embedded.EmbeddedConfig;
import dev.rowmill.throttle.ThrottleConfig;
import io.smallrye.config.SmallRyeConfig;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;

/**
 * Checks what the service needs, with the configuration of the service and without the service.
 * Changes nothing. For one thread.
 */
public final class Doctor {

  private static final String PROVIDER = "quarkus.datasource.credentials-provider";

  private final SmallRyeConfig config;
  private final Clock clock;
  private final Checks checks = new Checks();

  /**
   * @param config with the mappings {@link EmbeddedConfig} and {@link ThrottleConfig}
   * @param clock of this machine
   */
  Doctor(SmallRyeConfig config, Clock clock) {
    this.config = config;
    this.clock = clock;
  }

  /**
   * Checks the configuration that the service on this machine would read, and all that it names.
   */
  public static List<Finding> examine() {
    SmallRyeConfig config;
    try {
      config = StartupConfig.read(EmbeddedConfig.class, ThrottleConfig.class);
    } catch (RuntimeException e) {
      return List.of(
          Finding.error(
              "configuration",
              "can't be read: " + String.valueOf(e.getMessage()).replaceAll("\\s+", " "),
              "Correct the property; all are listed in docs/configuration.md."));
    }
    return new Doctor(config, Clock.tickMillis(ZoneOffset.UTC)).findings();
  }

  /** Runs all checks once. */
  List<Finding> findings() {
    checks.one("java", MachineChecks::java);
    checks.all("files", () -> MachineChecks.files(config));
    Optional<String> url = config.getOptionalValue(DatabaseUrl.PROPERTY, String.class);
    if (url.isEmpty()) {
      checks.one("database-url", () -> MachineChecks.embedded(config));
    } else if (config.getOptionalValue(PROVIDER, String.class).isPresent()) {
      checks.add(
          Finding.warning(
              "database-login",
              "not checked: only the running service gets the password, from the provider in "
                  + PROVIDER,
              "Run rowmill doctor with QUARKUS_DATASOURCE_PASSWORD, and without the provider."));
    } else {
      checkDatabase(url.get());
    }
    checks.all("replicas", () -> ReplicaChecks.of(config.getConfigMapping(ThrottleConfig.class)));
    return checks.findings();
  }

  private void checkDatabase(String url) {
    Optional<DatabaseLogin> login = DatabaseLogin.to(url, DatabaseUrl.account(config), checks);
    if (login.isEmpty()) {
      return;
    }
    try (Connection connection = login.get().connection()) {
      checks.one("database-tls", () -> login.get().encryption());
      checks.one("server-version", () -> ServerChecks.version(connection));
      checks.all("server-cluster", () -> ServerChecks.cluster(connection, config));
      Account account = Account.current(connection);
      String schema = login.get().schema();
      checks.one("schema", () -> SchemaChecks.schema(connection, schema, account));
      GrantChecks grants = GrantChecks.read(connection, account, schema);
      checks.one("grants-schema", () -> grants.ownSchema(hasOtherMigrator()));
      checks.all("grants-changes", () -> grants.changes(connection, config));
      ThrottleConfig throttles = config.getConfigMapping(ThrottleConfig.class);
      checks.all("grants-throttles", () -> ThrottleGrants.of(connection, account, throttles));
      checks.all("settings", () -> SettingChecks.of(connection, config));
      checks.one("clock", () -> ServerChecks.clock(connection, clock, config));
    } catch (SQLException e) {
      checks.one(
          "database-login",
          () -> {
            throw e;
          });
    }
  }

  /** Returns whether another account than that of the service creates and alters the tables. */
  private boolean hasOtherMigrator() {
    return config.getOptionalValue("quarkus.flyway.username", String.class).isPresent();
  }
}
