package dev.rowmill.throttle;

/** What holds a batch back. */
public enum Reason {
  /** A configured replica is too far behind, or does not say how far. */
  REPLICA_LAG("replica-lag"),
  /** The server is busy with too many statements at once. */
  THREADS_RUNNING("threads-running"),
  /** The commits of the chunks themselves take too long. */
  COMMIT_LATENCY("commit-latency"),
  /** InnoDB has too many old row versions to clean up. */
  HISTORY_LENGTH("history-length"),
  /** Others have waited too long for locks that a chunk holds. */
  LOCK_WAIT("lock-wait"),
  /** The batch is held to a number of rows a second. */
  ROWS_PER_SECOND("rows-per-second"),
  /** The batch rests for a share of the time that its chunks take. */
  NICE("nice");

  private final String text;

  Reason(String text) {
    this.text = text;
  }

  /** The name for callers and metrics, such as {@code replica-lag}. */
  public String text() {
    return text;
  }
}
