package dev.rowmill.throttle;

/**
 * How long others waited for the locks of one lane. As locks are held during a chunk and the
 * question comes between chunks, the worst wait is kept until somebody looks. Thread-safe.
 */
final class LockWaits {

  private boolean seenSinceLook;
  private long worst;
  private long atLastLook;

  /** A sample has come in: the longest wait at present, in nanoseconds; 0 for none. */
  synchronized void seen(long nanos) {
    worst = seenSinceLook ? Math.max(worst, nanos) : nanos;
    seenSinceLook = true;
  }

  /** The connection is another lane's by now, so nobody can wait for this one's locks. */
  synchronized void over() {
    seenSinceLook = false;
    atLastLook = 0;
  }

  /** The worst wait since the last look; where no sample came in since, what it was then. */
  synchronized long worst() {
    if (seenSinceLook) {
      atLastLook = worst;
      seenSinceLook = false;
    }
    return atLastLook;
  }
}
