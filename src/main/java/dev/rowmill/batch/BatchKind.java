package dev.rowmill.batch;

import java.util.Locale;

/** What sort of work a batch does. */
public enum BatchKind {
  /** A SQL statement of the caller's. */
  SQL,
  /** A registered Java task. */
  TASK,
  /** Puts back the rows of another batch. */
  UNDO;

  /** The name that callers know it by. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
