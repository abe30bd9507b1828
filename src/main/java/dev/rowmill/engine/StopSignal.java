package dev.rowmill.engine;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Asks runs to stop after the chunk in hand. Can't be taken back. Safe for many threads. */
public final class StopSignal {

  private final CountDownLatch requested = new CountDownLatch(1);

  /** Asks to stop; wakes all that {@link #await}. */
  public void request() {
    requested.countDown();
  }

  /** Whether a stop has been asked for. */
  public boolean isRequested() {
    return requested.getCount() == 0;
  }

  /**
   * Waits, unless a stop is asked for.
   *
   * @return whether a stop has been asked for
   * @throws InterruptedException when the thread is interrupted
   */
  public boolean await(Duration pause) throws InterruptedException {
    return requested.await(pause.toNanos(), TimeUnit.NANOSECONDS);
  }
}
