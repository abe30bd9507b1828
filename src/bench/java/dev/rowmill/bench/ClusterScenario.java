package dev.rowmill.bench;

import dev.rowmill.testing.ServiceProcess;
import java.sql.Connection;
import java.util.List;
import java.util.Map;

/**
 * Measures the cost of a cluster node, with batches of one row each, and the gain by more nodes.
 */
final class ClusterScenario implements Scenario {

  private static final String LOCAL = "Rowmill, local";
  private static final String DB_SCHEDULER = "db-scheduler";

  private static final String ONE = label(1);
  private static final List<Integer> NODES = List.of(1, 2, 4);
  private static final Metric ROWS = Metric.rate("rows/s", ONE);
  private static final Metric SCALING =
      Metric.rate("rows/s, as a share of one node's times the number of nodes, by round", ONE);
  private static final Metric OF_PACE =
      Metric.rate("rows/s, as a share of those that the rate limits allow", ONE);
  private static final Metric CPU_OF_NODES =
      Metric.cost("share of the processors used by the nodes", ONE);
  private static final Metric CPU =
      Metric.cost("share of the processors used by all processes", ONE);

  private static String label(int nodes) {
    return nodes == 1 ? "1 node" : nodes + " nodes";
  }

  @Override
  public String name() {
    return "cluster";
  }

  @Override
  public void run(Bench bench) throws Exception {
    cost(bench);
    scaling(bench);
  }

  private void cost(Bench bench) throws Exception {
    Settings settings = bench.settings();
    Database database = bench.database();
    int jobs = settings.batches();
    List<String> schemas =
        List.of(Database.SCHEMA, Database.SCHEMA + "_one_node", Database.SCHEMA + "_two_nodes");
    for (String schema : schemas) {
      database.freshSchema(schema);
    }
    // No start is rejected because the queue is full.
    String places = Integer.toString(Math.max(1000, jobs));
    Map<String, String> config = Map.of("rowmill.pool.queue", places);
    Map<String, String> node =
        Map.of("rowmill.pool.queue", places, "rowmill.cluster.enabled", "true");
    try (Connection connection = database.connect();
        ServiceProcess alone = database.service(schemas.get(0), config);
        ServiceProcess only = database.service(schemas.get(1), node);
        ServiceProcess first = database.service(schemas.get(2), node);
        ServiceProcess second = database.service(schemas.get(2), node)) {
      JobTable table = JobTable.create(connection, Database.SCHEMA + ".job", Math.max(1, jobs));
      try (RowmillJobs local = new RowmillJobs(table, alone);
          RowmillJobs oneNode = new RowmillJobs(table, only);
          RowmillJobs twoNodes = new RowmillJobs(table, first, second);
          DbSchedulerJobs dbScheduler = new DbSchedulerJobs(database, table)) {
        JobMeter meter = new JobMeter(table, LOCAL);
        LowLoad one = new LowLoad(Math.min(settings.singles(), jobs), 1, JobMeter.GAP);
        Rounds rounds = new Rounds(settings);
        add(rounds, LOCAL, local, meter, jobs, one);
        add(rounds, "Rowmill, one node", oneNode, meter, jobs, one);
        add(rounds, "Rowmill, two nodes", twoNodes, meter, jobs, one);
        add(rounds, DB_SCHEDULER, dbScheduler, meter, jobs, one);
        addAnswers(rounds, LOCAL, local, meter, one);
        addAnswers(rounds, "Rowmill, one node", oneNode, meter, one);
        addAnswers(rounds, "Rowmill, two nodes", twoNodes, meter, one);
        rounds.note("configured are " + config + ", which form the cluster, and nothing else");
        rounds.note("all four services run all the time, three of them idle");
        rounds.note("two nodes: each gets every other start");
        bench.report().add(rounds.run(this, jobs + " changes of one row each"));
      }
    }
  }

  private static void add(
      Rounds rounds, String name, SmallJobs peer, JobMeter meter, int jobs, LowLoad one) {
    // Runs first, because a service that has just started rejects statements when many arrive at
    // once.
    rounds.add(name + ", one by one", (label, into) -> meter.singles(peer, one, name, into));
    rounds.add(name, (label, into) -> meter.burst(peer, jobs, name, into));
  }

  private static void addAnswers(
      Rounds rounds, String name, RowmillJobs rowmill, JobMeter meter, LowLoad one) {
    rounds.add(
        name + ", to the response that it ended",
        (label, into) -> meter.answers(rowmill, one.jobs(), label, into));
  }

  private void scaling(Bench bench) throws Exception {
    Settings settings = bench.settings();
    try (PacedNodes nodes = PacedNodes.open(bench.database(), settings.seconds())) {
      Rounds rounds = new Rounds(settings);
      for (int count : NODES) {
        rounds.add(
            label(count),
            (label, into) -> {
              PacedNodes.Seen seen = nodes.measure(count);
              into.add(ROWS, label, seen.rowsPerSecond());
              into.add(OF_PACE, label, seen.ofPace());
              into.add(CPU_OF_NODES, label, seen.cpuOfNodes());
              into.add(CPU, label, seen.cpu());
            });
      }
      rounds.note("each batch is paced, so that processors and database are not the limit");
      Section section = rounds.run(this, PacedNodes.ABOUT);
      addScaling(section.measurements());
      bench.report().add(section);
      nodes.assertExact();
    }
  }

  private static void addScaling(Measurements measured) {
    List<Measurements.Line> lines = measured.lines(ROWS);
    List<Double> ofOne =
        lines.stream().filter(it -> it.label().equals(ONE)).findFirst().orElseThrow().values();
    for (int count : NODES) {
      lines.stream()
          .filter(line -> line.label().equals(label(count)))
          .forEach(
              line -> {
                for (int round = 0; round < ofOne.size(); round++) {
                  double share = line.values().get(round) / (count * ofOne.get(round));
                  measured.add(SCALING, line.label(), share);
                }
              });
    }
  }
}
