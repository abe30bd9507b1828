package dev.rowmill.dispatch.task;

import java.util.List;

/** Reports parameters that don't match those of the task. Nothing was stored. */
public final class InvalidParametersException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /**
   * Describes one invalid field.
   *
   * @param field path from the top of the request, such as {@code parameters.factor}
   */
  public record Violation(String field, String message) {}

  private final transient List<Violation> violations;

  InvalidParametersException(List<Violation> violations) {
    super(violations.toString());
    this.violations = List.copyOf(violations);
  }

  public List<Violation> violations() {
    return violations;
  }
}
