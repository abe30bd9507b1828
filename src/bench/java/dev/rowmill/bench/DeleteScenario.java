package dev.rowmill.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** Deletes every second row of a table, found by a column without an index. */
final class DeleteScenario implements Scenario {

  private static final String PLAIN = "plain statement";
  private static final Metric RATE = Metric.rate("rows deleted/s", PLAIN);
  private static final String TABLE = Database.SCHEMA + ".item";
  private static final String CONDITION = "stock % 2 = 0";
  private static final String SQL = "DELETE FROM " + TABLE + " WHERE " + CONDITION;
  private static final int CHUNK = 5000;

  /** Deletes rows, and returns a note for the report. */
  private interface Deletion {
    void delete(BenchTable table) throws Exception;
  }

  @Override
  public String name() {
    return "delete";
  }

  @Override
  public void run(Bench bench) throws Exception {
    Settings settings = bench.settings();
    try (BenchSite site = BenchSite.open(bench);
        PtArchiver archiver = new PtArchiver(site.database())) {
      BenchTable template = site.table("template", settings.rows());
      Rounds rounds = new Rounds(settings);
      add(rounds, template, PLAIN, table -> Sql.update(site.connection(), SQL));
      add(rounds, template, "batch, chunks of 5000", table -> batch(site.client(), CHUNK));
      add(rounds, template, "batch, defaults", table -> batch(site.client(), 0));
      add(
          rounds,
          template,
          "JDBC loop, chunks of 5000",
          table -> new JdbcLoop(site.database(), table, CHUNK, 1, false).run(SQL));
      add(
          rounds,
          template,
          "pt-archiver --bulk-delete",
          table -> archiver.purge(TABLE, CONDITION, CHUNK, true));
      add(rounds, template, "pt-archiver", table -> archiver.purge(TABLE, CONDITION, CHUNK, false));
      rounds.note("pt-archiver's time is that of its process, from the start to the exit");
      bench.report().add(rounds.run(this, SQL + ", of %,d rows".formatted(settings.rows())));
    }
  }

  private static void add(Rounds rounds, BenchTable template, String label, Deletion deletion) {
    rounds.add(label, (name, into) -> into.add(RATE, name, rate(template, deletion)));
  }

  private static double rate(BenchTable template, Deletion deletion) throws Exception {
    BenchTable table = template.copy(TABLE);
    long toDelete = table.count(CONDITION);
    Sql.awaitTidy(table.connection());
    long started = System.nanoTime();
    deletion.delete(table);
    double seconds = (System.nanoTime() - started) / 1e9;
    assertEquals(0, table.count(CONDITION), "rows that should be deleted");
    assertEquals(table.rows() - toDelete, table.count("TRUE"), "rows that should remain");
    return toDelete / seconds;
  }

  private static void batch(ServiceClient client, int chunkRows) throws Exception {
    ObjectNode body = ServiceClient.statement(SQL);
    if (chunkRows > 0) {
      body.putObject("chunk").put("rows", chunkRows);
    }
    JsonNode batch = client.run("bench", body);
    assertEquals("succeeded", batch.path("status").asText(), batch::toString);
  }
}
