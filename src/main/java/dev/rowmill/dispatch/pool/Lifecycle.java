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
 * Begins with what an earlier process left unfinished, and ends with every batch stored so that a
 * later one can go on.
 */
@ApplicationScoped
class Lifecycle {

  private static final Logger LOG = Logger.getLogger(Lifecycle.class);

  private final Membership membership;
  private final LaunchQueue queue;
  private final DispatchConfig config;

  private boolean drained;

  Lifecycle(Instance<Membership> membership, Instance<LaunchQueue> queue, DispatchConfig config) {
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
      // There will be no end of the service to let it go.
      membership.leave();
      throw e;
    }
    if (unfinished > 0) {
      LOG.infof("%d unfinished batches go on from their checkpoints", unfinished);
    }
  }

  /**
   * Drains while requests are still served, so that new starts are refused with a reason. Fired
   * only because {@code quarkus.shutdown.delay-enabled} is set; no delay follows.
   */
  void drain(@Observes ShutdownDelayInitiatedEvent event) {
    drain();
  }

  /** Not every way to an end has a delay before it: development mode and tests don't. */
  void stop(@Observes ShutdownEvent event) {
    drain();
    membership.leave();
  }

  private synchronized void drain() {
    if (drained) {
      return;
    }
    drained = true;
    if (!queue.drain(config.shutdown().timeout())) {
      LOG.warnf(
          "Not every batch came to the end of its chunk within %s; the chunks in hand roll back",
          config.shutdown().timeout());
    }
  }
}
