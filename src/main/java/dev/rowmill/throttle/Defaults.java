package dev.rowmill.throttle;

import java.time.Duration;

/**
 * The node's limits, and which of them somebody has set. A batch whose limit differs from the
 * node's has asked for it; one that repeats a default can't be told from one that says nothing.
 *
 * @param limits for batches that don't say otherwise
 * @param historySet whether the history's limit is configured
 * @param lockWaitSet whether the lock waits' limit is configured
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

  boolean isHistoryAskedFor(Thresholds batch) {
    return historySet || batch.historyLength() != limits.historyLength();
  }

  boolean isLockWaitAskedFor(Thresholds batch) {
    return lockWaitSet || !batch.lockWait().equals(limits.lockWait());
  }
}
