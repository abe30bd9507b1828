package dev.rowmill.webhook;

import dev.rowmill.batch.StatusChange;
import dev.rowmill.batch.store.ChangeRecorder;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.util.List;

/** Stores the deliveries in the same transaction as the end of the batch. */
@ApplicationScoped
class WebhookOutbox implements ChangeRecorder {

  private final WebhookTargets targets;
  private final Clock clock;

  WebhookOutbox(WebhookTargets targets, Clock clock) {
    this.targets = targets;
    this.clock = clock;
  }

  @Override
  public void changed(Connection connection, List<StatusChange> changes) throws SQLException {
    List<StatusChange> ended =
        changes.stream().filter(change -> change.status().isFinal()).toList();
    if (!ended.isEmpty() && !targets.all().isEmpty()) {
      DeliveryTable.add(connection, ended, targets.all(), clock.instant());
    }
  }
}
