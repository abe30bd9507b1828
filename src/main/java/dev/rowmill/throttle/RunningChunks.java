package dev.rowmill.throttle;

import java.util.concurrent.atomic.AtomicInteger;

/** Counts the chunks that run on this node. Thread-safe. */
final class RunningChunks {

  private final AtomicInteger count = new AtomicInteger();

  void change(int by) {
    count.addAndGet(by);
  }

  int count() {
    return count.get();
  }
}
