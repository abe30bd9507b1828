package dev.rowmill.bench;

import dev.rowmill.testing.ServiceProcess;
import java.sql.Connection;
import java.time.Duration;
import java.util.Map;

/** Runs many changes of one row each, and compares with schedulers for small jobs. */
final class SmallScenario implements Scenario {

  private static final String DB_SCHEDULER = "db-scheduler";

  @Override
  public String name() {
    return "small";
  }

  @Override
  public void run(Bench bench) throws Exception {
    Settings settings = bench.settings();
    Database database = bench.database();
    database.freshSchema(Database.SCHEMA);
    // No start is rejected because the queue is full.
    Map<String, String> config =
        Map.of("rowmill.pool.queue", Integer.toString(Math.max(1000, settings.batches())));
    try (Connection connection = database.connect();
        ServiceProcess service = database.service(Database.SCHEMA, config)) {
      JobTable table =
          JobTable.create(connection, Database.SCHEMA + ".job", Math.max(1, settings.batches()));
      try (RowmillJobs rowmill = new RowmillJobs(table, service);
          DbSchedulerJobs dbScheduler = new DbSchedulerJobs(database, table);
          JobRunrJobs jobRunr = new JobRunrJobs(database, table)) {
        JobMeter meter = new JobMeter(table, DB_SCHEDULER);
        Rounds rounds = new Rounds(settings);
        int jobs = settings.batches();
        LowLoad one = new LowLoad(Math.min(settings.singles(), jobs), 1, JobMeter.GAP);
        // JobRunr's jobs wait for its next poll: starts continue for the time of two polls.
        LowLoad paced = new LowLoad(Math.min(40, jobs), 40, Duration.ofMillis(750));
        rounds.add(DB_SCHEDULER, (label, into) -> meter.burst(dbScheduler, jobs, label, into));
        rounds.add("Rowmill", (label, into) -> meter.burst(rowmill, jobs, label, into));
        rounds.add(
            "JobRunr",
            (label, into) -> {
              jobRunr.forgetBeginning();
              Burst burst = meter.burst(jobRunr, jobs, label, into);
              meter.doneSince(jobRunr.began(), burst, label + ", from its first job on", into);
            });
        rounds.add(
            "db-scheduler, one by one",
            (label, into) -> meter.singles(dbScheduler, one, DB_SCHEDULER, into));
        rounds.add(
            "Rowmill, one by one", (label, into) -> meter.singles(rowmill, one, "Rowmill", into));
        rounds.add(
            "JobRunr, one by one", (label, into) -> meter.singles(jobRunr, paced, "JobRunr", into));
        rounds.add(
            "Rowmill, to the response that it ended",
            (label, into) -> meter.answers(rowmill, one.jobs(), label, into));
        rounds.note("configured are " + config + ", and nothing else");
        rounds.note(
            "starts are sent by HTTP to Rowmill's process; the others run in the client's process");
        bench.report().add(rounds.run(this, jobs + " changes of one row each"));
      }
    }
  }
}
