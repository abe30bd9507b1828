package dev.rowmill.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedWriter;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** Uploads a line for each row of a table, and changes the rows by them, with undo and expect. */
final class UploadsScenario implements Scenario {

  private static final String ONE = "1 lane";
  private static final String AUTOMATIC = "automatic lanes";
  private static final Metric STAGED = Metric.rate("lines staged/s", ONE);
  private static final Metric APPLIED = Metric.rate("rows applied/s", ONE);
  private static final String TABLE = Database.SCHEMA + ".item";

  @Override
  public String name() {
    return "uploads";
  }

  @Override
  public void run(Bench bench) throws Exception {
    Settings settings = bench.settings();
    Path file = Files.createTempFile("bench-uploads-", ".csv");
    try (BenchSite site = BenchSite.open(bench)) {
      BenchTable template = site.table("template", settings.rows());
      write(site.database(), template, file);
      Rounds rounds = new Rounds(settings);
      add(rounds, site, template, file, ONE);
      add(rounds, site, template, file, AUTOMATIC);
      rounds.note("staged: from the request to its response; applied: from the start to its end");
      bench
          .report()
          .add(rounds.run(this, "A line for each of %,d rows".formatted(settings.rows())));
    } finally {
      Files.delete(file);
    }
  }

  private static void add(
      Rounds rounds, BenchSite site, BenchTable template, Path file, String label) {
    rounds.add(
        label,
        (name, into) -> {
          BenchTable table = template.copy(TABLE);
          Sql.awaitTidy(table.connection());
          long started = System.nanoTime();
          String upload = upload(site, file);
          long staged = System.nanoTime();
          into.add(STAGED, name, table.rows() / ((staged - started) / 1e9));
          Sql.awaitTidy(table.connection());
          started = System.nanoTime();
          apply(site.client(), upload, label.equals(ONE));
          into.add(APPLIED, name, table.rows() / ((System.nanoTime() - started) / 1e9));
          table.assertPricesGrewBy(1);
        });
  }

  private static void write(Database database, BenchTable table, Path file)
      throws SQLException, IOException {
    try (Connection connection = database.connect();
        Statement statement =
            connection.createStatement(ResultSet.TYPE_FORWARD_ONLY, ResultSet.CONCUR_READ_ONLY);
        BufferedWriter lines = Files.newBufferedWriter(file)) {
      statement.setFetchSize(Integer.MIN_VALUE);
      lines.write("id,price,old_price\n");
      try (ResultSet row =
          statement.executeQuery("SELECT id, price + 1, price FROM " + table.name())) {
        while (row.next()) {
          lines.write(row.getString(1) + "," + row.getString(2) + "," + row.getString(3) + "\n");
        }
      }
    }
  }

  private static String upload(BenchSite site, Path file) throws Exception {
    URI uri =
        site.service()
            .address()
            .resolve("/api/v1/uploads?project=bench&columns=old_price:price&table=" + TABLE);
    HttpRequest request =
        HttpRequest.newBuilder(uri)
            .header("Content-Type", "text/csv")
            .POST(HttpRequest.BodyPublishers.ofFile(file))
            .build();
    String response = HttpClient.newHttpClient().send(request, BodyHandlers.ofString()).body();
    JsonNode upload = ServiceClient.JSON.readTree(response);
    assertEquals("ready", upload.path("status").asText(), response);
    return upload.path("id").asText();
  }

  private static void apply(ServiceClient client, String upload, boolean one) throws Exception {
    ObjectNode body =
        ServiceClient.JSON
            .createObjectNode()
            .put("upload", upload)
            .put("table", TABLE)
            .put("do", "update")
            .put("undo", true);
    body.putArray("match").add("id");
    body.putObject("set").put("price", "price");
    body.putObject("expect").put("price", "old_price");
    if (one) {
      body.put("lanes", 1);
    }
    JsonNode batch = client.run("bench", body);
    assertEquals("succeeded", batch.path("status").asText(), batch::toString);
  }
}
