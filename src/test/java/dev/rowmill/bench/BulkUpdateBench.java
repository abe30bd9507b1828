package dev.rowmill.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.rowmill.testing.ServiceProcess;
import dev.rowmill.testing.TestServer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Rows per second of one plain UPDATE of a whole table, and of the same as a batch with chunks of
 * several sizes: interleaved in one run, medians over the rounds, with their spread.
 *
 * <p>{@code ./mvnw -Pbench verify}, with {@code -Dtesting.bench.rows} (1,000,000) and {@code
 * -Dtesting.bench.rounds} (3). It runs on the server that {@link TestServer} starts, or with {@code
 * -Dtesting.jdbc.url}, {@code .username} and {@code .password} on a given one, where it makes and
 * drops the schema {@code rowmill_bench}.
 */
@Timeout(3600)
class BulkUpdateBench {

  private static final int ROWS = Integer.getInteger("testing.bench.rows", 1_000_000);
  private static final int ROUNDS = Integer.getInteger("testing.bench.rounds", 3);
  private static final List<Integer> CHUNKS = List.of(1000, 5000, 20_000);
  private static final String SQL =
      "UPDATE rowmill_bench.item SET price = price + 1, stock = stock + 1";
  private static final ObjectMapper JSON = new ObjectMapper();

  private final HttpClient http = HttpClient.newHttpClient();

  @Test
  void a_bulk_update_beside_the_plain_statement() throws Exception {
    String given = System.getProperty("testing.jdbc.url");
    if (given != null) {
      measure(
          given,
          System.getProperty("testing.jdbc.username", "root"),
          System.getProperty("testing.jdbc.password", ""));
      return;
    }
    try (TestServer server =
        new TestServer(
            "--innodb-buffer-pool-size=1G",
            "--innodb-log-file-size=512M",
            "--innodb-flush-log-at-trx-commit=1")) {
      server.start();
      measure(server.url("rowmill_bench"), server.user(), server.password());
    }
  }

  private void measure(String url, String user, String password) throws Exception {
    try (Connection connection = DriverManager.getConnection(url, user, password)) {
      fill(connection);
      Map<String, List<Double>> rates = new LinkedHashMap<>();
      try (ServiceProcess service =
          ServiceProcess.launch(
              Map.of(
                  "quarkus.datasource.jdbc.url", url,
                  "quarkus.datasource.username", user,
                  "quarkus.datasource.password", password))) {
        service.awaitListening();
        // One round to warm the server and the service, then those that count.
        round(connection, service.address(), new LinkedHashMap<>());
        for (int round = 0; round < ROUNDS; round++) {
          round(connection, service.address(), rates);
        }
      }
      checkEachRowTookPart(connection);
      print(connection, rates);
      execute(connection, "DROP DATABASE rowmill_bench");
    }
  }

  private void round(Connection connection, URI service, Map<String, List<Double>> rates)
      throws Exception {
    long started = System.nanoTime();
    execute(connection, SQL);
    add(rates, "plain statement", started);
    for (int chunk : CHUNKS) {
      started = System.nanoTime();
      batch(service, chunk);
      add(rates, "batch, chunks of " + chunk, started);
    }
  }

  private static void add(Map<String, List<Double>> rates, String name, long started) {
    rates
        .computeIfAbsent(name, n -> new ArrayList<>())
        .add(ROWS / ((System.nanoTime() - started) / 1e9));
  }

  private void batch(URI service, int chunk) throws IOException, InterruptedException {
    String body =
        JSON.createObjectNode()
            .put("sql", SQL)
            .set("chunk", JSON.createObjectNode().put("rows", chunk))
            .toString();
    JsonNode batch =
        send(
            HttpRequest.newBuilder(service.resolve("/api/v1/projects/bench/batches"))
                .header("Content-Type", "application/json")
                .header("Prefer", "wait=60")
                .POST(HttpRequest.BodyPublishers.ofString(body)));
    while (batch.path("finishedAt").isNull()) {
      URI wait = service.resolve("/api/v1/batches/" + batch.path("id").asLong() + "?wait=60");
      batch = send(HttpRequest.newBuilder(wait));
    }
    assertEquals("succeeded", batch.path("status").asText(), batch::toString);
    assertEquals(ROWS, batch.path("progress").path("rowsChanged").asInt());
  }

  private JsonNode send(HttpRequest.Builder request) throws IOException, InterruptedException {
    HttpResponse<String> answer = http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    assertEquals(2, answer.statusCode() / 100, answer::body);
    return JSON.readTree(answer.body());
  }

  private static void fill(Connection connection) throws SQLException {
    execute(connection, "CREATE DATABASE IF NOT EXISTS rowmill_bench");
    execute(connection, "DROP TABLE IF EXISTS rowmill_bench.item");
    execute(
        connection,
        """
        CREATE TABLE rowmill_bench.item (
          id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
          sku CHAR(16) NOT NULL,
          name VARCHAR(60) NOT NULL,
          category INT NOT NULL,
          price DECIMAL(10, 2) NOT NULL,
          stock INT NOT NULL,
          KEY item_by_category (category))
        """);
    String digits =
        "(SELECT 0 d UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3"
            + " UNION ALL SELECT 4 UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7"
            + " UNION ALL SELECT 8 UNION ALL SELECT 9)";
    String numbers =
        "SELECT a.d + 10 * b.d + 100 * c.d + 1000 * e.d AS i FROM %1$s a, %1$s b, %1$s c, %1$s e"
            .formatted(digits);
    for (int first = 0; first < ROWS; first += 10_000) {
      execute(
          connection,
          "INSERT INTO rowmill_bench.item (sku, name, category, price, stock) SELECT"
              + " LPAD(i + %1$d, 16, '0'), RPAD(CONCAT('item ', i + %1$d), 50, 'x'),"
                  .formatted(first)
              + " i %% 97, i / 100, i FROM (%1$s) n WHERE i < %2$d"
                  .formatted(numbers, Math.min(10_000, ROWS - first)));
    }
    execute(connection, "ANALYZE TABLE rowmill_bench.item");
  }

  /** Every run adds 1, so a row that was left out or came twice shows. */
  private static void checkEachRowTookPart(Connection connection) throws SQLException {
    int runs = (ROUNDS + 1) * (CHUNKS.size() + 1);
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT COUNT(*) FROM rowmill_bench.item WHERE stock - CAST(sku AS SIGNED) % 10000 = "
                    + runs)) {
      row.next();
      assertEquals(ROWS, row.getInt(1), "rows that every run has changed once");
    }
  }

  private static void print(Connection connection, Map<String, List<Double>> rates)
      throws SQLException {
    double plain = median(rates.values().iterator().next());
    System.out.printf(
        "%nUPDATE of %,d rows, two columns set, %d rounds, on %s%n%n",
        ROWS, ROUNDS, connection.getMetaData().getDatabaseProductVersion());
    System.out.printf("%-24s %12s %25s %8s%n", "", "rows/s", "lowest - highest", "ratio");
    rates.forEach(
        (name, values) ->
            System.out.printf(
                "%-24s %,12.0f %,12.0f - %,10.0f %8.2f%n",
                name,
                median(values),
                values.stream().mapToDouble(v -> v).min().orElseThrow(),
                values.stream().mapToDouble(v -> v).max().orElseThrow(),
                median(values) / plain));
    System.out.println();
  }

  private static double median(List<Double> values) {
    List<Double> sorted = values.stream().sorted().toList();
    int half = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(half)
        : (sorted.get(half - 1) + sorted.get(half)) / 2;
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
