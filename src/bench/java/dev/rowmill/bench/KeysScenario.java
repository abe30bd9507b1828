package dev.rowmill.bench;

import java.util.LinkedHashMap;
import java.util.Map;

/** Changes every row of tables with different keys, by a plain statement and by batches. */
final class KeysScenario implements Scenario {

  private static final Map<String, TableShape> KEYS = new LinkedHashMap<>();

  static {
    KEYS.put("BIGINT", TableShape.NUMBER_KEY);
    KEYS.put("BINARY(16)", TableShape.BYTES_KEY);
    KEYS.put("(VARCHAR, BIGINT)", TableShape.TEXT_KEY);
  }

  private static final int CHUNK = 5000;

  @Override
  public String name() {
    return "keys";
  }

  @Override
  public void run(Bench bench) throws Exception {
    Settings settings = bench.settings();
    try (BenchSite site = BenchSite.open(bench)) {
      Rounds rounds = new Rounds(settings);
      Map<String, WholeTableChange> changes = new LinkedHashMap<>();
      for (Map.Entry<String, TableShape> key : KEYS.entrySet()) {
        WholeTableChange change =
            site.change(
                "item_" + key.getValue().name().toLowerCase(), settings.rows(), key.getValue());
        changes.put(key.getKey(), change);
        add(rounds, key.getKey(), change);
      }
      rounds.note("a batch with the defaults stores undo data; the others do not");
      bench
          .report()
          .add(rounds.run(this, "UPDATE of two columns of every row, by the table's key"));
      for (WholeTableChange change : changes.values()) {
        change.assertExact();
      }
    }
  }

  private static void add(Rounds rounds, String key, WholeTableChange change) {
    String plain = key + ", " + WholeTableChange.PLAIN;
    Metric rate = Metric.rate("rows/s, key " + key, plain);
    rounds.add(
        plain,
        (label, into) -> into.add(rate, label, change.rows() / change.afterTidying().plain()));
    rounds.add(
        key + ", chunks of 5000, one lane",
        (label, into) ->
            into.add(rate, label, change.rows() / change.afterTidying().batch(CHUNK, 1)));
    rounds.add(
        key + ", defaults without undo data",
        (label, into) -> into.add(rate, label, change.rows() / change.afterTidying().batch(0, 0)));
    rounds.add(
        key + ", defaults",
        (label, into) ->
            into.add(
                rate, label, change.rows() / change.afterTidying().batchThatKeeps(0, 0).seconds()));
  }
}
