package dev.rowmill.dispatch;

import dev.rowmill.batch.UsualRows;
import dev.rowmill.task.Plan;
import java.time.Instant;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Describes what holds for a start apart from its request, because of who or what starts it: the
 * firing of a schedule, or an assistant.
 *
 * @param approvedBy name of the caller who has approved the schedule; null where callers are not
 *     identified
 * @param approvedAt time at which the schedule was approved; null when it has no valid approval
 * @param usual number of rows above which a firing needs an approval of its own; null for none
 * @param planned receives the number of rows that it plans to change, before it is stored; null
 *     when they are counted only if something else depends on them
 * @param approvalRows number of rows above which it needs an approval, besides the configured one;
 *     null for none
 */
public record StartRules(
    @Nullable String approvedBy,
    @Nullable Instant approvedAt,
    @Nullable UsualRows usual,
    @Nullable Consumer<Plan.Count> planned,
    @Nullable Long approvalRows) {

  /** Holds for a start that nothing sets apart. */
  public static final StartRules NONE = new StartRules(null, null, null, null, null);

  /** Returns the rules of a start that needs an approval above a number of rows. */
  public static StartRules approvedAbove(long rows) {
    return new StartRules(null, null, null, null, rows);
  }

  /** Limits the time to count the rows of a caller's start, in milliseconds. */
  private static final long COUNT_MILLIS = 1200;

  /** Limits the time to count the rows of a firing. Others may be due at the same moment. */
  private static final long FIRING_COUNT_MILLIS = 500;

  /** Sets up to how many rows of a firing are counted exactly, by a single query. */
  private static final long FIRING_COUNT = 10_000;

  /** Returns the number of rows above which an estimate is enough. */
  long mostCounted() {
    return Math.max(planned == null ? 0 : FIRING_COUNT, usual == null ? 0 : usual.most());
  }

  /** Returns how long counting may take, in milliseconds. An estimate may follow. */
  long countMillis() {
    return planned == null ? COUNT_MILLIS : FIRING_COUNT_MILLIS;
  }
}
