package dev.rowmill.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** Moves every second row of a table to another one, found by a column without an index. */
final class ArchiveScenario implements Scenario {

  private static final String UNDO = "archive with undo data";
  private static final String PEER = "pt-archiver --bulk-insert --bulk-delete";
  private static final Metric RATE = Metric.rate("rows archived/s", PEER);
  private static final String TABLE = Database.SCHEMA + ".item";
  private static final String ARCHIVE = Database.SCHEMA + ".item_archive";
  private static final String CONDITION = "stock % 2 = 0";
  private static final int PIECE = 1000;

  /** Moves rows. */
  private interface Move {
    void run() throws Exception;
  }

  @Override
  public String name() {
    return "archive";
  }

  @Override
  public void run(Bench bench) throws Exception {
    Settings settings = bench.settings();
    try (BenchSite site = BenchSite.open(bench);
        PtArchiver archiver = new PtArchiver(site.database())) {
      Sql.update(site.connection(), "SET GLOBAL local_infile = 1");
      BenchTable template = site.table("template", settings.rows());
      Rounds rounds = new Rounds(settings);
      add(rounds, template, PEER, () -> archiver.archive(TABLE, ARCHIVE, CONDITION, PIECE));
      add(rounds, template, "archive", () -> batch(site.client(), false));
      add(rounds, template, UNDO, () -> batch(site.client(), true));
      rounds.note("pt-archiver's time is that of its process, from the start to the exit");
      bench.report().add(rounds.run(this, CONDITION + ", of %,d rows".formatted(settings.rows())));
    }
  }

  private static void add(Rounds rounds, BenchTable template, String label, Move move) {
    rounds.add(label, (name, into) -> into.add(RATE, name, rate(template, move)));
  }

  private static double rate(BenchTable template, Move move) throws Exception {
    BenchTable table = template.copy(TABLE);
    Sql.update(table.connection(), "DROP TABLE IF EXISTS " + ARCHIVE);
    Sql.update(table.connection(), "CREATE TABLE " + ARCHIVE + " LIKE " + TABLE);
    long rows = table.count(CONDITION);
    Sql.awaitTidy(table.connection());
    long started = System.nanoTime();
    move.run();
    double seconds = (System.nanoTime() - started) / 1e9;
    assertEquals(0, table.count(CONDITION), "rows that should be archived");
    assertEquals(table.rows() - rows, table.count("TRUE"), "rows that should remain");
    return rows / seconds;
  }

  private static void batch(ServiceClient client, boolean undo) throws Exception {
    ObjectNode body = JsonNodeFactory.instance.objectNode().put("undo", undo);
    ObjectNode archive = body.putObject("archive").put("table", TABLE).put("where", CONDITION);
    archive.putObject("to").put("table", ARCHIVE);
    JsonNode batch = client.run("bench", body);
    assertEquals("succeeded", batch.path("status").asText(), batch::toString);
  }
}
