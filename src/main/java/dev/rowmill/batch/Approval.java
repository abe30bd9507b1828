package dev.rowmill.batch;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Holds the approval by another person that a batch needs before it runs. Immutable.
 *
 * @param plannedRows number of rows that it would change
 * @param exact whether they were counted; otherwise the server estimated them
 * @param approvedBy null before the approval, and where callers are not distinguished
 * @param approvedAt null before the approval
 */
public record Approval(
    long plannedRows, boolean exact, @Nullable String approvedBy, @Nullable Instant approvedAt) {

  /** Returns whether the approval is pending. */
  public boolean isAwaited() {
    return approvedAt == null;
  }
}
