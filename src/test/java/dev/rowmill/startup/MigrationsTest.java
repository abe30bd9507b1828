package dev.rowmill.startup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.rowmill.database.OwnSchema;
import dev.rowmill.database.Rows;
import dev.rowmill.database.StartupConfig;
import dev.rowmill.testing.SharedServer;
import dev.rowmill.testing.TestServer;
import io.smallrye.config.SmallRyeConfig;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Tests the migrations of nodes that start at once, of a failed start, and of a newer version. */
@ExtendWith(SharedServer.class)
class MigrationsTest {

  private static final String SCHEMA = "migrations_test";
  private static final int NODES = 3;
  private static final int ROUNDS = 40;

  private final SmallRyeConfig config = StartupConfig.read();
  private final TestServer server;
  private Connection connection;

  MigrationsTest(TestServer server) {
    this.server = server;
  }

  @BeforeEach
  void create_schema() throws SQLException {
    connection = server.connect(SCHEMA);
  }

  @AfterEach
  void drop_schema() throws SQLException {
    run("DROP DATABASE " + SCHEMA);
    connection.close();
  }

  @Test
  void nodes_that_start_at_once_on_an_empty_schema_all_migrate() throws Exception {
    ExecutorService nodes = Executors.newFixedThreadPool(NODES);
    try {
      for (int round = 0; round < ROUNDS; round++) {
        run("DROP DATABASE " + SCHEMA, "CREATE DATABASE " + SCHEMA, "USE " + SCHEMA);
        CyclicBarrier ready = new CyclicBarrier(NODES);
        List<Future<?>> starts = new ArrayList<>();
        for (int node = 0; node < NODES; node++) {
          Migrations migrations = new Migrations(flyway("classpath:small-migration"));
          starts.add(
              nodes.submit(
                  () -> {
                    ready.await();
                    Thread.sleep(ThreadLocalRandom.current().nextInt(60));
                    migrations.migrate();
                    return null;
                  }));
        }
        for (Future<?> start : starts) {
          start.get();
        }
        assertEquals(1, Rows.number(connection, "SELECT COUNT(*) FROM small"));
      }
    } finally {
      nodes.shutdownNow();
    }
  }

  @Test
  void a_failed_migration_is_repeated_by_the_next_start() throws SQLException {
    Migrations migrations = new Migrations(flyway("classpath:db/migration"));
    run("CREATE TABLE audit_head (other INT PRIMARY KEY)");
    assertThrows(FlywayException.class, migrations::migrate);
    run("DROP TABLE audit_head");
    migrations.migrate();
    assertEquals(1, Rows.number(connection, "SELECT COUNT(*) FROM audit_head"));
  }

  @Test
  void tables_that_a_newer_version_has_changed_are_refused() throws SQLException {
    Migrations migrations = new Migrations(flyway("classpath:db/migration"));
    migrations.migrate();
    run(
        "INSERT INTO "
            + OwnSchema.HISTORY
            + " VALUES (99, '99', 'later', 'SQL', 'V99__later.sql', 7, 'test', NOW(), 1, 1)");
    assertThrows(NewerSchemaException.class, migrations::migrate);
  }

  private Flyway flyway(String location) {
    return Flyway.configure()
        .dataSource(server.url(SCHEMA), server.user(), server.password())
        .locations(location)
        .table(config.getValue("quarkus.flyway.table", String.class))
        .baselineOnMigrate(config.getValue("quarkus.flyway.baseline-on-migrate", Boolean.class))
        .baselineVersion(config.getValue("quarkus.flyway.baseline-version", String.class))
        .load();
  }

  private void run(String... statements) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }
}
