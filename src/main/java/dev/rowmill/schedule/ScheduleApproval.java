package dev.rowmill.schedule;

import java.time.Instant;
import java.util.Locale;
import java.util.Set;
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
    /** Does not hold, because the approver has become one of the authors. */
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
   * @param authors names of the callers whom the batch is by
   */
  State state(String present, Set<String> authors, Instant now) {
    if (!content.equals(present)) {
      return State.CHANGED;
    } else if (by != null && authors.contains(by)) {
      return State.OWN;
    }
    return now.isBefore(expiresAt) ? State.VALID : State.EXPIRED;
  }
}
