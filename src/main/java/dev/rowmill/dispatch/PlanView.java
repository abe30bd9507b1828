package dev.rowmill.dispatch;

import dev.rowmill.task.Plan;
import dev.rowmill.task.Refusal.Reason;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A plan that was made and stored.
 *
 * @param id for a start that runs just this plan
 * @param fingerprint of the tables' definition, 64 hex digits; null for a task that has no plan
 * @param plan null for a task that has none
 * @param estimatedMillis how long the batch will take; null when no batch over the same table tells
 * @param undo null for a task that has no plan
 */
public record PlanView(
    String id,
    String project,
    StartRequest request,
    Instant createdAt,
    Instant expiresAt,
    @Nullable String fingerprint,
    @Nullable Plan plan,
    @Nullable Long estimatedMillis,
    @Nullable Undo undo) {

  /**
   * Whether what the batch changes could be put back.
   *
   * @param available whether it can be kept
   * @param reasons why not
   * @param rows that would be kept
   * @param bytes that they would take, about
   * @param roomBytes that are left for them
   */
  public record Undo(
      boolean available, List<Reason> reasons, long rows, long bytes, long roomBytes) {}
}
