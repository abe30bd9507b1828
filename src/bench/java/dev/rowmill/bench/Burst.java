package dev.rowmill.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Represents many jobs that 20 threads started at once. Times are those of {@link
 * System#nanoTime()}.
 *
 * @param started time of the first start
 * @param accepted time of the response to the last start
 * @param ended time at which all jobs were done
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
