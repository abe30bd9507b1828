package dev.rowmill.bench;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/** Measures pure computations by JMH, in JVMs of their own. */
final class JmhScenario implements Scenario {

  private static final Metric TIME = Metric.cost("microseconds an operation", "");

  @Override
  public String name() {
    return "jmh";
  }

  @Override
  public void run(Bench bench) throws Exception {
    Options options =
        new OptionsBuilder()
            .include("dev\\.rowmill\\..*Jmh\\..*")
            .forks(2)
            .warmupIterations(3)
            .warmupTime(TimeValue.seconds(1))
            .measurementIterations(3)
            .measurementTime(TimeValue.seconds(1))
            .timeUnit(TimeUnit.MICROSECONDS)
            .shouldFailOnError(true)
            .build();
    Measurements found = new Measurements();
    // Sorted by name, because JMH returns them in its own order.
    Map<String, RunResult> results = new TreeMap<>();
    for (RunResult result : new Runner(options).run()) {
      results.put(result.getParams().getBenchmark(), result);
    }
    results.forEach(
        (name, result) ->
            result
                .getAggregatedResult()
                .getIterationResults()
                .forEach(one -> found.add(TIME, label(name), one.getPrimaryResult().getScore())));
    bench
        .report()
        .add(new Section(name(), "pure computation", found, List.of("2 forks of 3 iterations")));
  }

  /** Returns the class and the method, without the package. */
  private static String label(String benchmark) {
    String[] parts = benchmark.split("\\.");
    return parts[parts.length - 2] + "." + parts[parts.length - 1];
  }
}
