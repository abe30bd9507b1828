package dev.rowmill.batch;

import dev.rowmill.task.Refusal;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Represents the approval by a second person that a batch needs before it runs. Immutable.
 *
 * @param plannedRows rows that the batch would change
 * @param exact whether the rows were counted; otherwise the server estimated them
 * @param usual what is usual for its schedule, when it needs the approval because it plans
 *     unusually many rows; null when it needs one because it plans many
 * @param approvedBy name of the approver; null before the approval, and where callers are not
 *     identified
 * @param approvedAt null until the approval
 * @param bySchedule whether it is the approval of the batch's schedule
 */
public record Approval(
    long plannedRows,
    boolean exact,
    @Nullable UsualRows usual,
    @Nullable String approvedBy,
    @Nullable Instant approvedAt,
    boolean bySchedule) {

  /** Returns an approval that is still missing, because the batch plans to change many rows. */
  public static Approval awaited(long plannedRows, boolean exact) {
    return new Approval(plannedRows, exact, null, null, null, false);
  }

  /** Returns the name in the API of the reason why it is needed. */
  public String reason() {
    return usual == null ? "many-rows" : "unusual-rows";
  }

  /** Returns whether the approval is still missing. */
  public boolean isAwaited() {
    return approvedAt == null;
  }

  /**
   * Refuses the approval by one of the authors of what is approved.
   *
   * @param by name of the approver; null where callers are not identified
   * @throws Refusal {@code own-approval}, with the names of all authors
   */
  public static void refuseOwn(Set<String> authors, @Nullable String by) {
    if (by != null && authors.contains(by)) {
      throw new Refusal(
          "own-approval", Map.of("submittedBy", by, "authors", authors.stream().sorted().toList()));
    }
  }
}
