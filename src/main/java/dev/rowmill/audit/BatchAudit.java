package dev.rowmill.audit;

import dev.rowmill.batch.BatchStatus;
import dev.rowmill.batch.StatusChange;
import dev.rowmill.batch.store.StatusListener;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Records the ends and pauses of batches, which may happen without a request. The entries follow
 * the commit. If the process dies in between, only the batch's own row shows the change.
 */
@ApplicationScoped
class BatchAudit implements StatusListener {

  private final AuditLog audit;
  private final Clock clock;

  BatchAudit(AuditLog audit, Clock clock) {
    this.audit = audit;
    this.clock = clock;
  }

  @Override
  public void changed(List<StatusChange> changes) {
    for (StatusChange change : changes) {
      String operation = operation(change.status());
      if (operation != null) {
        audit.later(
            AuditEntry.ofService(clock.instant(), operation, change.project(), change.batch()));
      }
    }
  }

  private static @Nullable String operation(BatchStatus status) {
    return switch (status) {
      case SUCCEEDED -> "batchSucceeded";
      case FAILED -> "batchFailed";
      case CANCELLED -> "batchCancelled";
      case PAUSED -> "batchPaused";
      case SCHEDULED, WAITING, QUEUED, RUNNING -> null;
    };
  }
}
