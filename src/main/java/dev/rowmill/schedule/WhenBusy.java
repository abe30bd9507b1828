package dev.rowmill.schedule;

/** Lists what a firing does while its project has an active batch. */
public enum WhenBusy {
  /** Starts nothing. */
  SKIP,
  /** Starts a batch that waits in the queue of the project. */
  QUEUE
}
