package dev.rowmill.database;

import io.netty.util.concurrent.DefaultThreadFactory;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * Deletes expired rows periodically, on a thread of its own. A purge that fails is logged, and
 * repeated after the interval. Several nodes may do so at once. Thread-safe.
 */
public final class PurgeThread {

  private static final Logger LOG = Logger.getLogger(PurgeThread.class);

  private static final long PAUSE_MILLIS = 20;

  private final String what;
  private final ScheduledExecutorService thread;

  /**
   * @param name name of the thread
   * @param what what is deleted, as the subject of a log message in the plural
   */
  public PurgeThread(String name, String what) {
    this.what = what;
    thread = Executors.newSingleThreadScheduledExecutor(new DefaultThreadFactory(name, true));
  }

  /** Begins to call a purge, for the first time after the interval. */
  public void start(Duration interval, Runnable purge) {
    long millis = interval.toMillis();
    thread.scheduleWithFixedDelay(() -> run(purge), millis, millis, TimeUnit.MILLISECONDS);
  }

  private void run(Runnable purge) {
    try {
      purge.run();
    } catch (RuntimeException e) {
      LOG.warnf("%s can't be deleted yet: %s", what, e.getMessage());
    }
  }

  /** Interrupts the current purge, and calls none any more. */
  public void stop() {
    thread.shutdownNow();
  }

  /**
   * Pauses between two statements of a purge, so that it slows down nothing else.
   *
   * @return whether to continue; false after an interrupt, which is kept
   */
  public static boolean pause() {
    try {
      Thread.sleep(PAUSE_MILLIS);
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
