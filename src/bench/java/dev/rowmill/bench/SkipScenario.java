package dev.rowmill.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** Measures what rows cost that reject their change and are skipped. */
final class SkipScenario implements Scenario {

  private static final Metric RATE = Metric.rate("rows/s", "no bad row");
  private static final Metric UNDO_RATE = Metric.rate("rows/s with undo data", "no bad row");
  private static final int BAD_ROWS = 1000;

  /** Fills the INT column, so that one more is out of range. */
  private static final String BAD = "stock = 2147483647";

  @Override
  public String name() {
    return "skip";
  }

  @Override
  public void run(Bench bench) throws Exception {
    int rows = bench.settings().rows();
    try (BenchSite site = BenchSite.open(bench)) {
      BenchTable table = site.table("item", rows);
      String key = table.shape().key();
      int distance = rows / BAD_ROWS;
      Rounds rounds = new Rounds(bench.settings());
      for (boolean undo : new boolean[] {false, true}) {
        String also = undo ? ", undo data" : "";
        rounds.add(
            "no bad row" + also, (label, into) -> measure(into, site, table, "FALSE", undo, label));
        rounds.add(
            "1000 bad rows, spread evenly" + also,
            (label, into) ->
                measure(
                    into,
                    site,
                    table,
                    "%s %% %d = %d".formatted(key, distance, distance / 2),
                    undo,
                    label));
        rounds.add(
            "1000 bad rows in one block" + also,
            (label, into) ->
                measure(
                    into,
                    site,
                    table,
                    "%1$s > %2$d AND %1$s <= %2$d + %3$d".formatted(key, rows / 2, BAD_ROWS),
                    undo,
                    label));
      }
      rounds.note("chunks and lanes by default, except that there is one lane");
      bench
          .report()
          .add(rounds.run(this, "UPDATE of two columns of every row, some of them out of range"));
    }
  }

  private static void measure(
      Measurements into, BenchSite site, BenchTable table, String bad, boolean undo, String label)
      throws Exception {
    Sql.execute(site.connection(), "UPDATE " + table.name() + " SET " + BAD + " WHERE " + bad);
    long skipped = table.count(BAD);
    // The service closes a connection that is idle for long.
    site.client().isIdle();
    Sql.awaitTidy(site.connection());
    site.client().isIdle();
    ObjectNode body =
        ServiceClient.statement(
            "UPDATE " + table.name() + " SET price = price + 1, stock = stock + 1");
    body.put("undo", undo).put("lanes", 1).putObject("onError").put("mode", "skip");
    long started = System.nanoTime();
    JsonNode batch = site.client().run("bench", body);
    double seconds = (System.nanoTime() - started) / 1e9;
    assertEquals(skipped, batch.path("skipped").asLong(), batch::toString);
    assertEquals(table.rows() - skipped, ServiceClient.rowsChanged(batch), batch::toString);
    assertEquals(skipped, table.count(BAD));
    into.add(undo ? UNDO_RATE : RATE, label.replace(", undo data", ""), table.rows() / seconds);
    Sql.execute(site.connection(), "UPDATE " + table.name() + " SET stock = 0 WHERE " + BAD);
  }
}
