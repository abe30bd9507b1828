package dev.rowmill.bench;

import dev.rowmill.testing.ServiceProcess;
import java.sql.Connection;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;

/** Runs a service on its own schema, with a history of a given length. Not thread-safe. */
final class FlatSite implements AutoCloseable {

  private static final int JOB_ROWS = 100;

  private final int batches;
  private final Connection connection;
  private final ServiceProcess service;
  private final ServiceClient client;
  private final RowmillJobs jobs;
  private final JobTable table;
  private int started;

  private FlatSite(int batches, Connection connection, ServiceProcess service, JobTable table)
      throws Exception {
    this.batches = batches;
    this.connection = connection;
    this.service = service;
    this.table = table;
    client = new ServiceClient(service.address());
    jobs = new RowmillJobs(table, service);
  }

  static FlatSite open(Database database, int batches) throws Exception {
    String schema = Database.SCHEMA + "_" + batches;
    database.freshSchema(schema);
    // Creates its tables.
    database.service(schema, Map.of()).close();
    Connection connection = database.connect();
    History.write(connection, schema, batches);
    JobTable table = JobTable.create(connection, schema + ".job", JOB_ROWS);
    Sql.awaitTidy(connection);
    return new FlatSite(batches, connection, database.service(schema, Map.of()), table);
  }

  String label() {
    return label(batches);
  }

  static String label(int batches) {
    return "%,d batches".formatted(batches);
  }

  /**
   * Measures a start. Then waits for the end of the batch, so that it does not disturb the next
   * measurement.
   */
  double millisToStart() throws Exception {
    double millis = millis(() -> jobs.start(started));
    started++;
    client.awaitIdle();
    return millis;
  }

  /** Fails unless each start has changed its row once. */
  void assertStartsDone() throws Exception {
    table.assertDone(started);
  }

  /** Represents a request to the service. */
  interface Call {
    void run() throws Exception;
  }

  static double millis(Call call) throws Exception {
    long before = System.nanoTime();
    call.run();
    return (System.nanoTime() - before) / 1e6;
  }

  void status() throws Exception {
    client.get("/batches/" + anyBatch());
  }

  void newest() throws Exception {
    client.get("/batches");
  }

  void fromTheMiddle() throws Exception {
    client.get("/batches?before=" + (batches / 2 + 1));
  }

  /** Requests the ten oldest batches; every history has such batches. */
  void rare() throws Exception {
    client.get("/batches?status=failed&mode=serial");
  }

  /** Requests one batch, because some projects have fewer than a full page. */
  void ofProject() throws Exception {
    client.get("/projects/p" + (anyBatch() - 1) % History.PROJECTS + "/batches?limit=1");
  }

  void overview() throws Exception {
    client.get("/projects");
  }

  void running() throws Exception {
    client.get("/projects?running=true");
  }

  private int anyBatch() {
    return ThreadLocalRandom.current().nextInt(batches) + 1;
  }

  @Override
  public void close() throws Exception {
    jobs.close();
    client.close();
    service.close();
    connection.close();
  }
}
