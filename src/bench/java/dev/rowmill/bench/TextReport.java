package dev.rowmill.bench;

import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Prints the report as tables for a terminal. */
final class TextReport {

  private static final String HEAD = "%-44s %12s  %-25s %7s%n";

  private TextReport() {}

  static String of(Map<String, String> about, List<Section> sections) {
    StringBuilder text = new StringBuilder();
    about.forEach((name, value) -> append(text, "%-10s %s%n", name, value));
    for (Section section : sections) {
      append(text, "%n== %s: %s%n", section.scenario(), section.about());
      for (Metric metric : section.measurements().metrics()) {
        String better = metric.moreIsBetter() ? "more is better" : "less is better";
        append(text, "%n%s (%s)%n", metric.title(), better);
        append(text, HEAD, "", "median", "lowest to highest", "ratio");
        section.measurements().lines(metric).forEach(line -> append(text, line));
      }
      section.notes().forEach(note -> append(text, "note: %s%n", note));
    }
    return text.toString();
  }

  private static void append(StringBuilder text, Measurements.Line line) {
    append(
        text,
        HEAD,
        line.label(),
        Numbers.text(line.median()),
        Numbers.text(line.lowest()) + " to " + Numbers.text(line.highest()),
        line.ratio().map(it -> String.format(Locale.ROOT, "%.2f", it)).orElse(""));
  }

  private static void append(StringBuilder text, String format, Object... values) {
    text.append(String.format(Locale.ROOT, format, values));
  }
}
