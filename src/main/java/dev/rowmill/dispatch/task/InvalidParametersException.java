package dev.rowmill.dispatch.task;

import java.util.List;

/** The parameters of a task are not what the task asks for. Nothing was stored. */
public final class InvalidParametersException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /**
   * One thing that is wrong.
   *
   * @param field path from the request's top, such as {@code parameters.factor}
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
