package dev.rowmill.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Holds figures by metric and line, in the order of their first addition. */
final class Measurements {

  /**
   * Represents the results of one line over all rounds.
   *
   * @param ratio ratio of the median to that of the base line; empty without one
   */
  record Line(
      String label,
      double median,
      double lowest,
      double highest,
      Optional<Double> ratio,
      List<Double> values) {}

  private final Map<Metric, Map<String, List<Double>>> values = new LinkedHashMap<>();

  void add(Metric metric, String label, double value) {
    System.out.printf("    %s, %s: %s%n", label, metric.title(), Numbers.text(value));
    values
        .computeIfAbsent(metric, it -> new LinkedHashMap<>())
        .computeIfAbsent(label, it -> new ArrayList<>())
        .add(value);
  }

  List<Metric> metrics() {
    return List.copyOf(values.keySet());
  }

  List<Line> lines(Metric metric) {
    Map<String, List<Double>> table = values.getOrDefault(metric, Map.of());
    Optional<Double> base =
        Optional.ofNullable(table.get(metric.base())).map(Numbers::median).filter(it -> it != 0);
    return table.entrySet().stream().map(it -> line(it.getKey(), it.getValue(), base)).toList();
  }

  private static Line line(String label, List<Double> values, Optional<Double> base) {
    double median = Numbers.median(values);
    return new Line(
        label,
        median,
        Numbers.quantile(values, 0),
        Numbers.quantile(values, 1),
        base.map(it -> median / it),
        List.copyOf(values));
  }
}
