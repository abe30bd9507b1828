package dev.rowmill.changes;

import dev.rowmill.task.Refusal.Reason;

/** Reports a parameter that does not fit the columns of the changed table. */
public final class InvalidSelectionException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final String field;
  private final transient Reason reason;

  InvalidSelectionException(String field, Reason reason) {
    super(field + ": " + reason);
    this.field = field;
    this.reason = reason;
  }

  /** Returns the name of the parameter. */
  public String field() {
    return field;
  }

  public Reason reason() {
    return reason;
  }
}
