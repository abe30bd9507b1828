package dev.rowmill.batch;

import java.util.Locale;

/** Lists the kinds of work that a batch does. */
public enum BatchKind {
  /** Runs a SQL statement of the caller. */
  SQL,
  /** Runs a registered Java task. */
  TASK,
  /** Restores the rows of another batch. */
  UNDO;

  /** Returns the name in the API. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
