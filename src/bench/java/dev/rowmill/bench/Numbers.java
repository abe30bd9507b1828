package dev.rowmill.bench;

import java.util.Collection;
import java.util.List;
import java.util.Locale;

/** Computes order statistics, and formats numbers. */
final class Numbers {

  private Numbers() {}

  static double median(Collection<Double> values) {
    List<Double> sorted = values.stream().sorted().toList();
    int half = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(half)
        : (sorted.get(half - 1) + sorted.get(half)) / 2;
  }

  /**
   * Returns a quantile: the smallest value that is not exceeded by a share of all values
   * (nearest-rank definition).
   *
   * @param share 0 for the lowest, 0.99 for the 99th percentile, 1 for the highest
   */
  static double quantile(Collection<Double> values, double share) {
    List<Double> sorted = values.stream().sorted().toList();
    int rank = (int) Math.ceil(share * sorted.size());
    return sorted.get(Math.max(0, rank - 1));
  }

  /** Formats a number with at least three digits. */
  static String text(double value) {
    double size = Math.abs(value);
    String format = size >= 100 ? "%,.0f" : size >= 10 ? "%.1f" : size >= 1 ? "%.2f" : "%.3f";
    return String.format(Locale.ROOT, format, value);
  }
}
