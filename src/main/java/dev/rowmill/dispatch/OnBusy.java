package dev.rowmill.dispatch;

/** What to do with a batch whose project has an active one. */
public enum OnBusy {
  /** Refuse it. */
  REJECT,
  /** Let it wait in the project's line. */
  QUEUE
}
