package dev.rowmill.batch;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Represents the approval by a second person that a batch needs before it runs. Immutable.
 *
 * @param plannedRows rows that the batch would change
 * @param exact whether the rows were counted; otherwise the server estimated them
 * @param approvedBy name of the approver; null before the approval, and where callers are not
 *     identified
 * @param approvedAt null until the approval
 * @param bySchedule whether it is the approval of the batch's schedule
 */
public record Approval(
    long plannedRows,
    boolean exact,
    @Nullable String approvedBy,
    @Nullable Instant approvedAt,
    boolean bySchedule) {

  /** Returns an approval that is still missing. */
  public static Approval awaited(long plannedRows, boolean exact) {
    return new Approval(plannedRows, exact, null, null, false);
  }

  /** Returns whether the approval is still missing. */
  public boolean isAwaited() {
    return approvedAt == null;
  }
}
