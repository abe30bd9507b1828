package dev.rowmill.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rowmill.testing.RowmillApi;
import dev.rowmill.testing.ServiceProcess;
import dev.rowmill.testing.TaskEndpoint;
import java.sql.Connection;
import java.util.Map;

/** Measures how much of a slow service an HTTP task uses that may have many calls in flight. */
final class HttpTasksScenario implements Scenario {

  private static final Metric SHARE =
      Metric.rate("% of the calls that the service allows", "100 calls");

  private static final int ROWS_OF_CALL = 10;
  private static final int CALLS = 3000;
  private static final int MILLIS = 700;
  private static final String TASK = "slow";

  @Override
  public String name() {
    return "httptasks";
  }

  @Override
  public void run(Bench bench) throws Exception {
    Database database = bench.database();
    database.freshSchema(Database.SCHEMA);
    Map<String, String> hosts = Map.of("rowmill.tasks.hosts", "127.0.0.1");
    try (Connection connection = database.connect();
        TaskEndpoint endpoint =
            TaskEndpoint.of(
                (number, call) -> {
                  Thread.sleep(MILLIS);
                  return TaskEndpoint.set(call, "stock", row -> row.get("stock").asInt() + 1);
                });
        ServiceProcess service = database.service(Database.SCHEMA, hosts);
        ServiceClient client = new ServiceClient(service.address())) {
      BenchTable table =
          BenchTable.create(
              connection, Database.SCHEMA + ".item", CALLS * ROWS_OF_CALL, TableShape.NUMBER_KEY);
      Rounds rounds = new Rounds(bench.settings());
      for (int concurrency : new int[] {100, 10}) {
        rounds.add(
            concurrency + " calls",
            (label, into) -> {
              new RowmillApi(service.address())
                  .json(
                      Map.of(
                          "url",
                          endpoint.url(),
                          "secret",
                          TaskEndpoint.SECRET,
                          "concurrency",
                          concurrency))
                  .put("/tasks/" + TASK);
              measure(into, client, table, concurrency, label);
            });
      }
      rounds.note("one lane, undo data, an endpoint that takes " + MILLIS + " ms");
      bench.report().add(rounds.run(this, "HTTP task of calls of " + ROWS_OF_CALL + " rows"));
    }
  }

  private static void measure(
      Measurements into, ServiceClient client, BenchTable table, int concurrency, String label)
      throws Exception {
    // As long for each number of calls.
    int rows = CALLS * concurrency / 100 * ROWS_OF_CALL;
    String key = table.shape().key();
    ObjectNode body =
        ServiceClient.JSON
            .createObjectNode()
            .put("task", TASK)
            .put(
                "select",
                "SELECT %1$s, stock FROM %2$s WHERE %1$s <= %3$d"
                    .formatted(key, table.name(), rows))
            .put("batchRows", ROWS_OF_CALL)
            .put("lanes", 1);
    long started = System.nanoTime();
    JsonNode batch = client.run("bench", body);
    double seconds = (System.nanoTime() - started) / 1e9;
    assertEquals(rows, ServiceClient.rowsChanged(batch), batch::toString);
    double allowed = (double) rows / ROWS_OF_CALL / concurrency * MILLIS / 1000;
    into.add(SHARE, label, 100 * allowed / seconds);
  }
}
