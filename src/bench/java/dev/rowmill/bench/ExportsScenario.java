package dev.rowmill.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Exports all rows of a table to a directory, beside a program that reads the same rows. */
final class ExportsScenario implements Scenario {

  private static final Metric RATE = Metric.rate("rows/s", ChangesScenario.PLAIN);

  @Override
  public String name() {
    return "exports";
  }

  @Override
  public void run(Bench bench) throws Exception {
    int rows = bench.settings().rows();
    Path directory = Files.createTempDirectory("rowmill-bench-");
    try (BenchSite site =
        BenchSite.open(bench, List.of("env", "ROWMILL_EXPORT_DIRECTORY=" + directory))) {
      BenchTable table = site.table("item", rows);
      Rounds rounds = new Rounds(bench.settings());
      rounds.add(
          ChangesScenario.PLAIN,
          (label, into) ->
              into.add(RATE, label, rows / ChangesScenario.select(site.database(), table)));
      for (String format : List.of("csv", "ndjson", "parquet")) {
        add(rounds, site, directory, table, format, 1);
      }
      add(rounds, site, directory, table, "parquet", 2);
      bench.report().add(rounds.run(this, "%,d rows".formatted(rows)));
    } finally {
      delete(directory);
    }
  }

  private static void add(
      Rounds rounds, BenchSite site, Path directory, BenchTable table, String format, int lanes) {
    rounds.add(
        format + (lanes == 1 ? ", one lane" : ", " + lanes + " lanes"),
        (label, into) -> {
          into.add(RATE, label, table.rows() / export(site.client(), table, format, lanes));
          delete(directory.resolve("bench"));
        });
  }

  /** Returns the seconds from the request to the manifest. */
  private static double export(ServiceClient client, BenchTable table, String format, int lanes)
      throws Exception {
    ObjectNode body =
        JsonNodeFactory.instance.objectNode().put("task", "export").put("lanes", lanes);
    body.putObject("chunk").put("rows", 100_000);
    body.putObject("parameters")
        .put("select", "SELECT * FROM " + table.name())
        .put("format", format)
        .putObject("to")
        .put("directory", "bench");
    long started = System.nanoTime();
    JsonNode batch = client.run("bench", body);
    double seconds = (System.nanoTime() - started) / 1e9;
    assertEquals("succeeded", batch.path("status").asText(), batch::toString);
    assertEquals(table.rows(), batch.at("/progress/rowsChanged").asLong(), batch::toString);
    return seconds;
  }

  private static void delete(Path directory) throws IOException {
    List<Path> all;
    try (Stream<Path> files = Files.walk(directory)) {
      all = files.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path path : all) {
      Files.delete(path);
    }
  }
}
