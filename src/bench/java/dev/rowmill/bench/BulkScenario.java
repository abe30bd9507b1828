package dev.rowmill.bench;

import java.util.List;

/** Changes every row of a table, by a plain statement and by batches with several settings. */
final class BulkScenario implements Scenario {

  private static final Metric RATE = Metric.rate("rows/s", WholeTableChange.PLAIN);
  private static final List<Integer> CHUNKS = List.of(1000, 5000, 20_000);
  private static final List<Integer> LANES = List.of(2, 4);
  private static final int MIDDLE_CHUNK = 5000;

  @Override
  public String name() {
    return "bulk";
  }

  @Override
  public void run(Bench bench) throws Exception {
    Settings settings = bench.settings();
    try (BenchSite site = BenchSite.open(bench)) {
      WholeTableChange change = site.change("item", settings.rows());
      WholeTableChange large = site.change("item_large", settings.rowsLarge());
      Rounds rounds = new Rounds(settings);
      rounds.add(
          WholeTableChange.PLAIN,
          (label, into) -> add(into, label, change, change.afterTidying().plain()));
      for (int chunk : CHUNKS) {
        rounds.add(
            "batch, chunks of " + chunk,
            (label, into) -> add(into, label, change, change.afterTidying().batch(chunk, 1)));
      }
      rounds.add(
          "batch, defaults",
          (label, into) -> add(into, label, change, change.afterTidying().batch(0, 0)));
      for (int lanes : LANES) {
        rounds.add(
            "batch, chunks of 5000, " + lanes + " lanes",
            (label, into) ->
                add(into, label, change, change.afterTidying().batch(MIDDLE_CHUNK, lanes)));
      }
      for (int lanes : List.of(1, 2)) {
        rounds.add(
            "JDBC loop, chunks of 5000, " + (lanes == 1 ? "1 lane" : lanes + " lanes"),
            (label, into) ->
                add(
                    into,
                    label,
                    change,
                    change.afterTidying().loop(site.database(), MIDDLE_CHUNK, lanes, false)));
      }
      rounds.add("larger table", (label, into) -> addLarge(into, change, large));
      rounds.note("batches of a given chunk size run in one lane unless stated otherwise");
      bench.report().add(rounds.run(this, "UPDATE of two columns of every row of a table"));
      change.assertExact();
      large.assertExact();
    }
  }

  private static void add(
      Measurements into, String label, WholeTableChange change, double seconds) {
    into.add(RATE, label, change.rows() / seconds);
  }

  /** Compares the time per row of a larger table, with both sizes measured one after the other. */
  private static void addLarge(Measurements into, WholeTableChange small, WholeTableChange large)
      throws Exception {
    for (WholeTableChange change : List.of(small, large)) {
      addRowTime(into, small, WholeTableChange.PLAIN, change, change.afterTidying().plain());
    }
    for (WholeTableChange change : List.of(small, large)) {
      addRowTime(
          into, small, "chunks of 5000", change, change.afterTidying().batch(MIDDLE_CHUNK, 1));
    }
  }

  private static void addRowTime(
      Measurements into,
      WholeTableChange base,
      String way,
      WholeTableChange change,
      double seconds) {
    Metric metric = Metric.cost("microseconds a row, " + way, rowsOf(base));
    into.add(metric, rowsOf(change), seconds * 1e6 / change.rows());
  }

  private static String rowsOf(WholeTableChange change) {
    return "%,d rows".formatted((long) change.rows());
  }
}
