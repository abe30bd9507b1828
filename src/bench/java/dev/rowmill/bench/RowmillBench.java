package dev.rowmill.bench;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Compares Rowmill with common alternatives: {@code ./mvnw -Pbench verify}. {@code
 * docs/performance.md} describes the scenarios and how to select them.
 */
class RowmillBench {

  private static final List<Scenario> ALL =
      List.of(
          new BulkScenario(),
          new KeysScenario(),
          new WideScenario(),
          new UndoScenario(),
          new ProfileScenario(),
          new ListenersScenario(),
          new DeleteScenario(),
          new ArchiveScenario(),
          new SparseScenario(),
          new SkipScenario(),
          new HttpTasksScenario(),
          new ChangesScenario(),
          new ExportsScenario(),
          new UploadsScenario(),
          new NeighboursScenario(),
          new SmallScenario(),
          new ClusterScenario(),
          new FlatScenario(),
          new HeapScenario(),
          new StartupScenario(),
          new JmhScenario());

  private static final Bench BENCH = new Bench();

  @TestFactory
  Stream<DynamicTest> scenario() {
    Report report = BENCH.report();
    report.about("date", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
    report.about("java", System.getProperty("java.runtime.version"));
    report.about("processors", Integer.toString(Runtime.getRuntime().availableProcessors()));
    report.about("undo", "off unless a row says so, because the alternatives store no undo data");
    return BENCH.settings().chosen(ALL).stream()
        .map(scenario -> DynamicTest.dynamicTest(scenario.name(), () -> run(scenario)));
  }

  private static void run(Scenario scenario) throws Exception {
    try {
      scenario.run(BENCH);
    } catch (SkippedException e) {
      BENCH.report().skip(scenario, e.getMessage());
    } finally {
      BENCH.tidyUp();
      BENCH.report().write();
    }
  }

  @AfterAll
  static void close() throws Exception {
    System.out.println();
    System.out.println(BENCH.report().text());
    BENCH.close();
  }
}
