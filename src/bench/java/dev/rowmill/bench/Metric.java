package dev.rowmill.bench;

/**
 * What a number says.
 *
 * @param title of its table, with the unit
 * @param moreIsBetter false for a time
 * @param base label of the line that the others are compared with
 */
record Metric(String title, boolean moreIsBetter, String base) {

  static Metric rate(String title, String base) {
    return new Metric(title, true, base);
  }

  static Metric cost(String title, String base) {
    return new Metric(title, false, base);
  }
}
