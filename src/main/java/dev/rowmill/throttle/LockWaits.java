package dev.rowmill.throttle;

/**
 * Stores how long others waited for the locks of one lane. A lane holds locks during a chunk, and
 * reads the wait between two chunks. So the longest wait is stored until it is read. Thread-safe.
 */
final class LockWaits {

  private boolean seenSinceLook;
  private long worst;
  private long atLastLook;

  /** Registers a sample: the longest current wait, in nanoseconds; 0 for none. */
  synchronized void seen(long nanos) {
    worst = seenSinceLook ? Math.max(worst, nanos) : nanos;
    seenSinceLook = true;
  }

  /** Clears the waits once another lane uses the connection: none can be for locks of this lane. */
  synchronized void over() {
    seenSinceLook = false;
    atLastLook = 0;
  }

  /**
   * Returns the longest wait since the last call; without a sample since then, the previous result.
   */
  synchronized long worst() {
    if (seenSinceLook) {
      atLastLook = worst;
      seenSinceLook = false;
    }
    return atLastLook;
  }
}
