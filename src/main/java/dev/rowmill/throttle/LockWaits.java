package dev.rowmill.throttle;

/**
 * Stores how long others waited for the locks of one lane. A lane holds locks during a chunk, and
 * reads the wait between two chunks. So the longest wait is stored until it is read. Thread-safe.
 */
final class LockWaits {

  private boolean sampledSinceRead;
  private long worst;
  private long lastRead;

  /** Registers a sample: the longest current wait, in nanoseconds; 0 for none. */
  synchronized void sampled(long nanos) {
    worst = sampledSinceRead ? Math.max(worst, nanos) : nanos;
    sampledSinceRead = true;
  }

  /** Clears the waits once another lane uses the connection: none can be for locks of this lane. */
  synchronized void over() {
    sampledSinceRead = false;
    lastRead = 0;
  }

  /**
   * Returns the longest wait since the last call; without a sample since then, the previous result.
   */
  synchronized long worst() {
    if (sampledSinceRead) {
      lastRead = worst;
      sampledSinceRead = false;
    }
    return lastRead;
  }
}
