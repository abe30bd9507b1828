package dev.rowmill.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Measures the throughput and the latency of small jobs. Checks that each job was done once. Not
 * thread-safe.
 */
final class JobMeter {

  /** Sets the time between single starts. */
  static final Duration GAP = Duration.ofMillis(50);

  private final JobTable table;
  private final Metric starts;
  private final Metric done;
  private final Metric median;
  private final Metric tail;

  /**
   * @param base label of the line that the others are compared with
   */
  JobMeter(JobTable table, String base) {
    this.table = table;
    starts = Metric.rate("starts/s", base);
    done = Metric.rate("done/s, from the first start to the last end", base);
    median = Metric.cost("p50 from start to visible change, milliseconds", base);
    tail = Metric.cost("p99 from start to visible change, milliseconds", base);
  }

  Burst burst(SmallJobs peer, int jobs, String label, Measurements into) throws Exception {
    prepare();
    Burst burst = Burst.of(peer, jobs);
    table.assertDone(jobs);
    into.add(starts, label, burst.startsPerSecond());
    into.add(done, label, burst.donePerSecond());
    return burst;
  }

  /** Adds how many were done a second by a burst, counted from another moment than its start. */
  void doneSince(long nanoTime, Burst burst, String label, Measurements into) {
    into.add(done, label, burst.donePerSecondSince(nanoTime));
  }

  void singles(SmallJobs peer, LowLoad load, String label, Measurements into) throws Exception {
    prepare();
    List<Double> millis = load.millis(peer, table);
    while (!peer.isIdle()) {
      Thread.sleep(GAP.toMillis());
    }
    table.assertDone(load.jobs());
    add(into, label, millis);
  }

  /** Measures like {@link #singles}, but until the response that the batch has ended. */
  void answers(RowmillJobs rowmill, int jobs, String label, Measurements into) throws Exception {
    prepare();
    List<Double> millis = new ArrayList<>();
    for (int job = 0; job < jobs; job++) {
      millis.add(rowmill.millisToEnd(job));
      Thread.sleep(GAP.toMillis());
    }
    table.assertDone(jobs);
    add(into, label, millis);
  }

  private void prepare() throws Exception {
    table.reset();
    Sql.awaitTidy(table.connection());
  }

  private void add(Measurements into, String label, List<Double> millis) {
    into.add(median, label, Numbers.quantile(millis, 0.5));
    into.add(tail, label, Numbers.quantile(millis, 0.99));
  }
}
