package dev.rowmill.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rowmill.testing.RowmillApi;
import dev.rowmill.testing.ServiceProcess;
import java.sql.Connection;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Measures how much of a slow service an HTTP task uses that may have many calls in flight, and
 * counts the threads of Rowmill meanwhile.
 */
final class HttpTasksScenario implements Scenario {

  private static final String IDLE = "no batch";
  private static final Metric WHOLE =
      Metric.rate("% of the calls that the service allows, from the start to the end", "100 calls");
  private static final Metric STEADY =
      Metric.rate("% of them without the first 200 and the last 200", "100 calls");
  private static final Metric THREADS =
      Metric.cost("threads named rowmill, or with its code on the stack", IDLE);

  private static final int ROWS_OF_CALL = 10;
  private static final int CALLS = 3000;

  /** Sets how many calls at each end are not in the steady part; full rounds of all in flight. */
  private static final int UNSTEADY = 200;

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
        SlowService slow = new SlowService(MILLIS);
        ServiceProcess service = database.service(Database.SCHEMA, hosts)) {
      BenchTable table =
          BenchTable.create(
              connection, Database.SCHEMA + ".item", CALLS * ROWS_OF_CALL, TableShape.NUMBER_KEY);
      Rounds rounds = new Rounds(bench.settings());
      for (int concurrency : new int[] {100, 20}) {
        rounds.add(
            concurrency + " calls",
            (label, into) -> measure(into, service, slow, table, concurrency, label));
      }
      rounds.note("one lane, undo data, a service that takes " + MILLIS + " ms in another process");
      bench.report().add(rounds.run(this, "HTTP task of calls of " + ROWS_OF_CALL + " rows"));
    }
  }

  private static void measure(
      Measurements into,
      ServiceProcess service,
      SlowService slow,
      BenchTable table,
      int concurrency,
      String label)
      throws Exception {
    var api = new RowmillApi(service.address());
    api.json(Map.of("url", slow.url(), "secret", SlowService.SECRET, "concurrency", concurrency))
        .put("/tasks/" + TASK);
    into.add(THREADS, IDLE, threads(service));
    slow.takeArrivals();
    // As long for each number of calls.
    int calls = CALLS * concurrency / 100;
    String key = table.shape().key();
    String select =
        "SELECT %1$s, stock FROM %2$s WHERE %1$s <= %3$d"
            .formatted(key, table.name(), calls * ROWS_OF_CALL);
    long started = System.nanoTime();
    long id =
        api.json(Map.of("task", TASK, "select", select, "batchRows", ROWS_OF_CALL))
            .post("/projects/bench/batches")
            .statusCode(202)
            .id();
    while (slow.calls() < calls / 2) {
      Thread.sleep(MILLIS);
    }
    into.add(THREADS, label, threads(service));
    JsonNode batch = api.ended(id);
    double seconds = (System.nanoTime() - started) / 1e9;
    assertEquals("succeeded", batch.path("status").asText(), batch::toString);
    assertEquals(calls * ROWS_OF_CALL, ServiceClient.rowsChanged(batch), batch::toString);
    List<Long> arrivals = slow.takeArrivals();
    assertEquals(calls, arrivals.size(), "calls");
    double allowed = concurrency * 1000.0 / MILLIS;
    into.add(WHOLE, label, 100 * calls / seconds / allowed);
    double steady = (arrivals.get(calls - UNSTEADY) - arrivals.get(UNSTEADY)) / 1e9;
    into.add(STEADY, label, 100 * (calls - 2 * UNSTEADY) / steady / allowed);
  }

  private static long threads(ServiceProcess service) throws Exception {
    return Arrays.stream(Jcmd.run(service.pid(), "Thread.print").split("\n\n"))
        .filter(thread -> thread.startsWith("\"rowmill") || thread.contains("\tat dev.rowmill."))
        .count();
  }
}
