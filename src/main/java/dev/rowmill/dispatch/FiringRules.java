package dev.rowmill.dispatch;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Describes what holds for the start of a schedule's firing, apart from the request. Immutable.
 *
 * @param approvedBy name of the caller who has approved the schedule; null where callers are not
 *     identified
 * @param approvedAt time at which the schedule was approved; null when it has no valid approval
 */
public record FiringRules(@Nullable String approvedBy, @Nullable Instant approvedAt) {

  /** Holds for a start that is no firing. */
  static final FiringRules NONE = new FiringRules(null, null);
}
