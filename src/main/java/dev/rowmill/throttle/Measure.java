package dev.rowmill.throttle;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jboss.logging.Logger;

/** A number that throttles look at, read on while somebody wants it. Thread-safe. */
final class Measure {

  private static final Logger LOG = Logger.getLogger(Measure.class);

  /** Reading goes on so long after the last one left, or each small batch would begin anew. */
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
   * Somebody wants it, until {@link #release}.
   *
   * @return whether the sampler has to be told, as nobody wanted it before
   */
  synchronized boolean acquire(long now) {
    boolean idle = !isWanted(now);
    if (idle) {
      // What was read for those long gone is no news.
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

  /** For metrics: the number, or NaN where there is none. */
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
    String why = ProbeErrors.text(error);
    if (!(sample instanceof Sample.Failed)) {
      LOG.infof("Throttles: %s can't be read: %s", name, why);
    }
    sample = new Sample.Failed(why, ProbeErrors.isRefusal(error));
  }

  /** Whether nobody was warned of this one yet; true once. */
  boolean firstWarning() {
    return warned.compareAndSet(false, true);
  }
}
