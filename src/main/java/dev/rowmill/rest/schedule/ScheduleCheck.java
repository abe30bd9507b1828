package dev.rowmill.rest.schedule;

import dev.rowmill.batch.BatchSpec;
import dev.rowmill.dispatch.BatchStarter;
import dev.rowmill.dispatch.StartRequest;
import dev.rowmill.rest.batch.StartResolver;
import dev.rowmill.rest.http.Access;
import dev.rowmill.schedule.Schedule;
import dev.rowmill.schedule.ScheduleDefinition;
import dev.rowmill.security.Callers;
import jakarta.enterprise.context.ApplicationScoped;

/**
 * Checks the start of a schedule as if it were started now by the caller of the current request.
 * Stores and starts nothing. Safe for many threads, each with a request of its own.
 */
@ApplicationScoped
class ScheduleCheck {

  private final StoredStarts starts;
  private final StartResolver resolver;
  private final BatchStarter starter;
  private final Access access;
  private final Callers callers;

  ScheduleCheck(
      StoredStarts starts,
      StartResolver resolver,
      BatchStarter starter,
      Access access,
      Callers callers) {
    this.starts = starts;
    this.resolver = resolver;
    this.starter = starter;
    this.access = access;
    this.callers = callers;
  }

  /**
   * Checks the start, and returns what it would store.
   *
   * @throws dev.rowmill.task.Refusal when it would be rejected
   * @throws dev.rowmill.rest.http.InvalidRequestException when values or bounds are not allowed
   * @throws dev.rowmill.dispatch.task.InvalidParametersException when the parameters don't match
   *     those of the task
   */
  BatchSpec check(String name, String project, ScheduleDefinition definition) {
    String by = callers.current().name();
    Schedule trial = Schedule.unsaved(name, project, definition, by);
    StartRequest given = access.start(starts.given(trial, definition.anchor()));
    BatchSpec spec = resolver.expanded(given).spec();
    spec.secrets()
        .guard(
            () -> {
              starter.check(spec);
              return true;
            });
    return spec;
  }
}
