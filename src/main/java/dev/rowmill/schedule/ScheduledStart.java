package dev.rowmill.schedule;

import dev.rowmill.dispatch.StartRequest;
import java.time.Instant;

/** Resolves the stored start of a schedule. Implementations are safe for many threads. */
public interface ScheduledStart {

  /**
   * Represents the start of a firing.
   *
   * @param content what it changes, see {@link Schedule#content(String)}, read together with the
   *     request
   */
  record Resolved(StartRequest request, String content) {}

  /**
   * Returns the request of a firing, with the values of relative parameters, and the present rules
   * of its saved statement.
   *
   * @throws dev.rowmill.task.Refusal when it can't be started any more
   */
  Resolved request(Schedule schedule, Instant fireAt);
}
