package dev.rowmill.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rowmill.testing.ServiceProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Runs each job as a batch of one row in its own project, over the REST API of a service or, in
 * turn, of the nodes of a cluster.
 */
final class RowmillJobs implements SmallJobs {

  /** Exceeds the number of concurrent batches, so that no project is busy. */
  private static final int PROJECTS = 10_000;

  private final JobTable table;
  private final List<URI> nodes;
  private final List<ServiceClient> clients = new CopyOnWriteArrayList<>();
  private final ThreadLocal<List<ServiceClient>> ofThread =
      ThreadLocal.withInitial(this::connectToAll);

  RowmillJobs(JobTable table, ServiceProcess... nodes) {
    this.table = table;
    this.nodes = Arrays.stream(nodes).map(ServiceProcess::address).toList();
  }

  static String project(int job) {
    return "p" + job % PROJECTS;
  }

  ObjectNode body(int job) {
    ObjectNode body = ServiceClient.statement(table.change() + ":id");
    body.putObject("parameters").put("id", table.row(job));
    return body;
  }

  @Override
  public void start(int job) throws Exception {
    client(job).start(project(job), body(job).toString());
  }

  /** Returns the milliseconds from the request to the response that the batch has ended. */
  double millisToEnd(int job) throws Exception {
    long started = System.nanoTime();
    client(job).run(project(job), body(job));
    return (System.nanoTime() - started) / 1e6;
  }

  @Override
  public boolean isIdle() throws IOException {
    return client(0).isIdle();
  }

  /** Returns the client of the node whose turn it is. */
  private ServiceClient client(int job) {
    return ofThread.get().get(job % nodes.size());
  }

  private List<ServiceClient> connectToAll() {
    return nodes.stream().map(this::connect).toList();
  }

  private ServiceClient connect(URI node) {
    try {
      ServiceClient client = new ServiceClient(node);
      clients.add(client);
      return client;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() throws IOException {
    for (ServiceClient client : clients) {
      client.close();
    }
  }
}
