package dev.rowmill.bench;

import java.net.URI;

/** Measures a change that many listeners follow. */
final class ListenersScenario implements Scenario {

  private static final String ALONE = "no listeners";
  private static final Metric RATE = Metric.rate("rows/s", ALONE);
  private static final Metric EVENTS =
      Metric.rate("progress events/s of one listener", "1000 listen");
  private static final int LISTENERS = 1000;
  private static final int SILENT = 10;

  /** Sets the number of consecutive changes, which generate enough events. */
  private static final int CHANGES = 3;

  /** Counts the statuses of each change: queued, running, succeeded. */
  private static final int STATUSES = 3;

  @Override
  public String name() {
    return "listeners";
  }

  @Override
  public void run(Bench bench) throws Exception {
    Settings settings = bench.settings();
    try (BenchSite site = BenchSite.open(bench)) {
      WholeTableChange change = site.change("item", settings.rows());
      Rounds rounds = new Rounds(settings);
      rounds.add(ALONE, (label, into) -> into.add(RATE, label, rate(change)));
      rounds.add(
          "1 listens",
          (label, into) -> listened(site.service().address(), 1, 0, change, label, into));
      rounds.add(
          LISTENERS + " listen",
          (label, into) ->
              listened(site.service().address(), LISTENERS, SILENT, change, label, into));
      rounds.note(SILENT + " of the 1000 never read; all others got every status");
      bench.report().add(rounds.run(this, "UPDATE of two columns of every row, listened to"));
      change.assertExact();
    }
  }

  private static double rate(WholeTableChange change) throws Exception {
    double seconds = 0;
    for (int i = 0; i < CHANGES; i++) {
      seconds += change.afterTidying().batch(0, 0);
    }
    return CHANGES * change.rows() / seconds;
  }

  private static void listened(
      URI service,
      int listeners,
      int silent,
      WholeTableChange change,
      String label,
      Measurements into)
      throws Exception {
    try (EventCrowd crowd =
        new EventCrowd(service, "/api/v1/events?project=bench", listeners, silent)) {
      crowd.awaitSnapshots();
      double rate = rate(change);
      into.add(RATE, label, rate);
      crowd.awaitStatuses(CHANGES * STATUSES);
      into.add(EVENTS, label, crowd.progressEach() * rate / (CHANGES * change.rows()));
    }
  }
}
