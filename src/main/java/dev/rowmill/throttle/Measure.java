package dev.rowmill.throttle;

import dev.rowmill.database.ErrorText;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jboss.logging.Logger;

/** Holds a number that throttles check, sampled while a batch needs it. Thread-safe. */
final class Measure {

  private static final Logger LOG = Logger.getLogger(Measure.class);

  /**
   * Sets how long sampling continues after the last release. Otherwise each small batch would begin
   * without a value.
   */
  static final long LINGER_NANOS = TimeUnit.SECONDS.toNanos(5);

  private final String name;
  private final AtomicBoolean warned = new AtomicBoolean();

  private int users;
  private boolean everUsed;
  private long lastLeft;
  private volatile Sample sample = new Sample.Unread(0);

  /**
   * @param name for sentences
   */
  Measure(String name) {
    this.name = name;
  }

  String name() {
    return name;
  }

  /**
   * Acquires the number until {@link #release}.
   *
   * @return whether the sampler has to be woken, as no batch needed the number before
   */
  synchronized boolean acquire(long now) {
    boolean idle = !isWanted(now);
    if (idle) {
      // A sample for callers of long ago is out of date.
      sample = new Sample.Unread(now);
    }
    users++;
    everUsed = true;
    return idle;
  }

  synchronized void release(long now) {
    users--;
    lastLeft = now;
  }

  synchronized boolean isWanted(long now) {
    return users > 0 || (everUsed && now - lastLeft < LINGER_NANOS);
  }

  Sample sample() {
    return sample;
  }

  /** Returns the number for metrics, or NaN where there is none. */
  double shown() {
    return sample instanceof Sample.Read read && isWanted(System.nanoTime())
        ? read.number()
        : Double.NaN;
  }

  void read(double number, long now) {
    if (sample instanceof Sample.Failed) {
      LOG.infof("Throttles: %s can be read again", name);
    }
    sample = new Sample.Read(number, now);
  }

  void failed(Throwable error) {
    String why = ErrorText.of(error);
    if (!(sample instanceof Sample.Failed)) {
      LOG.infof("Throttles: %s can't be read: %s", name, why);
    }
    sample = new Sample.Failed(why, ProbeErrors.isRefusal(error));
  }

  /** Returns true on the first call only, so that one warning is logged. */
  boolean firstWarning() {
    return warned.compareAndSet(false, true);
  }
}
