package dev.rowmill.batch;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The word of another that a batch needs before it runs. Immutable.
 *
 * @param plannedRows that it would change
 * @param exact whether they were counted; else the server estimates them
 * @param approvedBy null before, and where callers are not told apart
 * @param approvedAt null as long as nobody has approved it
 */
public record Approval(
    long plannedRows, boolean exact, @Nullable String approvedBy, @Nullable Instant approvedAt) {

  /** Whether it is still to be given. */
  public boolean isAwaited() {
    return approvedAt == null;
  }
}
