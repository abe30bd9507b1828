package dev.rowmill.cli;

import java.util.Arrays;
import java.util.List;

/** Aligns the columns of a table with spaces. Stateless. */
final class TextTable {

  private static final int GAP = 2;

  private TextTable() {}

  /**
   * Returns the rows as lines.
   *
   * @param rows with equally many cells each; the first one has the titles
   */
  static String of(List<List<String>> rows) {
    int[] widths = new int[rows.get(0).size()];
    for (List<String> row : rows) {
      Arrays.setAll(widths, i -> Math.max(widths[i], row.get(i).length()));
    }
    StringBuilder text = new StringBuilder();
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < row.size(); i++) {
        line.append(row.get(i)).append(" ".repeat(widths[i] - row.get(i).length() + GAP));
      }
      text.append(line.toString().stripTrailing()).append('\n');
    }
    return text.toString();
  }
}
