package dev.rowmill.engine;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Asks a run to stop after the chunk in hand. Can't be taken back. Safe for many threads. */
public final class StopSignal {

  private final CountDownLatch requested = new CountDownLatch(1);
  private final Set<Runnable> breakers = ConcurrentHashMap.newKeySet();
  private volatile boolean forced;

  /** Asks to stop; wakes all that {@link #await}. */
  public void request() {
    requested.countDown();
  }

  /** Asks to stop, and breaks off the statement in hand, which rolls back. */
  public void force() {
    request();
    forced = true;
    breakers.forEach(Runnable::run);
  }

  /** Whether a stop has been asked for. */
  public boolean isRequested() {
    return requested.getCount() == 0;
  }

  /** Whether the statement in hand was to be broken off, too. */
  public boolean isForced() {
    return forced;
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

  /**
   * Says how to break off what is in hand, until the answer is closed.
   *
   * @param breaker called on the thread that asks; must not throw
   */
  Registration onForce(Runnable breaker) {
    breakers.add(breaker);
    if (forced) {
      breaker.run();
    }
    return () -> breakers.remove(breaker);
  }

  /** Ends what {@link #onForce} began. */
  interface Registration extends AutoCloseable {
    @Override
    void close();
  }
}
