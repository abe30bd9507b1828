package dev.rowmill.bench;

/**
 * Describes a figure.
 *
 * @param title title of its table, with the unit
 * @param moreIsBetter false for a time
 * @param base label of the line to which the others are compared
 */
record Metric(String title, boolean moreIsBetter, String base) {

  static Metric rate(String title, String base) {
    return new Metric(title, true, base);
  }

  static Metric cost(String title, String base) {
    return new Metric(title, false, base);
  }
}
