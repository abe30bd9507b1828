package dev.rowmill.dispatch;

/** Selects how the batch before a queued one must end. */
public enum QueueAfter {
  /** Accepts any end. */
  ENDED,
  /** Requires success. */
  SUCCEEDED
}
