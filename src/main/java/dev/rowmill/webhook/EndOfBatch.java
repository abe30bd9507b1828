package dev.rowmill.webhook;

import dev.rowmill.batch.EndRecorder;
import dev.rowmill.batch.StatusChange;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.util.List;

/** Stores what is to be delivered together with the end that it tells of. */
@ApplicationScoped
class EndOfBatch implements EndRecorder {

  private final Targets targets;
  private final Clock clock;

  EndOfBatch(Targets targets, Clock clock) {
    this.targets = targets;
    this.clock = clock;
  }

  @Override
  public void ended(Connection connection, List<StatusChange> ends) throws SQLException {
    if (!targets.all().isEmpty()) {
      List<Long> batches = ends.stream().map(StatusChange::batch).distinct().toList();
      Deliveries.add(connection, batches, targets.all(), clock.instant());
    }
  }
}
