package dev.rowmill.batch.store;

import dev.rowmill.database.PurgeThread;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.jboss.logging.Logger;

/** Deletes expired undo data periodically. */
@ApplicationScoped
class UndoPurge {

  private static final Logger LOG = Logger.getLogger(UndoPurge.class);

  /** Delays the deletion, so that an undo that began in the last moment is seen. */
  private static final Duration GRACE = Duration.ofMinutes(1);

  private final UndoRetention retention;
  private final UndoConfig config;
  private final Clock clock;
  private final PurgeThread thread = new PurgeThread("rowmill-undo-purge", "Expired undo data");

  UndoPurge(UndoRetention retention, UndoConfig config, Clock clock) {
    this.retention = retention;
    this.config = config;
    this.clock = clock;
  }

  void start(@Observes StartupEvent event) {
    thread.start(config.purgeInterval(), this::purge);
  }

  void stop(@Observes ShutdownEvent event) {
    thread.stop();
  }

  private void purge() {
    Instant due = clock.instant().minus(config.retention()).minus(GRACE);
    long deleted = retention.purge(due, PurgeThread::pause);
    if (deleted > 0) {
      LOG.infof("Deleted %d records and conflicts of batches that ended before %s", deleted, due);
    }
  }
}
