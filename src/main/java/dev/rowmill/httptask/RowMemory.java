package dev.rowmill.httptask;

import io.quarkus.runtime.configuration.MemorySize;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;

/**
 * Bounds the bytes of the rows that all lanes of this node have read ahead. A lane without a chunk
 * reads one at any time, so that lanes always continue. Thread-safe.
 */
@ApplicationScoped
class RowMemory {

  private static final int SHARE_OF_HEAP = 8;

  /** Limits the share of one read. */
  private static final int READS = 4;

  private static final long MOST_OF_READ = 24L << 20;

  private final long most;
  private long held;

  @Inject
  RowMemory(HttpTaskConfig config) {
    this(
        config
            .rowMemory()
            .map(MemorySize::asLongValue)
            .orElse(Runtime.getRuntime().maxMemory() / SHARE_OF_HEAP));
  }

  /**
   * @param most bytes of all rows
   */
  RowMemory(long most) {
    this.most = most;
  }

  /** Returns how many bytes the rows of one read may take. */
  long ofRead() {
    return Math.min(MOST_OF_READ, most / READS);
  }

  /** Reserves the bytes of one read; returns whether there is room. */
  synchronized boolean reserve() {
    if (held + ofRead() > most) {
      return false;
    }
    held += ofRead();
    return true;
  }

  /** Changes the bytes that are held, whether there is room or not. */
  synchronized void add(long bytes) {
    held += bytes;
  }
}
