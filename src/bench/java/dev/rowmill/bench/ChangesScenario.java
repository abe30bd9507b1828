package dev.rowmill.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** Downloads the changes of batches, beside a program that reads the same rows from their table. */
final class ChangesScenario implements Scenario {

  static final String PLAIN = "JDBC, SELECT of all columns, streamed";
  private static final Metric RATE = Metric.rate("rows/s", PLAIN);

  @Override
  public String name() {
    return "changes";
  }

  @Override
  public void run(Bench bench) throws Exception {
    int rows = bench.settings().rows();
    try (BenchSite site = BenchSite.open(bench)) {
      BenchTable table = site.table("item", rows);
      BenchTable deleted = table.copy(Database.SCHEMA + ".deleted");
      long computed =
          change(site, "UPDATE " + table.name() + " SET price = price + 1, stock = stock + 1");
      long constant = change(site, "UPDATE " + table.name() + " SET category = -1");
      long whole = change(site, "DELETE FROM " + deleted.name());
      Rounds rounds = new Rounds(bench.settings());
      rounds.add(
          PLAIN, (label, into) -> into.add(RATE, label, rows / select(site.database(), table)));
      add(rounds, site, rows, "NDJSON, values that are computed again", computed, "ndjson");
      add(rounds, site, rows, "CSV, values that are computed again", computed, "csv");
      add(rounds, site, rows, "script, values that are computed again", computed, "sql");
      add(rounds, site, rows, "CSV, one new value for all rows", constant, "csv");
      add(rounds, site, rows, "CSV, whole rows", whole, "csv");
      bench.report().add(rounds.run(this, "Changes of %,d rows".formatted(rows)));
    }
  }

  private static long change(BenchSite site, String sql) throws Exception {
    JsonNode batch =
        site.client()
            .run("bench", ServiceClient.statement(sql).put("undo", true).put("wholeTable", true));
    return batch.path("id").asLong();
  }

  private static void add(
      Rounds rounds, BenchSite site, int rows, String title, long batch, String format) {
    rounds.add(
        title, (label, into) -> into.add(RATE, label, rows / download(site, batch, format, rows)));
  }

  private static double download(BenchSite site, long batch, String format, int rows)
      throws IOException {
    URI uri =
        site.service().address().resolve("/api/v1/batches/" + batch + "/changes?format=" + format);
    long lines = 0;
    long started = System.nanoTime();
    try (InputStream in = uri.toURL().openStream()) {
      byte[] part = new byte[1 << 16];
      for (int n = in.read(part); n >= 0; n = in.read(part)) {
        for (int i = 0; i < n; i++) {
          if (part[i] == '\n') {
            lines++;
          }
        }
      }
    }
    double seconds = (System.nanoTime() - started) / 1e9;
    if (!format.equals("sql")) {
      assertEquals(rows + (format.equals("csv") ? 1 : 0), lines, "lines");
    }
    return seconds;
  }

  /** Returns the seconds that a program takes to read all rows. */
  static double select(Database database, BenchTable table) throws SQLException {
    try (Connection connection = database.connect();
        Statement statement =
            connection.createStatement(ResultSet.TYPE_FORWARD_ONLY, ResultSet.CONCUR_READ_ONLY)) {
      statement.setFetchSize(Integer.MIN_VALUE);
      long started = System.nanoTime();
      long bytes = 0;
      try (ResultSet row = statement.executeQuery("SELECT * FROM " + table.name())) {
        int columns = row.getMetaData().getColumnCount();
        while (row.next()) {
          for (int i = 1; i <= columns; i++) {
            bytes += row.getBytes(i).length;
          }
        }
      }
      assertEquals(true, bytes > table.rows());
      return (System.nanoTime() - started) / 1e9;
    }
  }
}
