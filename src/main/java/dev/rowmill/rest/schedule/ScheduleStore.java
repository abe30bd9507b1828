package dev.rowmill.rest.schedule;

import dev.rowmill.batch.BatchSpec;
import dev.rowmill.rest.http.Access;
import dev.rowmill.schedule.Schedule;
import dev.rowmill.schedule.ScheduleDefinition;
import dev.rowmill.schedule.Schedules;
import dev.rowmill.security.Callers;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.util.Optional;

/**
 * Stores the schedules that callers request, after the check of their starts. Must be called on the
 * request's own thread. Safe for many threads.
 */
@ApplicationScoped
class ScheduleStore {

  private final Schedules schedules;
  private final ScheduleCheck check;
  private final Access access;
  private final Callers callers;

  ScheduleStore(Schedules schedules, ScheduleCheck check, Access access, Callers callers) {
    this.schedules = schedules;
    this.check = check;
    this.access = access;
    this.callers = callers;
  }

  /**
   * Represents a schedule that was stored.
   *
   * @param isNew whether no other had this name
   */
  record Stored(Schedule schedule, boolean isNew) {

    /**
     * Returns the response to the request, without its body.
     *
     * @param path path of what was stored
     */
    Response.ResponseBuilder response(String path) {
      return isNew
          ? Response.status(Response.Status.CREATED).header(HttpHeaders.LOCATION, path)
          : Response.ok();
    }
  }

  /**
   * Stores a schedule, and replaces another one of that name.
   *
   * @throws dev.rowmill.task.Refusal when its start would be rejected now; nothing is stored
   */
  Stored put(String name, ScheduleBody.Request request) {
    String project = access.project(request.project());
    Optional<Schedule> before = schedules.find(name);
    before.ifPresent(it -> access.project(it.project()));
    String by = callers.current().name();
    ScheduleDefinition definition = request.definition();
    BatchSpec spec = check.check(name, project, definition);
    Schedule stored =
        schedules.put(
            name, project, definition.hiding(spec.submission().secrets()), request.enabled(), by);
    return new Stored(stored, stored.version() == 1);
  }
}
