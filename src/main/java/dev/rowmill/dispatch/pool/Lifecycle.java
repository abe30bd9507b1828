package dev.rowmill.dispatch.pool;

import io.quarkus.runtime.ShutdownDelayInitiatedEvent;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Instance;
import java.sql.SQLException;
import org.jboss.logging.Logger;

/**
 * Resumes at startup the batches that an earlier process left unfinished. Drains at shutdown, so
 * every batch is stored and can be resumed.
 */
@ApplicationScoped
class Lifecycle {

  private static final Logger LOG = Logger.getLogger(Lifecycle.class);

  private final Membership membership;
  private final LaunchQueue queue;
  private final ShutdownConfig config;

  private boolean drained;

  Lifecycle(Instance<Membership> membership, Instance<LaunchQueue> queue, ShutdownConfig config) {
    this.membership = membership.get();
    this.queue = queue.get();
    this.config = config;
  }

  void start(@Observes StartupEvent event) throws SQLException {
    membership.join();
    int unfinished;
    try {
      unfinished = queue.begin();
    } catch (RuntimeException e) {
      // No shutdown event follows that would release it.
      membership.leave();
      throw e;
    }
    if (unfinished > 0) {
      LOG.infof("%d unfinished batches resume at their checkpoints", unfinished);
    }
  }

  /**
   * Drains while requests are still served, so new starts are rejected with a reason. The event is
   * fired only because {@code quarkus.shutdown.delay-enabled} is set; no delay follows.
   */
  void drain(@Observes ShutdownDelayInitiatedEvent event) {
    drain();
  }

  /**
   * Drains where no delay event was fired before, as in development mode and tests, then leaves.
   */
  void stop(@Observes ShutdownEvent event) {
    drain();
    membership.leave();
  }

  private synchronized void drain() {
    if (drained) {
      return;
    }
    drained = true;
    if (!queue.drain(config.timeout())) {
      LOG.warnf(
          "Not every batch finished its chunk within %s; the current chunks are rolled back",
          config.timeout());
    }
  }
}
