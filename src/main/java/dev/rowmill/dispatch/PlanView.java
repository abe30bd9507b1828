package dev.rowmill.dispatch;

import dev.rowmill.batch.BatchSpec;
import dev.rowmill.task.Plan;
import dev.rowmill.task.Refusal.Reason;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Represents a stored plan.
 *
 * @param id id by which a start runs this plan
 */
public record PlanView(
    String id, BatchSpec spec, Instant createdAt, Instant expiresAt, Result result) {

  /**
   * Holds what planning found. Stored as JSON.
   *
   * @param fingerprint hash of the tables' definition, 64 hex digits; null for a task that has no
   *     plan
   * @param plan null for a task that has none
   * @param estimatedMillis estimated duration of the batch; null without an earlier batch over the
   *     same table
   * @param undo null for a task that has no plan
   */
  public record Result(
      @Nullable String fingerprint,
      @Nullable Plan plan,
      @Nullable Long estimatedMillis,
      @Nullable Undo undo) {

    /** Holds nothing. */
    static final Result NONE = new Result(null, null, null, null);
  }

  /**
   * Says whether the changes of the batch could be undone.
   *
   * @param available whether undo data can be stored
   * @param reasons reasons why not
   * @param rows rows whose undo data would be stored
   * @param bytes approximate size of these undo data
   * @param roomBytes bytes still free for undo data
   */
  public record Undo(
      boolean available, List<Reason> reasons, long rows, long bytes, long roomBytes) {}
}
