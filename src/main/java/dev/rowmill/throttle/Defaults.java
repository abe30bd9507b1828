package dev.rowmill.throttle;

import java.time.Duration;

/**
 * Holds the node's limits, and records which of them are configured. A batch has requested a limit
 * if its value differs from the node's. A batch that repeats a default can't be distinguished from
 * one without the limit.
 *
 * @param limits limits for batches that set none
 * @param historySet whether the limit of the history length is configured
 * @param lockWaitSet whether the limit of lock waits is configured
 */
record Defaults(Thresholds limits, boolean historySet, boolean lockWaitSet) {

  private static final long HISTORY_LENGTH = 1_000_000;
  private static final Duration LOCK_WAIT = Duration.ofSeconds(1);

  static Defaults of(ThrottleConfig config) {
    return new Defaults(
        new Thresholds(
            config.replicaLag(),
            config.threadsRunning(),
            config.threadsRunningCritical(),
            config.commitLatency(),
            config.historyLength().orElse(HISTORY_LENGTH),
            config.lockWait().orElse(LOCK_WAIT),
            null,
            0,
            false),
        config.historyLength().isPresent(),
        config.lockWait().isPresent());
  }

  boolean isHistoryRequested(Thresholds batch) {
    return historySet || batch.historyLength() != limits.historyLength();
  }

  boolean isLockWaitRequested(Thresholds batch) {
    return lockWaitSet || !batch.lockWait().equals(limits.lockWait());
  }
}
