package dev.rowmill.engine;

import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.jboss.logging.Logger;

/**
 * Adds up the times that a thread of a run was held back, and stores them at intervals. So a pause
 * of milliseconds after each chunk needs no write of its own. For one thread.
 */
final class WaitRecorder implements AutoCloseable {

  private static final Logger LOG = Logger.getLogger(WaitRecorder.class);
  private static final Duration STORED_AFTER = Duration.ofSeconds(2);

  private final BiConsumer<String, Duration> store;
  private final Map<String, Duration> waits = new TreeMap<>();
  private Duration sum = Duration.ZERO;

  /**
   * @param store receives a reason and a time to add to the stored one
   */
  WaitRecorder(BiConsumer<String, Duration> store) {
    this.store = store;
  }

  void add(String reason, Duration held) {
    waits.merge(reason, held, Duration::plus);
    sum = sum.plus(held);
    if (sum.compareTo(STORED_AFTER) > 0) {
      close();
    }
  }

  /** Stores the times added so far. Never throws: a failure must not end a run. */
  @Override
  public void close() {
    waits.forEach(
        (reason, held) -> {
          try {
            store.accept(reason, held);
          } catch (RuntimeException e) {
            LOG.warnf("A wait of %s for %s is not recorded: %s", held, reason, e.getMessage());
          }
        });
    waits.clear();
    sum = Duration.ZERO;
  }
}
