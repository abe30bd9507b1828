package dev.rowmill.monitoring;

import dev.rowmill.database.ControlTransactions;
import dev.rowmill.database.DatabaseFailure;
import dev.rowmill.database.Rows;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;
import org.jboss.logging.Logger;

/**
 * Checks whether the database responds and accepts writes, in the same way as all requests use it.
 * The check of the platform takes an idle connection without validating it first. So it reports a
 * database as down that has merely closed idle connections.
 */
@Readiness
@ApplicationScoped
class DatabaseHealth implements HealthCheck {

  private static final Logger LOG = Logger.getLogger(DatabaseHealth.class);
  private static final String NAME = "database";

  /** Changes nothing, and fails where the database accepts no writes. */
  private static final String WRITE = "UPDATE project SET last_batch = last_batch WHERE FALSE";

  private final ControlTransactions transactions;
  private final AtomicBoolean away = new AtomicBoolean();

  DatabaseHealth(ControlTransactions transactions) {
    this.transactions = transactions;
  }

  @Override
  public HealthCheckResponse call() {
    try {
      transactions.sql(connection -> Rows.update(connection, WRITE));
      away.set(false);
      return HealthCheckResponse.up(NAME);
    } catch (RuntimeException e) {
      // Anyone may read the response, and errors name hosts and accounts.
      if (away.compareAndSet(false, true)) {
        LOG.warnf(
            "The database does not respond, or accepts no writes: %s",
            DatabaseFailure.sqlException(e).<Throwable>map(sql -> sql).orElse(e));
      }
      return HealthCheckResponse.down(NAME);
    }
  }
}
