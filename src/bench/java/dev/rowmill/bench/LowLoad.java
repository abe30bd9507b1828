package dev.rowmill.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Runs single jobs with pauses, and observes each one from its start until its row is changed.
 *
 * @param atOnce maximum number of concurrent jobs
 * @param gap minimum time from one start to the next
 */
record LowLoad(int jobs, int atOnce, Duration gap) {

  private static final long BETWEEN_LOOKS_NANOS = TimeUnit.MICROSECONDS.toNanos(100);

  /** Returns the milliseconds of each job, from its start until a query found its row changed. */
  List<Double> millis(SmallJobs peer, JobTable table) throws Exception {
    List<Double> millis = new ArrayList<>();
    Map<Integer, Long> underWay = new HashMap<>();
    List<Future<?>> starts = new ArrayList<>();
    ExecutorService starter = Executors.newSingleThreadExecutor();
    try {
      long next = System.nanoTime();
      while (millis.size() < jobs) {
        if (starts.size() < jobs && underWay.size() < atOnce && System.nanoTime() >= next) {
          int job = starts.size();
          underWay.put(job, System.nanoTime());
          starts.add(starter.submit(() -> start(peer, job)));
          next = System.nanoTime() + gap.toNanos();
        }
        for (Integer job : List.copyOf(underWay.keySet())) {
          if (table.isDone(job)) {
            millis.add((System.nanoTime() - underWay.remove(job)) / 1e6);
          }
        }
        LockSupport.parkNanos(BETWEEN_LOOKS_NANOS);
      }
      for (Future<?> start : starts) {
        start.get();
      }
    } finally {
      starter.shutdownNow();
    }
    return millis;
  }

  private static Void start(SmallJobs peer, int job) throws Exception {
    peer.start(job);
    return null;
  }
}
