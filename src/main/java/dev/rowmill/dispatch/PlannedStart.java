package dev.rowmill.dispatch;

import java.util.function.UnaryOperator;
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

  /**
   * The same, but that what the plan and this start make together has to pass.
   *
   * @param permit answers the request as it is, or throws what it is refused with
   */
  public PlannedStart permitted(UnaryOperator<StartRequest> permit) {
    return new PlannedStart(
        project, plan, body -> permit.apply(whole.of(body)), idempotencyKey, requestHash);
  }

  /** Reads a body that a plan was made of, with what the start says otherwise. */
  @FunctionalInterface
  public interface Whole {
    StartRequest of(String planBody);
  }
}
