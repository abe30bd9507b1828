package dev.rowmill.batch;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;
import org.jboss.logging.Logger;

/**
 * Whether the database answers, asked as every other request asks it. The platform's own check
 * looks at an idle connection without proving it first, and so reports a database as down that has
 * merely hung up on idle connections.
 */
@Readiness
@ApplicationScoped
class DatabaseHealth implements HealthCheck {

  private static final Logger LOG = Logger.getLogger(DatabaseHealth.class);

  private static final String NAME = "database";

  private final ControlTransactions transactions;
  private final EntityManager entities;

  DatabaseHealth(ControlTransactions transactions, EntityManager entities) {
    this.transactions = transactions;
    this.entities = entities;
  }

  @Override
  public HealthCheckResponse call() {
    try {
      transactions.run(() -> entities.createNativeQuery("SELECT 1").getSingleResult());
      return HealthCheckResponse.up(NAME);
    } catch (RuntimeException e) {
      // Whoever asks may read it, so the answer tells nothing of the database.
      LOG.debugf(
          "The database does not answer: %s",
          DatabaseFailure.sqlException(e).<Throwable>map(sql -> sql).orElse(e));
      return HealthCheckResponse.down(NAME);
    }
  }
}
