package dev.rowmill.monitoring;

import dev.rowmill.dispatch.PoolStatus;
import dev.rowmill.dispatch.pool.PoolView;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;
import org.jboss.logging.Logger;

/**
 * Checks whether the pool accepts batches and makes progress. It is stuck when no thread is free
 * and nothing was done for {@code rowmill.health.stuck-after}. Safe for many threads.
 */
@Readiness
@ApplicationScoped
class PoolHealth implements HealthCheck {

  private static final Logger LOG = Logger.getLogger(PoolHealth.class);

  private final PoolStatus pools;
  private final PoolActivity signs;
  private final HealthConfig config;
  private final AtomicBoolean warned = new AtomicBoolean();

  PoolHealth(PoolStatus pools, PoolActivity signs, HealthConfig config) {
    this.pools = pools;
    this.signs = signs;
    this.config = config;
  }

  @Override
  public HealthCheckResponse call() {
    boolean stuck = isStuck();
    if (stuck && warned.compareAndSet(false, true)) {
      LOG.warnf(
          "All threads of the pool are busy, and none has made progress for %s", signs.silence());
    } else if (!stuck) {
      warned.set(false);
    }
    return HealthCheckResponse.named("pool").status(!stuck && !pools.isDraining()).build();
  }

  private boolean isStuck() {
    if (signs.silence().compareTo(config.stuckAfter()) <= 0) {
      return false;
    }
    PoolView pool = pools.pool();
    return pool.active() >= pool.size();
  }
}
