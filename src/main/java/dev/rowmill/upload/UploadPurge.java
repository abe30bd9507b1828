package dev.rowmill.upload;

import dev.rowmill.batch.BatchStatus;
import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.store.BatchHistory;
import dev.rowmill.database.PurgeThread;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Deletes uploads that are no longer needed: those that a batch has applied successfully, those
 * that have expired, and what is left of those whose node has died.
 */
@ApplicationScoped
class UploadPurge {

  private static final Logger LOG = Logger.getLogger(UploadPurge.class);

  /** Limits how long an upload may store no rows while its file is received. */
  private static final Duration STALE = Duration.ofMinutes(15);

  private final Uploads uploads;
  private final BatchHistory history;
  private final UploadConfig config;
  private final Clock clock;
  private final PurgeThread thread = new PurgeThread("rowmill-upload-purge", "Used uploads");

  UploadPurge(Uploads uploads, BatchHistory history, UploadConfig config, Clock clock) {
    this.uploads = uploads;
    this.history = history;
    this.config = config;
    this.clock = clock;
  }

  void start(@Observes StartupEvent event) {
    thread.start(config.purgeInterval(), this::purge);
  }

  void stop(@Observes ShutdownEvent event) {
    thread.stop();
  }

  void purge() {
    List<Upload> all = uploads.all();
    if (all.isEmpty()) {
      return;
    }
    // Read after the uploads: no batch that has ended since is missed.
    Set<String> used = used();
    Map<Long, BatchView> batches =
        history.find(all.stream().map(Upload::batch).filter(Objects::nonNull).distinct().toList());
    Instant now = clock.instant();
    for (Upload upload : all) {
      Long batch = upload.batch();
      if (used.contains(upload.name())) {
        if (upload.expiresAt().isBefore(now.plus(config.retention().dividedBy(2)))) {
          uploads.extend(upload.id());
        }
      } else if (isOver(upload, batch == null ? null : batches.get(batch), now)
          && uploads.deleteUnless(upload.id(), () -> used().contains(upload.name()))) {
        LOG.infof("Deleted the upload %s of project %s", upload.name(), upload.project());
      }
    }
  }

  /** Returns the names of the uploads that batches need which have not ended. */
  private Set<String> used() {
    return history.liveParameters(UploadTask.NAME).stream()
        .map(UploadParameters::uploadOf)
        .collect(Collectors.toSet());
  }

  private static boolean isOver(Upload upload, @Nullable BatchView batch, Instant now) {
    if (upload.status() == Upload.Status.DELETED) {
      // The node that deleted it has died.
      return true;
    } else if (upload.status() == Upload.Status.LOADING) {
      return upload.seenAt().plus(STALE).isBefore(now);
    } else if (batch != null && batch.status() == BatchStatus.SUCCEEDED) {
      return true;
    }
    return upload.expiresAt().isBefore(now);
  }
}
