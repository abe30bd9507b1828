package dev.rowmill.batch;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Represents a chain to be stored: batches that wait for each other.
 *
 * @param name name that the caller gives to it; null for none
 * @param submittedBy name of the caller; null where callers are not identified
 * @param chainKey unique key of this request: the caller's idempotency key, or a generated one
 * @param requestHash hash of the request, by which a repeated key is compared
 * @param undoOf chain that it undoes; null when its steps are no undos
 * @param steps the steps; each needs only earlier ones
 */
public record NewChain(
    @Nullable String name,
    @Nullable String submittedBy,
    String chainKey,
    String requestHash,
    @Nullable Long undoOf,
    List<Step> steps) {

  /**
   * Represents a step.
   *
   * @param needs positions in the list of the steps that must succeed before
   */
  public record Step(String name, List<Integer> needs, NewBatch batch) {}
}
