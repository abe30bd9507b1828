package dev.rowmill.bench;

import dev.rowmill.testing.ServiceProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * Measures the memory of the service after few and after many batches: its heap, and what is
 * resident. It runs with the options of {@code docs/operations.md}.
 */
final class HeapScenario implements Scenario {

  private static final int FEW = 1000;
  private static final int JOB_ROWS = 100;
  private static final int LOOKS = 3;
  private static final Metric HEAP =
      Metric.cost("heap in use after a garbage collection, MB", after(FEW));
  private static final String IDLE = "idle after its start";
  private static final Metric RESIDENT = Metric.cost("resident memory, MB", IDLE);

  /** Sets the wait before the idle service is measured, in which the JVM gives memory back. */
  private static final Duration SETTLING = Duration.ofSeconds(20);

  private static final List<String> RECOMMENDED =
      List.of(
          "env",
          "MALLOC_ARENA_MAX=2",
          "JAVA_TOOL_OPTIONS=-XX:+UseSerialGC -Xms48m -Xmx128m -Xmn24m -XX:MinHeapFreeRatio=10"
              + " -XX:MaxHeapFreeRatio=30 -XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=48m"
              + " -Xss512k -XX:TrimNativeHeapInterval=5000");

  @Override
  public String name() {
    return "heap";
  }

  @Override
  public void run(Bench bench) throws Exception {
    int many = bench.settings().heapBatches();
    Measurements found = new Measurements();
    double rate;
    try (BenchSite site = BenchSite.open(bench, RECOMMENDED)) {
      JobTable table = JobTable.create(site.connection(), Database.SCHEMA + ".job", JOB_ROWS);
      try (RowmillJobs jobs = new RowmillJobs(table, site.service())) {
        resident(site.service(), IDLE, found);
        burst(jobs, table, FEW);
        look(site.service(), site.client(), after(FEW), found);
        rate = burst(jobs, table, many - FEW).donePerSecond();
        look(site.service(), site.client(), after(many), found);
      }
    }
    String about = "%,d batches of one row each, one after the other".formatted(many);
    List<String> notes =
        List.of(
            "3 measurements instead of rounds", Numbers.text(rate) + " batches ended per second");
    bench.report().add(new Section(name(), about, found, notes));
  }

  private static Burst burst(RowmillJobs jobs, JobTable table, int count) throws Exception {
    table.reset();
    Burst burst = Burst.of(jobs, count);
    table.assertDone(count);
    return burst;
  }

  private static void look(
      ServiceProcess service, ServiceClient client, String label, Measurements into)
      throws Exception {
    // Before the garbage collections that it did not ask for itself.
    resident(service, label, into);
    for (int i = 0; i < LOOKS; i++) {
      Jcmd.run(service.pid(), "GC.run");
      into.add(HEAP, label, heapBytes(client.metrics()) / 1e6);
    }
  }

  /** Adds the resident memory, unless the system does not tell it. */
  private static void resident(ServiceProcess service, String label, Measurements into)
      throws IOException, InterruptedException {
    Thread.sleep(SETTLING.toMillis());
    Path status = Path.of("/proc", Long.toString(service.pid()), "status");
    if (!Files.isReadable(status)) {
      return;
    }
    for (String line : Files.readAllLines(status)) {
      if (line.startsWith("VmRSS:")) {
        into.add(RESIDENT, label, Double.parseDouble(line.replaceAll("\\D", "")) / 1024);
      }
    }
  }

  /** Returns the sum over all parts of the heap. */
  private static double heapBytes(String metrics) {
    return metrics
        .lines()
        .filter(line -> line.startsWith("jvm_memory_used_bytes{area=\"heap\""))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  private static String after(int batches) {
    return "after %,d batches".formatted(batches);
  }
}
