package dev.rowmill.startup;

import static java.util.stream.Collectors.toMap;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.rowmill.database.OwnTables;
import dev.rowmill.database.StartupConfig;
import dev.rowmill.testing.SharedServer;
import dev.rowmill.testing.TestServer;
import io.smallrye.config.SmallRyeConfig;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.MigrationInfo;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Checks the tables that the migrations make in an empty schema. */
@ExtendWith(SharedServer.class)
class SchemaTest {

  private static final String SCHEMA = "schema_test";

  /** Holds the checksums of the released migrations, which databases have recorded. */
  private static final Map<String, Integer> RELEASED =
      Map.of("V1__schema.sql", -1497097265, "V2__plan_result.sql", -1692926201);

  private final SmallRyeConfig config = StartupConfig.read();
  private Flyway flyway;
  private Connection connection;

  @BeforeEach
  void migrate(TestServer server) throws SQLException {
    connection = server.connect(SCHEMA);
    flyway =
        Flyway.configure()
            .dataSource(server.url(SCHEMA), server.user(), server.password())
            .locations("classpath:db/migration")
            .table(history())
            .load();
    flyway.migrate();
  }

  @AfterEach
  void drop() throws SQLException {
    run("DROP DATABASE " + SCHEMA);
    connection.close();
  }

  @Test
  void the_list_of_own_tables_names_every_table() throws SQLException {
    assertEquals(
        new TreeSet<>(OwnTables.NAMES),
        names(
            "SELECT LOWER(TABLE_NAME) FROM information_schema.TABLES"
                + " WHERE TABLE_SCHEMA = DATABASE()"));
  }

  @Test
  void every_table_and_every_column_has_a_comment() throws SQLException {
    assertEquals(
        Set.of(),
        names(
            "SELECT TABLE_NAME FROM information_schema.TABLES"
                + " WHERE TABLE_SCHEMA = DATABASE() AND TABLE_COMMENT = ''"
                + " AND TABLE_NAME <> '"
                + history()
                + "' UNION ALL SELECT CONCAT(TABLE_NAME, '.', COLUMN_NAME)"
                + " FROM information_schema.COLUMNS"
                + " WHERE TABLE_SCHEMA = DATABASE() AND COLUMN_COMMENT = ''"
                + " AND TABLE_NAME <> '"
                + history()
                + "'"));
  }

  @Test
  void released_migrations_are_unchanged() {
    Map<String, Integer> found =
        Stream.of(flyway.info().all())
            .filter(migration -> RELEASED.containsKey(migration.getScript()))
            .collect(toMap(MigrationInfo::getScript, MigrationInfo::getChecksum));
    assertEquals(
        RELEASED,
        found,
        "a released migration differs, so this version would not start on the databases of the"
            + " release: restore it, and write the change into a new file V…__….sql");
  }

  @Test
  void a_migration_that_was_interrupted_runs_again() throws SQLException {
    run("DELETE FROM " + history());
    run("DROP TABLE node");
    run("DELETE FROM serial_queue_lock");
    assertEquals(flyway.info().all().length, flyway.migrate().migrationsExecuted);
    assertEquals(Set.of("1"), names("SELECT one FROM serial_queue_lock"));
    assertEquals(Set.of("1"), names("SELECT one FROM audit_head"));
    assertEquals(Set.of(), names("SELECT id FROM node"));
  }

  private String history() {
    return config.getValue("quarkus.flyway.table", String.class);
  }

  private void run(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private Set<String> names(String sql) throws SQLException {
    Set<String> names = new TreeSet<>();
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      while (row.next()) {
        names.add(row.getString(1));
      }
    }
    return names;
  }
}
