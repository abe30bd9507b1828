package dev.rowmill.dispatch;

/** Selects what happens to a start whose project has an active batch. */
public enum OnBusy {
  /** Rejects the start. */
  REJECT,
  /** Lets the batch wait in the project's queue. */
  QUEUE
}
