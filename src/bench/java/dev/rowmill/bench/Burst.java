package dev.rowmill.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Many jobs at once, started by 20 threads.
 *
 * @param started when the first start was sent, as all of these on {@link System#nanoTime()}'s
 *     scale
 * @param accepted when the last start was answered
 * @param ended when all was done
 */
record Burst(int jobs, long started, long accepted, long ended) {

  private static final int THREADS = 20;
  private static final int LOOK_MILLIS = 10;

  static Burst of(SmallJobs peer, int jobs) throws Exception {
    AtomicInteger next = new AtomicInteger();
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    long started = System.nanoTime();
    List<Future<?>> starters = new ArrayList<>();
    try {
      for (int i = 0; i < THREADS; i++) {
        starters.add(
            threads.submit(
                () -> {
                  for (int job = next.getAndIncrement(); job < jobs; job = next.getAndIncrement()) {
                    peer.start(job);
                  }
                  return null;
                }));
      }
      for (Future<?> starter : starters) {
        starter.get();
      }
    } finally {
      threads.shutdownNow();
    }
    long accepted = System.nanoTime();
    while (!peer.isIdle()) {
      Thread.sleep(LOOK_MILLIS);
    }
    return new Burst(jobs, started, accepted, System.nanoTime());
  }

  double startsPerSecond() {
    return jobs * 1e9 / (accepted - started);
  }

  double donePerSecond() {
    return donePerSecondSince(started);
  }

  double donePerSecondSince(long nanoTime) {
    return jobs * 1e9 / (ended - nanoTime);
  }
}
