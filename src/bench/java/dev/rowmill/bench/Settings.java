package dev.rowmill.bench;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Defines the scenarios and their size, by system properties that begin with {@code
 * testing.bench.}.
 *
 * @param only names of the scenarios to run; empty for all
 * @param rounds measured rounds; one more round before them is not counted
 * @param rows rows of the table
 * @param rowsLarge rows of the larger table
 * @param batches batches of one row each, in the scenarios of small batches and of clusters
 * @param singles jobs that are started one by one, to measure each one's duration
 * @param seconds time in which the throughput of a cluster is measured
 * @param history batches in the longest history
 * @param heapBatches batches before the second measurement of the heap
 */
record Settings(
    Set<String> only,
    int rounds,
    int rows,
    int rowsLarge,
    int batches,
    int singles,
    int seconds,
    int history,
    int heapBatches) {

  private static final String PREFIX = "testing.bench.";

  static Settings fromProperties() {
    Set<String> only =
        Arrays.stream(System.getProperty(PREFIX + "only", "").split(","))
            .map(String::strip)
            .filter(name -> !name.isEmpty())
            .collect(Collectors.toCollection(TreeSet::new));
    return new Settings(
        only,
        number("rounds", 3),
        number("rows", 1_000_000),
        number("rows-large", 5_000_000),
        number("batches", 5_000),
        number("singles", 300),
        number("seconds", 20),
        number("history", 1_000_000),
        number("heap-batches", 100_000));
  }

  /** Returns the scenarios to run, in their order. Rejects unknown names. */
  List<Scenario> chosen(List<Scenario> all) {
    Set<String> unknown = new TreeSet<>(only);
    all.forEach(scenario -> unknown.remove(scenario.name()));
    if (!unknown.isEmpty()) {
      String names = all.stream().map(Scenario::name).collect(Collectors.joining(", "));
      throw new IllegalArgumentException(
          "there is no scenario " + unknown + "; there are " + names);
    }
    return all.stream().filter(it -> only.isEmpty() || only.contains(it.name())).toList();
  }

  private static int number(String name, int otherwise) {
    return Integer.getInteger(PREFIX + name, otherwise);
  }
}
