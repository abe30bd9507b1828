package dev.rowmill.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.management.OperatingSystemMXBean;
import dev.rowmill.testing.Sequence;
import dev.rowmill.testing.ServiceProcess;
import java.lang.management.ManagementFactory;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Runs a cluster of a given number of nodes, with more batches than threads. Each batch has a low
 * rate limit, so a thread is busy for a known time, and the throughput depends on the threads. Not
 * thread-safe.
 */
final class PacedNodes implements AutoCloseable {

  private static final int THREADS = 4;
  private static final int BATCH_ROWS = 160;
  private static final int CHUNK_ROWS = 10;
  private static final int ROWS_PER_SECOND = 40;

  static final String ABOUT =
      "batches of %d rows, %d rows a chunk and %d a second, on nodes of %d threads"
          .formatted(BATCH_ROWS, CHUNK_ROWS, ROWS_PER_SECOND, THREADS);

  /** Computes the expected duration of a batch; its first chunk does not wait. */
  private static final double SECONDS_A_BATCH =
      (BATCH_ROWS - CHUNK_ROWS) / (double) ROWS_PER_SECOND;

  /** Sets the time in which new nodes compile their hot code. */
  private static final Duration SETTLING = Duration.ofSeconds(10);

  /** Counts the projects, and the parts of the table; exceeds the number of active batches. */
  private static final int PARTS = 1000;

  private static final String SCHEMA = Database.SCHEMA + "_paced";
  private static final String TABLE = SCHEMA + ".work";

  /**
   * Represents an observation between two points in time.
   *
   * @param ofPace rows, as a share of those that all threads would change without waiting for a
   *     batch
   * @param cpuOfNodes share of the machine's processors used by the nodes
   * @param cpu share of the processors used by all processes
   */
  record Seen(double rowsPerSecond, double ofPace, double cpuOfNodes, double cpu) {}

  private final Database database;
  private final Connection connection;
  private final Duration window;
  private final List<ServiceProcess> nodes = new ArrayList<>();
  private int started;

  private PacedNodes(Database database, Connection connection, Duration window) {
    this.database = database;
    this.connection = connection;
    this.window = window;
  }

  static PacedNodes open(Database database, int seconds) throws SQLException {
    database.freshSchema(SCHEMA);
    Connection connection = database.connect();
    Sql.execute(
        connection,
        """
        CREATE TABLE %s (
          id INT NOT NULL PRIMARY KEY,
          done INT NOT NULL DEFAULT 0,
          done_at DATETIME(6) NULL,
          KEY work_by_time (done_at))
        """
            .formatted(TABLE));
    Sql.execute(
        connection,
        "INSERT INTO %s (id) SELECT i FROM (%s) n"
            .formatted(TABLE, Sequence.sql(0, PARTS * BATCH_ROWS)));
    return new PacedNodes(database, connection, Duration.ofSeconds(seconds));
  }

  Seen measure(int count) throws Exception {
    int threads = count * THREADS;
    resize(Math.max(1, Math.min(count, nodes.size())));
    fillUp(threads);
    resize(count);
    fillUp(threads);
    Thread.sleep(SETTLING.toMillis());
    OperatingSystemMXBean machine =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    machine.getCpuLoad();
    Duration cpuBefore = cpuOfNodes();
    String from = now();
    Thread.sleep(window.toMillis());
    String to = now();
    Duration cpu = cpuOfNodes().minus(cpuBefore);
    double load = machine.getCpuLoad();
    assertTrue(batches("QUEUED") > 0, "batches wait until the end");
    double seconds =
        Sql.number(connection, "SELECT TIMESTAMPDIFF(MICROSECOND, '%s', '%s')".formatted(from, to))
            / 1e6;
    double rows = rowsDone(from, to) / seconds;
    return new Seen(
        rows,
        rows / (count * THREADS * BATCH_ROWS / SECONDS_A_BATCH),
        cpu.toNanos() / 1e9 / seconds / machine.getAvailableProcessors(),
        load);
  }

  /** Fails unless each chunk that counts as done was done once. Ends all nodes. */
  void assertExact() throws SQLException {
    resize(0);
    long counted = Sql.number(connection, "SELECT SUM(rows_changed) FROM " + SCHEMA + ".lane");
    assertEquals(counted, Sql.number(connection, "SELECT SUM(done) FROM " + TABLE), "rows done");
  }

  /** Stops nodes, whose batches the remaining ones resume. */
  private void resize(int count) {
    List<ServiceProcess> leaving = nodes.subList(Math.min(count, nodes.size()), nodes.size());
    leaving.forEach(ServiceProcess::terminate);
    leaving.forEach(ServiceProcess::close);
    leaving.clear();
    while (nodes.size() < count) {
      nodes.add(
          database.launch(
              SCHEMA,
              Map.of(
                  "rowmill.cluster.enabled",
                  "true",
                  "rowmill.node",
                  "node-" + (nodes.size() + 1),
                  "rowmill.pool.size",
                  Integer.toString(THREADS))));
    }
    nodes.forEach(ServiceProcess::awaitListening);
  }

  /** Starts batches for one and a half times the required time. */
  private void fillUp(int threads) throws Exception {
    double needed = 1.5 * threads * SETTLING.plus(window).toSeconds() / SECONDS_A_BATCH;
    try (ServiceClient client = new ServiceClient(nodes.get(0).address())) {
      while (batches("QUEUED") < needed) {
        client.start("p" + started % PARTS, body(started % PARTS).toString());
        started++;
      }
    }
  }

  private static ObjectNode body(int part) {
    int first = part * BATCH_ROWS;
    ObjectNode body =
        ServiceClient.statement(
            "UPDATE %s SET done = done + 1, done_at = UTC_TIMESTAMP(6) WHERE id BETWEEN %d AND %d"
                .formatted(TABLE, first, first + BATCH_ROWS - 1));
    body.putObject("chunk").put("rows", CHUNK_ROWS);
    body.putObject("limits").put("rowsPerSecond", ROWS_PER_SECOND);
    return body;
  }

  private String now() throws SQLException {
    return Sql.text(connection, "SELECT CAST(UTC_TIMESTAMP(6) AS CHAR)");
  }

  private long rowsDone(String from, String to) throws SQLException {
    return Sql.number(
        connection,
        "SELECT COUNT(*) FROM %s WHERE done_at >= '%s' AND done_at < '%s'"
            .formatted(TABLE, from, to));
  }

  private long batches(String status) throws SQLException {
    return Sql.number(
        connection, "SELECT COUNT(*) FROM " + SCHEMA + ".batch WHERE status = '" + status + "'");
  }

  private Duration cpuOfNodes() {
    return nodes.stream()
        .map(node -> ProcessHandle.of(node.pid()).flatMap(it -> it.info().totalCpuDuration()))
        .flatMap(Optional::stream)
        .reduce(Duration.ZERO, Duration::plus);
  }

  @Override
  public void close() throws SQLException {
    resize(0);
    connection.close();
  }
}
