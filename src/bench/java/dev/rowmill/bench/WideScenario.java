package dev.rowmill.bench;

/** Changes 7 of 20 columns of every row, with undo data. */
final class WideScenario implements Scenario {

  private static final Metric RATE = Metric.rate("rows/s", WholeTableChange.PLAIN);
  private static final int CHUNK = 5000;

  @Override
  public String name() {
    return "wide";
  }

  @Override
  public void run(Bench bench) throws Exception {
    Settings settings = bench.settings();
    try (BenchSite site = BenchSite.open(bench)) {
      WholeTableChange change = site.change("wide", settings.rows(), TableShape.WIDE);
      Rounds rounds = new Rounds(settings);
      rounds.add(
          WholeTableChange.PLAIN,
          (label, into) -> into.add(RATE, label, change.rows() / change.afterTidying().plain()));
      rounds.add(
          "batch without undo data, chunks of 5000, one lane",
          (label, into) ->
              into.add(RATE, label, change.rows() / change.afterTidying().batch(CHUNK, 1)));
      rounds.add(
          "batch with undo data, chunks of 5000, one lane",
          (label, into) -> keep(into, label, change, CHUNK, 1));
      rounds.add(
          "batch with undo data, defaults", (label, into) -> keep(into, label, change, 0, 0));
      bench.report().add(rounds.run(this, "UPDATE of 7 of 20 columns of many types of every row"));
      change.assertExact();
    }
  }

  private static void keep(
      Measurements into, String label, WholeTableChange change, int chunkRows, int lanes)
      throws Exception {
    into.add(
        RATE,
        label,
        change.rows() / change.afterTidying().batchThatKeeps(chunkRows, lanes).seconds());
  }
}
