package dev.rowmill.bench;

import dev.rowmill.testing.ServiceProcess;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Many changes of one row each, beside the schedulers that people use for small jobs. */
final class SmallScenario implements Scenario {

  private static final String DB_SCHEDULER = "db-scheduler";
  private static final Metric STARTS = Metric.rate("starts/s", DB_SCHEDULER);
  private static final Metric DONE =
      Metric.rate("done/s, from the first start to the last end", DB_SCHEDULER);
  private static final Metric MEDIAN =
      Metric.cost("p50 from start to row seen changed, milliseconds", DB_SCHEDULER);
  private static final Metric TAIL =
      Metric.cost("p99 from start to row seen changed, milliseconds", DB_SCHEDULER);

  private static final Duration GAP = Duration.ofMillis(50);

  @Override
  public String name() {
    return "small";
  }

  @Override
  public void run(Bench bench) throws Exception {
    Settings settings = bench.settings();
    Database database = bench.database();
    database.freshSchema(Database.SCHEMA);
    // None of the starts is refused for want of a place to wait in.
    Map<String, String> config =
        Map.of("rowmill.pool.queue", Integer.toString(Math.max(1000, settings.batches())));
    try (Connection connection = database.connect();
        ServiceProcess service = database.service(Database.SCHEMA, config)) {
      JobTable table =
          JobTable.create(connection, Database.SCHEMA + ".job", Math.max(1, settings.batches()));
      try (RowmillJobs rowmill = new RowmillJobs(table, service);
          DbSchedulerJobs dbScheduler = new DbSchedulerJobs(database, table);
          JobRunrJobs jobRunr = new JobRunrJobs(database, table)) {
        Rounds rounds = new Rounds(settings);
        int jobs = settings.batches();
        LowLoad one = new LowLoad(Math.min(settings.singles(), jobs), 1, GAP);
        // JobRunr's jobs wait for its next look: the time of two looks is filled with starts.
        LowLoad paced = new LowLoad(Math.min(40, jobs), 40, Duration.ofMillis(750));
        rounds.add(DB_SCHEDULER, (label, into) -> burst(dbScheduler, table, jobs, label, into));
        rounds.add("Rowmill", (label, into) -> burst(rowmill, table, jobs, label, into));
        rounds.add(
            "JobRunr",
            (label, into) -> {
              jobRunr.forgetBeginning();
              Burst burst = burst(jobRunr, table, jobs, label, into);
              double rate = burst.donePerSecondSince(jobRunr.began());
              into.add(DONE, label + ", from its first job on", rate);
            });
        rounds.add(
            "db-scheduler, one by one",
            (label, into) -> singles(dbScheduler, table, one, DB_SCHEDULER, into));
        rounds.add(
            "Rowmill, one by one", (label, into) -> singles(rowmill, table, one, "Rowmill", into));
        rounds.add(
            "JobRunr, one by one",
            (label, into) -> singles(jobRunr, table, paced, "JobRunr", into));
        rounds.add(
            "Rowmill, to the answer that it ended",
            (label, into) -> answers(rowmill, table, one.jobs(), label, into));
        rounds.note("configured are " + config + ", and nothing else");
        rounds.note("starts go over HTTP to Rowmill's process; the others run in the client's own");
        bench.report().add(rounds.run(this, jobs + " changes of one row each"));
      }
    }
  }

  private static Burst burst(
      SmallJobs peer, JobTable table, int jobs, String label, Measurements into) throws Exception {
    table.reset();
    Sql.awaitTidy(table.connection());
    Burst burst = Burst.of(peer, jobs);
    table.assertDone(jobs);
    into.add(STARTS, label, burst.startsPerSecond());
    into.add(DONE, label, burst.donePerSecond());
    return burst;
  }

  private static void singles(
      SmallJobs peer, JobTable table, LowLoad load, String label, Measurements into)
      throws Exception {
    table.reset();
    Sql.awaitTidy(table.connection());
    List<Double> millis = load.millis(peer, table);
    awaitIdle(peer);
    table.assertDone(load.jobs());
    add(into, label, millis);
  }

  private static void answers(
      RowmillJobs rowmill, JobTable table, int jobs, String label, Measurements into)
      throws Exception {
    table.reset();
    Sql.awaitTidy(table.connection());
    List<Double> millis = new ArrayList<>();
    for (int job = 0; job < jobs; job++) {
      millis.add(rowmill.millisToEnd(job));
      Thread.sleep(GAP.toMillis());
    }
    table.assertDone(jobs);
    add(into, label, millis);
  }

  private static void awaitIdle(SmallJobs peer) throws Exception {
    while (!peer.isIdle()) {
      Thread.sleep(GAP.toMillis());
    }
  }

  private static void add(Measurements into, String label, List<Double> millis) {
    into.add(MEDIAN, label, Numbers.quantile(millis, 0.5));
    into.add(TAIL, label, Numbers.quantile(millis, 0.99));
  }
}
