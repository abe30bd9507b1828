package dev.rowmill.rest.schedule;

import dev.rowmill.dispatch.ApprovalConfig;
import dev.rowmill.rest.schedule.ScheduleBodies.ScheduleView;
import dev.rowmill.schedule.Schedule;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Shows schedules as callers see them, with the state of their approvals. Safe for many threads.
 */
@ApplicationScoped
class ScheduleViews {

  private final StoredStarts starts;
  private final ApprovalConfig approvals;
  private final Clock clock;

  ScheduleViews(StoredStarts starts, ApprovalConfig approvals, Clock clock) {
    this.starts = starts;
    this.approvals = approvals;
    this.clock = clock;
  }

  ScheduleView of(Schedule schedule) {
    return of(List.of(schedule)).get(0);
  }

  List<ScheduleView> of(List<Schedule> schedules) {
    Map<String, StoredStarts.Content> contents = starts.contents(schedules);
    boolean asked = approvals.rows().isPresent();
    return schedules.stream()
        .map(
            schedule ->
                ScheduleView.of(
                    schedule,
                    Objects.requireNonNull(contents.get(schedule.name())),
                    asked,
                    clock.instant()))
        .toList();
  }
}
