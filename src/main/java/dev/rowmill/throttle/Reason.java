package dev.rowmill.throttle;

/** Names the throttle that holds a batch back. */
public enum Reason {
  /** Means that a configured replica is too far behind, or does not report its lag. */
  REPLICA_LAG("replica-lag"),
  /** Means that the server runs too many statements at once. */
  THREADS_RUNNING("threads-running"),
  /** Means that the commits of the chunks themselves take too long. */
  COMMIT_LATENCY("commit-latency"),
  /** Means that InnoDB has too many old row versions to clean up. */
  HISTORY_LENGTH("history-length"),
  /** Means that others have waited too long for locks that a chunk holds. */
  LOCK_WAIT("lock-wait"),
  /** Means that the batch has reached its rows per second. */
  ROWS_PER_SECOND("rows-per-second"),
  /** Means that the batch rests for a share of the time that its chunks take. */
  NICE("nice");

  private final String text;

  Reason(String text) {
    this.text = text;
  }

  /** Returns the name for callers and metrics, such as {@code replica-lag}. */
  public String text() {
    return text;
  }
}
