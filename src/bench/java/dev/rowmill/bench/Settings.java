package dev.rowmill.bench;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What is measured and how much of it, by system properties that begin with {@code testing.bench.}.
 *
 * @param only names of the scenarios to run; empty for all
 * @param rounds rounds that count; one more before them only warms up
 * @param rows of the table that is changed
 * @param rowsLarge of the larger one
 * @param batches of one row each, in the scenarios of small batches and of clusters
 * @param singles starts one by one, to see how long each takes
 * @param seconds in which the work of a number of nodes is counted
 * @param history batches in the longest history
 * @param heapBatches batches that are run before the heap is looked at again
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

  /** The scenarios to run, in their order; a name that none of them has is a mistake. */
  List<Scenario> chosen(List<Scenario> all) {
    Set<String> unknown = new TreeSet<>(only);
    all.forEach(scenario -> unknown.remove(scenario.name()));
    if (!unknown.isEmpty()) {
      String names = all.stream().map(Scenario::name).collect(Collectors.joining(", "));
      throw new IllegalArgumentException(
          "no scenario is called " + unknown + "; there are " + names);
    }
    return all.stream().filter(it -> only.isEmpty() || only.contains(it.name())).toList();
  }

  private static int number(String name, int otherwise) {
    return Integer.getInteger(PREFIX + name, otherwise);
  }
}
