package dev.rowmill.schedule;

import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Represents the approval of a schedule by a second person. Immutable.
 *
 * @param content what was approved, see {@link Schedule#content(String)}
 * @param by name of the approver; null where callers are not identified
 * @param expiresAt time from which it does not hold any more
 */
public record ScheduleApproval(String content, @Nullable String by, Instant at, Instant expiresAt) {

  /** Lists the states of the approval of a schedule. */
  public enum State {
    /** Has not been given. */
    NONE,
    /** Holds for the batches of the schedule, which need none of their own. */
    VALID,
    /** Is void, because the batches would change something else by now. */
    CHANGED,
    /** Has expired. */
    EXPIRED,
    /** Does not hold, because the batches are submitted in the name of the approver. */
    OWN;

    /** Returns the name in the API. */
    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * Returns whether it holds.
   *
   * @param present what the schedule does now
   * @param submittedBy caller in whose name the batch is submitted; null where callers are not
   *     identified
   */
  State state(String present, @Nullable String submittedBy, Instant now) {
    if (!content.equals(present)) {
      return State.CHANGED;
    } else if (by != null && by.equals(submittedBy)) {
      return State.OWN;
    }
    return now.isBefore(expiresAt) ? State.VALID : State.EXPIRED;
  }
}
