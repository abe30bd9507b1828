package dev.rowmill.startup;

import dev.rowmill.database.OwnSchema;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.interceptor.Interceptor;
import java.sql.Connection;
import java.sql.SQLException;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;

/**
 * Brings Rowmill's tables to the schema of this version, also when several nodes start at once.
 *
 * <p>Flyway holds its lock for one step at a time, and on Galera that lock is local to a server. So
 * a migration can fail only because another node migrated in between: it created the table of the
 * migrations, or has recorded the same migration. Such a failure is followed by another attempt.
 * Each one needs progress of the tables, so their number is bounded.
 *
 * <p>Every migration can be repeated. So one that failed, or whose process was killed, is run again
 * by the next start.
 */
@ApplicationScoped
class Migrations {

  /** Precedes the other observers of the start, because they use the tables. */
  private static final int FIRST = Interceptor.Priority.PLATFORM_BEFORE - 1;

  private final Flyway flyway;

  Migrations(Flyway flyway) {
    this.flyway = flyway;
  }

  void start(@Observes @Priority(FIRST) StartupEvent event) throws SQLException {
    migrate();
  }

  /**
   * Returns when the tables have the schema of this version.
   *
   * @throws FlywayException if a migration fails
   * @throws NewerSchemaException if a newer version has changed the tables
   */
  void migrate() throws SQLException {
    int before = progress();
    while (true) {
      try {
        flyway.migrate();
        break;
      } catch (FlywayException e) {
        int now = progress();
        if (now <= before) {
          throw e;
        }
        before = now;
      }
    }
    MigrationInfo current = flyway.info().current();
    if (!current.getState().isResolved()) {
      throw new NewerSchemaException(current.getScript());
    }
  }

  private int progress() throws SQLException {
    try (Connection connection = flyway.getConfiguration().getDataSource().getConnection()) {
      OwnSchema.forgetFailedMigrations(connection);
      return OwnSchema.progress(connection);
    }
  }
}
