package dev.rowmill.webhook;

import dev.rowmill.batch.BatchStatus;
import dev.rowmill.batch.StatusChange;
import dev.rowmill.batch.StoredJson;
import dev.rowmill.batch.store.ChangeRecorder;
import dev.rowmill.schedule.RunRecorder;
import dev.rowmill.schedule.Schedule;
import dev.rowmill.schedule.ScheduleRun;
import dev.rowmill.schedule.ScheduleRun.Outcome;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.util.List;
import java.util.Set;

/** Stores the deliveries in the same transaction as what they report. */
@ApplicationScoped
class WebhookOutbox implements ChangeRecorder, RunRecorder {

  /** Lists the statuses in which a batch may wait for an approval. */
  private static final Set<BatchStatus> AWAITING =
      Set.of(BatchStatus.WAITING, BatchStatus.SCHEDULED);

  private final WebhookTargets targets;
  private final Clock clock;

  WebhookOutbox(WebhookTargets targets, Clock clock) {
    this.targets = targets;
    this.clock = clock;
  }

  /** Returns whether a change may have stored a delivery. */
  static boolean mayBeReported(StatusChange change) {
    return change.status().isFinal() || AWAITING.contains(change.status());
  }

  @Override
  public void changed(Connection connection, List<StatusChange> changes) throws SQLException {
    if (targets.all().isEmpty()) {
      return;
    }
    List<StatusChange> ended =
        changes.stream().filter(change -> change.status().isFinal()).toList();
    if (!ended.isEmpty()) {
      DeliveryTable.add(connection, ended, targets.all(), clock.instant());
    }
    List<Long> awaiting =
        changes.stream()
            .filter(change -> AWAITING.contains(change.status()))
            .map(StatusChange::batch)
            .toList();
    if (!awaiting.isEmpty()) {
      DeliveryTable.addApprovals(connection, awaiting, targets.all(), clock.instant());
    }
  }

  @Override
  public void recorded(Connection connection, Schedule schedule, ScheduleRun run)
      throws SQLException {
    boolean isMissed = run.outcome() == Outcome.MISSED;
    if (!targets.all().isEmpty() && (isMissed || run.outcome() == Outcome.FAILED)) {
      DeliveryTable.addRun(
          connection,
          isMissed ? EventType.SCHEDULE_MISSED : EventType.SCHEDULE_FAILED,
          schedule.id(),
          run.fireAt(),
          run.firedAt(),
          StoredJson.write(WebhookPayload.run(schedule, run)),
          targets.all(),
          clock.instant());
    }
  }
}
