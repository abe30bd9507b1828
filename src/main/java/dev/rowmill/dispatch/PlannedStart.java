package dev.rowmill.dispatch;

import org.jspecify.annotations.Nullable;

/**
 * A start that runs a plan.
 *
 * @param plan its id
 * @param whole what a plan's own body and this start's make together, from the plan's body
 * @param idempotencyKey the caller's, or null
 * @param requestHash the same for the same request only, of 64 ASCII characters at most
 */
public record PlannedStart(
    String project, String plan, Whole whole, @Nullable String idempotencyKey, String requestHash) {

  /** Reads a body that a plan was made of, with what the start says otherwise. */
  @FunctionalInterface
  public interface Whole {
    StartRequest of(String planBody);
  }
}
