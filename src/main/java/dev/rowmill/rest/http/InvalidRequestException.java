package dev.rowmill.rest.http;

import dev.rowmill.task.Refusal;
import java.util.List;

/** The form of a request is wrong. Nothing was asked of the database. */
public final class InvalidRequestException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /**
   * One thing that is wrong.
   *
   * @param field path from the top of the body such as {@code chunk.rows}, or the name of a query
   *     or path parameter or header; empty for the body as a whole
   * @param reason its text is among the violations' texts
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
