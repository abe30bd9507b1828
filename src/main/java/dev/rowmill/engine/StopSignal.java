package dev.rowmill.engine;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Requests a run to stop after the current chunk. A request is final. Safe for many threads. */
public final class StopSignal {

  private final CountDownLatch requested = new CountDownLatch(1);
  private final Set<Runnable> breakers = ConcurrentHashMap.newKeySet();
  private volatile boolean forced;

  /** Requests a stop, and wakes all threads in {@link #await}. */
  public void request() {
    requested.countDown();
  }

  /** Requests a stop, and kills the current statement, which rolls back. */
  public void force() {
    request();
    forced = true;
    breakers.forEach(Runnable::run);
  }

  /** Returns whether a stop was requested. */
  public boolean isRequested() {
    return requested.getCount() == 0;
  }

  /** Returns whether the stop was to kill the current statement, too. */
  public boolean isForced() {
    return forced;
  }

  /**
   * Waits for a time, or until a stop is requested.
   *
   * @return whether a stop was requested
   * @throws InterruptedException when the thread is interrupted
   */
  public boolean await(Duration pause) throws InterruptedException {
    return requested.await(pause.toNanos(), TimeUnit.NANOSECONDS);
  }

  /**
   * Registers how to interrupt the current work, until the registration is closed.
   *
   * @param breaker called on the thread that forces the stop; must not throw
   */
  Registration onForce(Runnable breaker) {
    breakers.add(breaker);
    if (forced) {
      breaker.run();
    }
    return () -> breakers.remove(breaker);
  }

  /** Removes an action that {@link #onForce} registered. */
  interface Registration extends AutoCloseable {
    @Override
    void close();
  }
}
