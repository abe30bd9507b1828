package dev.rowmill.batch.store;

import io.netty.util.concurrent.DefaultThreadFactory;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/** Deletes expired undo data periodically, on a thread of its own. */
@ApplicationScoped
class UndoPurge {

  private static final Logger LOG = Logger.getLogger(UndoPurge.class);

  /** Delays the deletion, so that an undo that began in the last moment is seen. */
  private static final Duration GRACE = Duration.ofMinutes(1);

  private static final long PAUSE_MILLIS = 20;

  private final UndoRetention retention;
  private final UndoConfig config;
  private final Clock clock;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          new DefaultThreadFactory("rowmill-undo-purge", true));

  UndoPurge(UndoRetention retention, UndoConfig config, Clock clock) {
    this.retention = retention;
    this.config = config;
    this.clock = clock;
  }

  void start(@Observes StartupEvent event) {
    long pause = config.purgeInterval().toMillis();
    thread.scheduleWithFixedDelay(this::purge, pause, pause, TimeUnit.MILLISECONDS);
  }

  void stop(@Observes ShutdownEvent event) {
    thread.shutdownNow();
  }

  private void purge() {
    Instant due = clock.instant().minus(config.retention()).minus(GRACE);
    try {
      long deleted = retention.purge(due, UndoPurge::pause);
      if (deleted > 0) {
        LOG.infof("Deleted %d records and conflicts of batches that ended before %s", deleted, due);
      }
    } catch (RuntimeException e) {
      LOG.warnf("Expired undo data can't be deleted yet: %s", e.getMessage());
    }
  }

  /** Pauses, and returns false when the thread was interrupted. */
  private static boolean pause() {
    try {
      Thread.sleep(PAUSE_MILLIS);
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
