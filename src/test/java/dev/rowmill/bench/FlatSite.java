package dev.rowmill.bench;

import dev.rowmill.testing.ServiceProcess;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;

/** A service of its own on a schema of its own, with a history of some length. For one thread. */
final class FlatSite implements AutoCloseable {

  private static final int CALLS = 200;
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
    // It makes its tables.
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

  /** One of the things that are asked of the service. */
  interface Call {
    void run() throws Exception;
  }

  /** The median of some calls, in milliseconds. */
  static double millis(Call call) throws Exception {
    List<Double> millis = new ArrayList<>();
    for (int i = 0; i < CALLS; i++) {
      long started = System.nanoTime();
      call.run();
      millis.add((System.nanoTime() - started) / 1e6);
    }
    return Numbers.median(millis);
  }

  /** The same of starts; each has ended before the next. */
  double millisToStart() throws Exception {
    List<Double> millis = new ArrayList<>();
    for (int i = 0; i < CALLS; i++) {
      long before = System.nanoTime();
      jobs.start(started);
      millis.add((System.nanoTime() - before) / 1e6);
      started++;
      client.awaitIdle();
    }
    table.assertDone(started);
    return Numbers.median(millis);
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

  void ofProject() throws Exception {
    client.get("/projects/p" + (anyBatch() - 1) % History.PROJECTS + "/batches");
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
