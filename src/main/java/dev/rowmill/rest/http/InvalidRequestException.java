package dev.rowmill.rest.http;

import dev.rowmill.task.Refusal;
import java.util.List;

/** Reports that the form of a request is invalid. The database has not been queried. */
public final class InvalidRequestException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /**
   * Describes one violation.
   *
   * @param field path from the top of the body such as {@code chunk.rows}, or name of a parameter
   *     or header; empty for the body as a whole
   * @param reason a reason whose text is among the violations' texts
   */
  public record Violation(String field, Refusal.Reason reason) {}

  private final transient List<Violation> violations;

  public InvalidRequestException(List<Violation> violations) {
    super(violations.toString());
    this.violations = List.copyOf(violations);
  }

  public InvalidRequestException(String field, Refusal.Reason reason) {
    this(List.of(new Violation(field, reason)));
  }

  public List<Violation> violations() {
    return violations;
  }
}
