package dev.rowmill.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** Changes a thousand rows that are spread over a table, and found by a secondary index. */
final class SparseScenario implements Scenario {

  private static final String PLAIN = "plain statement";
  private static final Metric TIME = Metric.cost("milliseconds a change", PLAIN);
  private static final String TABLE = Database.SCHEMA + ".item";
  private static final String SQL =
      "UPDATE " + TABLE + " SET price = price + 1, stock = stock + 1 WHERE category = ";

  /** Counts the changes per measurement, because a single one is too short. */
  private static final int CHANGES_A_MEASUREMENT = 10;

  /** Changes the rows of a category, and returns how many they were. */
  private interface Change {
    long rowsOf(int category) throws Exception;
  }

  @Override
  public String name() {
    return "sparse";
  }

  @Override
  public void run(Bench bench) throws Exception {
    Settings settings = bench.settings();
    try (BenchSite site = BenchSite.open(bench)) {
      Spread spread = new Spread(site.table("item", settings.rows()));
      Rounds rounds = new Rounds(settings);
      rounds.add(
          PLAIN,
          (label, into) ->
              into.add(
                  TIME,
                  label,
                  spread.millis(category -> Sql.update(site.connection(), SQL + category))));
      rounds.add(
          "batch, defaults",
          (label, into) ->
              into.add(TIME, label, spread.millis(category -> batch(site.client(), category))));
      rounds.note("the mean of 10 changes in a row, each of other rows");
      bench
          .report()
          .add(
              rounds.run(
                  this,
                  "UPDATE of %,d of %,d rows by a secondary index"
                      .formatted(BenchTable.CATEGORY_ROWS, settings.rows())));
      spread.assertExact();
    }
  }

  private static long batch(ServiceClient client, int category) throws Exception {
    ObjectNode body = ServiceClient.statement(SQL + ":category");
    body.putObject("parameters").put("category", category);
    JsonNode batch = client.run("bench", body);
    return ServiceClient.rowsChanged(batch);
  }

  /** Selects one category after the other, so that no change benefits from the previous one. */
  private static final class Spread {
    private final BenchTable table;
    private long changed;
    private int next;

    Spread(BenchTable table) {
      this.table = table;
    }

    double millis(Change change) throws Exception {
      Sql.awaitTidy(table.connection());
      long nanos = 0;
      for (int i = 0; i < CHANGES_A_MEASUREMENT; i++) {
        int category = next++ % table.categories();
        long started = System.nanoTime();
        long rows = change.rowsOf(category);
        nanos += System.nanoTime() - started;
        assertEquals(table.count("category = " + category), rows);
        changed += rows;
      }
      return nanos / 1e6 / CHANGES_A_MEASUREMENT;
    }

    void assertExact() throws Exception {
      table.assertStockGrewBy(changed);
    }
  }
}
