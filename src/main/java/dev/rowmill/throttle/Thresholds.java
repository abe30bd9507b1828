package dev.rowmill.throttle;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Holds the throttle limits of one batch. A limit of zero or less switches that throttle off; above
 * a limit the batch waits.
 *
 * @param replicaLag how far any of the configured replicas may be behind
 * @param threadsRunning statements that run at once on the main server, including those of chunks
 * @param threadsRunningCritical above this the batch fails
 * @param commitLatency time that commits of chunks may take, as a weighted mean of the last ones
 * @param historyLength InnoDB's history list: undo logs of transactions that are not purged yet
 * @param lockWait how long others may have waited for locks of a chunk
 * @param rowsPerSecond for all lanes together; null for no limit
 * @param nice how long to rest after each chunk, as a multiple of the time it took: at 0.5 a third
 *     of the time is rest, at 1 a half; 0 to 100
 * @param ignored whether all throttles are ignored
 */
public record Thresholds(
    Duration replicaLag,
    int threadsRunning,
    int threadsRunningCritical,
    Duration commitLatency,
    long historyLength,
    Duration lockWait,
    @Nullable Long rowsPerSecond,
    double nice,
    boolean ignored) {

  private static final double MAX_NICE = 100;

  /**
   * @throws IllegalArgumentException when a number is out of its range
   */
  public Thresholds {
    if (rowsPerSecond != null && rowsPerSecond < 1) {
      throw new IllegalArgumentException("rows per second must be 1 or more: " + rowsPerSecond);
    }
    if (!(nice >= 0 && nice <= MAX_NICE)) {
      throw new IllegalArgumentException("nice must be 0 to 100: " + nice);
    }
  }
}
