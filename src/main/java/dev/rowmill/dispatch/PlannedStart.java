package dev.rowmill.dispatch;

import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Represents a start that runs a plan.
 *
 * @param plan id of the plan
 * @param whole combines the plan's body and this start's into one request
 * @param idempotencyKey the caller's, or null
 * @param requestHash hash that only an equal request shares, at most 64 ASCII characters
 */
public record PlannedStart(
    String project, String plan, Whole whole, @Nullable String idempotencyKey, String requestHash) {

  /**
   * Returns a copy whose combined request must also pass a check.
   *
   * @param permit returns the request unchanged, or throws the rejection
   */
  public PlannedStart permitted(UnaryOperator<StartRequest> permit) {
    return new PlannedStart(
        project, plan, body -> permit.apply(whole.of(body)), idempotencyKey, requestHash);
  }

  /** Reads the body of a plan, with the overrides of the start. */
  @FunctionalInterface
  public interface Whole {
    StartRequest of(String planBody);
  }
}
