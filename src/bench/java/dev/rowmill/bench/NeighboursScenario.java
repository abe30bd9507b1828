package dev.rowmill.bench;

import java.time.Duration;
import java.util.List;

/** Measures others that change single rows of a table while all of it is changed. */
final class NeighboursScenario implements Scenario {

  private static final String IDLE = "idle";
  private static final Metric MEDIAN = Metric.cost("p50 of a neighbour, milliseconds", IDLE);
  private static final Metric TAIL = Metric.cost("p99 of a neighbour, milliseconds", IDLE);
  private static final Metric LONGEST = Metric.cost("longest of a neighbour, milliseconds", IDLE);
  private static final Metric RATE =
      Metric.rate("rows/s during the neighbours' changes", WholeTableChange.PLAIN);
  private static final Duration IDLE_TIME = Duration.ofSeconds(10);

  @Override
  public String name() {
    return "neighbours";
  }

  /** Changes the whole table, and returns how many seconds that took. */
  private interface Way {
    double seconds() throws Exception;
  }

  @Override
  public void run(Bench bench) throws Exception {
    Settings settings = bench.settings();
    try (BenchSite site = BenchSite.open(bench)) {
      BenchTable table = site.table("item", settings.rows());
      WholeTableChange change = new WholeTableChange(table, site.client());
      try (PacedClient neighbours = new PacedClient(site.database(), table)) {
        Rounds rounds = new Rounds(settings);
        rounds.add(
            IDLE,
            (label, into) ->
                add(into, label, neighbours.during(() -> Thread.sleep(IDLE_TIME.toMillis()))));
        rounds.add(
            WholeTableChange.PLAIN,
            (label, into) -> during(change, change::plain, neighbours, label, into));
        rounds.add(
            "batch, defaults",
            (label, into) -> during(change, () -> change.batch(0, 0), neighbours, label, into));
        for (int lanes : new int[] {1, 2}) {
          rounds.add(
              "JDBC loop, chunks of 5000, lanes: " + lanes,
              (label, into) ->
                  during(
                      change,
                      () -> change.loop(site.database(), 5000, lanes, false),
                      neighbours,
                      label,
                      into));
        }
        bench
            .report()
            .add(
                rounds.run(
                    this,
                    "200 changes of single rows per second during an UPDATE of all %,d rows"
                        .formatted(settings.rows())));
        change.assertExact();
        table.assertStockGrewBy(change.piecesAdded() + neighbours.changes());
      }
    }
  }

  private static void during(
      WholeTableChange change, Way way, PacedClient neighbours, String label, Measurements into)
      throws Exception {
    change.afterTidying();
    double[] seconds = new double[1];
    List<Double> millis = neighbours.during(() -> seconds[0] = way.seconds());
    add(into, label, millis);
    into.add(RATE, label, change.rows() / seconds[0]);
  }

  private static void add(Measurements into, String label, List<Double> millis) {
    into.add(MEDIAN, label, Numbers.quantile(millis, 0.5));
    into.add(TAIL, label, Numbers.quantile(millis, 0.99));
    into.add(LONGEST, label, Numbers.quantile(millis, 1));
  }
}
