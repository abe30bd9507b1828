package dev.rowmill.bench;

import java.util.List;
import java.util.Locale;

/**
 * Draws the report: for each table, bars of the medians, with whiskers from the lowest to the
 * highest value. Has no background, and colours that are legible on light and on dark ones.
 */
final class SvgChart {

  private static final int WIDTH = 860;
  private static final int BARS_FROM = 300;
  private static final int LONGEST_BAR = 400;
  private static final int ROW = 22;

  private final StringBuilder body = new StringBuilder();
  private int y = 8;

  private SvgChart() {}

  static String of(List<Section> sections) {
    SvgChart chart = new SvgChart();
    for (Section section : sections) {
      for (Metric metric : section.measurements().metrics()) {
        String better = metric.moreIsBetter() ? "more is better" : "less is better";
        chart.title(section.scenario() + ": " + metric.title() + " (" + better + ")");
        chart.bars(section.measurements().lines(metric), metric.base());
      }
    }
    return chart.svg();
  }

  private void title(String title) {
    y += 34;
    text("title", 8, "start", title);
    y += 8;
  }

  private void bars(List<Measurements.Line> lines, String base) {
    double most = lines.stream().mapToDouble(Measurements.Line::highest).max().orElse(1);
    double scale = most > 0 ? LONGEST_BAR / most : 0;
    for (Measurements.Line line : lines) {
      y += ROW;
      text("label", BARS_FROM - 8, "end", line.label());
      add(
          "<rect class='%s' x='%d' y='%d' width='%.1f' height='14'/>",
          line.label().equals(base) ? "base" : "bar", BARS_FROM, y - 11, line.median() * scale);
      double from = BARS_FROM + line.lowest() * scale;
      double to = BARS_FROM + line.highest() * scale;
      add("<path class='whisker' d='M%.1f %dv8m0 -4H%.1fm0 -4v8'/>", from, y - 8, to);
      text("label", (int) Math.max(to, BARS_FROM) + 8, "start", value(line));
    }
  }

  private static String value(Measurements.Line line) {
    String ratio = line.ratio().map(it -> String.format(Locale.ROOT, " (%.2f)", it)).orElse("");
    return Numbers.text(line.median()) + ratio;
  }

  private void text(String style, int x, String anchor, String text) {
    String escaped = text.replace("&", "&amp;").replace("<", "&lt;");
    add("<text class='%s' x='%d' y='%d' text-anchor='%s'>%s</text>", style, x, y, anchor, escaped);
  }

  private void add(String format, Object... values) {
    body.append(String.format(Locale.ROOT, format, values)).append('\n');
  }

  private String svg() {
    String head =
        """
        <svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 %1$d %2$d' width='%1$d' height='%2$d'>
        <style>
        text { font: 13px sans-serif; fill: #767676 }
        .title { font-weight: bold }
        .bar { fill: #3d85c6 }
        .base { fill: #9a9a9a }
        .whisker { stroke: #d9822b; stroke-width: 1.5; fill: none }
        </style>
        """;
    return String.format(Locale.ROOT, head, WIDTH, y + 20) + body + "</svg>\n";
  }
}
