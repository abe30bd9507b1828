package dev.rowmill.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Measures the time from the start of the process to the first accepted batch, and the memory used
 * then.
 */
final class StartupScenario implements Scenario {

  private static final Path JAR = Path.of("target/quarkus-app/quarkus-run.jar");
  private static final Path AOT_JAR = Path.of("target/bench-aot/quarkus-run.jar");
  private static final Path CACHE = Path.of("target/bench/rowmill.aot").toAbsolutePath();

  /**
   * Limits the training: with a longer one, more hot code is compiled at every start, on processors
   * that the start itself needs.
   */
  private static final int TRAINING_BATCHES = 1;

  private int starts;

  @Override
  public String name() {
    return "startup";
  }

  @Override
  public void run(Bench bench) throws Exception {
    Database database = bench.database();
    database.freshSchema(Database.SCHEMA);
    Map<String, String> config = database.serviceConfig(Database.SCHEMA);
    Optional<Jdk> jdk25 = Jdk.jdk25();
    String running = "jar, JDK " + Runtime.version().feature();
    String base = jdk25.isPresent() ? "jar, JDK 25" : running;
    try (Connection connection = database.connect()) {
      JobTable table = JobTable.create(connection, Database.SCHEMA + ".job", 1);
      Rounds rounds = new Rounds(bench.settings());
      List<String> java = List.of(Jdk.running().java());
      rounds.add(running, (label, into) -> measure(java, JAR, config, table, base, label, into));
      if (jdk25.isPresent()) {
        List<String> java25 = List.of(jdk25.get().java());
        rounds.add(base, (label, into) -> measure(java25, JAR, config, table, base, label, into));
        train(jdk25.get(), config, table);
        List<String> cached = List.of(jdk25.get().java(), "-XX:AOTCache=" + CACHE);
        rounds.add(
            "AOT jar and cache, JDK 25",
            (label, into) -> measure(cached, AOT_JAR, config, table, base, label, into));
      } else {
        rounds.note("JDK 25 left out: none found; -Dtesting.bench.jdk25=… names one");
      }
      rounds.note("Rowmill's tables exist; the schema's history is short");
      bench.report().add(rounds.run(this, "from the start of the process to the first 202"));
      table.assertDone(starts);
    }
  }

  private void measure(
      List<String> java,
      Path jar,
      Map<String, String> config,
      JobTable table,
      String base,
      String label,
      Measurements into)
      throws Exception {
    try (TimedService service = new TimedService(java, jar, config);
        ServiceClient client = service.connect()) {
      start(client, table);
      into.add(
          Metric.cost("milliseconds to the first 202", base), label, service.millisSinceStart());
      service
          .residentMegabytes()
          .ifPresent(
              it -> into.add(Metric.cost("resident memory at that time, MB", base), label, it));
      client.awaitIdle();
    }
  }

  private void start(ServiceClient client, JobTable table)
      throws IOException, InterruptedException {
    String body = ServiceClient.statement(table.change() + "0").toString();
    client.start("startup" + starts, body);
    starts++;
  }

  /** Records what the JVM loads and compiles, for later starts. */
  private void train(Jdk jdk, Map<String, String> config, JobTable table) throws Exception {
    System.out.println("training the AOT cache");
    Files.deleteIfExists(CACHE);
    List<String> java = List.of(jdk.java(), "-XX:AOTCacheOutput=" + CACHE);
    try (TimedService service = new TimedService(java, AOT_JAR, config);
        ServiceClient client = service.connect()) {
      for (int i = 0; i < TRAINING_BATCHES; i++) {
        start(client, table);
        client.get("/batches");
        client.get("/projects");
        client.awaitIdle();
      }
    }
    if (!Files.exists(CACHE)) {
      throw new IOException("no AOT cache was written; see target/bench/startup.log");
    }
  }
}
