package dev.rowmill.monitoring;

import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;
import org.eclipse.microprofile.health.Startup;
import org.flywaydb.core.Flyway;
import org.jboss.logging.Logger;

/**
 * Checks whether Rowmill's tables have the schema of this version. Does not query the database
 * again once they have it. Safe for many threads.
 */
@Startup
@Readiness
@ApplicationScoped
class MigrationHealth implements HealthCheck {

  private static final Logger LOG = Logger.getLogger(MigrationHealth.class);

  private final Flyway flyway;
  private volatile boolean applied;

  MigrationHealth(Flyway flyway) {
    this.flyway = flyway;
  }

  @Override
  public HealthCheckResponse call() {
    if (!applied) {
      try {
        applied = flyway.info().pending().length == 0;
      } catch (RuntimeException e) {
        LOG.warn("The state of the migrations can't be read", e);
      }
    }
    return HealthCheckResponse.named("migrations").status(applied).build();
  }
}
